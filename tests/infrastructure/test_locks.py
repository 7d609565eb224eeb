"""The locks stay fresh, hashed and free of addresses, and the check says so when they don't."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-bench.lock")
ALONE = "requirements-supply.lock"


def check(folder: Path) -> tuple[int, list[str]]:
    """Run the check on a folder; return its exit code and the lines of its complaint."""
    done = subprocess.run(
        [sys.executable, ROOT / "scripts/lock_check.py", folder],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stderr.splitlines()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of what the check reads."""
    for name in ("pyproject.toml", *LOCKS, ALONE):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_locks_are_fresh() -> None:
    assert check(ROOT) == (0, [])


def test_a_dependency_that_no_lock_holds_is_found(project: Path) -> None:
    edit(project / "pyproject.toml", "dependencies = [", 'dependencies = ["left_pad>=1",')

    code, lines = check(project)

    assert code == 1
    assert [f"error: {lock}: left_pad>=1 is missing" for lock in LOCKS] == lines[:-1]
    assert lines[-1].endswith("make lock")


def test_the_lock_of_the_tools_alone_is_held_against_their_group(project: Path) -> None:
    edit(project / "pyproject.toml", '"cyclonedx-bom>=7"', '"cyclonedx-bom>=99"')

    code, lines = check(project)

    assert (1, 2) == (code, len(lines))
    assert f"error: {ALONE}: cyclonedx-bom>=99 isn't satisfied by 7" in lines[0]


def test_a_version_that_no_longer_satisfies_is_found(project: Path) -> None:
    edit(project / "pyproject.toml", '"numpy>=2"', '"numpy>=2.5"')

    code, lines = check(project)

    assert code == 1
    assert "error: requirements.lock: numpy>=2.5 isn't satisfied by 2.4" in lines[0]


def test_a_development_dependency_is_looked_for_in_the_development_lock_only(project: Path) -> None:
    edit(project / "pyproject.toml", "dev = [", 'dev = ["left-pad",')

    code, lines = check(project)

    assert code == 1
    assert [f"error: {lock}: left-pad is missing" for lock in LOCKS[1:]] == lines[:-1]


def test_the_locks_may_not_pin_different_versions(project: Path) -> None:
    edit(project / "requirements-dev.lock", "rank-bm25==0.2.2", "rank-bm25==0.2.3")

    code, lines = check(project)

    assert code == 1
    assert "rank-bm25==0.2.2 of the smaller lock isn't repeated" in "\n".join(lines)


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("--index-url https://mirror.example/simple", "is no pin"),
        ("--find-links /srv/wheels", "is no pin"),
        ("-e .", "is no pin"),
        ("left-pad @ https://mirror.example/left_pad.whl", "is no exact version"),
        ("left-pad>=1 --hash=sha256:" + 64 * "0", "is no exact version"),
        ("left-pad==1.*", "is no exact version"),
        ("left-pad==1.0", "has no hash"),
        ("left-pad==1.0 --hash=md5:" + 32 * "0", "something else than sha256"),
        ("left-pad==1.0 --hash=sha256:" + 64 * "0" + " --no-binary", "something else than sha256"),
    ],
)
def test_a_line_that_is_no_hashed_pin_is_found(project: Path, line: str, complaint: str) -> None:
    with (project / "requirements.lock").open("a", encoding="utf-8") as lock:
        lock.write(f"{line}\n")

    code, lines = check(project)

    assert code == 1
    assert complaint in lines[0]


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_host_and_no_folder(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert "://" not in text
    assert "/" not in text
