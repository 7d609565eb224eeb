"""Slack, put together: its clients, its listeners, and how it is served."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self

import aiohttp
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.signature import SignatureVerifier

from adapters.common import read
from adapters.slack import inbound, payloads
from adapters.slack.listeners import Listeners, authorize
from adapters.slack.outbound import REQUEST_LIMIT, SlackPlatform, libraries, web_client
from adapters.slack.settings import SlackSettings
from adapters.slack.supervise import LINK, SocketMode, Timing, probe
from adapters.slack.views import COMPLETE, FORGET, OPEN, PAGE
from bot.desk.desk import Desk
from bot.settings import Secret
from bot.telemetry.log import EventLogger

SHORTCUT = "faq_answer"
QUIET = 60.0
"""Seconds between two log lines of one kind of refused request: strangers send any number."""
_REFUSED = {
    400: "no payload of Slack's",
    401: "too old, or not signed with SLACK_SIGNING_SECRET",
}
_ANY = re.compile("")

log = EventLogger("faqbot.slack")


def listen(app: AsyncApp, listeners: Listeners) -> None:
    """Register every listener; the manifest subscribes to exactly these."""
    app.event("app_mention")(listeners.message)
    app.event("message")(listeners.message)
    app.event("member_joined_channel")(listeners.joined)
    app.event("app_home_opened")(listeners.home)
    app.event(_ANY)(listeners.other_event)
    app.command("/faq")(listeners.command)
    app.shortcut(SHORTCUT)(listeners.shortcut)
    app.action(re.compile(f"^{OPEN}:"))(listeners.open_entry)
    app.action(re.compile(f"^{PAGE}:"))(listeners.turn_page)
    app.action(FORGET)(listeners.forget)
    app.action(_ANY)(listeners.press)
    app.options(COMPLETE)(listeners.complete)
    app.view(inbound.FORM)(listeners.submit_form)
    app.view(_ANY)(listeners.other_view)
    app.error(listeners.failed)


class Slack:
    """The Slack side of the bot. Use it as a context: within it ``platform`` can post.

    Attributes:
        platform: What the desk posts by.
        handler: Answers ``POST /slack/events``; None where Slack comes by Socket Mode.
    """

    platform: SlackPlatform
    handler: Callable[[web.Request], Awaitable[web.Response]] | None

    def __init__(self, settings: SlackSettings, desk: Desk, timing: Timing | None = None) -> None:
        """Take settings with a bot token; nothing is opened yet."""
        self._settings = settings
        self._desk = desk
        self._timing = timing or Timing()

    async def __aenter__(self) -> Self:
        settings = self._settings
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=REQUEST_LIMIT))
        assert settings.bot_token is not None
        bot = web_client(self._session, settings.api_url, settings.bot_token.reveal())
        self.platform = SlackPlatform(
            bot, self._session, settings.organisers, settings.organiser_group
        )
        app = AsyncApp(
            # Names a logger too, and must not name one of ours.
            name="slack_bolt.app",
            logger=libraries(),
            client=web_client(self._session, settings.api_url, None),
            authorize=authorize,
            # An event is acknowledged when its listener has ended, so after it was committed.
            process_before_response=True,
            # Over HTTP the door has checked the signature; a socket needs none.
            request_verification_enabled=False,
            # What no listener here uses, and each event would pay for.
            attaching_conversation_kwargs_enabled=False,
            attaching_function_token_enabled=False,
        )
        listen(app, Listeners(self._desk, bot, self.platform))
        health = self._desk.health()
        self._bot = bot
        self._socket: SocketMode | None = None
        self.handler = None
        if settings.app_token is not None:
            self._socket = SocketMode(app, settings.app_token, bot, health, self._timing)
        elif settings.signing_secret is not None:
            self.handler = door(app, settings.signing_secret)
            health.report(LINK, True)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._session.close()

    async def run(self) -> None:
        """Receive until cancelled. What is cut off isn't acknowledged: Slack sends it again."""
        async with asyncio.TaskGroup() as tasks:
            if self._socket is not None:
                tasks.create_task(self._socket.run())
            while True:
                workspace = await probe(self._bot, self._desk.health())
                self.platform.workspace = workspace or self.platform.workspace
                await asyncio.sleep(self._timing.probe)


def door(app: AsyncApp, secret: Secret) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Return the handler of ``POST /slack/events``.

    The signature is checked here, as bolt parses before it checks, and fails on what it can't
    parse. Unsigned or old requests get 401, signed nonsense 400, and more than 1 MB 413.
    """
    verifier = SignatureVerifier(secret.reveal())
    told: dict[int, float] = {}

    def refused(status: int) -> web.Response:
        now = time.monotonic()
        if now - told.get(status, -QUIET) >= QUIET:
            told[status] = now
            log.warning("request refused", status=status, problem=_REFUSED[status])
        return web.Response(status=status)

    async def handle(request: web.Request) -> web.Response:
        timestamp = request.headers.get("X-Slack-Request-Timestamp", "")
        signature = request.headers.get("X-Slack-Signature", "")
        try:
            body = (await request.read()).decode()
        except UnicodeDecodeError:
            return refused(400)
        plausible = timestamp.isdecimal() and len(timestamp) < 20 and signature.isascii()
        if not plausible or not verifier.is_valid(body, timestamp, signature):
            return refused(401)
        try:
            asked = AsyncBoltRequest(
                body=body, query=request.query_string, headers=dict(request.headers)
            )
            read(asked.body, payloads.Envelope)
        except (ValueError, TypeError, AttributeError, KeyError, RecursionError):
            return refused(400)
        if asked.body.get("type") == "app_rate_limited":
            log.warning("slack holds events back: more than 30,000 came within an hour")
            return web.Response()
        return await to_aiohttp_response(await app.async_dispatch(asked))

    return handle
