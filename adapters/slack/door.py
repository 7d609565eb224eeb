"""The door for Slack over HTTP: what is let in to the listeners, and what not."""

from collections.abc import Awaitable, Callable

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.signature import SignatureVerifier

from adapters.slack import payloads
from bot.settings import Secret
from bot.telemetry.log import EventLogger

PATH = "/slack/events"

log = EventLogger("faqbot.slack")


def door(app: AsyncApp, secret: Secret) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Return the handler of ``POST /slack/events``.

    The signature is checked here, as bolt parses before it checks, and fails on what it can't
    parse. Unsigned or old requests get 401, signed nonsense 400, and more than 1 MB 413.
    """
    verifier = SignatureVerifier(secret.reveal())

    async def handle(request: web.Request) -> web.Response:
        timestamp = request.headers.get("X-Slack-Request-Timestamp", "")
        signature = request.headers.get("X-Slack-Signature", "")
        try:
            body = (await request.read()).decode()
        except UnicodeDecodeError:
            return web.Response(status=400)
        plausible = timestamp.isdecimal() and len(timestamp) < 20 and signature.isascii()
        if not plausible or not verifier.is_valid(body, timestamp, signature):
            return web.Response(status=401)
        try:
            asked = AsyncBoltRequest(
                body=body, query=request.query_string, headers=dict(request.headers)
            )
            payloads.read(asked.body, payloads.Envelope)
        except (ValueError, TypeError, AttributeError, KeyError, RecursionError):
            return web.Response(status=400)
        if asked.body.get("type") == "app_rate_limited":
            log.warning("slack holds events back: more than 30,000 came within an hour")
            return web.Response()
        return await to_aiohttp_response(await app.async_dispatch(asked))

    return handle
