"""Slack's Web API: its client, what its refusals mean, and what stands there already.

A card's messages are found by what the bot wrote into them.
"""

import logging
from collections.abc import Awaitable, Iterator, Mapping
from contextlib import contextmanager
from typing import TypeVar

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from adapters.common import failure, read
from adapters.slack import payloads
from adapters.slack.inbound import PLATFORM
from bot.domain.inbound import Place
from bot.domain.ports import Gone, NotAllowed, PlatformError, RateLimited, Unreachable
from bot.telemetry import withhold
from bot.texts import Text

T = TypeVar("T")

BOT_SETTING = "SLACK_BOT_TOKEN"
APP_SETTING = "SLACK_APP_TOKEN"
REQUEST_LIMIT = 10.0
"""Seconds that one request to Slack may take; after that its fate is unknown."""
DEFAULT_WAIT = 10.0
"""Seconds to wait where Slack doesn't say how long."""
REPAIR_WAIT = 20.0
"""Seconds until it is tried again whether an operator has mended the token."""

EVENT_TYPE = "faqbot_card"
"""Type of the metadata that travels with a message: the card's id and the number of the part."""
_NEARBY = 120.0
"""Seconds around a part of a card within which its other parts are."""
_PAGE = 200

_TOKEN_REFUSED = frozenset(
    {"account_inactive", "invalid_auth", "not_authed", "token_expired", "token_revoked"}
)
_GONE: Mapping[str, Text | str] = {
    "cannot_dm_bot": "A bot can't be written to.",
    "cant_update_message": "That message isn't the bot's to change.",
    "channel_not_found": Text("platform.no_channel"),
    "edit_window_closed": "That message can't be changed any more.",
    "expired_trigger_id": "The button was pressed too long ago.",
    "is_archived": Text("platform.archived"),
    "no_such_subteam": Text("slack.no_group"),
    "message_not_found": "That message was deleted.",
    "thread_not_found": "That thread was deleted.",
    "trigger_expired": "The button was pressed too long ago.",
    "user_disabled": "The asker's account is no more.",
    "user_not_found": "The asker's account is no more.",
    "user_not_in_channel": "The asker left the channel.",
}
_FORBIDDEN = frozenset(
    {
        "access_denied",
        "cannot_reply_to_message",
        "ekm_access_denied",
        "messages_tab_disabled",
        "no_permission",
        "restricted_action",
        "restricted_action_non_threadable_channel",
        "restricted_action_read_only_channel",
        "restricted_action_thread_locked",
        "restricted_action_thread_only_channel",
        "team_access_not_granted",
        "user_is_restricted",
    }
)
"""An administrator of the workspace lets the app do less than it asks for."""
_UNDRAWABLE = frozenset(
    {"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long"}
)
_SERVER_FAULT = frozenset(
    {"fatal_error", "internal_error", "request_timeout", "service_unavailable"}
)


def libraries() -> logging.Logger:
    """Keep what Slack's libraries say out of the log; return the logger to hand to them.

    They write whole messages, ``response_url`` and Socket Mode tickets: at DEBUG on purpose, above
    it within errors. Bolt copies that logger's level and handlers to each of its own, so it has no
    handler itself: what it says goes up to the one at the top.
    """
    withhold("slack_bolt", "slack_sdk", level=logging.ERROR)
    handed = logging.getLogger("slack_bolt.handed")
    handed.setLevel(logging.ERROR)
    return handed


def web_client(session: aiohttp.ClientSession, api_url: str, token: str | None) -> AsyncWebClient:
    """Return a client of the Web API that tries everything once: only the outbox retries."""
    return AsyncWebClient(
        token=token, base_url=api_url, session=session, logger=libraries(), retry_handlers=[]
    )


class Refused(NotAllowed, RateLimited):
    """Slack refuses until an operator mends the token or its scopes.

    Nothing was sent, and nothing is given up: what waits goes out once it is mended.
    """

    def __init__(self, message: Text, needed: str, remedy: Text) -> None:
        PlatformError.__init__(self, PLATFORM, message, remedy)
        self.needed = needed
        self.retry_after = REPAIR_WAIT


class Undrawable(Gone):
    """Slack refuses how a message is drawn: a fault of this program. Retrying doesn't help."""


@contextmanager
def translated(setting: str = BOT_SETTING) -> Iterator[None]:
    """Raise what Slack's client raises as errors that the desk knows.

    Args:
        setting: Names the token that the call uses.
    """
    try:
        yield
    except SlackApiError as error:
        # The original holds the whole response: it stays out of tracebacks and logs.
        raise problem(error, setting) from None
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise Unreachable(PLATFORM, failure(error)) from None


async def answered(call: Awaitable[AsyncSlackResponse], shape: type[T]) -> T:
    """Return what Slack answers to a call of the Web API, as far as it is read.

    Raises:
        PlatformError: Slack refuses, or can't be reached.
        Malformed: The answer hasn't that shape.
    """
    with translated():
        response = await call
    return read(response.data, shape)


