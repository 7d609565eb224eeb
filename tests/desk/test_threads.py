"""A process that serves lets questions pass while a thread works."""

import gc
import sys
from collections.abc import Iterator

import pytest

from bot.desk.threads import prepare_process


@pytest.fixture(autouse=True)
def process_as_before() -> Iterator[None]:
    interval = sys.getswitchinterval()
    yield
    sys.setswitchinterval(interval)
    gc.unfreeze()


def test_a_prepared_process_lets_threads_take_turns_at_once() -> None:
    before = sys.getswitchinterval()

    prepare_process()

    assert sys.getswitchinterval() < before / 10


def test_what_is_loaded_when_a_process_is_prepared_is_not_looked_through_for_garbage() -> None:
    loaded = [object()]

    prepare_process()

    assert not any(one is loaded for one in gc.get_objects())
