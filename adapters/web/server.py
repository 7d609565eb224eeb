"""Serves health and figures, and Slack's events where they come by HTTP.

Whoever reaches the port can connect and send nothing, or half a request. Each of them costs an open
file, and a process without files can't reach its database either: see ``Gate``.
"""

import asyncio
import errno
import json
import logging
import os
import resource
import socket
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from functools import partial
from typing import NamedTuple

import prometheus_client
from aiohttp import web
from aiohttp.http import HttpProcessingError
from aiohttp.log import server_logger
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from adapters.slack import PATH
from adapters.web import HttpSettings
from bot.errors import FaqbotError, reason
from bot.telemetry import EventLogger, Health
from bot.telemetry.metrics import Metrics
from bot.texts import Text

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

NEEDED = ("workers", "senders")
"""Parts that must have begun, so that questions can be taken and answered."""
HINDERING = (*NEEDED, "store")
"""Parts that mustn't be red for that; a platform that is down doesn't make it worse."""
SHUTDOWN = 1.0
"""Seconds for requests that are under way when the process stops."""
KEPT = 75.0
"""Seconds until a connection without a further request is closed; proxies close theirs earlier."""
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


@contextmanager
def listening(settings: HttpSettings) -> Iterator[tuple[socket.socket, ...]]:
    """Take the port, as long as the context lasts, before anything is changed that needs it.

    Args:
        settings: Where to listen; port 0 takes nothing.

    Yields:
        A socket for each address of the host.

    Raises:
        FaqbotError: It can't be listened on.
    """
    host, port = settings.host, settings.port
    with ExitStack() as stack:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM) if port else []
            sockets = tuple(
                stack.enter_context(socket.create_server(address[:2], family=family, backlog=MOST))
                for family, address in dict.fromkeys((each[0], each[4]) for each in found)
            )
        except (OSError, UnicodeError) as error:  # a..b can't even be looked up
            raise FaqbotError(_unusable(host, port, error)) from error
        yield sockets


def _unusable(host: str, port: int, error: OSError | UnicodeError) -> Text:
    if isinstance(error, socket.gaierror | UnicodeError):
        return Text("http.unusable", host=host, port=port, reason=Text("reason.no_host"))
    if error.errno == errno.EADDRINUSE:
        return Text("http.in_use", host=host, port=port)
    # socket adds the address to what the system says.
    said = OSError(error.errno, os.strerror(error.errno or 0))
    return Text("http.unusable", host=host, port=port, reason=reason(said))


@asynccontextmanager
async def serving(
    sockets: Sequence[socket.socket],
    health: Health,
    metrics: Metrics,
    slack: Handler | None = None,
) -> AsyncIterator[None]:
    """Serve as long as the context lasts.

    Args:
        sockets: What ``listening`` yields; none: nothing is served.
        health: What health is answered from.
        metrics: What ``/metrics`` shows.
        slack: Answers Slack's requests; None where Slack doesn't come by HTTP.

    Raises:
        FaqbotError: The port is needed and switched off.
    """
    if not sockets:
        if slack is not None:
            raise FaqbotError(Text("http.needed"))
        yield
        return
    gate = Gate()
    app = web.Application(middlewares=[gate.in_time])
    _route(app, health, metrics, slack)
    runner = web.AppRunner(app, access_log=None, keepalive_timeout=KEPT, shutdown_timeout=SHUTDOWN)
    await runner.setup()
    assert runner.server is not None
    server_logger.addFilter(gate.is_fault)
    admitting = [asyncio.create_task(gate.admit(each, runner.server)) for each in sockets]
    try:
        for each in sockets:
            host, port = each.getsockname()[:2]
            shown = f"[{host}]" if ":" in host else host
            log.info("listening", address=f"http://{shown}:{port}")
        yield
    finally:
        for task in admitting:
            task.cancel()
        await asyncio.wait(admitting)
        await runner.cleanup()
        server_logger.removeFilter(gate.is_fault)


def _route(app: web.Application, health: Health, metrics: Metrics, slack: Handler | None) -> None:
    """Put the routes together."""
    metrics.registry.register(_Parts(health))

    async def livez(_: web.Request) -> web.Response:
        return web.json_response({"alive": True})

    async def healthz(_: web.Request) -> web.Response:
        status = health.status
        parts = [
            {
                "name": each.name,
                "status": each.status,
                "ok": each.ok,
                "since": each.since,
                "message": each.message,
            }
            for each in health.components
        ]
        return web.json_response(
            {"status": status, "parts": parts},
            status=503 if status == "failing" else 200,
            dumps=partial(json.dumps, ensure_ascii=False),
        )

    async def readyz(_: web.Request) -> web.Response:
        works = {each.name: each.ok for each in health.components}
        ready = works.keys() >= set(NEEDED) and all(works.get(name, True) for name in HINDERING)
        return web.json_response({"ready": ready}, status=200 if ready else 503)

    async def figures(_: web.Request) -> web.Response:
        return web.Response(
            body=metrics.exposition(),
            headers={"Content-Type": prometheus_client.CONTENT_TYPE_LATEST},
        )

    app.router.add_get("/livez", livez)
    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)
    app.router.add_get("/metrics", figures)
    if slack is not None:
        app.router.add_post(PATH, slack)


class _Parts(Collector):
    """Health as figures: 1 for each part that works, 0 for each that doesn't."""

    def __init__(self, health: Health) -> None:
        self._health = health

    def collect(self) -> Iterable[Metric]:
        """Yield the figures of this moment."""
        up = GaugeMetricFamily("faqbot_up", "Whether a part works.", labels=("part",))
        for each in self._health.components:
            up.add_metric((each.name,), float(each.ok))
        yield up
        failing = float(self._health.status == "failing")
        yield GaugeMetricFamily("faqbot_failing", "Whether health is answered with 503.", failing)


class _Peer(NamedTuple):
    """What a connection is at: ``late`` ends it if the peer still owes part of a request."""

    late: asyncio.TimerHandle | None = None
    answered: bool = False


class Gate:
    """Lets peers in: a bounded number at once, and each only while it does its part.

    It keeps the connections of a server, in the order in which something was last due from them.

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
