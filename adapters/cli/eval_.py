"""``faqbot eval``: accuracy on labelled queries."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import click
import msgspec

from adapters.cli.config import Config, pass_config
from adapters.cli.faq import add_meaning, open_searcher
from adapters.common.wrap import columns
from bot.quality import Accuracy, Judged, Verdict, judge, read, summarise
from bot.texts import Texts

_FIGURES = ("p1", "mrr", "s3", "s5", "ndcg10", "precision", "auroc")
_WIDTH = 40
"""Columns of what stands before a figure."""
_MAX_WRONG = 50


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="Search this folder or file instead of FAQBOT_DATA.",
)
@pass_config
def command(config: Config, *, file: Path, as_json: bool, data: Path | None) -> None:
    """Measure accuracy on the labelled queries of FILE.

    FILE is a TSV with the columns query and ids (separated by spaces, - for none) and maybe kind;
    or JSON lines with query and relevant, an object of grades by id.
    """
    searcher = open_searcher(config, data)
    add_meaning(config, searcher, data)
    queries = read(file, frozenset(entry.id for entry in searcher.entries))
    judged = judge(queries, lambda text, depth: searcher.reply(text, limit=depth))
    kinds = {
        kind: summarise([one for one in judged if one.query.kind == kind])
        for kind in dict.fromkeys(one.query.kind for one in judged)
        if kind
    }
    if as_json:
        click.echo(msgspec.json.encode(_report(summarise(judged), kinds, judged)).decode())
    else:
        for line in _lines(summarise(judged), kinds, judged, config.texts):
            click.echo(line)


def _lines(
    whole: Accuracy, kinds: dict[str, Accuracy], judged: Sequence[Judged], texts: Texts
) -> Iterator[str]:
    yield texts.say(
        "eval.queries",
        queries=whole.queries,
        answerable=whole.answerable,
        unanswerable=whole.unanswerable.total(),
    )
    for name in _FIGURES:
        yield f"  {_padded(texts.say(f'eval.{name}'), _WIDTH)} {_shown(getattr(whole, name)):>5}"
    labels = {verdict: texts.say(f"verdict.{verdict.name.lower()}") for verdict in Verdict}
    for title, counts in (
        (texts.say("eval.answerable"), whole.verdicts),
        (texts.say("eval.unanswerable"), whole.unanswerable),
    ):
        for verdict in filter(counts.get, Verdict):
            count, share = counts[verdict], counts[verdict] / counts.total()
            yield f"  {_padded(f'{title}: {labels[verdict]}', _WIDTH)} {count:>5}  {share:>6.1%}"
    if kinds:
        yield f"\n  {_padded(texts.say('eval.kind'), 12)} {'n':>5}" + "".join(
            " " * (24 - columns(label)) + label for label in labels.values()
        )
        for kind, part in kinds.items():
            both = part.verdicts + part.unanswerable
            cells = "".join(f"{both[verdict]:>24}" for verdict in Verdict)
            yield f"  {_padded(kind, 12)} {part.queries:>5}{cells}"
    wrong = _wrong(judged)
    if wrong:
        yield f"\n{texts.say('eval.wrong', count=len(wrong))}"
        for one in wrong[:_MAX_WRONG]:
            right = " ".join(sorted(one.query.right)) or "-"
            found = one.ranked[0] if one.ranked else "-"
            instead = texts.say("eval.instead", found=found, right=right, query=one.query.text)
            yield f"  {one.confidence:.2f}  {instead}"
        if len(wrong) > _MAX_WRONG:
            yield f"  {texts.say('eval.more', count=len(wrong) - _MAX_WRONG)}"


def _padded(text: str, width: int) -> str:
    return text + " " * (width - columns(text))


def _wrong(judged: Sequence[Judged]) -> list[Judged]:
    return [
        one
        for one in judged
        if one.verdict is Verdict.ANSWERED_WRONGLY
        or (one.query.right and not one.query.right.intersection(one.ranked[:1]))
    ]


def _report(
    whole: Accuracy, kinds: dict[str, Accuracy], judged: Sequence[Judged]
) -> dict[str, object]:
    return {
        **_figures(whole),
        "kinds": {kind: _figures(part) for kind, part in kinds.items()},
        "wrong": [
            {
                "query": one.query.text,
                "ids": sorted(one.query.right),
                "found": one.ranked[:1],
                "confidence": round(one.confidence, 4),
                "verdict": one.verdict,
            }
            for one in _wrong(judged)
        ],
    }


def _figures(accuracy: Accuracy) -> dict[str, object]:
    return {
        "queries": accuracy.queries,
        "answerable": accuracy.answerable,
        **{name: getattr(accuracy, name) for name in _FIGURES},
        "verdicts": {verdict.value: accuracy.verdicts[verdict] for verdict in Verdict},
        "unanswerable": {verdict.value: accuracy.unanswerable[verdict] for verdict in Verdict},
    }


def _shown(figure: float | None) -> str:
    return "–" if figure is None else f"{figure:.3f}"
