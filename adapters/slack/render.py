"""Cards as Slack messages. Pure: a card in, blocks out.

Words are plain text elements throughout: nothing that a member, a lecturer or a file wrote is
ever read as markup, so it can neither ping nor format nor hide a link.
"""

import html
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import assert_never

from adapters.common.text import joined, split
from adapters.slack import limits
from adapters.slack.inbound import BUTTON
from bot.domain.card import Button, Card, Credit, Link, Part, Quote, Say, Small
from bot.domain.links import addresses, spans, target
from bot.domain.text import shortened, utf16_length

Block = dict[str, object]


@dataclass(frozen=True, slots=True)
class Drawn:
    """One message: its blocks, and the same in words for notifications and screen readers."""

    text: str = field(repr=False)
    blocks: tuple[Block, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Piece:
    """A block with the words it shows."""

    block: Block
    words: str


def messages(card: Card) -> tuple[Drawn, ...]:
    """Draw a card as the messages it needs, in order; mostly one."""
    pieces = [piece for part in card.parts for piece in _pieces(part)]
    if card.buttons:
        buttons = [_button(n, each) for n, each in enumerate(card.buttons)]
        pieces.append(_Piece({"type": "actions", "elements": buttons}, ""))
    drawn = [
        Drawn(
            # Escaped, Slack shows a text as it is written: no mention, no link.
            html.escape("\n".join(piece.words for piece in group if piece.words), quote=False),
            tuple(piece.block for piece in group),
        )
        for group in _grouped(pieces)
    ]
    if card.ping is not None:
        ping = _rich("rich_text_section", [{"type": "user", "user_id": card.ping}])
        first = drawn[0]
        drawn[0] = Drawn(f"<@{card.ping}> {first.text}", (ping, *first.blocks))
    return tuple(drawn)


def blocks_of(parts: Iterable[Part]) -> list[Block]:
    """Draw parts alone, as in a modal."""
    return [piece.block for part in parts for piece in _pieces(part)]


def words(card: Card) -> str:
    """Return the bot's own words on a card, where there is room for nothing else."""
    return "\n".join(part.text for part in card.parts if isinstance(part, Say))


def plain_text_object(text: str, limit: int) -> Block:
    """Return words as Slack's text object, shortened to ``limit``."""
    return {"type": "plain_text", "text": shortened(text, limit), "emoji": False}


def _pieces(part: Part) -> Iterator[_Piece]:
    """Draw one part as the blocks it needs."""
    match part:
        case Say(text) | Quote(text):
            kind = "rich_text_quote" if isinstance(part, Quote) else "rich_text_section"
            whole = addresses(text)
            for words in split(text, limits.BLOCK_TEXT):
                yield _Piece(_rich(kind, _linked(words, whole)), words)
        case Credit(lecturer, talk, links):
            name, title = (shortened(each, limits.BLOCK_TEXT // 2) for each in (lecturer, talk))
            between = " · " if name and title else ""
            bold: Block = {"type": "text", "text": name, "style": {"bold": True}}
            elements: list[Block] = [bold] if name else []
            if title:
                elements.append({"type": "text", "text": between + title})
            if elements:
                yield _Piece(_rich("rich_text_section", elements), name + between + title)
            for lines in joined(links, limits.BLOCK_TEXT):
                for words in split(lines, limits.BLOCK_TEXT):
                    yield _Piece(_rich("rich_text_section", _linked(words, links)), words)
        case Small(text):
            for words in split(text, limits.BLOCK_TEXT):
                note = plain_text_object(words, limits.BLOCK_TEXT)
                yield _Piece({"type": "context", "elements": [note]}, words)
        case Link(text, address):
            link: Block = {"type": "link", "url": address, "text": text}
            yield _Piece(_rich("rich_text_section", [link]), f"{text} {address}")
        case _:
            assert_never(part)


def _rich(kind: str, elements: list[Block]) -> Block:
    return {"type": "rich_text", "elements": [{"type": kind, "elements": elements}]}


def _linked(text: str, whole: Collection[str]) -> list[Block]:
    """Return a text as elements, with each address that is written out as a working link.

    Args:
        text: Words, perhaps a part of a longer text.
        whole: The addresses of all of it; what was cut is no link.
    """
    elements: list[Block] = []
    start = 0
    for at, end in spans(text, whole):
        address = text[at:end]
        url = target(address)
        if address not in whole or utf16_length(url) > limits.LINK_URL:
            continue
        if at > start:
            elements.append({"type": "text", "text": text[start:at]})
        # Without a text of its own a link shows where it leads.
        shown = {} if url == address else {"text": address}
        elements.append({"type": "link", "url": url, **shown})
        start = end
    if text[start:]:
        elements.append({"type": "text", "text": text[start:]})
    return elements


def _button(position: int, button: Button) -> Block:
    """Draw a button; its ids say everything, so that it works after a restart."""
    return {
        "type": "button",
        "text": plain_text_object(button.label, limits.BUTTON_TEXT),
        "action_id": f"{BUTTON}:{button.action.value}:{position}",
        "value": f"{button.about}:{button.argument}",
    }


def _grouped(pieces: Iterable[_Piece]) -> Iterator[list[_Piece]]:
    """Fill messages in order, each within Slack's limits for a whole one, a ping included."""
    group: list[_Piece] = []
    size = 0
    for piece in pieces:
        length = utf16_length(piece.words)
        if group and (
            size + length > limits.MESSAGE_TEXT or len(group) == limits.MESSAGE_BLOCKS - 1
        ):
            yield group
            group, size = [], 0
        group.append(piece)
        size += length
    if group:
        yield group
