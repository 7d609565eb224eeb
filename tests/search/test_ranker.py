"""The ranker: what each term counts, and what raises a score."""

import pytest
from bot.search.word_vectors import word_vectors

from bot.domain.entry import Entry
from bot.search.analysis import Analyzer
from bot.search.corpus import Corpus
from bot.search.index import Index
from bot.search.meaning import Meaning
from bot.search.ranker import (
    BACKGROUND_WEIGHT,
    LIKENESS_WEIGHT,
    SHARE_WEIGHT,
    Ranker,
    weigh,
)
from bot.search.readings import Readings
from bot.search.synonyms import Alternative, Synonyms, Word

ENTRIES = (
    Entry("a-1", "河原 大輔", "", "顔文字はどう処理されますか。", "埋め込み表現です。"),
    Entry("a-2", "河原 大輔", "", "合成データは使いますか。", "顔文字や翻訳や評価にも使います。"),
    Entry("a-3", "宮尾 祐介", "", "評価指標は何ですか。", "ベンチマークです。"),
)


@pytest.fixture(scope="module")
def ranker(analyzer: Analyzer) -> Ranker:
    corpus = Corpus(analyzer)
    index = Index(corpus.analyse(ENTRIES), corpus.vocabulary)
    meaning = Meaning(index, word_vectors(), corpus.rows())
    return Ranker(index, Synonyms(), Readings((), analyzer, {}), meaning)


def test_a_synonym_counts_as_much_as_the_stretch_it_stands_for() -> None:
    alternative = Alternative(0, 1, Word("書籍", ("書籍",)), 0.5)
    expected = {"本": 0.5, "合成": 1.0, "書籍": 0.25}
    assert expected == weigh({"本": 0.5, "合成": 1.0}, [0.5, 1.0], [alternative])


def test_a_members_own_word_is_not_lowered_by_being_a_synonym_too() -> None:
    alternative = Alternative(0, 1, Word("書籍", ("書籍",)), 0.5)
    own = {"本": 1.0, "書籍": 1.0}
    assert own == weigh(own, [1.0, 1.0], [alternative])


def test_likeness_and_shares_raise_bm25(analyzer: Analyzer, ranker: Ranker) -> None:
    query, _ = analyzer.query("顔文字の処理")
    best = ranker.rank(query, (), 3).candidates[0]
    shared = 1 + SHARE_WEIGHT * best.shares.raising
    assert best.bm25 * shared < best.score < best.bm25 * (1 + LIKENESS_WEIGHT) * shared


def test_a_common_word_finds_less_than_a_telling_one(analyzer: Analyzer, ranker: Ranker) -> None:
    # Both stand in one question and one answer each.
    query, _ = analyzer.query("使う 指標")
    assert ["a-3", "a-2"] == [
        ranker.index.entries[found.wording].id for found in ranker.rank(query, (), 3).candidates
    ]


def test_a_word_that_the_faq_does_not_know_finds_what_means_nearly_the_same(
    analyzer: Analyzer, ranker: Ranker
) -> None:
    query, _ = analyzer.query("通訳")
    assert [1] == [found.wording for found in ranker.rank(query, (), 3).candidates]


def test_a_word_with_a_synonym_in_the_list_is_not_replaced_by_its_neighbours(
    analyzer: Analyzer, ranker: Ranker
) -> None:
    word = Word("指標", ("指標",))
    synonyms = Synonyms([[Word("通訳", ("通訳",)), word]])
    listed = Ranker(ranker.index, synonyms, ranker._readings, ranker._meaning)
    query, _ = analyzer.query("通訳")
    assert [2] == [found.wording for found in listed.rank(query, (), 3).candidates]


def test_what_is_far_behind_is_not_compared(analyzer: Analyzer, ranker: Ranker) -> None:
    query, _ = analyzer.query("顔文字はどう処理されますか。評価")
    *_, last = ranker.rank(query, (), 3).candidates
    assert 0 == last.shares.raising


def test_words_outside_of_the_question_count_less(analyzer: Analyzer, ranker: Ranker) -> None:
    text = "評価の話です。顔文字は？"
    query, _ = analyzer.query(text)
    alike, focused = (
        {found.wording: found.bm25 for found in ranker.rank(query, questions, 3).candidates}
        for questions in ((), ((7, len(text)),))
    )
    assert pytest.approx(alike[2] * BACKGROUND_WEIGHT) == focused[2]
    assert pytest.approx(alike[0]) == focused[0]


def test_an_entry_can_be_left_out(analyzer: Analyzer, ranker: Ranker) -> None:
    query, _ = analyzer.query("顔文字")
    assert [1] == [found.wording for found in ranker.rank(query, (), 3, without=0).candidates]
