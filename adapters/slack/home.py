"""The Home tab: every talk with its questions, in pages. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from adapters.slack import limits
from adapters.slack.render import Block, plain_block, plain_text_object
from bot.desk.browsing import TalkPage

OPEN = "home:open"
PAGE = "home:page"
"""What the ids of the Home tab's buttons start with; the value is an entry's id, or a page."""

_ROWS = limits.VIEW_BLOCKS - 2
"""Blocks of a page besides the introduction and the buttons that turn it."""


@dataclass(frozen=True, slots=True)
class HomeWords:
    """The bot's own words on the Home tab."""

    intro: str
    open: str
    previous: str
    next: str


def home_view(talks: Sequence[TalkPage], page: int, words: HomeWords) -> Block:
    """Draw one page of the Home tab; a page that doesn't exist is the nearest that does."""
    pages = list(_pages(talks, words)) or [[]]
    page = min(max(page, 0), len(pages) - 1)
    blocks: list[Block] = [
        {"type": "section", "text": plain_text_object(words.intro, limits.BLOCK_TEXT)},
        *pages[page],
    ]
    turn = [
        _button(words.previous, f"{PAGE}:previous", str(page - 1)) if page > 0 else None,
        _button(words.next, f"{PAGE}:next", str(page + 1)) if page < len(pages) - 1 else None,
    ]
    if any(turn):
        blocks.append({"type": "actions", "elements": [each for each in turn if each]})
    return {"type": "home", "blocks": blocks}


def _pages(talks: Sequence[TalkPage], words: HomeWords) -> Iterator[list[Block]]:
    """Fill pages; a talk that goes on overleaf has its heading there again."""
    page: list[Block] = []
    for talk in talks:
        heading = _heading(talk)
        if page and len(page) + len(heading) + 1 > _ROWS:
            yield page
            page = []
        page += heading
        for entry in talk.entries:
            if len(page) == _ROWS:
                yield page
                page = [*heading]
            page.append(
                {
                    "type": "section",
                    "text": plain_text_object(entry.question, limits.BLOCK_TEXT),
                    "accessory": _button(words.open, f"{OPEN}:{len(page)}", entry.id),
                }
            )
    if page:
        yield page


def _heading(talk: TalkPage) -> list[Block]:
    title = talk.talk or talk.lecturer
    heading = [plain_block("header", title, limits.HEADER_TEXT)] if title else []
    if talk.talk and talk.lecturer:
        who = plain_text_object(talk.lecturer, limits.BLOCK_TEXT)
        heading.append({"type": "context", "elements": [who]})
    return heading


def _button(label: str, action_id: str, value: str) -> Block:
    return {
        "type": "button",
        "text": plain_text_object(label, limits.BUTTON_TEXT),
        "action_id": action_id,
        "value": value,
    }
