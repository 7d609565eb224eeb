"""``faqbot ask`` and ``faqbot list``: what the FAQ answers, and what is in it."""

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import click
import msgspec

from adapters.cli.config import Config, data_option, pass_config
from adapters.cli.faq import load_whole, open_catalogue
from adapters.cli.streams import lines
from adapters.common.text import WIDTH, wrapped
from adapters.console import plain, title
from bot.domain.entry import Entry, by_talk
from bot.domain.retrieval import Answer, Help, Ranking, Reply, Suggestions
from bot.search.searcher import Searcher
from bot.settings import CoreSettings
from bot.wording import Wording


@click.command()
@click.argument("question", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@click.option(
    "--limit",
    type=click.IntRange(1, 100),
    default=5,
    show_default=True,
    metavar="K",
    help="How many hits --json shows.",
)
@data_option
@pass_config
def ask(
    config: Config, *, question: str | None, as_json: bool, limit: int, data: Path | None
) -> None:
    """Answer QUESTION, or each line of standard input, line by line.

    \b
    Examples:
      faqbot ask 'カリキュラム学習は検討していますか'
      faqbot ask --json --limit 3 'LLM の安全性について'
      faqbot ask --data ../other-faq.xlsx < questions.txt
    """
    catalogue = open_catalogue(config, data)
    catalogue.add_meaning()
    searcher = catalogue.searcher
    # An argument that isn't UTF-8 arrives with lone surrogates, which no output can hold.
    given = question.encode(errors="replace").decode() if question is not None else None
    questions = lines(sys.stdin) if given is None else (given,)
    if given is None and sys.stdin.isatty():
        print(config.texts.say("command.waits"), file=sys.stderr)
    if not as_json:
        answer(config, searcher, questions)
        return
    for text in questions:
        reply, ranking = searcher.reply(text, limit=limit)
        shown = _report(text, reply, searcher.explain(ranking))
        print(msgspec.json.encode(shown).decode(), flush=True)


def answer(config: Config, searcher: Searcher, questions: Iterable[str]) -> None:
    """Answer questions in order, each as soon as it is there; an empty line between answers."""
    wording = Wording(config.section(CoreSettings).locale)
    for number, text in enumerate(questions):
        reply, ranking = searcher.reply(text)
        cut, entries = ranking.query.cut, searcher.entries
        card = wording.reply(reply, ask="", entries=entries, platform="cli", cut=cut)
        if card is None:
            raise AssertionError("the bot never keeps silent when it is asked")
        separator = "\n" if number else ""
        print(f"{separator}{plain(card)}", flush=True)


def _report(text: str, reply: Reply, ranking: Ranking) -> dict[str, object]:
    """Return what ``ask --json`` prints; documented in docs/developers/json.md."""
    answers = reply.hits if isinstance(reply, Answer) else ()
    candidates = reply.hits if isinstance(reply, Suggestions | Help) else ()
    matches = tuple(match for hit in answers or ranking.hits[:1] for match in hit.matches)
    shown = [_fields(hit.entry, "id lecturer talk question answer links") for hit in answers]
    return {
        "query": text,
        "outcome": reply.outcome,
        "confidence": _rounded(ranking.confidence),
        "answer": shown[0] if shown else None,
        "answers": shown,
        "candidates": [
            _fields(hit.entry, "id lecturer talk question")
            | {"confidence": _rounded(hit.confidence)}
            for hit in candidates
        ],
        "hits": [
            {
                "id": hit.entry.id,
                "score": _rounded(hit.score),
                "confidence": _rounded(hit.confidence),
            }
            for hit in ranking.hits
        ],
        "matched": [
            {"query": match.query, "entry": match.entry, "via": match.via.value}
            for match in matches
        ],
        "cut": ranking.query.cut,
    }


def _fields(entry: Entry, names: str) -> dict[str, object]:
    from bot.content import fields  # milliseconds that a start from the cache shouldn't pay

    every: Mapping[str, object] = fields(entry)
    return {name: every[name] for name in names.split()}


def _rounded(figure: float) -> float:
    return round(figure, 4)


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON array, with every field.")
@data_option
@pass_config
def list_(config: Config, *, as_json: bool, data: Path | None) -> None:
    """List all entries in order: by lecture, with their ids and questions."""
    whole = load_whole(config, data)
    born = whole.born
    if as_json:
        from bot.content import fields

        shown = [
            {**fields(entry), "origin": "chat" if entry.id in born else "file"}
            for entry in whole.entries
        ]
        click.echo(json.dumps(shown, ensure_ascii=False, indent=2))
        return
    wording = Wording(config.section(CoreSettings).locale)
    for group in by_talk(whole.entries):
        if heading := title(wording.lecturer(group[0]), group[0].talk):
            click.secho(heading, bold=True)
        for entry in group:
            origin = f"  {config.texts.say('list.chat')}" if entry.id in born else ""
            click.echo(click.style(f"  {entry.id}", fg="cyan") + origin)
            for text in (entry.question, *(f"= {variant}" for variant in entry.variants)):
                for line in filter(None, wrapped(text, WIDTH, indent="    ")):
                    click.echo(line)
        click.echo()
    click.echo(config.texts.say("list.total", count=len(whole.entries)))
