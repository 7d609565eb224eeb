"""Cards, the Home tab and modals. Pure: cards, pages and sheets in, blocks out.

Words are plain text elements throughout: nothing that a member, a lecturer or a file wrote is
ever read as markup, so it can neither ping nor format nor hide a link.
"""

import html
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import assert_never

import msgspec

from adapters.common import TYPED
from adapters.common.text import joined, split
from adapters.slack.inbound import BUTTON, FORM, Origin
from bot.domain.card import (
    Card,
    Choice,
    Credit,
    Field,
    Link,
    Pages,
    Part,
    Quote,
    Say,
    Sheet,
    Small,
)
from bot.domain.inbound import Place
from bot.domain.links import addresses, spans, target
from bot.domain.text import shortened, utf16_length

Block = dict[str, object]

OPEN, PAGE, FORGET = "home:open", "home:page", "home:forget"
"""What the ids of the Home tab's buttons start with; the value is an entry's id, or a page."""
COMPLETE = "complete"
"""The id of a field of which the bot completes what is typed."""

# What Slack accepts. Lengths are in characters, counted as UTF-16 units to be safe.
MESSAGE_BLOCKS = 50
# Slack names no limit for the text of all blocks together; 9,597 were accepted, 11,341 refused.
MESSAGE_TEXT = 9000
VIEW_BLOCKS = 100
VIEW_TITLE = VIEW_BUTTON = 24
CONFIRM_TITLE = 100
CONFIRM_TEXT = 300
CONFIRM_BUTTON = 30
BLOCK_TEXT = 3000
HEADER_TEXT = 150
BUTTON_TEXT = 75
INPUT_LABEL = INPUT_HINT = 2000
INPUT_VALUE = 3000
OPTION_TEXT = 75
OPTION_VALUE = 150
SELECT_OPTIONS = 100
LINK_URL = 3000


