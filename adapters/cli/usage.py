"""``faqbot unanswered`` and ``faqbot stats``: what members asked, and what became of it."""

import json
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import click

from adapters.cli.config import Config, pass_config
from adapters.cli.faq import encoder, load_whole
from adapters.common.wrap import WIDTH, columns, padded, wrapped
from bot.catalogue import word_lists
from bot.desk.wording import shorten
from bot.domain.entry import Entry
from bot.errors import FaqbotError
from bot.search.alike import by_meaning, by_tokens
from bot.search.analysis import Analyzer, Tokenizer
from bot.search.searcher import read_stop_words
from bot.settings import CoreSettings
from bot.store import Asked, asked, handle, reading, reopen, writing
from bot.texts import Text, Texts
from bot.usage import (
    ANSWERED,
    UNANSWERED,
    Fate,
    Line,
    Usage,
    measure,
    named,
)
from bot.usage import unanswered as gather_unanswered

LONGEST = 400
OTHERS = 3
"""Other wordings that are shown."""
BAR = 40
LABEL = 36
MOST = 20

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
    entries = load_whole(config, strictly=True).entries
    with reading(config.section(CoreSettings).database_url) as session:
        every = asked(session, days) if session else ()
    counted = tuple(one for one in every if terminal or one.platform != TERMINAL)
    questions = {entry.id: entry.question for entry in entries}
    usage = measure(counted, questions, date.today())
    left_out = len(every) - len(counted)
    return Past(config.texts, entries, questions, counted, usage, left_out, days)


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
@click.option("--json", "as_json", is_flag=True, help="Print one JSON array.")
@click.option("--all", "every", is_flag=True, help="List also what was marked as done.")
@click.option(
    "--done", metavar="CODE", multiple=True,
    help="Mark the line with this code as done, in place of listing. May be repeated.",
)  # fmt: skip
@click.option("--undo", metavar="CODE", multiple=True, help="Take the mark of a line back.")
@days_option
@terminal_option
@pass_config
def unanswered(
    config: Config,
    *,
    as_json: bool,
    every: bool,
    done: Sequence[str],
    undo: Sequence[str],
    days: int | None,
    terminal: bool,
) -> None:
    """List the questions that nothing answered, the most asked first, each once.

    They were declined, or no candidate was taken, or the answer was voted wrong, or they are open
    before the lecturers. Wordings with the same content words are one line. The nearest entry
    stands below where it is near: add the words to it as a variant; else add an entry. Then mark
    the line as done by the code in front of it; asked again, it comes back under a new code.
    Nobody's name is shown.
    """
    if done or undo:
        _mark(config, done, undo)
        return
    past = look_back(config, days, terminal=terminal)
    found = lines(config, past)
    listed = [line for line in found if every or line.times]
    if as_json:
        fields = [_line_fields(line, past) for line in listed]
        click.echo(json.dumps(fields, ensure_ascii=False, indent=2))
        return
    for line in listed:
        click.secho(_title(line, past), bold=True)
        for each in _below(line, past):
            click.echo(each)
        click.echo()
    for each in _sum(found, past):
        click.echo(each)


def _mark(config: Config, done: Sequence[str], undo: Sequence[str]) -> None:
    """Mark lines as done, however old their wordings are, and take marks back: all, or none."""
    past = look_back(config, None, terminal=True)
    found = lines(config, past)
    marks = []
    for code, sign in (*((each, handle) for each in done), *((each, reopen) for each in undo)):
        match = named(found, unicodedata.normalize("NFKC", code).strip().lower())
        if match is None:
            raise FaqbotError(Text("unanswered.unknown", code=code))
        marks.append((*match, sign))
    with writing(config.section(CoreSettings).database_url) as session:
        for _, times, sign in marks:
            if session:
                sign(session, [one.id for one in times])
    for line, _, sign in marks:
        key = "unanswered.marked" if sign is handle else "unanswered.reopened"
        click.echo(past.texts.say(key, words=shorten(_words(line, past), 50)))


def _title(line: Line, past: Past) -> str:
    say = past.texts.say
    times = [say("unanswered.times", n=line.times)] if line.times else []
    done = [say("unanswered.done", n=line.done)] if line.done else []
    sent = (Fate.ESCALATED,) if line.escalated else ()
    fates = dict.fromkeys((*line.fates, *sent))
    return "  ".join(
        (
            line.code,
            *times,
            *done,
            f"{local(line.last.at):%Y-%m-%d}",
            ", ".join(line.platforms),
            ", ".join(say(f"fate.{each.name.lower()}") for each in fates),
        )
    )


def _below(line: Line, past: Past) -> Iterator[str]:
    yield from wrapped(shorten(_words(line, past), LONGEST), WIDTH, indent="    ")
    for words in line.wordings[1 : OTHERS + 1]:
        yield from wrapped(f"= {shorten(words, LONGEST)}", WIDTH, indent="    ")
    if more := line.wordings[OTHERS + 1 :]:
        yield "    " + past.texts.say("unanswered.more", n=len(more))
    if near := line.nearest:
        key = "unanswered.shown" if Fate.WRONG in line.fates else "unanswered.near"
        entry = f"{near.entry}  {past.about(near.entry)}"
        yield "    " + past.texts.say(key, confidence=f"{near.confidence:.2f}", entry=entry)


