"""What stands on Slack already: a card's messages, found by what the bot wrote into them."""

from dataclasses import dataclass

from slack_sdk.web.async_client import AsyncWebClient

from adapters.common import read
from adapters.slack import payloads
from adapters.slack.errors import translated
from bot.domain.inbound import Place
from bot.domain.ports import Gone

EVENT_TYPE = "faqbot_card"
"""Type of the metadata that travels with a message: the card's id and the number of the part."""

_NEARBY = 120.0
"""Seconds around a part of a card within which its other parts are."""
_PAGE = 200


async def card_of(client: AsyncWebClient, to: Place, ts: str) -> tuple[str, list[str]]:
    """Return the id of the card that a message belongs to, and the ``ts`` of all its parts."""
    near = await _read(client, to, float(ts) - _NEARBY, float(ts) + _NEARBY)
    cards = {each.ts: part.card for each in near if (part := _part(each)) is not None}
    if ts not in cards:
        # Without the bot's metadata the message stands for itself.
        return ts, [ts]
    return cards[ts], sorted(each for each in cards if cards[each] == cards[ts])


async def parts(client: AsyncWebClient, to: Place, card: str) -> dict[int, str]:
    """Return the ``ts`` of a card's parts that are there, by number."""
    there = ((each.ts, _part(each)) for each in await _read(client, to))
    return {part.number: ts for ts, part in there if part is not None and part.card == card}


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
        with translated():
            response = await client.api_call(
                method,
                http_verb="GET",
                params={
                    **where,
                    **window,
                    "inclusive": 1,
                    "include_all_metadata": 1,
                    "limit": _PAGE,
                    **({"cursor": cursor} if cursor else {}),
                },
            )
        page = read(response.data, payloads.Posts)
        found += page.messages
        cursor = page.response_metadata.next_cursor if page.response_metadata else ""
        if not cursor or to.thread is None:
            return found


async def has_begun(client: AsyncWebClient, to: Place) -> bool:
    """Whether somebody replied in a thread: else nobody sees a private message there."""
    if to.thread is None:
        return False
    try:
        with translated():
            response = await client.api_call(
                "conversations.replies",
                http_verb="GET",
                params={"channel": to.channel, "ts": to.thread, "limit": 2},
            )
    except Gone:
        return False
    return len(read(response.data, payloads.Posts).messages) > 1


@dataclass(frozen=True, slots=True)
class _Part:
    card: str
    number: int


def _part(message: payloads.Posted) -> _Part | None:
    """Read what the bot wrote into a message's metadata; None where it isn't the bot's."""
    if message.metadata is None or message.metadata.event_type != EVENT_TYPE:
        return None
    match message.metadata.event_payload:
        case {"id": str(card), "part": int(number)}:
            return _Part(card, number)
    return None
