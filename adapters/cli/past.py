"""What members asked, as ``unanswered``, ``stats`` and ``report`` look back on it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

import click

from adapters.cli.config import Config
from adapters.cli.faq import encoder, find, load, word_lists
from bot.desk.wording import shorten
from bot.domain.entry import Entry
from bot.evaluation.usage import Usage, measure
from bot.settings import CoreSettings
from bot.store import Asked, asked, reading
from bot.texts import Texts

if TYPE_CHECKING:
    from bot.evaluation.unanswered import Line

TERMINAL = "console"
"""The platform of the terminal chat: what an operator tries out there is no member's question."""

days_option = click.option(
    "--days", type=click.IntRange(1, 36_500), metavar="N", help="Look back N days only."
)
terminal_option = click.option(
    "--with-terminal", "terminal", is_flag=True,
    help="Count what was asked in the terminal chat too.",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Past:
    """What there is to see, all of one moment.

    Attributes:
        texts: What is said, in the reader's language.
        entries: The FAQ.
        questions: Its questions, by entry id.
        asked: What was asked, oldest first.
        usage: The figures.
        left_out: How many questions were asked in the terminal, and aren't among the others.
        days: How many days it looks back; None: to the beginning.
    """

    texts: Texts
    entries: Sequence[Entry]
    questions: Mapping[str, str]
    asked: Sequence[Asked]
    usage: Usage
    left_out: int
    days: int | None

    def about(self, entry: str) -> str:
        """Return as much of an entry's question as goes behind its id on a line."""
        return shorten(self.questions.get(entry) or self.texts.say("past.gone"), 26)

    def notes(self) -> Iterator[str]:
        """Say that nothing was asked, where nothing was, and what isn't counted."""
        if not self.asked:
            key = "past.none_in_days" if self.days else "past.none"
            yield self.texts.say(key, n=self.days)
        if self.left_out:
            yield self.texts.say("past.terminal", n=self.left_out)


def look_back(config: Config, days: int | None, *, terminal: bool) -> Past:
    """Read the FAQ, and from the database what was asked; no database: nothing was.

    Args:
        config: The settings.
        days: How many days to look back; None: to the beginning.
        terminal: Also on what was asked in the terminal chat.

    Raises:
        FaqbotError: The FAQ or the database can't be used.
    """
    entries = load(find(config))
    with reading(config.section(CoreSettings).database_url) as session:
        every = asked(session, days) if session else ()
    counted = tuple(one for one in every if terminal or one.platform != TERMINAL)
    questions = {entry.id: entry.question for entry in entries}
    usage = measure(counted, questions, date.today())
    left_out = len(every) - len(counted)
    return Past(config.texts, entries, questions, counted, usage, left_out, days)


def lines(config: Config, past: Past) -> "tuple[Line, ...]":
    """Return what wasn't answered, each question once, also what the organisers have done with.

    Raises:
        FaqbotError: A word list or the dictionary can't be used.
    """
    from bot.evaluation.unanswered import by_meaning, by_tokens, unanswered
    from bot.search.analysis import Analyzer, Tokenizer
    from bot.search.searcher import read_stop_words

    stop_words = read_stop_words(*word_lists(find(config)).now().stop_words)
    gather = by_tokens(Analyzer(Tokenizer(), stop_words))
    if past.asked and (known := encoder(config)):
        gather = by_meaning(gather, known.encode)
    return unanswered(past.asked, gather)


def local(at: float) -> datetime:
    """Return a moment where the command runs."""
    return datetime.fromtimestamp(at).astimezone()
