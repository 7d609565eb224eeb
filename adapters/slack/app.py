"""Slack, put together: its clients, its listeners, and how it is served."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Self

import aiohttp
import msgspec
from aiohttp import WSMessage, web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.request.internals import parse_body
from slack_bolt.request.payload_utils import is_event
from slack_sdk.signature import SignatureVerifier
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from adapters.common import read
from adapters.common.supervise import Supervisor, closing
from adapters.slack import SlackSettings, payloads
from adapters.slack.api import (
    APP_SETTING,
    REQUEST_LIMIT,
    libraries,
    missing_scope,
    translated,
    web_client,
)
from adapters.slack.doctor import lacking
from adapters.slack.inbound import FORM, PLATFORM
from adapters.slack.listeners import Listeners, authorize
from adapters.slack.outbound import SlackPlatform
from adapters.slack.render import COMPLETE, FORGET, OPEN, PAGE
from bot.desk.desk import Desk
from bot.domain.backoff import Backoff
from bot.domain.ports import PlatformError, RateLimited
from bot.settings import Secret
from bot.telemetry import EventLogger
from bot.texts import Text

SHORTCUT = "faq_answer"
LINK = "slack"
API = "slack_api"
"""Names of the components that are reported to health."""
ANSWERING = frozenset({"app_mentions:read", "chat:write"})
"""The scopes without which questions go unanswered."""
QUIET = 60.0
"""Seconds between two log lines of one kind of refused request: strangers send any number."""
_REFUSED = {
    400: "no payload of Slack's",
    401: "too old, or not signed with SLACK_SIGNING_SECRET",
}
_LONGEST_WAIT = 20.0
"""Seconds between two tries to connect at most."""
_ANY = re.compile("")

log = EventLogger("faqbot.slack")


@dataclass(frozen=True, slots=True)
class Timing:
    """How long is waited, in seconds.

    Attributes:
        ping: Between two pings; the client finds a frozen connection within four of them.
        look: Between two looks at the connection.
        patience: Until a connection that is down is given up for a new one.
        quiet: Until a connection without any envelope is suspected.
        close: What closing a connection may take.
        probe: Between two tries of the token.
        wait: After the first failure to connect; doubled with each up to 20.
    """

    ping: float = 5.0
    look: float = 1.0
    patience: float = 15.0
    quiet: float = 600.0
    close: float = 1.0
    probe: float = 20.0
    wait: float = 1.0


class _Envelope(msgspec.Struct):
    """What the watchdog reads of a Socket Mode message."""

    type: str = ""
    reason: str = ""
    num_connections: int = 1


def listen(app: AsyncApp, listeners: Listeners) -> None:
    """Register what isn't an event; the manifest has exactly these commands and shortcuts."""
    app.command("/faq")(listeners.command)
    app.shortcut(SHORTCUT)(listeners.shortcut)
    app.action(re.compile(f"^{OPEN}:"))(listeners.open_entry)
    app.action(re.compile(f"^{PAGE}:"))(listeners.turn_page)
    app.action(FORGET)(listeners.forget)
    app.action(_ANY)(listeners.press)
    app.options(COMPLETE)(listeners.complete)
    app.view(FORM)(listeners.submit_form)
    app.view(_ANY)(listeners.other_view)
    app.error(listeners.failed)


