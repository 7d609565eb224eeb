"""``faqbot check``: the content gate."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from adapters.cli.config import Config, pass_config
from adapters.cli.faq import add_meaning, find, load, word_lists
from bot.domain.entry import Entry
from bot.search import synonyms
from bot.search.analysis import Analyzer, Tokenizer
from bot.search.searcher import Searcher, read_stop_words
from bot.settings import PolicySettings


@click.command()
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="Check this folder or file instead of FAQBOT_DATA.",
)
@pass_config
def command(config: Config, *, data: Path | None) -> None:
    """Check that the FAQ can be read, told apart and found.

    Looks at every file, at the word lists, for the same question twice, for entries too close to
    tell apart, for entries that their own question doesn't find, and for variants that are closer
    to another entry. Ends with 1 where it found something.
    """
    from bot.content import not_read
    from bot.quality import check
    from bot.quality.check import Search

    path = find(config, data)
    entries = load(path)
    lists = word_lists(path).now()
    analyzer = Analyzer(Tokenizer(), read_stop_words(*lists.stop_words))
    strictness = config.section(PolicySettings).strictness

    def open_search(some: Sequence[Entry]) -> Search:
        searcher = Searcher(some, lists, strictness)
        add_meaning(config, searcher, path)
        return searcher.search

    findings = check(entries, open_search)
    texts = config.texts
    for finding in findings:
        pair = f"{finding.entry} ↔ {finding.other}" if finding.other else finding.entry
        click.echo(f"{texts.say(finding.problem)}: {pair}: {texts(finding.why)}")
    groups = sum(
        len(synonyms.analyse(path, analyzer)) for path in (*lists.synonyms, *lists.general)
    )
    counts = {"entries": len(entries), "groups": groups}
    if findings:
        click.echo(texts.say("check.found", findings=len(findings), **counts))
    else:
        click.echo(texts.say("check.all_well", **counts))
    if unread := not_read(path):
        click.echo(texts.say("check.not_read", files=", ".join(unread)))
    sys.exit(1 if findings else 0)
