"""What a command that looks back reads, all of one moment; ``faqbot report`` makes a page of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from statistics import median
from typing import Literal

import click

from adapters.cli.config import Config, file_type, pass_config
from adapters.cli.faq import encoder, load_whole, note_absent, open_catalogue
from adapters.console import NAME as TERMINAL
from adapters.console import title
from bot.catalogue import word_lists
from bot.domain.ask import Proposal, Stage
from bot.domain.entry import Entry, by_talk
from bot.domain.retrieval import probable
from bot.domain.text import one_line, question_key
from bot.search.analysis import Analyzer, Tokenizer
from bot.search.meaning import by_meaning, by_tokens
from bot.search.searcher import read_stop_words
from bot.settings import CoreSettings
from bot.store import Asked, Learned, Waiting, reading
from bot.texts import Texts
from bot.usage import ANSWERED, UNANSWERED, Fate, Line, Usage, Use, measure
from bot.usage import unanswered as gather_unanswered
from bot.wording import Wording

SUFFIXES = (".html", ".htm")
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


@click.command()
@click.argument("file", type=file_type)
@days_option
@terminal_option
@pass_config
def report(config: Config, *, file: Path, days: int | None, terminal: bool) -> None:
    """Write a page with the figures, the entries and the unanswered questions to FILE.

    FILE ends in .html. The page needs no network and no script. It shows what members asked, but
    nobody's name: decide yourself who may read it.
    """
    from bot.content import write_whole

    if file.suffix.lower() not in SUFFIXES:
        allowed = ", ".join(SUFFIXES)
        raise click.UsageError(config.texts.say("past.suffix", file=file, allowed=allowed))
    past = look_back(config, days, terminal=terminal)
    open_ = [line for line in lines(config, past) if line.times]
    locale, now = config.section(CoreSettings).locale, datetime.now().astimezone()
    waiting = _waiting(config, past)
    write_whole(file, page(past, open_, waiting, locale, now).encode())
    if not past.there:
        note_absent(config)
    for note in past.notes():
        click.echo(note)
    click.echo(config.texts.say("past.written", file=file))


def page(
    past: Past,
    open_: Sequence[Line],
    waiting: Mapping[str, Sequence[Waiting]],
    locale: Literal["ja", "en"],
    now: datetime,
) -> str:
    """Return the whole page.

    Args:
        past: What it shows.
        open_: What is unanswered, without what is done.
        waiting: What waits for a lecturer's answer, by the lecturer; by none of them under "".
        locale: Its language.
        now: When it is made.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    def say(key: str, **values: object) -> str:
        return past.texts.say(f"report.{key}", **values)

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "date": lambda day: say("date", year=day.year, month=day.month, day=day.day),
        "share": lambda n, of: f"{n / of:.0%}" if of else "–",
        "one_line": one_line,
    }
    entries = {entry.id: entry for entry in past.entries}
    uses, wording = past.usage.entries, Wording(locale)
    return environment.get_template("report.html").render(
        locale=locale,
        say=say,
        word=past.texts.say,
        local=local,
        now=now,
        past=past,
        usage=past.usage,
        fates=Fate,
        sums=(("answered", ANSWERED), ("unanswered", UNANSWERED)),
        most=max((period.asked for period in past.usage.periods), default=0),
        groups=_groups(past, {use.entry: use for use in uses}, wording),
        entries=entries,
        most_shown=max((use.shown for use in uses), default=0),
        anchors={use.entry: f"e{number}" for number, use in enumerate(uses)},
        lines=open_,
        waiting=[
            (wording.lecturer(Entry("", lecturer, "", "", "")) or say("nobody"), questions)
            for lecturer, questions in waiting.items()
        ],
    )


def _waiting(config: Config, past: Past) -> Mapping[str, Sequence[Waiting]]:
    """Return the questions that wait, by the lecturer whom each is probably for."""
    if not past.learned.waiting:
        return {}
    from bot.search.policy import is_near

    catalogue = open_catalogue(config)
    catalogue.add_meaning()
    found: dict[str, list[Waiting]] = {entry.lecturer: [] for entry in past.entries}
    found[""] = []  # comes last
    for one in past.learned.waiting:
        ranking = catalogue.searcher.search(one.text)
        near = is_near(ranking, catalogue.searcher.thresholds)
        entry = probable(ranking.hits) if near else None
        found.setdefault(one.lecturer or (entry.lecturer if entry else ""), []).append(one)
    return {lecturer: questions for lecturer, questions in found.items() if questions}


def _groups(
    past: Past, uses: Mapping[str, Use], wording: Wording
) -> Sequence[tuple[str, Sequence[Use]]]:
    """Return the entries' figures under who spoke where, then those of entries that are no more."""
    groups = [
        (title(wording.lecturer(group[0]), group[0].talk), [uses[entry.id] for entry in group])
        for group in by_talk(past.entries)
    ]
    known = {entry.id for entry in past.entries}
    gone = [use for id_, use in uses.items() if id_ not in known]
    return [*groups, (past.texts.say("report.gone"), gone)] if gone else groups
