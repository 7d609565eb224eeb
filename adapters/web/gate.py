"""Lets peers in over HTTP: a bounded number at once, and each only while it does its part.

Whoever reaches the port can connect and send nothing, or half a request. Each of them costs an
open file, and a process without files can't reach its database either.
"""

import asyncio
import logging
import resource
import socket
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from aiohttp import web
from aiohttp.http import HttpProcessingError

from bot.telemetry.log import EventLogger

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

HEAD = 5.0
"""Seconds from the connection to the end of the first request's head."""
BODY = 10.0
"""Seconds from a request's head to the end of its body."""
MOST = 256
"""Connections at once: Slack needs a handful, and each can hold 1 MB of a body in memory."""
PART = 4
"""Of the files that the process may open, at most a fourth are connections."""
PAUSE = 0.2
"""Seconds until connections are accepted again after that failed."""
QUIET = 60.0
"""Seconds between two log lines of one cause."""

log = EventLogger("faqbot.http")


class _Peer(NamedTuple):
    """What a connection is at: ``late`` ends it if the peer still owes part of a request."""

    late: asyncio.TimerHandle | None = None
    answered: bool = False


class Gate:
    """The connections of a server, in the order in which something was last due from them.

    Nobody is turned away. Where there are too many, the first of the order is closed, and one whose
    request is being answered only if there are no others: a health check gets through, and Slack.
    """

    def __init__(self) -> None:
        files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        self._most = MOST if files == resource.RLIM_INFINITY else min(MOST, files // PART)
        self._peers: dict[asyncio.Transport, _Peer] = {}
        self._untold: Counter[str] = Counter()

    async def admit(self, listener: socket.socket, server: web.Server) -> None:
        """Accept connections until cancelled.

        Args:
            listener: Listens already.
            server: Makes the protocol of each connection.
        """
        # Not by loop.create_server: it accepts a hundred at a time, and where files run out it
        # tries and logs a hundred times a second.
        loop = asyncio.get_running_loop()
        listener.setblocking(False)
        while True:
            try:
                accepted, _ = await loop.sock_accept(listener)
                self._make_room(self._most)
                transport, _ = await loop.connect_accepted_socket(server, accepted)
            except OSError as error:  # mostly as the process has no more files
                self._count(error.strerror or type(error).__name__)
                self._make_room(1)
                await asyncio.sleep(PAUSE)
            else:
                self._peers[transport] = self._due(transport, HEAD, "no head in time")

    @web.middleware
    async def in_time(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Read the body, and only then let the request be answered."""
        transport = request.transport
        if transport is None or transport not in self._peers:
            return web.Response(status=408)  # it was closed, so nobody reads this
        self._turn(transport, self._due(transport, BODY, "no body in time"))
        try:
            await request.read()
        except web.RequestPayloadError:
            self._count("malformed")
            return web.Response(status=400)
        except ConnectionError:
            return web.Response(status=408)
        self._turn(transport, _Peer(answered=True))
        try:
            return await handler(request)
        finally:
            self._turn(transport, _Peer())

    def is_fault(self, record: logging.LogRecord) -> bool:
        """Filter what aiohttp logs: what a peer wrote wrong is counted, and no fault of ours."""
        error = record.exc_info and record.exc_info[1]
        if isinstance(error, HttpProcessingError):
            self._count("malformed")
        return not isinstance(error, HttpProcessingError | web.RequestPayloadError)

    def _due(self, transport: asyncio.Transport, seconds: float, cause: str) -> _Peer:
        def late() -> None:
            if not transport.is_closing():
                self._count(cause)
                transport.abort()

        return _Peer(asyncio.get_running_loop().call_later(seconds, late))

    def _turn(self, transport: asyncio.Transport, now: _Peer) -> None:
        """Note what a connection is at from now on, unless it was closed."""
        if self._forget(transport):
            self._peers[transport] = now

    def _forget(self, transport: asyncio.Transport) -> bool:
        peer = self._peers.pop(transport, None)
        if peer is not None and peer.late is not None:
            peer.late.cancel()
        return peer is not None

    def _make_room(self, most: int) -> None:
        """Close what was due first, if there are so many; each holds a file until it is closed."""
        if len(self._peers) < most:
            return
        for each in tuple(self._peers):
            if each.get_extra_info("socket").fileno() < 0:
                self._forget(each)
        if len(self._peers) >= most:
            waiting = (each for each, peer in self._peers.items() if not peer.answered)
            first = next(waiting, next(iter(self._peers)))
            self._forget(first)
            self._count("too many connections")
            first.abort()

    def _count(self, cause: str) -> None:
        """Tell of a closed connection or a refused request: at once, then once a minute."""
        if cause not in self._untold:
            self._untold[cause] = 1
            self._tell(cause)
        else:
            self._untold[cause] += 1

    def _tell(self, cause: str) -> None:
        times = self._untold.pop(cause)
        if times:
            log.warning("requests cut off", cause=cause, times=times)
            self._untold[cause] = 0
            asyncio.get_running_loop().call_later(QUIET, self._tell, cause)
