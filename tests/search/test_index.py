"""The index: two fields' scores in one, entries by their best wording, ties by id."""

from itertools import chain

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.entry import Entry
from bot.search.bm25 import K1, B, PostingsBM25, Vocabulary
from bot.search.index import (
    QUESTION_WEIGHT,
    WHOLE_WEIGHT,
    AnalysedEntries,
    Index,
    best,
)

TERMS = st.sampled_from(["データ", "学習", "評価", "コーパス", "llm", "安全", "質"])
PARTS = st.lists(TERMS, max_size=5)
ENTRIES = st.lists(st.tuples(st.lists(PARTS, min_size=1, max_size=3), PARTS), max_size=8)
WEIGHTS = st.dictionaries(st.one_of(TERMS, st.just("未知")), st.sampled_from([0.25, 0.5, 1.0]))

Analysed = list[tuple[list[list[str]], list[str]]]


def entry(entry_id: str) -> Entry:
    return Entry(entry_id, "河原 大輔", "", "質問", "回答")


def index(entries: Analysed, vocabulary: Vocabulary | None = None) -> Index:
    """Make an index of wordings and rests; ids are in the order given."""
    numbered = Vocabulary() if vocabulary is None else vocabulary
    analysed = (
        (entry(f"e{at:03d}"), (*wordings, rest)) for at, (wordings, rest) in enumerate(entries)
    )
    return Index(AnalysedEntries.of(analysed, numbered), numbered)


def reference_scores(entries: Analysed, weights: dict[str, float]) -> list[float]:
    """Add up two fields the slow way: for each wording, its own score and its entry's."""
    question = PostingsBM25([wording for wordings, _ in entries for wording in wordings], K1, B)
    whole = PostingsBM25([[*chain(*wordings), *rest] for wordings, rest in entries], K1, B)
    owners = [at for at, (wordings, _) in enumerate(entries) for _ in wordings]
    scores = np.zeros(len(owners))
    for term, weight in weights.items():
        scores += weight * QUESTION_WEIGHT * question.get_scores([term])
        scores += weight * WHOLE_WEIGHT * whole.get_scores([term])[owners]
    return scores.tolist()


@given(ENTRIES, WEIGHTS)
@settings(deadline=None, max_examples=300)
def test_a_wording_scores_the_weighted_sum_of_both_fields(
    entries: Analysed, weights: dict[str, float]
) -> None:
    scores = index(entries).scores(weights)
    np.testing.assert_allclose(scores, reference_scores(entries, weights), rtol=1e-9, atol=1e-12)


@given(st.lists(st.sampled_from([-0.5, 0.0, 0.25, 0.5, 1.0]), max_size=600), st.integers(1, 9))
@settings(deadline=None, max_examples=300)
def test_the_best_positive_scores_are_found_ties_in_order(scores: list[float], count: int) -> None:
    """Few distinct scores, so that ties fall on both sides of the last place."""
    expected = sorted(
        (at for at, score in enumerate(scores) if score > 0), key=lambda at: (-scores[at], at)
    )
    found = best(np.array(scores), count)
    assert expected[: len(found)] == found
    assert len(found) >= min(count, len(expected))


@given(ENTRIES, WEIGHTS)
@settings(deadline=None)
def test_what_a_vocabulary_knows_besides_changes_no_score(
    entries: Analysed, weights: dict[str, float]
) -> None:
    known = Vocabulary()
    known.number(["未知", "質", "新語", "評価"])

    assert index(entries).scores(weights).tolist() == index(entries, known).scores(weights).tolist()


def test_entries_come_by_id_whatever_the_order_they_were_given_in() -> None:
    vocabulary = Vocabulary()
    analysed = ((entry(entry_id), (["評価"], [])) for entry_id in "cab")

    searched = Index(AnalysedEntries.of(analysed, vocabulary), vocabulary)

    assert ["a", "b", "c"] == [one.id for one in searched.entries]
    assert [0, 1, 2] == best(searched.scores({"評価": 1.0}), 5)


def test_only_entries_that_share_a_term_score() -> None:
    searched = index([([["評価"]], ["データ"]), ([["学習"]], [])])

    assert [0] == best(searched.scores({"データ": 1.0, "未知": 1.0}), 5)
    assert [0, 0] == searched.scores({"未知": 1.0}).tolist() == searched.scores({}).tolist()
    assert [] == best(index([]).scores({"データ": 1.0}), 5)


def test_an_index_tells_what_its_entries_and_wordings_are_made_of() -> None:
    searched = index([([["評価", "質", "評価"], ["学習"]], ["データ"]), ([["llm"]], [])])

    assert 2 == len(searched)
    assert [0, 0, 1] == searched.owner.tolist()
    assert ("評価", "質") == searched.wording_terms(0)
    assert ("学習",) == searched.wording_terms(1)
    assert frozenset({"評価", "質", "学習", "データ"}) == searched.entry_terms(0)
    assert "データ" in searched
    assert "未知" not in searched


def test_a_rare_term_weighs_more_and_an_unknown_one_most() -> None:
    searched = index([([["評価"]], ["データ"]), ([["評価"]], [])])

    assert 0 < searched.idf("評価") < searched.idf("データ") < searched.idf("未知")
    assert searched.unknown_idf == searched.idf("未知")


def test_a_snapshot_does_not_know_the_terms_of_a_later_one() -> None:
    vocabulary = Vocabulary()
    before = index([([["評価"]], [])], vocabulary)
    index([([["評価"]], ["新語"])], vocabulary)

    assert "新語" not in before
    assert before.unknown_idf == before.idf("新語")
    assert [0] == before.scores({"新語": 1.0}).tolist()


@pytest.mark.parametrize("entry_id", ["", "a", "b", "c", "d", "e"])
def test_an_entry_is_found_by_its_id(entry_id: str) -> None:
    vocabulary = Vocabulary()
    analysed = ((entry(known), (["評価"], [])) for known in "db")

    found = Index(AnalysedEntries.of(analysed, vocabulary), vocabulary).entry(entry_id)

    assert (entry(entry_id) if entry_id in ("b", "d") else None) == found


@given(ENTRIES, st.sets(st.one_of(TERMS, st.just("未知"))))
@settings(deadline=None)
def test_the_best_of_some_terms_scores_a_wording_as_that_term_alone_does(
    entries: Analysed, terms: set[str]
) -> None:
    searched = index(entries)
    each = [searched.scores({term: 1.0}).tolist() for term in terms]
    most = [max(scores) for scores in zip(*each, strict=True)] or [0.0] * len(searched.owner)
    assert most == searched.highest(terms).tolist()


def test_terms_are_neighbours_where_one_is_right_behind_the_other() -> None:
    searched = index([([["可能", "性", "評価"]], []), ([["評価"], ["可能"]], ["性"])])
    assert searched.adjacent("可能", "性")
    assert not searched.adjacent("性", "可能")
    assert not searched.adjacent("可能", "評価")
    assert not searched.adjacent("可能", "未知")
