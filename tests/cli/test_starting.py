"""What every command's start has in common."""

import gc

import pytest

from adapters.cli.starting import starting
from bot.errors import FaqbotError


def test_the_garbage_collector_is_back_after_a_start_even_one_that_failed() -> None:
    with starting():
        assert not gc.isenabled()
    assert gc.isenabled()
    with pytest.raises(FaqbotError), starting():
        raise FaqbotError("No FAQ.", "Write one.")
    assert gc.isenabled()
    gc.unfreeze()