def problem(error: SlackApiError, setting: str = BOT_SETTING) -> PlatformError:
    """Say what a refusal of the Web API means for the message that was to be sent."""
    response = error.response
    status: int = getattr(response, "status_code", 0) or getattr(response, "status", 0)
    data = getattr(response, "data", None)
    if status == 429:
        return RateLimited(PLATFORM, wait_of(response.headers))
    if status >= 500 or not isinstance(data, dict):
        return Unreachable(PLATFORM, f"HTTP {status}")
    code = str(data.get("error", ""))
    if code in ("ratelimited", "rate_limited"):
        return RateLimited(PLATFORM, wait_of(response.headers))
    if code in _SERVER_FAULT:
        return Unreachable(PLATFORM, code)
    if code in _TOKEN_REFUSED:
        return token_refused(setting, code)
    if code in _UNDRAWABLE:
        return Undrawable(PLATFORM, Text("slack.undrawable", code=code), Text("platform.report"))
    if code == "missing_scope":
        return missing_scope(str(data.get("needed", "")))
    if code == "not_in_channel":
        return NotAllowed(PLATFORM, Text("platform.invitation"), Text("slack.invite"))
    if code in _FORBIDDEN:
        return NotAllowed(PLATFORM, Text("platform.posting"), Text("doctor.slack_let_post"))
    if code in _GONE:
        return Gone(PLATFORM, _GONE[code], f"({code})")
    return PlatformError(PLATFORM, Text("slack.refuses", code=code))


def token_refused(setting: str, code: str) -> Refused:
    """Say where to get a token that works."""
    where = "Install App" if setting == BOT_SETTING else "Basic Information, App-Level Tokens"
    return Refused(
        Text("slack.refused", setting=setting, code=code),
        needed=setting,
        remedy=Text("slack.renew", where=where),
    )


def missing_scope(needed: str) -> Refused:
    """Name the scope that the token lacks."""
    return Refused(
        Text("slack.scope", needed=needed), needed=needed, remedy=Text("slack.add_scope")
    )


def wait_of(headers: Mapping[str, str]) -> float:
    """Return how many seconds Slack asks to wait."""
    given = headers.get("Retry-After", "")
    return max(1.0, float(given)) if given.isdecimal() else DEFAULT_WAIT


async def card_of(client: AsyncWebClient, to: Place, ts: str) -> tuple[str, list[str]]:
    """Return the id of the card that a message belongs to, and the ``ts`` of all its parts."""
    near = await _read(client, to, float(ts) - _NEARBY, float(ts) + _NEARBY)
    cards = {each.ts: part[0] for each in near if (part := _part(each)) is not None}
    if ts not in cards:
        # Without the bot's metadata the message stands for itself.
        return ts, [ts]
    return cards[ts], sorted(each for each in cards if cards[each] == cards[ts])


async def parts(client: AsyncWebClient, to: Place, card: str) -> dict[int, str]:
    """Return the ``ts`` of a card's parts that are there, by number."""
    there = ((each.ts, _part(each)) for each in await _read(client, to))
    return {part[1]: ts for ts, part in there if part is not None and part[0] == card}


async def _read(
    client: AsyncWebClient, to: Place, oldest: float | None = None, latest: float | None = None
) -> list[payloads.Posted]:
    """Read a thread to its end, or what was posted lately in a channel."""
    window = {
        key: f"{value:.6f}"
        for key, value in (("oldest", oldest), ("latest", latest))
        if value is not None
    }
    where = {"channel": to.channel, **({"ts": to.thread} if to.thread else {})}
    method = "conversations.replies" if to.thread else "conversations.history"
    found: list[payloads.Posted] = []
    cursor = ""
    while True:
        params = {
            **where,
            **window,
            "inclusive": 1,
            "include_all_metadata": 1,
            "limit": _PAGE,
            **({"cursor": cursor} if cursor else {}),
        }
        call = client.api_call(method, http_verb="GET", params=params)
        page = await answered(call, payloads.Posts)
        found += page.messages
        cursor = page.response_metadata.next_cursor if page.response_metadata else ""
        if not cursor or to.thread is None:
            return found


async def has_begun(client: AsyncWebClient, to: Place) -> bool:
    """Whether somebody replied in a thread: else nobody sees a private message there."""
    if to.thread is None:
        return False
    params = {"channel": to.channel, "ts": to.thread, "limit": 2}
    call = client.api_call("conversations.replies", http_verb="GET", params=params)
    try:
        return len((await answered(call, payloads.Posts)).messages) > 1
    except Gone:
        return False


def _part(message: payloads.Posted) -> tuple[str, int] | None:
    """Return the id of a message's card, and which part it is; None where it isn't the bot's."""
    if message.metadata is None or message.metadata.event_type != EVENT_TYPE:
        return None
    match message.metadata.event_payload:
        case {"id": str(card), "part": int(number)}:
            return card, number
    return None
