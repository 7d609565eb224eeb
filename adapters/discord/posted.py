"""What stands on Discord already: a card's messages, found by their marks or by their looks."""

import base64
import hashlib
from collections.abc import Mapping

from adapters.discord.api import SILENT, Api
from adapters.discord.errors import UNKNOWN_CHANNEL, Refused
from adapters.discord.render import Drawn, Json, embed_texts
from bot.domain.ports import NotAllowed
from bot.telemetry import EventLogger

_NONCE = 25
"""Characters of a nonce at most."""
_SOON = 100
"""A card's parts are among so many messages after its first one."""

log = EventLogger("faqbot.discord")


async def parts(
    api: Api,
    channel: str,
    card: str,
    drawn: tuple[Drawn, ...],
    *,
    above: str | None,
    reply_to: str | None,
) -> dict[int, str]:
    """Return the ids of a card's parts that are there, by position.

    Args:
        api: Reads the channel.
        channel: Where the card would stand.
        card: Its id.
        drawn: Its parts.
        above: The id of something that stands above it; None where nothing is known to.
        reply_to: The message that it replies to.
    """
    marks = {nonce(card, number): number for number in range(len(drawn))}
    looks = {seen(message.payload()): number for number, message in enumerate(drawn)}
    found: dict[int, str] = {}
    try:
        async for message in api.history(channel, above):
            if _author(message) != api.me:
                continue
            number = marks.get(str(message.get("nonce", "")))
            if number is None and _replies_to(message) in (reply_to, *found.values()):
                number = looks.get(seen(message))
            if number is not None:
                found.setdefault(number, str(message["id"]))
    except NotAllowed as refusal:
        log.warning("can't look for what was posted", problem=str(refusal))
    except Refused as refusal:
        if refusal.code != UNKNOWN_CHANNEL:
            raise
    return found


async def card_of(api: Api, channel: str, first: str) -> list[str]:
    """Return the ids of all parts of a card that begins with a message, in order."""
    found = [first]
    async for message in api.history(channel, first, most=_SOON):
        silent = int(str(message.get("flags", 0))) & SILENT
        if silent and _author(message) == api.me and _replies_to(message) == first:
            found.append(str(message["id"]))
    return found


def nonce(card: str, number: int) -> str:
    """Return what marks one part of a card, the same at every try."""
    digest = hashlib.blake2b(f"{card}:{number}".encode(), digest_size=15).digest()
    return base64.b32encode(digest).decode().lower()[:_NONCE]


def seen(message: Mapping[str, object]) -> tuple[str, ...]:
    """Return what tells a message from others: its words, without blanks, and its buttons' ids.

    The ids hold the ask, so that two askers' answers never look alike.
    """
    embeds, rows = message.get("embeds"), message.get("components")
    words = [str(message.get("content", ""))]
    for embed in embeds if isinstance(embeds, list) else ():
        words += embed_texts(embed)
    ids = [
        str(component.get("custom_id", ""))
        for row in (rows if isinstance(rows, list) else ())
        for component in row.get("components", ())
    ]
    return ("".join("".join(words).split()), *ids)


def _author(message: Json) -> str:
    match message.get("author"):
        case {"id": str(author)}:
            return author
    return ""


def _replies_to(message: Json) -> str | None:
    match message.get("message_reference"):
        case {"message_id": str(above)}:
            return above
    return None
