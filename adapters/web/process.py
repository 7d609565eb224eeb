"""One process: a desk, the platforms it serves, and the HTTP port, until told to stop."""

import asyncio
import os
import signal
import socket
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Protocol

from adapters.common.supervise import Supervisor
from adapters.web.server import Handler, serving
from bot.desk.desk import Desk
from bot.domain.backoff import Backoff
from bot.domain.ports import Platform, PlatformError
from bot.telemetry import EventLogger

AGAIN = 30.0
"""Seconds until a platform whose adapter failed is served again."""

log = EventLogger("faqbot.process")


class Service(Protocol):
    """A platform that is served, within its own context."""

    @property
    def platform(self) -> Platform:
        """What the desk posts by."""
        ...

    @property
    def handler(self) -> Handler | None:
        """What answers the platform's HTTP requests; None where there are none."""
        ...

    async def run(self) -> None:
        """Receive until cancelled."""
        ...


async def serve(
    desk: Desk,
    sockets: Sequence[socket.socket],
    services: Mapping[str, AbstractAsyncContextManager[Service]],
    *,
    started: Callable[[], None] = lambda: None,
    stopping: Callable[[], None] = lambda: None,
) -> None:
    """Serve until SIGTERM or SIGINT: stop taking, then finish or hand back, within ten seconds.

    A second signal ends the process at once; what is under way is done again after the start.

    Args:
        desk: Answers; closed by the caller.
        sockets: Where HTTP is served; see ``listening``.
        services: The platforms by name.
        started: Called once the platforms are served.
        stopping: Called at the first signal.

    Raises:
        FaqbotError: A platform can't be served at all.
    """
    stop = _signals(stopping)
    async with AsyncExitStack() as stack:
        opened = {
            name: await stack.enter_async_context(service) for name, service in services.items()
        }
        handler = next((each.handler for each in opened.values() if each.handler), None)
        platforms = {name: service.platform for name, service in opened.items()}
        answering = asyncio.create_task(desk.run(platforms))
        told = asyncio.create_task(stop.wait())
        try:
            async with serving(sockets, desk.health(), desk.metrics, handler):
                # A platform that says that it can't be served ends the process.
                receiving = [
                    asyncio.create_task(
                        Supervisor(
                            name, desk.health(), Backoff(AGAIN, AGAIN), fatal=PlatformError
                        ).keep(service.run)
                    )
                    for name, service in opened.items()
                ]
                log.info("serving", platforms=sorted(opened))
                started()
                running = {answering, told, *receiving}
                await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                await _end(*receiving)
        finally:
            await _end(told, answering)
        for task in (answering, *receiving):
            if not task.cancelled():
                task.result()
    log.info("stopped")


def _signals(stopping: Callable[[], None]) -> asyncio.Event:
    """Return what the first signal to end sets; the second one ends the process."""
    stop = asyncio.Event()

    def ended() -> None:
        if stop.is_set():
            os._exit(1)
        log.info("stopping")
        stopping()
        stop.set()

    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, ended)
    return stop


async def _end(*tasks: asyncio.Task[object]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
