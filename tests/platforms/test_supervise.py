"""What keeps a platform served: it waits longer and longer, and says how it is."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from adapters.common.supervise import Supervisor
from bot.domain.backoff import Backoff
from bot.domain.ports import NotAllowed, PlatformError, RateLimited, Unreachable
from bot.telemetry import Health

SILENT = Unreachable("chat", "HTTP 503")


class Refused(NotAllowed, RateLimited):
    """Somebody must mend it; the platform says nothing of how long."""

    def __init__(self) -> None:
        PlatformError.__init__(self, "chat", "The token is refused.")
        self.retry_after = 900.0


@pytest.fixture
def waited(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Let no time pass; return the waits."""
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    return waits


def serves(*outcomes: bool | Exception) -> Callable[[], Awaitable[bool]]:
    """Return what meets one outcome after the other, and then is cancelled."""
    left = iter(outcomes)

    async def serve() -> bool:
        outcome = next(left, None)
        if outcome is None:
            raise asyncio.CancelledError
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    return serve


async def kept(*outcomes: bool | Exception, health: Health | None = None) -> None:
    supervisor = Supervisor("chat", health or Health(), Backoff(1, 20))
    with pytest.raises(asyncio.CancelledError):
        await supervisor.keep(serves(*outcomes))


@pytest.mark.fault(43)
def test_waits_double_from_the_first_to_the_most_and_vary() -> None:
    waits = [Backoff(1, 60) for _ in range(50)]
    for exponent in range(5):
        each = [wait.next() for wait in waits]
        assert all(2**exponent <= wait <= 2**exponent * 1.25 for wait in each)
        assert len(set(each)) > 25
    for wait in waits:
        last = [wait.next() for _ in range(2000)][-1]
        assert 48 <= last <= 60


def test_after_a_success_it_waits_as_at_first() -> None:
    waits = Backoff(1, 60)
    assert [waits.next() for _ in range(6)][-1] > 30
    waits.reset()
    assert waits.next() <= 1.25


def test_a_wait_is_never_shorter_than_the_first() -> None:
    assert Backoff(30, 30).next() == 30


async def test_p9_what_fails_at_once_is_not_tried_more_than_once_a_second(
    waited: list[float],
) -> None:
    await kept(SILENT, RuntimeError(), False, True, True, SILENT)
    assert len(waited) == 6
    assert min(waited) >= 1


async def test_it_waits_longer_with_each_failure_and_short_again_after_a_success(
    waited: list[float],
) -> None:
    await kept(SILENT, SILENT, SILENT, False, True, SILENT)
    assert waited[3] >= 8
    assert waited[4] <= 1.25


async def test_it_waits_as_long_as_the_platform_says(waited: list[float]) -> None:
    await kept(RateLimited("chat", 45), Refused())
    assert waited[0] == 45
    assert waited[1] <= 2.5


async def test_what_is_wrong_is_in_health_until_it_works(waited: list[float]) -> None:
    health = Health()
    await kept(SILENT, health=health)
    assert health.status == "failing"
    assert health.components[0].message == str(SILENT)
    Supervisor("chat", health, Backoff(1, 1)).up()
    assert health.ok


async def test_p4_a_fault_of_the_adapter_is_logged_without_what_it_says(
    waited: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    health = Health()
    await kept(RuntimeError("words of a member"), health=health)
    assert "adapter failed" in health.components[0].message
    assert [record.getMessage() for record in caplog.records][-1] == "part fails"
    assert "words of a member" not in health.components[0].message


async def test_a_fatal_error_ends_it(waited: list[float]) -> None:
    class Fatal(PlatformError):
        """Nothing goes on."""

    health = Health()
    supervisor = Supervisor("chat", health, Backoff(1, 1), fatal=Fatal)
    with pytest.raises(Fatal):
        await supervisor.keep(serves(SILENT, Fatal("chat", "The token is refused.")))
    assert health.components[0].message == "The token is refused."
