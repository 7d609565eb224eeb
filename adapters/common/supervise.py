"""Begins anew whatever serves a platform, each time it ends, and says in health how it is."""

import asyncio
from collections.abc import Awaitable, Callable

from bot.domain.backoff import Backoff
from bot.domain.ports import NotAllowed, PlatformError, RateLimited
from bot.telemetry import EventLogger, Health
from bot.texts import Text


class Supervisor:
    """Keeps one part running, whatever its platform, the network or its own faults do.

    Args:
        name: Of the component in health, such as ``slack``.
        health: Where it reports.
        waits: Between two tries.
        fatal: Errors that end it: without what somebody must change, nothing goes on.
    """

    def __init__(
        self,
        name: str,
        health: Health,
        waits: Backoff,
        *,
        fatal: type[PlatformError] | tuple[type[PlatformError], ...] = (),
    ) -> None:
        self._name = name
        self._health = health
        self._waits = waits
        self._fatal = fatal
        self._log = EventLogger(f"faqbot.{name}")

    async def keep(self, serve: Callable[[], Awaitable[object]]) -> None:
        """Serve again and again until cancelled.

        Args:
            serve: Serves until that ends, and returns whether it worked at all.

        Raises:
            PlatformError: One of the ``fatal`` ones.
        """
        while True:
            told = 0.0
            try:
                if await serve():
                    self._waits.reset()
            except PlatformError as error:
                self.down(error)
                if isinstance(error, self._fatal):
                    raise
                # What waits for a person to mend it is tried now and then, as we see fit.
                if isinstance(error, RateLimited) and not isinstance(error, NotAllowed):
                    told = error.retry_after
            except Exception as error:  # noqa: BLE001  # the other platforms go on
                self.down(Text("health.adapter_fails"), error)
            await asyncio.sleep(max(self._waits.next(), told))

    def up(self) -> None:
        """Report that it works."""
        if self._health.report(self._name, True):
            self._log.info(f"connected to {self._name}")

    def down(self, problem: PlatformError | Text, raised: Exception | None = None) -> None:
        """Report that it doesn't, and what to do; ``raised``: an error that nobody foresaw."""
        self._health.report(self._name, False, problem, raised=raised, vital=True)


async def closing(platform: str, ending: Awaitable[object], seconds: float) -> None:
    """Wait until a connection is closed, but no longer: a frozen one doesn't end by itself."""
    try:
        async with asyncio.timeout(seconds):
            await ending
    except TimeoutError:
        EventLogger(f"faqbot.{platform}").warning("a connection didn't close in time")
