"""``faqbot stats``: how much was asked, and what came of it."""

import json
from collections.abc import Iterator

import click

from adapters.cli.config import Config, pass_config
from adapters.cli.past import Past, days_option, look_back, terminal_option
from adapters.common.wrap import WIDTH, columns, wrapped
from bot.usage import ANSWERED, UNANSWERED, Fate, Usage

BAR = 40
LABEL = 36
MOST = 20


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@days_option
@terminal_option
@pass_config
def command(config: Config, *, as_json: bool, days: int | None, terminal: bool) -> None:
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
    for platform, asked in usage.platforms.items():
        yield _row(platform, asked, usage.asked)
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
        id_ = use.entry + " " * (width - columns(use.entry))
        yield f"  {id_} {use.shown:>5} {use.useful:>5} {use.wrong:>5}  {past.about(use.entry)}"
    if len(used) > MOST:
        yield f"  {say('stats.more', n=len(used) - MOST)}"
    if never := _never(usage):
        more = ", …" if len(never) > MOST else ""
        yield f"\n{say('stats.never', n=len(never))}"
        yield from wrapped(", ".join(never[:MOST]) + more, WIDTH, indent="  ")


def _row(label: str, count: int, of: int = 0) -> str:
    share = f"  {count / of:>6.1%}" if of else ""
    return f"  {label}{' ' * (LABEL - columns(label))} {count:>5}{share}"


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
