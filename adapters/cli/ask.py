"""``faqbot ask``: one question from the command line, or one a line from standard input."""

import io
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TextIO

import click
import msgspec

from adapters.cli.config import Config, pass_config
from adapters.cli.faq import Answerer, add_meaning, open_searcher
from adapters.cli.starting import other_encoding
from adapters.console.render import plain
from bot.domain.entry import Entry
from bot.domain.reply import Answer, Help, Reply, Suggestions
from bot.domain.retrieval import Hit, Match, Ranking
from bot.errors import FaqbotError


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
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="Search this folder or file instead of FAQBOT_DATA.",
)
@pass_config
def command(
    config: Config, *, question: str | None, as_json: bool, limit: int, data: Path | None
) -> None:
    """Answer QUESTION, or each line of standard input, line by line.

    \b
    Examples:
      faqbot ask 'カリキュラム学習は検討していますか'
      faqbot ask --json --limit 3 'LLM の安全性について'
      faqbot ask --data ../other-faq.xlsx < questions.txt
    """
    require_utf8()
    searcher = open_searcher(config, data)
    add_meaning(config, searcher, data)
    # An argument that isn't UTF-8 arrives with lone surrogates, which no output can hold.
    given = question.encode(errors="replace").decode() if question is not None else None
    questions = lines(sys.stdin) if given is None else (given,)
    if as_json:
        for text in questions:
            reply, ranking = searcher.reply(text, limit=limit)
            shown = report(text, reply, searcher.explain(ranking))
            sys.stdout.write(msgspec.json.encode(shown).decode() + "\n")
            sys.stdout.flush()
    else:
        answer(Answerer(searcher, config), questions, sys.stdout)


def answer(answerer: Answerer, questions: Iterable[str], out: TextIO) -> None:
    """Answer questions in order, each as soon as it is there; an empty line between answers."""
    for number, text in enumerate(questions):
        separator = "\n" if number else ""
        out.write(f"{separator}{plain(answerer.card(text))}\n")
        out.flush()


def require_utf8() -> None:
    """Refuse to converse where another encoding is set: nobody could read it.

    Raises:
        FaqbotError: Standard input or output isn't UTF-8.
    """
    for name, stream in (("output", sys.stdout), ("input", sys.stdin)):
        if encoding := other_encoding(stream):
            raise FaqbotError(
                f"Standard {name} is {encoding} here, and faqbot speaks UTF-8.",
                "Set LC_ALL=C.UTF-8 (or ja_JP.UTF-8), and unset PYTHONUTF8 and PYTHONIOENCODING.",
            )


def lines(stream: TextIO) -> Iterator[str]:
    """Yield every line as a question; an unreadable byte becomes the replacement mark.

    Raises:
        FaqbotError: A line is in another encoding of Japanese.
    """
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(encoding="utf-8", errors="surrogateescape")
    for number, line in enumerate(stream, start=1):
        data = line.rstrip("\r\n").encode(errors="surrogateescape")
        if _is_other_japanese(data):
            raise FaqbotError(
                f"Line {number} of standard input isn't UTF-8, but maybe Shift_JIS or EUC-JP.",
                "Convert it first: iconv -f CP932 -t UTF-8 (or -f EUC-JP).",
            )
        yield data.decode(errors="replace")


def _is_other_japanese(data: bytes) -> bool:
    """Whether bytes are text in Shift_JIS or EUC-JP, with no Japanese in them that is UTF-8."""
    if _decodes(data, "utf-8") or any(char >= "\u0800" for char in data.decode(errors="ignore")):
        return False
    return _decodes(data, "cp932") or _decodes(data, "euc_jp")


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def report(text: str, reply: Reply, ranking: Ranking) -> dict[str, object]:
    """Return what ``ask --json`` prints; documented in docs/developers/json.md."""
    answers = reply.hits if isinstance(reply, Answer) else ()
    candidates = reply.hits if isinstance(reply, Suggestions | Help) else ()
    matches = tuple(match for hit in answers or ranking.hits[:1] for match in hit.matches)
    return {
        "query": text,
        "outcome": reply.outcome,
        "confidence": _rounded(ranking.confidence),
        "answer": _answer(answers[0].entry) if answers else None,
        "answers": [_answer(hit.entry) for hit in answers],
        "candidates": [_candidate(hit) for hit in candidates],
        "hits": [
            {
                "id": hit.entry.id,
                "score": _rounded(hit.score),
                "confidence": _rounded(hit.confidence),
            }
            for hit in ranking.hits
        ],
        "matched": [_match(match) for match in matches],
        "cut": ranking.query.cut,
    }


def _answer(entry: Entry) -> dict[str, object]:
    return {
        "id": entry.id,
        "lecturer": entry.lecturer,
        "talk": entry.talk,
        "question": entry.question,
        "answer": entry.answer,
        "links": list(entry.links),
    }


def _candidate(hit: Hit) -> dict[str, object]:
    return {
        "id": hit.entry.id,
        "lecturer": hit.entry.lecturer,
        "talk": hit.entry.talk,
        "question": hit.entry.question,
        "confidence": _rounded(hit.confidence),
    }


def _match(match: Match) -> dict[str, str]:
    return {"query": match.query, "entry": match.entry, "via": match.via.value}


def _rounded(figure: float) -> float:
    return round(figure, 4)
