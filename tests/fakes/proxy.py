"""A TCP proxy on loopback that fails as networks do: it freezes, loses, resets, slows.

It stands between the bot and any server (PostgreSQL, the fakes of Slack and Discord) and runs in a
thread of its own, so that a test may block. All methods may be called from any thread, and have
taken effect when they return::

    with Proxy("127.0.0.1", 5432) as proxy:
        url = f"postgresql+psycopg://faqbot@127.0.0.1:{proxy.port}/db"
        ...
        proxy.freeze()      # the open connections fall silent, new ones work
        proxy.freeze(new=True)      # new ones are accepted, and silent too
        proxy.heal()        # what was frozen goes on where it stopped, as after SIGCONT
"""

import asyncio
import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum
from types import TracebackType
from typing import Self

_CHUNK = 65_536
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER on, for 0 seconds: closing sends RST


class Way(StrEnum):
    """Which of the bytes: those to the server, those to the client (its answers), or all."""

    UP = "up"
    DOWN = "down"
    BOTH = "both"

    def holds(self, way: "Way") -> bool:
        """Whether this concerns one of the two ways."""
        return self in (Way.BOTH, way)


class _Link:
    """One connection: what was read on one side is written on the other."""

    def __init__(self, client: asyncio.StreamWriter) -> None:
        self.client = client
        self.server: asyncio.StreamWriter | None = None
        self.flows = {Way.UP: asyncio.Event(), Way.DOWN: asyncio.Event()}
        self.lost: set[Way] = set()
        for flow in self.flows.values():
            flow.set()

    def reset(self) -> None:
        for each in (self.client, self.server):
            if each is not None:
                raw = each.get_extra_info("socket")
                with suppress(OSError):
                    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                each.transport.abort()
        for flow in self.flows.values():
            flow.set()


class Proxy:
    """Passes on what clients send to a server, and its answers, until told otherwise.

    Args:
        host: Of the server.
        port: Of the server; it may be down, then clients are reset.

    Attributes:
        port: Where clients connect, on 127.0.0.1.
        accepted: How many connections were ever made.
    """

    def __init__(self, host: str, port: int) -> None:
        self._target = host, port
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        self._links: set[_Link] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._on_new: Callable[[_Link], None] = _nothing
        self._delay = 0.0
        self.port = 0
        self.accepted = 0

    def __enter__(self) -> Self:
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(
            asyncio.start_server(self._serve, "127.0.0.1", 0), self._loop
        ).result(10)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        async def end() -> None:
            self._server.close()
            for task in tuple(self._tasks):
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

        asyncio.run_coroutine_threadsafe(end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    @property
    def open(self) -> int:
        """How many connections are open, frozen ones too."""
        return len(self._links)

    def freeze(self, way: Way = Way.BOTH, *, new: bool = False) -> None:
        """Pass nothing on and close nothing: both ends believe that the other one is there.

        Args:
            way: What is held back. ``DOWN``: the server does what it is told, its answers don't
                come.
            new: Do so with connections that are made from now on, too.
        """

        def hold(link: _Link) -> None:
            for each, flow in link.flows.items():
                if way.holds(each):
                    flow.clear()

        self._apply(hold, new)

    def blackhole(self, way: Way = Way.BOTH, *, new: bool = False) -> None:
        """Lose what is sent, for good: ``heal`` doesn't bring such a connection back to life.

        Args:
            way: What is lost.
            new: As for ``freeze``; new ones are only lost until ``heal``.
        """

        def lose(link: _Link) -> None:
            link.lost |= {each for each in link.flows if way.holds(each)}

        self._apply(lose, new)

    def reset(self, *, new: bool = False) -> None:
        """Close every connection with RST.

        Args:
            new: Close those that are made from now on, too, as soon as they are accepted.
        """
        self._apply(_Link.reset, new)

    def slow(self, seconds: float) -> None:
        """Hold each piece of up to 64 KiB back for so many seconds, on each way."""

        def set_() -> None:
            self._delay = seconds

        self._run(set_)

    def heal(self) -> None:
        """Pass everything on again, what was held back first; new connections work."""

        def mend() -> None:
            self._delay = 0.0
            self._on_new = _nothing
            for link in self._links:
                for flow in link.flows.values():
                    flow.set()

        self._run(mend)

    def _apply(self, fault: Callable[[_Link], None], new: bool) -> None:
        def apply() -> None:
            self._on_new = fault if new else _nothing
            for link in tuple(self._links):
                fault(link)

        self._run(apply)

    def _run(self, change: Callable[[], None]) -> None:
        async def run() -> None:
            change()

        asyncio.run_coroutine_threadsafe(run(), self._loop).result(10)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self.accepted += 1
        link = _Link(writer)
        self._links.add(link)
        self._on_new(link)
        try:
            answers, link.server = await asyncio.open_connection(*self._target)
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pass_on(link, Way.UP, reader, link.server))
                group.create_task(self._pass_on(link, Way.DOWN, answers, writer))
        except (OSError, ExceptionGroup, asyncio.CancelledError):
            pass  # one end has gone, and so does the other; or the proxy ends
        finally:
            link.reset()
            self._links.discard(link)

    async def _pass_on(
        self, link: _Link, way: Way, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        while True:
            # Unread, it backs up to whoever sends it, as with a host that has stopped.
            await link.flows[way].wait()
            chunk = await reader.read(_CHUNK)
            await asyncio.sleep(self._delay)
            await link.flows[way].wait()
            if way in link.lost:
                if not chunk:  # nor is the end of a lost connection heard of
                    await asyncio.Event().wait()
                continue
            if not chunk:
                writer.write_eof()
                return
            writer.write(chunk)
            await writer.drain()


def _nothing(_: _Link) -> None:
    """What befalls new connections while nothing does."""
