"""Card → something that rich prints: a lecturer's words in a panel, buttons as keys."""

from collections.abc import Iterable
from typing import assert_never

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.text import Text

from adapters.common.wrap import wrapped
from adapters.console.inbound import keys
from adapters.console.render import title
from bot.desk.browsing import TalkPage
from bot.domain.card import Card, Credit, Quote, Say, Small


def draw(card: Card, width: int) -> RenderableType:
    """Return the card for a terminal: a lecturer's words in a panel, buttons as keys.

    Args:
        card: What to show.
        width: Columns of the terminal; a Japanese character takes two.
    """
    drawn: list[RenderableType] = []
    for at, part in enumerate(card.parts):
        after = card.parts[at + 1] if at + 1 < len(card.parts) else None
        match part:
            case Quote(text):
                whose = title(after.lecturer, after.talk) if isinstance(after, Credit) else ""
                drawn.append(
                    Panel(_wrapped(text, width - 4), title=Text(whose), title_align="left")
                )
            case Credit(links=links):
                drawn += [Text(link, style=f"underline link {link}") for link in links]
            case Say(text):
                drawn.append(_wrapped(text, width))
            case Small(text):
                drawn.append(_wrapped(text, width, style="dim"))
            case _:
                assert_never(part)
    pressed = [f"[{key}] {button.label}" for key, button in keys(card.buttons).items()]
    # A candidate's label repeats what the list above it says.
    shown = [line for line in pressed if not line[1:2].isdigit() or line.startswith("[0]")]
    if shown:
        drawn.append(Text("  ".join(shown), style="bold cyan"))
    return Group(*drawn, Text())


def draw_talks(talks: Iterable[TalkPage], width: int) -> RenderableType:
    """Return the FAQ by talk."""
    drawn: list[RenderableType] = []
    for page in talks:
        drawn.append(Text(title(page.lecturer, page.talk), style="bold"))
        for entry in page.entries:
            question = _wrapped(" ".join(entry.question.split()), width - 4)
            drawn.append(Padding(question, (0, 0, 1, 4)))
    return Group(*drawn, Text())


def _wrapped(text: str, width: int, style: str = "") -> Text:
    """Break lines anywhere between Japanese characters; rich itself breaks at spaces only."""
    return Text("\n".join(wrapped(text, width)), style=style)
