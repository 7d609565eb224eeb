"""``faqbot unanswered``: the organisers' list of what the FAQ lacks."""

import json
import unicodedata
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from adapters.cli.config import Config, pass_config
from adapters.cli.past import Past, days_option, lines, local, look_back, terminal_option
from adapters.common.wrap import WIDTH, wrapped
from bot.desk.wording import shorten
from bot.errors import FaqbotError
from bot.evaluation.usage import Fate
from bot.settings import CoreSettings
from bot.store import handle, reopen, writing
from bot.texts import Text

if TYPE_CHECKING:
    from bot.evaluation.unanswered import Line

LONGEST = 400
OTHERS = 3
"""Other wordings that are shown."""


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
def command(
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
        fields = [_fields(line, past) for line in listed]
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
    from bot.evaluation.unanswered import named

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


def _title(line: "Line", past: Past) -> str:
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


def _below(line: "Line", past: Past) -> Iterator[str]:
    yield from wrapped(shorten(_words(line, past), LONGEST), WIDTH, indent="    ")
    for words in line.wordings[1 : OTHERS + 1]:
        yield from wrapped(f"= {shorten(words, LONGEST)}", WIDTH, indent="    ")
    if more := line.wordings[OTHERS + 1 :]:
        yield "    " + past.texts.say("unanswered.more", n=len(more))
    if near := line.nearest:
        key = "unanswered.shown" if Fate.WRONG in line.fates else "unanswered.near"
        entry = f"{near.entry}  {past.about(near.entry)}"
        yield "    " + past.texts.say(key, confidence=f"{near.confidence:.2f}", entry=entry)


def _sum(found: "Sequence[Line]", past: Past) -> Iterator[str]:
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


def _words(line: "Line", past: Past) -> str:
    return next(iter(line.wordings), past.texts.say("unanswered.forgotten"))


def _fields(line: "Line", past: Past) -> dict[str, object]:
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
