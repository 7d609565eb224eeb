"""Shares: what of a query and of an entry's question meet."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.entry import Entry
from bot.domain.retrieval import Query
from bot.search.analysis import Analyzer
from bot.search.corpus import Corpus
from bot.search.index import Index
from bot.search.shares import Comparison, Shares
from bot.search.synonyms import OWN_WEIGHT, Alternative, Word

NURSERY = Entry("a-1", "河原 大輔", "", "保育料の支払いはできますか。", "申請書を出してください。")
GARBAGE = Entry("a-2", "宮尾 祐介", "", "ごみの分別を知りたい。", "分別の表を見てください。")


@pytest.fixture(scope="module")
def comparison(analyzer: Analyzer) -> Comparison:
    corpus = Corpus(analyzer)
    return Comparison(Index(corpus.analyse((NURSERY, GARBAGE)), corpus.vocabulary))


def counting(query: Query, importance: float = 1.0) -> dict[str, float]:
    return {token.term: importance for token in query.tokens}


def shares(
    analyzer: Analyzer,
    comparison: Comparison,
    text: str,
    importance: float = 1.0,
    alternatives: tuple[Alternative, ...] = (),
) -> Shares:
    query, _ = analyzer.query(text)
    asked = comparison.ask(query, counting(query, importance), alternatives)
    return comparison.compare(asked, 0)


def test_a_question_shares_everything_with_itself(
    analyzer: Analyzer, comparison: Comparison
) -> None:
    assert pytest.approx((1, 1, 1, 1, 1, 1, 0)) == shares(analyzer, comparison, NURSERY.question)


def test_another_word_with_the_same_kanji_shares_them(
    analyzer: Analyzer, comparison: Comparison
) -> None:
    found = shares(analyzer, comparison, "料金を払う")
    assert found.coverage < found.kanji_coverage < 1
    assert found.asked < found.kanji_asked < 1


def test_nothing_in_common_shares_nothing(analyzer: Analyzer, comparison: Comparison) -> None:
    assert (0, 0, 0, 0, 0, 0, 1) == shares(analyzer, comparison, "カレー")


def test_a_synonym_counts_less_than_the_word(analyzer: Analyzer, comparison: Comparison) -> None:
    query, _ = analyzer.query("ペイメント")
    word = Word("支払い", tuple(analyzer.terms("支払い")))
    alternative = Alternative(0, len(query.tokens), word, OWN_WEIGHT)
    found = shares(analyzer, comparison, "ペイメント", alternatives=(alternative,))
    assert 0 < found.coverage < 1
    assert 0 < found.asked < shares(analyzer, comparison, "支払い").asked


def test_shares_do_not_depend_on_how_much_all_words_count(
    analyzer: Analyzer, comparison: Comparison
) -> None:
    text = "保育園の支払い"
    lighter = shares(analyzer, comparison, text, 0.5)
    assert pytest.approx(shares(analyzer, comparison, text)) == lighter


@given(st.text(alphabet="保育所園料支払いはごみ分別AIカレー。 ", max_size=40))
def test_shares_lie_between_0_and_1(analyzer: Analyzer, comparison: Comparison, text: str) -> None:
    assert all(0 <= share <= 1 + 1e-9 for share in shares(analyzer, comparison, text))


def test_focus_tells_a_noun_that_the_entry_does_not_speak_of(
    analyzer: Analyzer, comparison: Comparison
) -> None:
    def missing(text: str) -> float:
        query, _ = analyzer.query(text)
        return comparison.focus(comparison.ask(query, counting(query), ()), 0).missing

    assert 0 == missing("保育料を支払い直す")
    assert 0 < missing("保育料の領収書") < 1


def test_focus_tells_what_the_question_is_about_from_what_the_answer_mentions(
    analyzer: Analyzer, comparison: Comparison
) -> None:
    def aimed(text: str) -> float:
        query, _ = analyzer.query(text)
        return comparison.focus(comparison.ask(query, counting(query), ()), 0).aimed

    assert pytest.approx(1) == aimed("保育料の支払い")
    assert 0 == aimed("申請書")


def test_a_noun_that_only_a_synonym_of_meets_is_not_missing(
    analyzer: Analyzer, comparison: Comparison
) -> None:
    query, _ = analyzer.query("ペイメント")
    met, unmet = (
        Alternative(0, len(query.tokens), Word(text, tuple(analyzer.terms(text))), OWN_WEIGHT)
        for text in ("申請書", "領収書")
    )
    asked = [comparison.ask(query, counting(query), (each,)) for each in (met, unmet)]
    assert [0, 1] == [comparison.focus(each, 0).missing for each in asked]
