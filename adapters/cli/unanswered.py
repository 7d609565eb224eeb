"""``faqbot unanswered``: the organisers' list of what the FAQ lacks."""

import json
from collections.abc import Iterator

import click

from adapters.cli.config import Config, pass_config
from adapters.cli.past import Past, days_option, local, look_back, nothing
from adapters.common.wrap import WIDTH, wrapped
from bot.desk.wording import shorten
from bot.evaluation.unanswered import Fate, Open

LONGEST = 400


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON array.")
@days_option
@pass_config
def command(config: Config, *, as_json: bool, days: int | None) -> None:
    """List the questions that nothing answered, newest first, each once.

    They were declined, or no candidate was taken, or the answer was voted wrong, or they are open
    before the lecturers. Each comes with the nearest entry: add the words to it as a variant, or
    add an entry. Nobody's name is shown.
    """
    past = look_back(config, days)
    if as_json:
        fields = [_fields(each, past) for each in past.open]
        click.echo(json.dumps(fields, ensure_ascii=False, indent=2))
        return
    for each in past.open:
        click.secho(_title(each), bold=True)
        for line in _lines(each, past):
            click.echo(line)
    if past.open:
        asked = sum(each.times for each in past.open)
        click.echo(f"{len(past.open)} unanswered, asked {asked} times in all")
    else:
        click.echo("Every question was answered." if past.usage.asked else nothing(days))


def _title(question: Open) -> str:
    sent = (Fate.ESCALATED,) if question.escalated else ()
    parts = (
        f"{local(question.at):%Y-%m-%d}",
        ", ".join(question.platforms),
        ", ".join(dict.fromkeys((*question.fates, *sent))),
        f"{question.times} times" if question.times > 1 else "",
    )
    return "  ".join(filter(None, parts))


def _lines(question: Open, past: Past) -> Iterator[str]:
    words = question.question
    text = "(words not kept any more)" if words is None else shorten(words, LONGEST)
    yield from wrapped(text, WIDTH, indent="    ")
    if near := question.nearest:
        yield f"    {near.confidence:.2f} {near.entry}  {past.about(near.entry)}"
    yield ""


def _fields(question: Open, past: Past) -> dict[str, object]:
    near = question.nearest
    return {
        "question": question.question,
        "asked": local(question.at).isoformat(timespec="seconds"),
        "times": question.times,
        "platforms": question.platforms,
        "outcomes": question.fates,
        "nearest": near
        and {
            "id": near.entry,
            "question": past.questions.get(near.entry),
            "confidence": round(near.confidence, 4),
        },
        "escalated": question.escalated,
    }
