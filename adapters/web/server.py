"""Serves health and figures, and Slack's events where they come by HTTP."""

import asyncio
import errno
import json
import os
import socket
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from functools import partial

import prometheus_client
from aiohttp import web
from aiohttp.log import server_logger
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from adapters.slack.settings import PATH
from adapters.web.gate import MOST, Gate, Handler
from adapters.web.settings import HttpSettings
from bot.errors import FaqbotError
from bot.telemetry import EventLogger, Health
from bot.telemetry.metrics import Metrics
from bot.texts import Text

NEEDED = ("workers", "senders")
"""Parts that must have begun, so that questions can be taken and answered."""
HINDERING = (*NEEDED, "store")
"""Parts that mustn't be red for that; a platform that is down doesn't make it worse."""
SHUTDOWN = 1.0
"""Seconds for requests that are under way when the process stops."""
KEPT = 75.0
"""Seconds until a connection without a further request is closed; proxies close theirs earlier."""

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
        except OSError as error:
            raise FaqbotError(_unusable(host, port, error)) from error
        yield sockets


def _unusable(host: str, port: int, error: OSError) -> Text:
    if error.errno == errno.EADDRINUSE:
        return Text("http.in_use", host=host, port=port)
    reason = error.strerror if isinstance(error, socket.gaierror) else os.strerror(error.errno or 0)
    return Text("http.unusable", host=host, port=port, reason=reason)


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
