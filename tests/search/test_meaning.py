"""What words mean: neighbours in the FAQ, and how alike texts are."""

import numpy as np
import pytest

from bot.domain.entry import Entry
from bot.search.analysis import Analyzer
from bot.search.corpus import Corpus
from bot.search.index import Index
from bot.search.meaning import NEAR, RELATED_WEIGHT, Meaning
from bot.search.word_vectors import COMMON_WEIGHT, RARE, UNKNOWN, WordVectors, weight, word_vectors

ENTRIES = (
    Entry("a-1", "河原 大輔", "", "犬の散歩はどこでできますか。", "公園です。"),
    Entry("a-2", "河原 大輔", "", "税金はどこで払いますか。", "窓口です。"),
)


def meaning(analyzer: Analyzer, corpus: Corpus, *entries: Entry) -> Meaning:
    index = Index(corpus.analyse(entries), corpus.vocabulary)
    return Meaning(index, word_vectors(), corpus.rows())


@pytest.fixture(scope="module")
def of_faq(analyzer: Analyzer) -> Meaning:
    return meaning(analyzer, Corpus(analyzer), *ENTRIES)


def test_neighbours_are_nearer_than_strangers() -> None:
    vectors = word_vectors()
    dog, cat, tax = vectors.rows(("犬", "猫", "税金"))
    same, near, far = vectors.cosines(dog, np.array([dog, cat, tax]))
    assert pytest.approx(1) == same
    assert same > near > NEAR > far


def test_each_vector_counts_what_it_weighs() -> None:
    vectors = word_vectors()
    (row,) = vectors.rows(("犬",))
    assert pytest.approx(3) == np.linalg.norm(vectors.sum([row], [3.0]))


def test_a_word_without_a_vector_has_no_row() -> None:
    assert [UNKNOWN] == word_vectors().rows(("asdfghjkl",)).tolist()
    assert [] == word_vectors().rows(()).tolist()


def test_the_commoner_a_word_the_less_it_counts() -> None:
    weights = [weight(term) for term in ("人", "翻訳", "伸縮", "マルチモーダル")]
    assert weights == sorted(weights)
    assert COMMON_WEIGHT < weights[0] < weights[1] < 1 == weights[2] == weights[3]
    assert 1 == weight("asdfghjkl")
    assert [RARE] == word_vectors().ranks(("asdfghjkl",)).tolist()


def test_a_word_is_replaced_by_what_the_faq_calls_it(of_faq: Meaning) -> None:
    (term, weight), *_ = of_faq.related("猫")
    assert "犬" == term
    assert RELATED_WEIGHT * NEAR <= weight < RELATED_WEIGHT


@pytest.mark.parametrize("term", ["相対性", "asdfghjkl"])
def test_a_word_that_means_nothing_near_is_not_replaced(of_faq: Meaning, term: str) -> None:
    assert () == of_faq.related(term)


def test_an_entry_on_the_same_is_more_alike(of_faq: Meaning) -> None:
    dogs, taxes = of_faq.likeness({"猫": 1.0, "散歩": 1.0}, [0, 1])
    assert 1 >= dogs > taxes >= 0
    assert [taxes, dogs] == of_faq.likeness({"猫": 1.0, "散歩": 1.0}, [1, 0])


def test_without_known_words_nothing_is_alike(of_faq: Meaning) -> None:
    assert [0.0, 0.0] == of_faq.likeness({"asdfghjkl": 1.0}, [0, 1])
    assert [] == of_faq.likeness({"猫": 1.0}, [])


def test_words_of_a_later_faq_get_their_rows(analyzer: Analyzer) -> None:
    corpus = Corpus(analyzer)
    before = meaning(analyzer, corpus, ENTRIES[1])
    assert () == before.related("猫")
    assert "犬" == meaning(analyzer, corpus, *ENTRIES).related("猫")[0][0]
    assert () == before.related("猫"), "an older snapshot doesn't see them"


def test_an_empty_faq_has_no_neighbours(analyzer: Analyzer) -> None:
    assert () == meaning(analyzer, Corpus(analyzer)).related("猫")


def test_the_vectors_are_read_once() -> None:
    assert word_vectors() is word_vectors()
    assert isinstance(word_vectors(), WordVectors)
