"""PostingsBM25 gives rank-bm25's scores, with an idf that stays positive."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rank_bm25 import BM25Okapi

from bot.search.bm25 import Documents, PostingsBM25, Vocabulary, idf, owners

TERMS = st.sampled_from(["データ", "学習", "評価", "コーパス", "llm", "安全", "質"])
DOCUMENTS = st.lists(st.lists(TERMS, max_size=8), max_size=12)
QUERIES = st.lists(st.one_of(TERMS, st.just("未知")), max_size=10)


class ReferenceBM25(BM25Okapi):
    """rank-bm25 itself, but for the idf."""

    def _calc_idf(self, nd: dict[str, int]) -> None:
        for term, count in nd.items():
            odds = (self.corpus_size - count + 0.5) / (count + 0.5)
            self.idf[term] = math.log(1 + odds)


def reference_scores(corpus: list[list[str]], query: list[str], k1: float, b: float) -> np.ndarray:
    """Ask rank-bm25, which divides by zero where a corpus has no term at all."""
    if not any(corpus):
        return np.zeros(len(corpus))
    return np.asarray(ReferenceBM25(corpus, k1=k1, b=b).get_scores(query))


@given(DOCUMENTS, QUERIES, st.floats(0.1, 3), st.floats(0, 0.99))
@settings(deadline=None, max_examples=300)
def test_scores_are_those_of_rank_bm25(
    corpus: list[list[str]], query: list[str], k1: float, b: float
) -> None:
    """At b = 1 rank-bm25 divides by zero for a document without terms, so b stays below."""
    scores = PostingsBM25(corpus, k1=k1, b=b).get_scores(query)

    np.testing.assert_allclose(scores, reference_scores(corpus, query, k1, b), rtol=1e-9)


@given(DOCUMENTS, QUERIES)
@settings(deadline=None)
def test_some_documents_have_the_scores_they_have_among_all(
    corpus: list[list[str]], query: list[str]
) -> None:
    field = PostingsBM25(corpus)
    some = list(range(0, len(corpus), 2))

    assert field.get_scores(query)[some].tolist() == field.get_batch_scores(query, some).tolist()


def test_a_repeated_word_counts_again() -> None:
    field = PostingsBM25([["評価", "データ"], ["学習"]])

    once, twice = field.get_scores(["評価"]), field.get_scores(["評価", "評価"])

    assert (2 * once).tolist() == twice.tolist()
    assert once[0] > 0


@pytest.mark.parametrize("corpus", [[], [[]], [[], []]])
def test_a_corpus_without_terms_scores_nothing(corpus: list[list[str]]) -> None:
    assert [0.0] * len(corpus) == PostingsBM25(corpus).get_scores(["評価"]).tolist()


def test_a_term_of_every_document_still_weighs_something() -> None:
    assert PostingsBM25([["評価"]]).get_scores(["評価"])[0] > 0
    assert math.log(1 + 0.5 / 2.5) == pytest.approx(float(idf(2, 2)))


def test_a_vocabulary_numbers_terms_once_and_is_asked_without_a_trace() -> None:
    vocabulary = Vocabulary()

    assert [0, 1, 0] == vocabulary.number(["評価", "学習", "評価"]).tolist()
    assert vocabulary.get("未知") is None
    assert ["評価", "学習"] == list(vocabulary)


def test_terms_that_no_document_has_leave_the_scores_as_they_are() -> None:
    corpus = [["評価", "データ"], ["学習"]]
    numbered = Documents.of(corpus)
    larger = Vocabulary(numbered.vocabulary)
    larger.number(["未知", "新語"])

    field = PostingsBM25(Documents(numbered.terms, numbered.lengths, larger))

    query = ["評価", "未知", "学習"]
    assert PostingsBM25(corpus).get_scores(query).tolist() == field.get_scores(query).tolist()


@given(st.lists(st.integers(0, 3), max_size=8))
def test_each_element_is_owned_by_its_stretch(lengths: list[int]) -> None:
    expected = [at for at, length in enumerate(lengths) for _ in range(length)]

    assert expected == owners(np.array(lengths, np.int64)).tolist()
