"""Watchdogs: the Socket Mode connection is kept, and the token is tried now and then."""

import asyncio
import time
from dataclasses import dataclass

import msgspec
from aiohttp import WSMessage
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.web.async_client import AsyncWebClient

from adapters.common.supervise import Supervisor
from adapters.slack.doctor import lacking
from adapters.slack.errors import APP_SETTING, PLATFORM, missing_scope, translated
from bot.domain.backoff import Backoff
from bot.domain.ports import PlatformError, RateLimited
from bot.settings import Secret
from bot.telemetry import EventLogger, Health
from bot.texts import Text

LINK = "slack"
API = "slack_api"
"""Names of the components that are reported to health."""

ANSWERING = frozenset({"app_mentions:read", "chat:write"})
"""The scopes without which questions go unanswered."""

_LONGEST_WAIT = 20.0
"""Seconds between two tries at most."""

log = EventLogger("faqbot.slack")


@dataclass(frozen=True, slots=True)
class Timing:
    """How long the watchdogs wait, in seconds.

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


async def probe(client: AsyncWebClient, health: Health) -> str | None:
    """Try the bot's token, and report to health whether the Web API works.

    Returns:
        The workspace's address in a browser; None where Slack doesn't answer or refuses.
    """
    workspace: str | None = None
    try:
        with translated():
            response = await client.auth_test()
    except PlatformError as error:
        # Told to wait is told that the token works, unless it is the token that is refused.
        problem = None if type(error) is RateLimited else error
        vital = True
    else:
        workspace = str(response.get("url") or "")
        missing = lacking(response.headers.get("x-oauth-scopes"))
        problem = missing_scope(", ".join(missing)) if missing else None
        vital = not ANSWERING.isdisjoint(missing)
    health.report(API, problem is None, problem or "", vital=vital)
    return workspace


class SocketMode:
    """Keeps a Socket Mode connection, whatever Slack, the network or the client does.

    The client reconnects by itself most of the time. It retries a one-time ticket for ever,
    though, and can die in silence: a connection that is down for long is dropped with its client,
    and a new one made with a new ticket.

    Args:
        app: Gets what comes.
        token: Opens connections.
        bot: Is asked whether Slack answers, where nothing has come for long.
        health: Where it is reported whether there is a connection.
        timing: How long it waits.
    """

    def __init__(
        self, app: AsyncApp, token: Secret, bot: AsyncWebClient, health: Health, timing: Timing
    ) -> None:
        self._app = app
        self._token = token
        self._bot = bot
        self._health = health
        self._timing = timing
        self._supervisor = Supervisor(LINK, health, Backoff(timing.wait, _LONGEST_WAIT))
        self._heard = time.monotonic()
        self._switched_off = False

    async def run(self) -> None:
        """Stay connected until cancelled."""
        self._health.report(LINK, False, Text("slack.connecting"), vital=True, quietly=True)
        await self._supervisor.keep(self._serve)

    async def _serve(self) -> bool:
        """Connect and serve until the connection is given up; return whether there was one.

        Raises:
            PlatformError: There was none.
        """
        try:
            with translated(APP_SETTING):
                opened = await self._app.client.apps_connections_open(
                    app_token=self._token.reveal()
                )
        except PlatformError:
            if self._switched_off:
                raise PlatformError(PLATFORM, Text("slack.switched_off")) from None
            raise
        handler = AsyncSocketModeHandler(
            self._app, self._token.reveal(), ping_interval=self._timing.ping
        )
        client = handler.client
        assert isinstance(client, SocketModeClient)
        client.wss_uri = str(opened["url"])  # a ticket, good for one try
        client.on_message_listeners.append(self._hear)
        try:
            async with asyncio.timeout(self._timing.patience):
                await client.connect()  # type: ignore[no-untyped-call]
            self._heard = time.monotonic()
            await self._watch(client)
        except TimeoutError:
            raise PlatformError(PLATFORM, Text("slack.socket_silent")) from None
        finally:
            await self._close(client)
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
                    if await probe(self._bot, self._health) is None:
                        log.warning("no event for long and no answer: connecting anew")
                        return
            else:
                down_since = now if down_since is None else down_since
                if now - down_since >= self._timing.patience:
                    off = self._switched_off
                    self._supervisor.down(Text("slack.switched_off" if off else "slack.down"))
                    return
            await asyncio.sleep(self._timing.look)

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

    async def _close(self, client: SocketModeClient) -> None:
        """Close a client, within a time limit: a frozen connection doesn't end by itself."""
        try:
            async with asyncio.timeout(self._timing.close):
                await client.close()  # type: ignore[no-untyped-call]
        except TimeoutError:
            log.warning("a connection to Slack didn't close in time")


def _is_dead(client: SocketModeClient) -> bool:
    """Whether one of the client's tasks has ended, so that nothing arrives any more."""
    tasks = (client.message_receiver, client.message_processor)
    return any(task is not None and task.done() for task in tasks)
