"""Serves ``/healthz``, ``/readyz`` and ``/metrics``, and Slack's events where they come by HTTP."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager

import prometheus_client
from aiohttp import web
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from adapters.slack.door import PATH
from adapters.web.settings import HttpSettings
from bot.errors import FaqbotError
from bot.telemetry.health import Health
from bot.telemetry.metrics import Metrics

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

NEEDED = ("workers", "senders")
"""Parts without which nothing can be taken; a platform that is down doesn't make it worse."""
SHUTDOWN = 1.0
"""Seconds for requests that are under way when the process stops."""


@asynccontextmanager
async def serving(
    settings: HttpSettings, health: Health, metrics: Metrics, slack: Handler | None = None
) -> AsyncIterator[None]:
    """Serve as long as the context lasts.

    Args:
        settings: Where to listen; port 0 serves nothing.
        health: What ``/healthz`` and ``/readyz`` answer from.
        metrics: What ``/metrics`` shows.
        slack: Answers Slack's requests; None where Slack doesn't come by HTTP.

    Raises:
        FaqbotError: The port can't be listened on, or is needed and switched off.
    """
    if settings.port == 0:
        if slack is not None:
            raise FaqbotError(
                "Slack comes by HTTP, but FAQBOT_HTTP__PORT is 0.",
                "Give it a port, or set SLACK_APP_TOKEN to use Socket Mode.",
            )
        yield
        return
    runner = web.AppRunner(
        application(health, metrics, slack), access_log=None, shutdown_timeout=SHUTDOWN
    )
    await runner.setup()
    try:
        await web.TCPSite(runner, settings.host, settings.port).start()
    except OSError as error:
        await runner.cleanup()
        raise FaqbotError(
            f"{settings.host}:{settings.port} can't be listened on ({error.strerror}).",
            "End what uses it, or set FAQBOT_HTTP__PORT to another port.",
        ) from error
    try:
        yield
    finally:
        await runner.cleanup()


def application(health: Health, metrics: Metrics, slack: Handler | None) -> web.Application:
    """Put the routes together."""
    metrics.registry.register(_Parts(health))

    async def healthz(_: web.Request) -> web.Response:
        parts = [
            {"name": each.name, "ok": each.ok, "since": each.since, "message": each.message}
            for each in health.components
        ]
        return web.json_response(
            {"ok": health.ok, "parts": parts}, status=200 if health.ok else 503
        )

    async def readyz(_: web.Request) -> web.Response:
        works = {each.name: each.ok for each in health.components}
        ready = all(works.get(name, False) for name in NEEDED)
        return web.json_response({"ready": ready}, status=200 if ready else 503)

    async def figures(_: web.Request) -> web.Response:
        return web.Response(
            body=metrics.exposition(),
            headers={"Content-Type": prometheus_client.CONTENT_TYPE_LATEST},
        )

    app = web.Application()
    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)
    app.router.add_get("/metrics", figures)
    if slack is not None:
        app.router.add_post(PATH, slack)
    return app


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
