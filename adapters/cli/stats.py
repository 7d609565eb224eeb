"""``faqbot stats``: how much was asked, and what came of it."""

import json
from collections.abc import Iterator

import click

from adapters.cli.config import Config, pass_config
from adapters.cli.past import Past, days_option, look_back, nothing
from adapters.common.wrap import WIDTH, columns, wrapped
from bot.evaluation.usage import Usage

BAR = 40
MOST = 20
LABELS = {
    "answered": "answered at once",
    "taken": "a candidate taken",
    "none_taken": "no candidate taken",
    "declined": "declined",
}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@days_option
@pass_config
def command(config: Config, *, as_json: bool, days: int | None) -> None:
    """Count the questions: by outcome, by platform, by day or week, by entry.

    Shares are those of the questions that the FAQ was searched for. No question is shown.
    """
    past = look_back(config, days)
    if as_json:
        click.echo(json.dumps(_fields(past.usage), ensure_ascii=False, indent=2))
    elif past.usage.asked:
        for line in _lines(past):
            click.echo(line)
    else:
        click.echo(nothing(days))


def _lines(past: Past) -> Iterator[str]:
    usage = past.usage
    yield f"{usage.asked} questions since {usage.first}, {usage.searched} of them searched for"
    for name, count in usage.fates.items():
        yield _counted(LABELS[name], count, usage.searched)
    yield _counted("for the lecturers", usage.escalated, usage.searched)
    for outcome, count in usage.unsearched.items():
        yield f"  {outcome:<20} {count:>5}"
    yield f"\nvotes\n  {'useful':<20} {usage.votes['useful']:>5}"
    yield f"  {'wrong':<20} {usage.votes['wrong']:>5}\n\nby platform"
    for platform, asked in usage.platforms.items():
        yield _counted(platform, asked, usage.asked)
    yield f"\nby {usage.by}"
    most = max(period.asked for period in usage.periods)
    for period in usage.periods:
        bar = "█" * round(BAR * period.asked / most)
        yield f"  {period.start}  {period.asked:>5}  {bar}".rstrip()
    yield "\nby entry: shown, useful, wrong"
    used = sorted((use for use in usage.entries if not use.never), key=lambda use: -use.shown)
    width = max((columns(use.entry) for use in used[:MOST]), default=0)
    for use in used[:MOST]:
        id_ = use.entry + " " * (width - columns(use.entry))
        yield f"  {id_} {use.shown:>5} {use.useful:>5} {use.wrong:>5}  {past.about(use.entry)}"
    if len(used) > MOST:
        yield f"  and {len(used) - MOST} more"
    if never := _never(usage):
        more = ", …" if len(never) > MOST else ""
        yield f"\nnever shown: {len(never)}"
        yield from wrapped(", ".join(never[:MOST]) + more, WIDTH, indent="  ")


def _counted(label: str, count: int, of: int) -> str:
    return f"  {label:<20} {count:>5}  " + (f"{count / of:>6.1%}" if of else "")


def _never(usage: Usage) -> list[str]:
    return [use.entry for use in usage.entries if use.never]


def _fields(usage: Usage) -> dict[str, object]:
    counts = {**usage.fates, "escalated": usage.escalated}
    of = usage.searched
    return {
        "asked": usage.asked,
        "searched": of,
        **counts,
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
