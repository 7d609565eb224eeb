"""``faqbot unanswered`` and ``faqbot stats``: what members asked, and what became of it."""

import json
import unicodedata
from collections.abc import Iterator, Sequence
from statistics import median

import click

from adapters.cli.config import Config, pass_config
from adapters.cli.faq import note_absent
from adapters.cli.past import Past, days_option, lines, local, look_back, terminal_option
from adapters.common.text import WIDTH, columns, padded, wrapped
from bot.domain.ask import Proposal, ProposalState
from bot.domain.inbound import Person
from bot.domain.text import one_line
from bot.errors import FaqbotError
from bot.settings import CoreSettings
from bot.store import writing
from bot.texts import Text
from bot.usage import ANSWERED, UNANSWERED, Fate, Line, Usage, named

LONGEST = 400
OTHERS = 3
"""Other wordings that are shown."""
BAR = 40
LABEL = 36
MOST = 20


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
    before the lecturers. Wordings with the same content words, or that mean nearly the same,
    are one line. The nearest entry stands below where it is near: add the words to it as a variant;
    else add an entry. Then mark the line as done by the code in front of it; asked again, it comes
    back under a new code. What was answered in chat is done by itself. Below stand wordings that
    members showed for an entry. Nobody's name is shown.
    """
    if done or undo:
        _mark(config, done, undo)
        return
    past = look_back(config, days, terminal=terminal)
    if not past.there:
        note_absent(config)
    found = lines(config, past)
    listed = [line for line in found if every or line.times]
    if as_json:
        fields = [_line_fields(line, past) for line in listed]
        fields += [_proposal_fields(each, past) for each in past.proposals]
        click.echo(json.dumps(fields, ensure_ascii=False, indent=2))
        return
    for line in listed:
        click.secho(_title(line, past), bold=True)
        for each in _below(line, past):
            click.echo(each)
        click.echo()
    for each in _proposed(past):
        click.echo(each)
    for each in _sum(found, past):
        click.echo(each)


def _mark(config: Config, done: Sequence[str], undo: Sequence[str]) -> None:
    """Mark lines as done, however old their wordings are, and take marks back: all, or none."""
    past = look_back(config, None, terminal=True)
    found = lines(config, past)
    marks = []
    proposals = []
    for code, again in (*((each, False) for each in done), *((each, True) for each in undo)):
        plain = unicodedata.normalize("NFKC", code).strip().lower()
        match = named(found, plain)
        meant = [each for each in past.proposals if each.id == plain and not again]
        proposals += meant
        if match is None and not meant:
            raise FaqbotError(Text("unanswered.unknown", code=code))
        if match is not None:
            marks.append((*match, again))
    with writing(config.section(CoreSettings).database_url) as tx:
        if tx is not None:
            for _, times, again in marks:
                mark = tx.history.reopen if again else tx.history.handle
                mark([one.id for one in times])
            for each in proposals:
                tx.proposals.settle(each.id, ProposalState.REFUSED, Person(""))
    for line, _, again in marks:
        key = "unanswered.reopened" if again else "unanswered.marked"
        click.echo(past.texts.say(key, words=one_line(_words(line, past), 50)))
    for each in proposals:
        click.echo(past.texts.say("proposal.refused", words=one_line(each.words, 50)))


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
            say(f"state.{line.state}"),
        )
    )


def _below(line: Line, past: Past) -> Iterator[str]:
    yield from wrapped(one_line(_words(line, past), LONGEST), WIDTH, indent="    ")
    for words in line.wordings[1 : OTHERS + 1]:
        yield from wrapped(f"= {one_line(words, LONGEST)}", WIDTH, indent="    ")
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


def _proposed(past: Past) -> Iterator[str]:
    """Show the wordings that members showed, under the entry that each is for."""
    say = past.texts.say
    if past.proposals:
        yield say("proposal.title", n=len(past.proposals))
    for each in past.proposals:
        signs = (say(f"sign.{sign}", n=count) for sign, count in each.signs.items())
        yield f"{each.id}  {', '.join(signs)}"
        yield from wrapped(one_line(each.words, LONGEST), WIDTH, indent="    ")
        yield f"    {say('proposal.for', entry=f'{each.entry}  {past.about(each.entry)}')}"
    if past.proposals:
        yield ""


def _words(line: Line, past: Past) -> str:
    return next(iter(line.wordings), past.texts.say("unanswered.forgotten"))


def _line_fields(line: Line, past: Past) -> dict[str, object]:
    near = line.nearest
    return {
        "code": line.code,
        "state": line.state,
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


def _proposal_fields(proposal: Proposal, past: Past) -> dict[str, object]:
    return {
        "code": proposal.id,
        "state": "proposed",
        "question": proposal.words,
        "wordings": [proposal.words],
        "asked": None,
        "times": sum(proposal.signs.values()),
        "done": 0,
        "platforms": (),
        "outcomes": (),
        "nearest": {
            "id": proposal.entry,
            "question": past.questions.get(proposal.entry),
            "confidence": None,
        },
        "escalated": False,
        "signs": proposal.signs,
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
    if not past.there:
        note_absent(config)
    if as_json:
        fields = {**_fields(past.usage), "learning": _learning_fields(past)}
        click.echo(json.dumps(fields, ensure_ascii=False, indent=2))
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
    if sum(past.learned.stages.values()) or past.learned.entries or past.learned.wordings:
        yield f"\n{say('stats.learning')}"
        for stage, count in past.learned.stages.items():
            yield _row(f"{say('stats.cards')}: {say(f'state.{stage}')}", count)
        if past.took:
            yield f"  {padded(say('stats.took'), LABEL)}   {past.took}"
        yield _row(say("stats.published"), past.learned.entries)
        yield _row(say("stats.wordings"), past.learned.wordings)
        yield _row(say("stats.proposals"), len(past.proposals))
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


def _learning_fields(past: Past) -> dict[str, object]:
    learned = past.learned
    return {
        "escalations": learned.stages,
        "answered": len(learned.took),
        "median_seconds": round(median(learned.took)) if learned.took else None,
        "published": learned.entries,
        "wordings": learned.wordings,
        "proposals": len(past.proposals),
    }


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
