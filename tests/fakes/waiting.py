"""Waiting for what rings no bell."""

import asyncio
import inspect
from collections.abc import Callable

from bot.desk.desk import Desk

HANG = 60.0
"""Seconds after which a test gives up: far more than a slow machine takes."""


async def until(holds: Callable[[], object], seconds: float = HANG) -> None:
    """Look every 10 ms whether something holds; the limit only ends a hang.

    Args:
        holds: Is asked; what it returns may have to be awaited.
        seconds: When to give up.

    Raises:
        TimeoutError: It hasn't held for so many seconds.
    """
    async with asyncio.timeout(seconds):
        while True:
            found = holds()
            if await found if inspect.isawaitable(found) else found:
                return
            await asyncio.sleep(0.01)


async def at_rest(desk: Desk) -> None:
    """Wait until both queues are empty: what came is answered and posted."""

    async def idle() -> bool:
        return not await desk.waiting()

    await until(idle)
