"""What members asked, as ``unanswered``, ``stats`` and ``report`` look back on it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import click

from adapters.cli.config import Config
from adapters.cli.faq import find, load
from bot.desk.wording import shorten
from bot.domain.entry import Entry
from bot.evaluation.unanswered import Open, unanswered
from bot.evaluation.usage import Usage, measure
from bot.settings import CoreSettings
from bot.store.figures import Figures
from bot.store.reading import reading

days_option = click.option(
    "--days", type=click.IntRange(1, 36_500), metavar="N", help="Look back N days only."
)


@dataclass(frozen=True, slots=True)
class Past:
    """What there is to see, all of one moment.

    Attributes:
        entries: The FAQ.
        questions: Its questions, by entry id.
        usage: The figures.
        open: What wasn't answered.
    """

    entries: Sequence[Entry]
    questions: Mapping[str, str]
    usage: Usage
    open: tuple[Open, ...]

    def about(self, entry: str) -> str:
        """Return as much of an entry's question as goes behind its id on a line."""
        return shorten(self.questions.get(entry) or "(not in the FAQ any more)", 26)


def look_back(config: Config, days: int | None) -> Past:
    """Read the FAQ, and from the database what was asked; no database: nothing was.

    Raises:
        FaqbotError: The FAQ or the database can't be used.
    """
    entries = load(find(config))
    with reading(config.section(CoreSettings).database_url) as session:
        figures = Figures(session, days) if session else None
        asked = figures.asked() if figures else ()
        votes = figures.votes() if figures else {}
    questions = {entry.id: entry.question for entry in entries}
    usage = measure(asked, votes, questions, date.today())
    return Past(entries, questions, usage, unanswered(asked))


def nothing(days: int | None) -> str:
    """Say that nobody asked anything."""
    return f"No question in the last {days} days." if days else "No question has been asked yet."


def local(at: float) -> datetime:
    """Return a moment where the command runs."""
    return datetime.fromtimestamp(at).astimezone()
