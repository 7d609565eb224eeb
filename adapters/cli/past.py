"""What a command that looks back reads: the FAQ, and what was asked, all of one moment."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from statistics import median

import click

from adapters.cli.config import Config
from adapters.cli.faq import encoder, load_whole
from adapters.console import NAME as TERMINAL
from bot.catalogue import word_lists
from bot.domain.ask import Proposal, Stage
from bot.domain.entry import Entry
from bot.domain.text import one_line, question_key
from bot.search.analysis import Analyzer, Tokenizer
from bot.search.meaning import by_meaning, by_tokens
from bot.search.searcher import read_stop_words
from bot.settings import CoreSettings
from bot.store import Asked, Learned, reading
from bot.texts import Texts
from bot.usage import Line, Usage, measure
from bot.usage import unanswered as gather_unanswered

NOTHING_LEARNED = Learned(dict.fromkeys(Stage, 0), (), 0, 0, (), ())

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
        learned: What came before the lecturers, and what the FAQ learned.
        left_out: How many questions were asked in the terminal, and aren't among the others.
        days: How many days it looks back; None: to the beginning.
        there: Whether there is a store.
    """

    texts: Texts
    entries: Sequence[Entry]
    questions: Mapping[str, str]
    asked: Sequence[Asked]
    usage: Usage
    learned: Learned
    left_out: int
    days: int | None
    there: bool

    def about(self, entry: str) -> str:
        """Return as much of an entry's question as goes behind its id on a line."""
        return one_line(self.questions.get(entry) or self.texts.say("past.gone"), 26)

    @property
    def proposals(self) -> Sequence[Proposal]:
        """The wordings that members showed for an entry, and that it doesn't have yet."""
        entries = {entry.id: entry for entry in self.entries}
        return [
            each
            for each in self.learned.proposals
            if (entry := entries.get(each.entry))
            and question_key(each.words) not in map(question_key, entry.wordings)
        ]

    @property
    def took(self) -> str:
        """How long lecturers' answers took, half of them less; empty where there is none."""
        if not self.learned.took:
            return ""
        hours = median(self.learned.took) / 3600
        say = self.texts.say
        if hours < 1:
            return say("past.minutes", n=max(round(hours * 60), 1))
        return (
            say("past.hours", n=round(hours, 1))
            if hours < 48
            else say("past.days", n=round(hours / 24, 1))
        )

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
    entries = load_whole(config, strictly=True).entries
    # What an operator tries out in the terminal chat is no member's question.
    without = frozenset() if terminal else frozenset((TERMINAL,))
    with reading(config.section(CoreSettings).database_url) as tx:
        there = tx is not None
        every = tx.history.asked(days) if tx else ()
        loop = tx.history.learned(days, without=without) if tx else NOTHING_LEARNED
    counted = tuple(one for one in every if terminal or one.platform != TERMINAL)
    questions = {entry.id: entry.question for entry in entries}
    usage = measure(counted, questions, date.today())
    left_out = len(every) - len(counted)
    return Past(config.texts, entries, questions, counted, usage, loop, left_out, days, there)


def lines(config: Config, past: Past) -> tuple[Line, ...]:
    """Return what wasn't answered, each question once, also what the organisers have done with.

    Raises:
        FaqbotError: A word list or the dictionary can't be used.
    """
    stop_words = read_stop_words(*word_lists(config.data_path).now().stop_words)
    gather = by_tokens(Analyzer(Tokenizer(), stop_words))
    if past.asked and (known := encoder(config)):
        gather = by_meaning(gather, known.encode)
    return gather_unanswered(past.asked, gather)


def local(at: float) -> datetime:
    """Return a moment where the command runs."""
    return datetime.fromtimestamp(at).astimezone()
