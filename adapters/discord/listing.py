"""``/faq-list``: every talk with its questions, in pages. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from adapters.discord import limits
from adapters.discord.markdown import escape
from adapters.discord.render import QUIET, Json, embed_length, plain_button, row
from bot.desk.browsing import TalkPage
from bot.domain.text import shortened

START = "faq-list"
OPEN = f"{START}:open"
PAGE = f"{START}:page"
"""What the ids of the list's menu and buttons start with; a button's page follows."""

_SELECT = 3
_LINE = 300
"""Characters of a question in the list; it is shown whole with its answer."""


@dataclass(frozen=True, slots=True)
class ListWords:
    """The bot's own words in the list."""

    intro: str
    open: str
    previous: str
    next: str


@dataclass(frozen=True, slots=True)
class _Page:
    embeds: tuple[Json, ...]
    options: tuple[Json, ...]


def list_page(talks: Sequence[TalkPage], page: int, words: ListWords) -> Json:
    """Draw one page; a page that doesn't exist is the nearest that does."""
    pages = list(_pages(talks)) or [_Page((), ())]
    page = min(max(page, 0), len(pages) - 1)
    shown = pages[page]
    components = []
    if shown.options:
        placeholder = shortened(words.open, limits.PLACEHOLDER)
        components.append(row({"type": _SELECT, "custom_id": OPEN, "placeholder": placeholder,
                               "options": list(shown.options)}))  # fmt: skip
    turn = [plain_button(words.previous, f"{PAGE}:{page - 1}")] if page > 0 else []
    if page < len(pages) - 1:
        turn.append(plain_button(words.next, f"{PAGE}:{page + 1}"))
    if turn:
        components.append(row(*turn))
    return {
        "content": escape(words.intro),
        "embeds": list(shown.embeds),
        "components": components,
        "allowed_mentions": QUIET,
    }


def page_of(custom_id: str) -> int:
    """Read which page a button leads to; the first where that isn't readable."""
    number = custom_id.removeprefix(f"{PAGE}:")
    return int(number) if number.isascii() and number.isdecimal() and len(number) < 7 else 0


def _pages(talks: Sequence[TalkPage]) -> Iterator[_Page]:
    """Fill pages; a talk that goes on overleaf has its heading there again."""
    embeds: list[Json] = []
    options: list[Json] = []
    for talk in talks:
        lines: list[str] = []
        for number, entry in enumerate(talk.entries, start=1):
            line = f"{number}\\. {escape(shortened(entry.question, _LINE))}"
            option: Json = {
                "label": shortened(f"{number}. {entry.question}", limits.OPTION_LABEL),
                "value": entry.id[: limits.OPTION_LABEL],
            }
            if talk.lecturer or talk.talk:
                about = talk.lecturer or talk.talk
                option["description"] = shortened(about, limits.OPTION_LABEL)
            if not _fits(embeds, options, talk, [*lines, line]):
                if lines:
                    embeds.append(_embed(talk, lines))
                yield _Page(tuple(embeds), tuple(options))
                embeds, options, lines = [], [], []
            lines.append(line)
            options.append(option)
        if lines:
            embeds.append(_embed(talk, lines))
    if options:
        yield _Page(tuple(embeds), tuple(options))


def _fits(
    embeds: Sequence[Json], options: Sequence[Json], talk: TalkPage, lines: Sequence[str]
) -> bool:
    size = sum(map(embed_length, (*embeds, _embed(talk, lines))))
    long = sum(map(len, lines)) + len(lines) > limits.DESCRIPTION // 2
    return (
        len(options) < limits.OPTIONS
        and len(embeds) < limits.EMBEDS
        and size <= limits.EMBEDS_TEXT
        and not long
    )


def _embed(talk: TalkPage, lines: Sequence[str]) -> Json:
    embed: Json = {"description": "\n".join(lines)}
    if talk.talk:
        embed["title"] = shortened(escape(talk.talk), limits.TITLE)
    if talk.lecturer:
        embed["author"] = {"name": shortened(talk.lecturer, limits.AUTHOR)}
    return embed
