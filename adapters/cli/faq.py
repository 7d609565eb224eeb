"""The FAQ that a command reads or searches; ``faqbot ask`` and ``faqbot list``."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from adapters.cli.config import Config, data_option, pass_config
from adapters.cli.streams import lines
from adapters.common.text import WIDTH, wrapped
from adapters.console import plain, title
from bot.catalogue import Catalogue, load, load_encoder
from bot.domain.entry import Entry, by_talk
from bot.domain.retrieval import Answer, Help, Ranking, Reply, Suggestions
from bot.errors import FaqbotError
from bot.search.meaning import Encoder
from bot.search.searcher import Searcher
from bot.settings import CoreSettings, PolicySettings, SearchSettings
from bot.texts import Text
from bot.wording import Wording

if TYPE_CHECKING:
    from bot.published import FromChat, Published

VAR = Path("var")
"""Where what costs time is kept: the FAQ's analysis, its vectors, the encoder, and its copies."""


_SQLITE = "sqlite:///"


def open_catalogue(
    config: Config,
    data: Path | None = None,
    *,
    serving: bool = False,
    last_good: bool = False,
    kept: bool = True,
) -> Catalogue:
    """Open the FAQ, to be found by words alone until meaning is added.

    Args:
        config: The settings.
        data: A folder or file to search in place of the one in the settings, alone; nothing is
            kept of it.
        serving: What is published in chat will be followed, though there may be no store yet.
        last_good: As the catalogue takes it.
        kept: Its analysis is kept for the next start.

    Raises:
        FaqbotError: The FAQ, a word list or the dictionary can't be used.
    """
    catalogue = Catalogue(
        data or config.data_path,
        config.section(PolicySettings).strictness,
        meaning=config.section(SearchSettings).meaning == "on",
        var=VAR if data is None and kept else None,
        last_good=last_good,
        chat=_chat(config, there=not serving) if data is None else None,
    )
    if not serving:
        catalogue.close()
        if catalogue.unread is not None:
            config.note(Text("published.unread", reason=catalogue.unread.in_words(config.texts)))
    return catalogue


@dataclass(frozen=True, slots=True)
class Whole:
    """All entries, wherever they come from.

    Attributes:
        entries: The entries, in order.
        notes: What the organiser should know of the files.
        chat: What is published in chat; None: nothing, or it isn't asked for.
        born: The ids of the entries that were born in chat, and aren't in the files.
    """

    entries: Sequence[Entry]
    notes: Sequence[Text]
    chat: "Published | None" = None
    born: frozenset[str] = frozenset()


def load_whole(config: Config, data: Path | None = None, *, strictly: bool = False) -> Whole:
    """Load the entries of the files, and of the store if there is one.

    Args:
        config: The settings.
        data: A folder or file to load in place of the one in the settings, alone.
        strictly: A store that can't be read is an error; else it is noted.

    Raises:
        FaqbotError: The FAQ can't be used; ``strictly``: or the store.
    """
    content = load(data or config.data_path)
    files = content.entries
    published = load_chat(config, strictly=strictly) if data is None else None
    if published is None:
        return Whole(files, content.notes)
    born = published.born(files)
    return Whole(published.on_top_of(files), content.notes, published, born)


def load_chat(config: Config, *, strictly: bool = False) -> "Published | None":
    """Return what is published in chat; None where there is no store.

    Args:
        config: The settings.
        strictly: A store that can't be read is an error; else it is noted.

    Raises:
        FaqbotError: ``strictly``: the store can't be used.
    """
    chat = _chat(config, there=True)
    if chat is None:
        return None
    try:
        return chat.read()[1]
    except FaqbotError as error:
        if strictly:
            raise
        config.note(Text("published.unread", reason=error.in_words(config.texts)))
        return None
    finally:
        chat.close()


def _chat(config: Config, *, there: bool) -> "FromChat | None":
    """Return what reads the store; None where it is a file that must be there, and isn't.

    Without one, nothing of what reads it is imported: that would take longer than an answer.
    """
    url = config.section(CoreSettings).database_url
    with suppress(PermissionError):  # whoever reads it says so
        if there and url.startswith(_SQLITE) and not Path(url.removeprefix(_SQLITE)).exists():
            return None
    from bot.published import FromChat

    return FromChat(url, config.texts)


def note_absent(config: Config) -> None:
    """Note that there is no store, or nothing in it: it may be another one that was meant."""
    from bot.store import absent

    config.note(absent(config.section(CoreSettings).database_url))


def encoder(config: Config, var: Path | None = VAR) -> Encoder | None:
    """Load the sentence encoder, as ``load_encoder`` does; None where the settings leave it out."""
    return load_encoder(var) if config.section(SearchSettings).meaning == "on" else None


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
