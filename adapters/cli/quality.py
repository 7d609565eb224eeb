"""``faqbot check`` and ``faqbot eval``: how good the FAQ is, and the search in it."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
import msgspec

from adapters.cli.config import Config, data_option, file_type, pass_config
from adapters.cli.faq import encoder, load_whole, open_catalogue
from adapters.common.text import columns, padded
from bot.catalogue import word_lists
from bot.content import not_read
from bot.domain.entry import Entry
from bot.domain.ports import Search
from bot.gate import check as look_through
from bot.quality import Accuracy, Judged, Verdict, judge, read, summarise
from bot.search import synonyms
from bot.search.analysis import Analyzer, Tokenizer
from bot.search.meaning import Meaning
from bot.search.searcher import Searcher, read_stop_words
from bot.settings import PolicySettings
from bot.texts import Texts

_FIGURES = ("p1", "mrr", "s3", "s5", "ndcg10", "precision", "auroc")
_WIDTH = 40
"""Columns of what stands before a figure."""
_MAX_WRONG = 50


@click.command()
@data_option
@pass_config
def check(config: Config, *, data: Path | None) -> None:
    """Check that the FAQ can be read, told apart and found.

    Looks at every file, at the word lists, for the same question twice, for entries too close to
    tell apart, for entries that their own question doesn't find, and for variants that are closer
    to another entry. Ends with 1 where it found something.
    """
    path, texts = data or config.data_path, config.texts
    whole = load_whole(config, data)
    for note in whole.notes:
        config.note(note)
    entries = whole.entries
    lists = word_lists(path).now()
    analyzer = Analyzer(Tokenizer(), read_stop_words(*lists.stop_words))
    strictness = config.section(PolicySettings).strictness
    known = encoder(config)

    def open_search(some: Sequence[Entry]) -> Search:
        searcher = Searcher(some, lists, strictness)
        if known is not None:
            searcher.add(Meaning(encoder=known))
        return searcher.search

    findings = look_through(entries, open_search)
    for finding in findings:
        pair = f"{finding.entry} ↔ {finding.other}" if finding.other else finding.entry
        click.echo(f"{texts.say(finding.problem)}: {pair}: {texts(finding.why)}")
    groups = sum(len(synonyms.analyse(path, analyzer)) for path in lists.synonyms)
    counts = {"entries": len(entries), "groups": groups}
    if findings:
        click.echo(texts.say("check.found", findings=len(findings), **counts))
    else:
        click.echo(texts.say("check.all_well", **counts))
    if unread := not_read(path):
        click.echo(texts.say("check.not_read", files=", ".join(unread)))
    sys.exit(1 if findings else 0)


@click.command("eval")
@click.argument("file", type=file_type)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@data_option
@pass_config
def eval_(config: Config, *, file: Path, as_json: bool, data: Path | None) -> None:
    """Measure accuracy on the labelled queries of FILE.

    FILE is a TSV or CSV with the columns query and ids (separated by spaces, - for none) and maybe
    kind; or JSON lines with query and relevant, an object of grades by id.
    """
    catalogue = open_catalogue(config, data)
    catalogue.add_meaning()
    searcher = catalogue.searcher
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
        yield f"  {padded(texts.say(f'eval.{name}'), _WIDTH)} {_shown(getattr(whole, name)):>5}"
    labels = {verdict: texts.say(f"verdict.{verdict.name.lower()}") for verdict in Verdict}
    for title, counts in (
        (texts.say("eval.answerable"), whole.verdicts),
        (texts.say("eval.unanswerable"), whole.unanswerable),
    ):
        for verdict in filter(counts.get, Verdict):
            count, share = counts[verdict], counts[verdict] / counts.total()
            yield f"  {padded(f'{title}: {labels[verdict]}', _WIDTH)} {count:>5}  {share:>6.1%}"
    if kinds:
        yield f"\n  {padded(texts.say('eval.kind'), 12)} {'n':>5}" + "".join(
            " " * (24 - columns(label)) + label for label in labels.values()
        )
        for kind, part in kinds.items():
            both = part.verdicts + part.unanswerable
            cells = "".join(f"{both[verdict]:>24}" for verdict in Verdict)
            yield f"  {padded(kind, 12)} {part.queries:>5}{cells}"
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
