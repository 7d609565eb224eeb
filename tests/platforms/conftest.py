"""What every test of a platform in this process shares."""

import pytest

from bot.desk import running


@pytest.fixture(autouse=True)
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a queue be looked at ten times a second: some cards wait for the next look."""
    monkeypatch.setattr(running, "IDLE", 0.1)