def _sum(found: Sequence[Line], past: Past) -> Iterator[str]:
    say = past.texts.say
    open_ = [line for line in found if line.times]
    done = sum(line.done for line in found)
    if open_:
        yield say("unanswered.sum", n=len(open_), times=sum(line.times for line in open_))
    elif past.asked:
        yield say("unanswered.nothing")
    if done:
        yield say("unanswered.sum_done", n=done)
    yield from past.notes()
    if open_:
        yield say("unanswered.how", code=open_[0].code)


def _words(line: Line, past: Past) -> str:
    return next(iter(line.wordings), past.texts.say("unanswered.forgotten"))


def _line_fields(line: Line, past: Past) -> dict[str, object]:
    near = line.nearest
    return {
        "code": line.code,
        "question": next(iter(line.wordings), None),
        "wordings": line.wordings,
        "asked": local(line.last.at).isoformat(timespec="seconds"),
        "times": line.times,
        "done": line.done,
        "platforms": line.platforms,
        "outcomes": line.fates,
        "nearest": near
        and {
            "id": near.entry,
            "question": past.questions.get(near.entry),
            "confidence": round(near.confidence, 4),
        },
        "escalated": line.escalated,
    }


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@days_option
@terminal_option
@pass_config
def stats(config: Config, *, as_json: bool, days: int | None, terminal: bool) -> None:
    """Count the questions: by what became of them, by platform, by day or week, by entry.

    A question counts once, however many buttons were pressed: as answered (at once, or from the
    candidates), as unanswered (the sum of ``faqbot unanswered --all``), or as one that needed no
    search. Shares are those of the answered and unanswered. No question is shown.
    """
    past = look_back(config, days, terminal=terminal)
    if as_json:
        click.echo(json.dumps(_fields(past.usage), ensure_ascii=False, indent=2))
        return
    for line in _lines(past) if past.asked else ():
        click.echo(line)
    for note in past.notes():
        click.echo(f"\n{note}" if past.asked else note)


def _lines(past: Past) -> Iterator[str]:
    usage, say = past.usage, past.texts.say
    of = usage.searched
    yield say("stats.asked", n=usage.asked, since=usage.first)
    for name, total, parts in (
        ("answered", usage.answered, ANSWERED),
        ("unanswered", usage.unanswered, UNANSWERED),
    ):
        yield _row(say(f"stats.{name}"), total, of)
        for which in parts:
            yield _row(f"  {say(f'fate.{which.name.lower()}')}", usage.fates[which], of)
    if usage.handled:
        yield _row(f"  {say('stats.handled')}", usage.handled)
    if usage.unsearched:
        yield _row(say("stats.unsearched"), usage.fates[Fate.UNSEARCHED])
        for outcome, count in usage.unsearched.items():
            yield _row(f"  {say(f'unsearched.{outcome}')}", count)
    yield f"\n{say('stats.shares', n=of)}\n\n{say('stats.besides')}"
    yield _row(say("stats.escalated"), usage.escalated)
    yield _row(say("vote.useful"), usage.votes["useful"])
    yield _row(say("vote.wrong"), usage.votes["wrong"])
    yield f"\n{say('stats.platforms')}"
    for platform, count in usage.platforms.items():
        yield _row(platform, count, usage.asked)
    yield f"\n{say(f'stats.by_{usage.by}')}"
    most = max(period.asked for period in usage.periods)
    for period in usage.periods:
        answered = round(BAR * period.answered / most)
        bar = "█" * answered + "░" * (round(BAR * period.asked / most) - answered)
        yield f"  {period.start} {period.asked:>5} {period.answered:>5}  {bar}".rstrip()
    used = sorted((use for use in usage.entries if not use.never), key=lambda use: -use.shown)
    if used:
        yield f"\n{say('stats.entries')}"
    width = max((columns(use.entry) for use in used[:MOST]), default=0)
    for use in used[:MOST]:
        counts = "".join(f" {count:>5}" for count in (use.shown, use.useful, use.wrong))
        yield f"  {padded(use.entry, width)}{counts}  {past.about(use.entry)}"
    if len(used) > MOST:
        yield f"  {say('stats.more', n=len(used) - MOST)}"
    if never := _never(usage):
        more = ", …" if len(never) > MOST else ""
        yield f"\n{say('stats.never', n=len(never))}"
        yield from wrapped(", ".join(never[:MOST]) + more, WIDTH, indent="  ")


def _row(label: str, count: int, of: int = 0) -> str:
    share = f"  {count / of:>6.1%}" if of else ""
    return f"  {padded(label, LABEL)} {count:>5}{share}"


def _never(usage: Usage) -> list[str]:
    return [use.entry for use in usage.entries if use.never]


def _fields(usage: Usage) -> dict[str, object]:
    fates = {which.name.lower(): usage.fates[which] for which in (*ANSWERED, *UNANSWERED)}
    counts = {**fates, "lecturers": fates["escalated"], "escalated": usage.escalated}
    of = usage.searched
    return {
        "asked": usage.asked,
        "searched": of,
        **counts,
        "unanswered": usage.unanswered,
        "done": usage.handled,
        "unsearched": usage.fates[Fate.UNSEARCHED],
        "shares": {name: round(n / of, 4) if of else None for name, n in counts.items()},
        "outcomes": usage.outcomes,
        "votes": usage.votes,
        "platforms": usage.platforms,
        "by": usage.by,
        "periods": [
            {"start": str(each.start), "asked": each.asked, "answered": each.answered}
            for each in usage.periods
        ],
        "entries": [
            {"id": use.entry, "shown": use.shown, "useful": use.useful, "wrong": use.wrong}
            for use in usage.entries
        ],
        "never": _never(usage),
    }
