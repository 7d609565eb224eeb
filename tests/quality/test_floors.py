"""The bot is at least as good as it was: on what members ask, and on what they only say."""

from collections.abc import Callable

import pytest

from benchmarks.quality import sets
from benchmarks.quality.decisions import Decision, decide
from benchmarks.quality.figures import Overheard, listen, tempt
from bot.search.searcher import Searcher

HALVES = ("queries.tune", "queries.final", "others.tune", "others.final")


@pytest.fixture(scope="module", params=[True, False], ids=["meaning", "words"])
def meaning(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture(scope="module")
def searcher(meaning: bool) -> Searcher:
    return sets.searcher(sets.own("queries.tune"), meaning=meaning)


@pytest.fixture(scope="module")
def decided(searcher: Searcher) -> dict[str, list[Decision]]:
    return {half: decide(searcher, sets.own(half)) for half in HALVES}


@pytest.fixture(scope="module")
def overheard(searcher: Searcher) -> Overheard:
    return listen(searcher)


def share(decisions: list[Decision], counts: Callable[[Decision], bool]) -> float:
    return sum(map(counts, decisions)) / len(decisions)
