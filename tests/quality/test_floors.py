"""The bot is at least as good as it was: on what members ask, and on what they only say."""

from dataclasses import replace
from statistics import mean

import pytest

from benchmarks.quality import sets
from benchmarks.quality.decisions import Decision, decide, share, summarise
from benchmarks.quality.figures import Overheard, listen, tempt
from bot.search.searcher import Searcher

FLOORS = {  # of the answerable: right first, right one shown, answered rightly at once
    ("meaning", "queries.tune"): (0.98, 0.98, 0.87),
    ("meaning", "queries.final"): (0.96, 0.98, 0.78),
    ("meaning", "others.tune"): (0.945, 0.95, 0.52),
    ("meaning", "others.final"): (0.955, 0.955, 0.5),
    ("meaning", "mean"): (0.965, 0.975, 0.67),
    ("words", "queries.tune"): (0.98, 0.98, 0.77),
    ("words", "queries.final"): (0.965, 0.96, 0.71),
    ("words", "others.tune"): (0.925, 0.85, 0.43),
    ("words", "others.final"): (0.92, 0.845, 0.4),
    ("words", "mean"): (0.95, 0.91, 0.58),
}
HALVES = tuple(sets.OWN)


@pytest.fixture(scope="module", params=["meaning", "words"])
def witness(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def searcher(witness: str) -> Searcher:
    return sets.searcher(sets.own("queries.tune"), meaning=witness == "meaning")


@pytest.fixture(scope="module")
def decided(searcher: Searcher) -> dict[str, list[Decision]]:
    return {half: decide(searcher, sets.own(half)) for half in HALVES}


@pytest.fixture(scope="module")
def overheard(searcher: Searcher) -> Overheard:
    return listen(searcher)


def test_what_the_faq_answers_is_found_shown_and_often_answered(
    witness: str, decided: dict[str, list[Decision]]
) -> None:
    reached = {}
    for half, made in decided.items():
        answerable = [one for one in made if one.answerable]
        summary = summarise(made)
        first = share(answerable, lambda one: one.right)
        reached[witness, half] = (first, summary.shown, summary.answered_right)
    reached[witness, "mean"] = tuple(map(mean, zip(*reached.values(), strict=True)))
    low = {
        key: (figures, FLOORS[key])
        for key, figures in reached.items()
        if any(figure < floor for figure, floor in zip(figures, FLOORS[key], strict=True))
    }
    assert low == {}


@pytest.mark.parametrize("half", HALVES)
def test_of_all_that_is_asked_2_in_100_are_answered_badly_at_most(
    decided: dict[str, list[Decision]], half: str
) -> None:
    assert summarise(decided[half]).bad <= 0.02


@pytest.mark.parametrize("half", HALVES)
@pytest.mark.parametrize(
    ("kind", "most"), [("field", 0.06), ("chat", 0), ("statement", 0), ("offtopic", 0)]
)
def test_what_no_entry_answers_is_hardly_ever_answered(
    decided: dict[str, list[Decision]], half: str, kind: str, most: float
) -> None:
    asked = [one for one in decided[half] if one.query.kind == kind]
    assert share(asked, lambda one: one.answered) <= most


@pytest.mark.parametrize("half", HALVES)
def test_chat_and_what_is_off_topic_get_hardly_any_candidates(
    decided: dict[str, list[Decision]], half: str
) -> None:
    assert summarise(decided[half]).chat_offered <= 0.09


def test_tempting_questions_are_seldom_answered(searcher: Searcher) -> None:
    answered, asked = tempt(searcher)
    assert 150 <= asked
    assert answered <= 0.1 * asked


def test_nothing_overheard_is_answered_wrongly(overheard: Overheard) -> None:
    assert 300 <= overheard.lines
    assert 0 == overheard.wrong


def test_more_than_half_of_the_questions_overheard_are_answered(
    witness: str, overheard: Overheard
) -> None:
    assert {"meaning": 41, "words": 29}[witness] <= overheard.right


def test_what_is_asked_without_its_entries_finds_none_of_them(searcher: Searcher) -> None:
    collection = sets.own("queries.tune")
    asked = replace(collection, queries=collection.queries[:20], unanswerable=True)
    made = decide(searcher, asked)
    without = [one for one in made if not one.answerable]
    assert 20 == len(without) == len(made) // 2
    for one in without:
        assert {hit.entry.id for hit in one.ranking.hits}.isdisjoint(one.query.grades)
