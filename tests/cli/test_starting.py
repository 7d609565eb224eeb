"""What every command's start has in common, and each change of the FAQ after it."""

import gc
import sys
import weakref

import pytest

from adapters.cli.starting import replacing, starting, take_short_turns
from bot.errors import FaqbotError


def test_the_garbage_collector_is_back_after_a_start_even_one_that_failed() -> None:
    with starting():
        assert not gc.isenabled()
    assert gc.isenabled()
    with pytest.raises(FaqbotError), starting():
        raise FaqbotError("No FAQ.", "Write one.")
    assert gc.isenabled()
    gc.unfreeze()


def test_what_a_start_loads_is_not_looked_through_for_garbage() -> None:
    with starting():
        loaded = [object()]
    assert not any(one is loaded for one in gc.get_objects())
    gc.unfreeze()


class Ring:
    """Garbage that only the collector finds."""

    def __init__(self) -> None:
        self.closed = self


def test_a_change_leaves_alone_what_it_makes_but_not_the_garbage_before_it() -> None:
    garbage = weakref.ref(Ring())
    with replacing():
        made = [object()]
        assert not gc.isenabled()
    assert gc.isenabled()
    assert garbage() is None
    assert not any(one is made for one in gc.get_objects())
    gc.unfreeze()


def test_threads_of_a_process_that_serves_take_short_turns() -> None:
    before = sys.getswitchinterval()
    try:
        take_short_turns()
        assert sys.getswitchinterval() < before / 10
    finally:
        sys.setswitchinterval(before)
