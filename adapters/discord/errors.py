"""What Discord's refusals mean, and what to do about each."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import aiohttp
import discord

from adapters.common import failure
from bot.domain.ports import Gone, NotAllowed, PlatformError, RateLimited, Unreachable
from bot.texts import Text

PLATFORM = "discord"
BANNED_WAIT = 600.0
"""Seconds to keep quiet after Cloudflare turned the bot away."""
REFUSED_WAIT = 600.0
"""Seconds until Discord is asked again after it refused the bot for good."""
_SOON, _TOKEN_WAIT = 2.0, 60.0

_GONE: Mapping[int, Text | str] = {
    10003: Text("platform.no_channel"),
    10004: Text("discord.no_guild"),
    10008: "That message was deleted.",
    10013: "That person doesn't exist.",
    10015: "The interaction is over.",
    10062: "The interaction is over.",
    40060: "The interaction was answered already.",
    50027: "The interaction is over.",
    160005: Text("discord.locked"),
}
_NOT_ALLOWED: Mapping[int, tuple[Text | str, Text | str]] = {
    50001: (Text("platform.access"), Text("discord.show_channel")),
    50007: ("the person's direct messages", "They accept none from the bot."),
    50013: (Text("platform.posting"), Text("discord.ask_doctor")),
    160002: (Text("discord.history"), Text("discord.ask_doctor")),
}
UNKNOWN_CHANNEL, UNKNOWN_MESSAGE = 10003, 10008
ANSWERED = 40060
NO_STARTER_YET = 40058
ARCHIVED = 50083
INVALID_FORM = 50035
HAS_THREAD = 160004


class Refused(Gone):
    """Discord refuses for good; ``code`` is its reason."""

    def __init__(self, message: Text | str, code: int, remedy: Text | str = "") -> None:
        super().__init__(PLATFORM, message, remedy)
        self.code = code


class Undrawable(Refused):
    """Discord refuses how a message is drawn: a fault of this program."""


class NotSent(RateLimited):
    """Nothing was sent, for a reason that passes; it is tried again by itself."""

    def __init__(self, message: Text | str, remedy: Text | str, wait: float) -> None:
        PlatformError.__init__(self, PLATFORM, message, remedy)
        self.retry_after = wait


class Fatal(NotSent):
    """Discord refuses the bot until somebody changes something; it is asked again at times."""


class ContentRefused(Fatal):
    """Discord doesn't let the bot read messages that aren't for it."""


def not_connected() -> NotSent:
    """Say that the bot hasn't signed in yet."""
    return NotSent(Text("discord.not_connected"), Text("platform.again"), _SOON)


def token_fatal(again: float = REFUSED_WAIT) -> Fatal:
    """Say that Discord refuses the token."""
    return Fatal(Text("discord.refused"), Text("discord.renew"), again)


def closed(code: int, again: float = REFUSED_WAIT) -> Fatal:
    """Say why Discord closed the connection for good.

    Args:
        code: One of the reasons in ``gateway.FATAL``.
        again: Seconds until it is asked again all the same.
    """
    match code:
        case 4004:
            return token_fatal(again)
        case 4014:
            problem, remedy = Text("discord.no_content"), Text("discord.switch_content_on")
            return ContentRefused(problem, remedy, again)
        case 4010 | 4011:
            return Fatal(Text("discord.shards", code=code), Text("discord.count_shards"), again)
        case _:
            return Fatal(Text("discord.program", code=code), Text("discord.update"), again)


@contextmanager
def translated() -> Iterator[None]:
    """Raise what discord.py raises as errors that the desk knows."""
    try:
        yield
    except discord.RateLimited as error:
        raise RateLimited(PLATFORM, error.retry_after) from None
    except discord.HTTPException as error:
        # The original holds what was sent: it stays out of tracebacks and logs.
        raise problem(error) from None
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise Unreachable(PLATFORM, failure(error)) from None


def problem(error: discord.HTTPException) -> PlatformError:
    """Say what a refusal means for what was to be sent."""
    status, code = error.status, error.code
    if status >= 500:
        return Unreachable(PLATFORM, f"HTTP {status}")
    if status == 429:
        return NotSent(Text("discord.banned"), Text("discord.banned_wait"), BANNED_WAIT)
    if status == 401 and code != 50027:
        return NotSent(Text("discord.refused"), Text("discord.renew"), _TOKEN_WAIT)
    if code == NO_STARTER_YET:
        return NotSent("The post has no first message yet.", "It is tried again.", _SOON)
    if code in _NOT_ALLOWED:
        needed, remedy = _NOT_ALLOWED[code]
        return NotAllowed(PLATFORM, needed, remedy)
    if code in _GONE:
        return Refused(_GONE[code], code, f"({code})")
    if code == INVALID_FORM:
        return Undrawable(Text("discord.undrawable", code=code), code, Text("platform.report"))
    return Refused(Text("discord.refuses", status=status, code=code), code)
