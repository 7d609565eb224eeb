"""Cards as Slack messages and views. Pure: a card in, blocks out.

Words are plain text elements throughout: nothing that a member, a lecturer or a file wrote is
ever read as markup, so it can neither ping nor format nor hide a link.
"""

import html
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import assert_never

import msgspec

from adapters.common.split import joined, split
from adapters.slack import limits
from adapters.slack.inbound import BUTTON, FORM, Origin
from bot.desk.wording import FormCard
from bot.domain.card import Button, Card, Credit, Part, Quote, Say, Small
from bot.domain.links import addresses, spans, target
from bot.domain.text import shortened, utf16_length

Block = dict[str, object]


@dataclass(frozen=True, slots=True)
class Message:
    """One message: its blocks, and the same in words for notifications and screen readers."""

    text: str = field(repr=False)
    blocks: tuple[Block, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Piece:
    """A block with the words it shows."""

    block: Block
    words: str


def messages(card: Card) -> tuple[Message, ...]:
    """Draw a card as the messages it needs, in order; mostly one."""
    pieces = [piece for part in card.parts for piece in _pieces(part)]
    if card.buttons:
        pieces.append(_Piece(_actions(card.buttons), ""))
    drawn = [
        Message(
            escape("\n".join(piece.words for piece in group if piece.words)),
            tuple(piece.block for piece in group),
        )
        for group in _grouped(pieces)
    ]
    if card.ping is not None:
        ping = _rich("rich_text_section", [{"type": "user", "user_id": card.ping}])
        first = drawn[0]
        drawn[0] = Message(f"<@{card.ping}> {first.text}", (ping, *first.blocks))
    return tuple(drawn)


def form_view(form: FormCard, origin: Origin) -> Block:
    """Draw the form that asks the lecturers; ``origin`` comes back with it."""
    entry: Block = {
        "type": "plain_text_input",
        "action_id": "text",
        "multiline": True,
        "max_length": limits.INPUT_VALUE,
    }
    if form.text:
        entry["initial_value"] = split(form.text, limits.INPUT_VALUE)[0]
    question: Block = {
        "type": "input",
        "block_id": "question",
        "label": plain_text_object(form.label, limits.INPUT_LABEL),
        "hint": plain_text_object(form.hint, limits.INPUT_HINT),
        "element": entry,
    }
    return {
        "type": "modal",
        "callback_id": FORM,
        "private_metadata": msgspec.json.encode(origin).decode(),
        "title": plain_text_object(form.title, limits.VIEW_TITLE),
        "submit": plain_text_object(form.submit, limits.VIEW_BUTTON),
        "close": plain_text_object(form.close, limits.VIEW_BUTTON),
        "blocks": [question],
    }


def card_view(card: Card, *, title: str, close: str) -> Block:
    """Draw a card to read in a modal; its buttons belong to messages and are left out."""
    blocks = [piece.block for part in card.parts for piece in _pieces(part)]
    return {
        "type": "modal",
        "title": plain_text_object(title, limits.VIEW_TITLE),
        "close": plain_text_object(close, limits.VIEW_BUTTON),
        "blocks": blocks[: limits.VIEW_BLOCKS],
    }


def escape(text: str) -> str:
    """Make Slack show a text as it is written: no mention, no link."""
    return html.escape(text, quote=False)


def plain_text_object(text: str, limit: int) -> Block:
    """Return words as Slack's text object, shortened to ``limit``."""
    return {"type": "plain_text", "text": shortened(text, limit), "emoji": False}


def plain_block(kind: str, text: str, limit: int) -> Block:
    """Return a block, such as a header, that holds nothing but words."""
    return {"type": kind, "text": plain_text_object(text, limit)}


def _pieces(part: Part) -> Iterator[_Piece]:
    """Draw one part as the blocks it needs."""
    match part:
        case Say(text) | Quote(text):
            kind = "rich_text_quote" if isinstance(part, Quote) else "rich_text_section"
            whole = addresses(text)
            for words in split(text, limits.BLOCK_TEXT):
                yield _Piece(_rich(kind, _linked(words, whole)), words)
        case Credit(lecturer, talk, links):
            if lecturer or talk:
                yield _credit(lecturer, talk)
            for lines in joined(links, limits.BLOCK_TEXT):
                for words in split(lines, limits.BLOCK_TEXT):
                    yield _Piece(_rich("rich_text_section", _linked(words, links)), words)
        case Small(text):
            for words in split(text, limits.BLOCK_TEXT):
                note = plain_text_object(words, limits.BLOCK_TEXT)
                yield _Piece({"type": "context", "elements": [note]}, words)
        case _:
            assert_never(part)


def _credit(lecturer: str, talk: str) -> _Piece:
    """Draw who said it where: the name in bold, then the talk."""
    lecturer, talk = (shortened(each, limits.BLOCK_TEXT // 2) for each in (lecturer, talk))
    elements: list[Block] = []
    if lecturer:
        elements.append({"type": "text", "text": lecturer, "style": {"bold": True}})
    if talk:
        elements.append({"type": "text", "text": f" · {talk}" if lecturer else talk})
    words = " · ".join(each for each in (lecturer, talk) if each)
    return _Piece(_rich("rich_text_section", elements), words)


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


def _actions(buttons: tuple[Button, ...]) -> Block:
    return {"type": "actions", "elements": [_button(n, b) for n, b in enumerate(buttons)]}


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