class Slack:
    """The Slack side of the bot. Use it as a context: within it ``platform`` can post.

    Slack's client reconnects by itself most of the time. It retries a one-time ticket for ever,
    though, and can die in silence: a connection that is down for long is dropped with its client,
    and a new one made with a new ticket.

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
        self._health = desk.health()
        waits = Backoff(self._timing.wait, _LONGEST_WAIT)
        self._supervisor = Supervisor(LINK, self._health, waits)
        self._heard = time.monotonic()
        self._switched_off = False

    async def __aenter__(self) -> Self:
        settings = self._settings
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=REQUEST_LIMIT))
        assert settings.bot_token is not None
        self._client = web_client(self._session, settings.api_url, settings.bot_token.reveal())
        self.platform = SlackPlatform(
            self._client, self._session, settings.organisers, settings.organiser_group
        )
        self._listeners = Listeners(self._desk, self._client, self.platform, settings.organisers)
        self._app = AsyncApp(
            # Names a logger too, and must not name one of ours.
            name="slack_bolt.app",
            logger=libraries(),
            client=web_client(self._session, settings.api_url, None),
            authorize=authorize,
            # A command is acknowledged when its listener has ended, so after it was committed.
            process_before_response=True,
            # Over HTTP the door has checked the signature; a socket needs none.
            request_verification_enabled=False,
            # What no listener here uses, and each event would pay for.
            attaching_conversation_kwargs_enabled=False,
            attaching_function_token_enabled=False,
        )
        listen(self._app, self._listeners)
        self.handler = None
        if settings.app_token is None and settings.signing_secret is not None:
            self.handler = door(self._app, self._listeners, settings.signing_secret)
            self._health.report(LINK, True)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    async def run(self) -> None:
        """Receive until cancelled. What is cut off isn't acknowledged: Slack sends it again."""
        async with asyncio.TaskGroup() as tasks:
            if self._settings.app_token is not None:
                connecting = Text("slack.connecting")
                self._health.report(LINK, False, connecting, vital=True, quietly=True)
                serve = partial(self._serve, self._settings.app_token.reveal())
                tasks.create_task(self._supervisor.keep(serve))
            while True:
                await self._probe()
                await asyncio.sleep(self._timing.probe)

    async def _probe(self) -> bool:
        """Try the bot's token, and report to health whether the Web API works.

        Returns:
            Whether Slack takes the token; then the workspace's address is known from then on.
        """
        works = False
        try:
            with translated():
                response = await self._client.auth_test()
        except PlatformError as error:
            # Told to wait is told that the token works, unless it is the token that is refused.
            problem = None if type(error) is RateLimited else error
            vital = True
        else:
            works = True
            self.platform.workspace = str(response.get("url") or "") or self.platform.workspace
            missing = lacking(response.headers.get("x-oauth-scopes"))
            problem = missing_scope(", ".join(missing)) if missing else None
            vital = not ANSWERING.isdisjoint(missing)
        self._health.report(API, problem is None, problem or "", vital=vital)
        return works

    async def _serve(self, token: str) -> bool:
        """Connect by Socket Mode and serve until the connection is given up.

        Args:
            token: Opens connections.

        Returns:
            That there was one.

        Raises:
            PlatformError: There was none.
        """
        try:
            with translated(APP_SETTING):
                opened = await self._app.client.apps_connections_open(app_token=token)
        except PlatformError:
            if self._switched_off:
                raise PlatformError(PLATFORM, Text("slack.switched_off")) from None
            raise
        handler = AsyncSocketModeHandler(self._app, token, ping_interval=self._timing.ping)
        client = handler.client
        assert isinstance(client, SocketModeClient)
        client.wss_uri = str(opened["url"])  # a ticket, good for one try
        client.on_message_listeners.append(self._hear)
        client.socket_mode_request_listeners = [partial(self._take, handler)]
        try:
            async with asyncio.timeout(self._timing.patience):
                await client.connect()  # type: ignore[no-untyped-call]
            self._heard = time.monotonic()
            await self._watch(client)
        except TimeoutError:
            raise PlatformError(PLATFORM, Text("slack.socket_silent")) from None
        finally:
            close: Awaitable[None] = client.close()  # type: ignore[no-untyped-call]
            await closing(PLATFORM, close, self._timing.close)
        return True

    async def _watch(self, client: SocketModeClient) -> None:
        """Return once the connection has been down too long, or is dead in silence."""
        down_since: float | None = None
        while True:
            now = time.monotonic()
            if await client.is_connected() and not _is_dead(client):
                down_since = None
                self._supervisor.up()
                if now - self._heard > self._timing.quiet:
                    self._heard = now
                    if not await self._probe():
                        log.warning("no event for long and no answer: connecting anew")
                        return
            else:
                down_since = now if down_since is None else down_since
                if now - down_since >= self._timing.patience:
                    off = self._switched_off
                    self._supervisor.down(Text("slack.switched_off" if off else "slack.down"))
                    return
            await asyncio.sleep(self._timing.look)

    async def _take(
        self, bolt: AsyncSocketModeHandler, client: SocketModeClient, request: SocketModeRequest
    ) -> None:
        """Acknowledge what came by Socket Mode once its listener has ended."""
        if not is_event(request.payload):
            await bolt.handle(client, request)
        elif await self._listeners.event(request.payload) == 200:
            await client.send_socket_mode_response(SocketModeResponse(request.envelope_id))

    async def _hear(self, message: WSMessage) -> None:
        """Note that Slack lives, and what it says about the connection."""
        self._heard = time.monotonic()
        try:
            envelope = msgspec.json.decode(message.data, type=_Envelope)
        except msgspec.DecodeError:
            return
        match envelope:
            case _Envelope(type="disconnect", reason=reason):
                self._switched_off = reason == "link_disabled"
                log.info("slack disconnects", reason=reason)
            case _Envelope(type="hello", num_connections=connections):
                self._switched_off = False
                if connections > 1:
                    log.warning(
                        "more than one connection: does a second process use SLACK_APP_TOKEN?",
                        connections=connections,
                    )


def door(
    app: AsyncApp, listeners: Listeners, secret: Secret
) -> Callable[[web.Request], Awaitable[web.Response]]:
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
            given = parse_body(body, request.content_type)
            read(given, payloads.Envelope)
            asked = None
            if not is_event(given):
                asked = AsyncBoltRequest(
                    body=body, query=request.query_string, headers=dict(request.headers)
                )
        except (ValueError, TypeError, AttributeError, KeyError, RecursionError):
            return refused(400)
        if asked is None:
            return web.Response(status=await listeners.event(given))
        if given.get("type") == "app_rate_limited":
            log.warning("slack holds events back: more than 30,000 came within an hour")
            return web.Response()
        return await to_aiohttp_response(await app.async_dispatch(asked))

    return handle


def _is_dead(client: SocketModeClient) -> bool:
    """Whether one of the client's tasks has ended, so that nothing arrives any more."""
    tasks = (client.message_receiver, client.message_processor)
    return any(task is not None and task.done() for task in tasks)
