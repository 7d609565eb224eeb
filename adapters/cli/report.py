"""``faqbot report``: what members asked, as one page for organisers and lecturers."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal

import click

from adapters.cli.config import Config, file_type, pass_config
from adapters.cli.faq import note_absent, open_catalogue
from adapters.cli.past import Past, days_option, lines, local, look_back, terminal_option
from adapters.console import title
from bot.domain.entry import Entry, by_talk
from bot.domain.retrieval import probable
from bot.domain.text import one_line
from bot.settings import CoreSettings
from bot.store import Waiting
from bot.usage import ANSWERED, UNANSWERED, Fate, Line, Use
from bot.wording import Wording

SUFFIXES = (".html", ".htm")


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