@dataclass(frozen=True, slots=True)
class Drawn:
    """One message: its blocks, and the same in words for notifications and screen readers."""

    text: str = field(repr=False)
    blocks: tuple[Block, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Piece:
    """A block with the words it shows, and how long the addresses are that these stand for."""

    block: Block
    words: str
    behind: int = 0


def messages(card: Card) -> tuple[Drawn, ...]:
    """Draw a card as the messages it needs, in order; mostly one."""
    pieces = [piece for part in card.parts for piece in _pieces(part)]
    if card.buttons:
        # Their ids say everything, so that they work after a restart.
        buttons = [
            _button(each.label, f"{BUTTON}:{each.action}:{n}", f"{each.about}:{each.argument}")
            for n, each in enumerate(card.buttons)
        ]
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
            yield from _written(kind, text, addresses(text))
        case Credit(lecturer, talk, links):
            name, title = (shortened(each, BLOCK_TEXT // 2) for each in (lecturer, talk))
            between = " · " if name and title else ""
            bold: Block = {"type": "text", "text": name, "style": {"bold": True}}
            elements: list[Block] = [bold] if name else []
            if title:
                elements.append({"type": "text", "text": between + title})
            if elements:
                yield _Piece(_rich("rich_text_section", elements), name + between + title)
            for lines in joined(links, BLOCK_TEXT):
                yield from _written("rich_text_section", lines, links)
        case Small(text):
            for words in split(text, BLOCK_TEXT):
                note = plain_text_object(words, BLOCK_TEXT)
                yield _Piece({"type": "context", "elements": [note]}, words)
        case Link(text, address):
            link: Block = {"type": "link", "url": address, "text": text}
            yield _Piece(_rich("rich_text_section", [link]), f"{text} {address}")
        case _:
            assert_never(part)


def _rich(kind: str, elements: list[Block]) -> Block:
    return {"type": "rich_text", "elements": [{"type": kind, "elements": elements}]}


def _written(
    kind: str, text: str, whole: Collection[str], limit: int = BLOCK_TEXT
) -> Iterator[_Piece]:
    """Draw a text with its links as the blocks it needs; each goes into a message.

    An address in Japanese is nine times as long where it leads: many of them take several blocks.
    """
    for words in split(text, limit):
        elements = _linked(words, whole)
        urls = (str(each["url"]) for each in elements if {"url", "text"} <= each.keys())
        behind = sum(map(utf16_length, urls))
        if behind > MESSAGE_TEXT - BLOCK_TEXT:
            yield from _written(kind, words, whole, utf16_length(words) // 2)
        else:
            yield _Piece(_rich(kind, elements), words, behind)


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
        if address not in whole or utf16_length(url) > LINK_URL:
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


def _grouped(pieces: Iterable[_Piece]) -> Iterator[list[_Piece]]:
    """Fill messages in order, each within Slack's limits for a whole one, a ping included."""
    group: list[_Piece] = []
    size = 0
    for piece in pieces:
        length = utf16_length(piece.words) + piece.behind
        if group and (size + length > MESSAGE_TEXT or len(group) == MESSAGE_BLOCKS - 1):
            yield group
            group, size = [], 0
        group.append(piece)
        size += length
    if group:
        yield group


def home_view(pages: Pages, privacy: Sheet, said: Card | None = None) -> Block:
    """Draw one page of the Home tab: each talk, and its questions with a button that opens them.

    Args:
        pages: The page.
        privacy: What somebody confirms before their data is deleted.
        said: What came of what they pressed; stands above all.
    """
    blocks = blocks_of(said.parts) if said is not None else []
    intro = plain_text_object(pages.intro, BLOCK_TEXT)
    blocks.append({"type": "section", "text": intro})
    for talk in pages.talks:
        if title := talk.title or talk.lecturer:
            blocks.append({"type": "header", "text": plain_text_object(title, HEADER_TEXT)})
        if talk.title and talk.lecturer:
            who = plain_text_object(talk.lecturer, BLOCK_TEXT)
            blocks.append({"type": "context", "elements": [who]})
        for entry in talk.entries:
            question = plain_text_object(entry.question, BLOCK_TEXT)
            button = _button(pages.open, f"{OPEN}:{len(blocks)}", entry.id)
            blocks.append({"type": "section", "text": question, "accessory": button})
    ways = (
        (pages.previous, "previous", pages.number - 1),
        (pages.next, "next", pages.number + 1),
    )
    turn = [
        _button(label, f"{PAGE}:{way}", str(to)) for label, way, to in ways if 0 <= to < pages.count
    ]
    if turn:
        blocks.append({"type": "actions", "elements": turn})
    blocks.append({"type": "actions", "elements": [_confirmed(privacy, FORGET)]})
    return {"type": "home", "blocks": blocks}


def _confirmed(sheet: Sheet, action_id: str) -> Block:
    """Draw a button that asks before it does anything."""
    text = words(Card(sheet.parts))
    return {
        **_button(sheet.title, action_id, "me"),
        "style": "danger",
        "confirm": {
            "title": plain_text_object(sheet.title, CONFIRM_TITLE),
            "text": plain_text_object(text, CONFIRM_TEXT),
            "confirm": plain_text_object(sheet.submit, CONFIRM_BUTTON),
            "deny": plain_text_object(sheet.close, CONFIRM_BUTTON),
        },
    }


def offered(choices: Iterable[Choice]) -> list[Block]:
    """Draw what can be chosen in a field; what Slack can't carry is left to be typed."""
    return [
        {"text": plain_text_object(each.label, OPTION_TEXT), "value": each.value}
        for each in choices
        if utf16_length(each.value) <= OPTION_VALUE
    ]


def sheet_view(sheet: Sheet, place: Place) -> Block:
    """Draw what opens before one person as a modal.

    Args:
        sheet: What to read, and what to fill in.
        place: Where it was opened; comes back with what is filled in.
    """
    inputs = [block for each in sheet.fields for block in _inputs(each)]
    view: Block = {
        "type": "modal",
        "title": plain_text_object(sheet.title, VIEW_TITLE),
        "close": plain_text_object(sheet.close, VIEW_BUTTON),
        "blocks": [*blocks_of(sheet.parts)[: VIEW_BLOCKS - len(inputs)], *inputs],
    }
    if sheet.submit:
        origin = Origin(
            sheet.about, place.workspace, place.channel, place.thread, place.handle, sheet.kind
        )
        view |= {
            "callback_id": FORM,
            "private_metadata": msgspec.json.encode(origin).decode(),
            "submit": plain_text_object(sheet.submit, VIEW_BUTTON),
        }
    return view


def _inputs(field: Field) -> Iterator[Block]:
    """Draw a field: to type into, or to choose from and to type what isn't among the choices."""
    options = offered(field.choices)[:SELECT_OPTIONS]
    text, name, optional = field.text, field.name, not field.needed
    if options:
        select: Block = {"type": "static_select", "action_id": "choice", "options": options}
        chosen = next((each for each in options if each["value"] == text), None)
        if chosen is not None:
            select["initial_option"] = chosen
            text = ""
        if not field.typed:
            yield _input(name, field.label, field.hint, select, optional=optional)
            return
        # Slack would want both of them, and one will do: the desk looks whether there is any.
        yield _input(name, field.label, "", select, optional=True)
        name, optional = f"{name}{TYPED}", True
    if options and field.completes:
        ask: Block = {"type": "external_select", "action_id": COMPLETE, "min_query_length": 1}
        yield _input(name, field.label, field.hint, ask, optional=True)
        return
    element: Block = {
        "type": "plain_text_input",
        "action_id": "text",
        "multiline": field.lines,
        "max_length": INPUT_VALUE,
    }
    if text:
        element["initial_value"] = shortened(text, INPUT_VALUE)
    yield _input(name, field.label, field.hint, element, optional=optional)


def _input(name: str, label: str, hint: str, element: Block, *, optional: bool) -> Block:
    block: Block = {
        "type": "input",
        "block_id": name,
        "label": plain_text_object(label, INPUT_LABEL),
        "element": element,
    }
    if hint:
        block["hint"] = plain_text_object(hint, INPUT_HINT)
    if optional:
        block["optional"] = True
    return block


def _button(label: str, action_id: str, value: str) -> Block:
    return {
        "type": "button",
        "text": plain_text_object(label, BUTTON_TEXT),
        "action_id": action_id,
        "value": value,
    }
