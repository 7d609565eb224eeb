"""Seeded hours of the desk with its store: whatever goes wrong, each question is answered once."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.proofs.simulation import simulate

pytestmark = pytest.mark.fault(38, 46, 47, 72, 76, 77, 124)

SHARED = Path("/dev/shm")
"""Memory that looks like a disk, where a system has it."""
PARTS = [0, *(pytest.param(part, marks=pytest.mark.long) for part in range(1, 40))]


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir=SHARED if SHARED.is_dir() else None) as made:
        yield Path(made)


@pytest.mark.parametrize("part", PARTS)
def test_seeded_hours_lose_and_double_nothing(folder: Path, part: int) -> None:
    """Fifty seeds each: two thousand in all."""
    wrong = {
        played.seed: played.faults()
        for played in simulate(range(50 * part, 50 * (part + 1)), folder)
    }
    assert {} == {seed: faults for seed, faults in wrong.items() if faults}


def test_the_same_seed_gives_the_same_hours(folder: Path) -> None:
    """So that a failing one can be looked at again."""
    first, second = simulate([7, 7], folder)
    assert first.history == second.history
    assert len(first.posts) >= len(first.acknowledged)
