"""The ranker: two witnesses on one scale, and what each term counts."""

import random

import numpy as np
import pytest

from bot.domain.entry import Entry
from bot.search.analysis import Analyzer
from bot.search.corpus import Corpus
from bot.search.index import Index
from bot.search.question import Intent, Utterance
from bot.search.ranker import Candidate, Ranked, Ranker
from bot.search.readings import Readings
from bot.search.searcher import Searcher
from bot.search.synonyms import Alternative, Word, by_stretch, table, weigh
from tests.search.conftest import LISTS

ENTRIES = (
    Entry("a-1", "河原 大輔", "", "顔文字はどう処理されますか。", "埋め込み表現です。"),
    Entry("a-2", "河原 大輔", "", "合成データは使いますか。", "顔文字や翻訳や評価にも使います。"),
    Entry(
        "a-3",
        "宮尾 祐介",
        "",
        "評価指標は何ですか。",
        "ベンチマークです。",
        variants=("採点の物差しは？",),
    ),
)
NOTHING_NEAR = np.zeros(4, np.float32)


@pytest.fixture(scope="module")
def ranker(analyzer: Analyzer) -> Ranker:
    corpus = Corpus(analyzer)
    index = Index(corpus.analyse(ENTRIES), corpus.vocabulary)
    return Ranker(index, table(), Readings((), analyzer, {}))


def rank(
    ranker: Ranker,
    text: str,
    questions: tuple[tuple[int, int], ...] = (),
    cosines: np.ndarray | None = NOTHING_NEAR,  # type: ignore[type-arg]
    idle: tuple[tuple[int, int], ...] = (),
) -> Ranked:
    query, _ = ranker.readings.analyzer.query(text)
    intent = Intent(Utterance.QUESTION, questions, personal=False, idle=idle)
    return ranker.rank(query, intent, cosines, 3)


def found(ranked: Ranked, ranker: Ranker) -> dict[str, Candidate]:
    index = ranker.index
    return {index.entries[index.owner[one.wording]].id: one for one in ranked.candidates}


def test_a_synonym_counts_as_much_as_the_stretch_it_stands_for() -> None:
    alternative = Alternative(0, 1, Word("書籍", ("書籍",)), 0.5)
    expected = {"本": 0.5, "合成": 1.0, "書籍": 0.25}
    assert expected == weigh({"本": 0.5, "合成": 1.0}, [0.5, 1.0], [alternative])


def test_a_members_own_word_is_not_lowered_by_being_a_synonym_too() -> None:
    alternative = Alternative(0, 1, Word("書籍", ("書籍",)), 0.5)
    own = {"本": 1.0, "書籍": 1.0}
    assert own == weigh(own, [1.0, 1.0], [alternative])


def test_the_score_says_the_same_whatever_else_is_found(ranker: Ranker) -> None:
    """It isn't divided by the best one's: an entry that has one word of four stays low."""
    whole = found(rank(ranker, "顔文字の処理"), ranker)["a-1"]
    part = found(rank(ranker, "顔文字の発祥と歴史と由来"), ranker)["a-1"]
    assert 0.7 < whole.words <= 1
    assert 0 < part.words < 0.5 * whole.words
    assert part.score < 0.5 * whole.score


def test_meaning_finds_what_shares_no_word_and_leads_where_words_say_little(
    ranker: Ranker,
) -> None:
    near = np.array([0.1, 0.2, 0.1, 0.7], np.float32)
    ranked = rank(ranker, "費用と期間と翻訳", cosines=near)
    assert ["a-3", "a-2", "a-1"] == list(found(ranked, ranker))
    assert near.max() == np.float32(ranked.nearest or 0)
    assert 0 == found(ranked, ranker)["a-3"].words


def test_words_lead_where_they_say_much(ranker: Ranker) -> None:
    near = np.array([0.1, 0.5, 0.1, 0.1], np.float32)
    assert "a-1" == next(iter(found(rank(ranker, "顔文字の処理", cosines=near), ranker)))


def test_an_entry_counts_by_its_best_wording(ranker: Ranker) -> None:
    asked = found(rank(ranker, "採点の物差し"), ranker)["a-3"]
    assert "採点の物差しは？" == ENTRIES[2].wordings[asked.wording - 2]
    assert 1 == pytest.approx(asked.asked)


def test_words_alone_make_up_for_missing_meaning(ranker: Ranker) -> None:
    alone = rank(ranker, "顔文字の処理", cosines=None)
    beside = found(rank(ranker, "顔文字の処理"), ranker)["a-1"]
    assert alone.nearest is None
    assert beside.score < found(alone, ranker)["a-1"].score


def test_a_noun_that_the_entry_does_not_speak_of_is_unmet(ranker: Ranker) -> None:
    met = found(rank(ranker, "顔文字の処理"), ranker)["a-1"]
    asked_more = found(rank(ranker, "顔文字の処理の費用"), ranker)["a-1"]
    assert (0, True) == (met.unmet, 0.3 < asked_more.unmet < 1)


def test_what_is_asked_stands_last_and_counts_more_where_it_is_unmet(ranker: Ranker) -> None:
    first = found(rank(ranker, "費用と顔文字"), ranker)["a-1"]
    last = found(rank(ranker, "顔文字と費用"), ranker)["a-1"]
    assert first.unmet < last.unmet
    assert first.score == last.score


def test_a_synonym_meets_a_word_a_little_less_than_the_word_itself(
    ranker: Ranker, analyzer: Analyzer
) -> None:
    group = [Word(word, tuple(analyzer.terms(word))) for word in ("絵文字", "顔文字")]
    told = Ranker(ranker.index, table(by_stretch([group])), ranker.readings)
    without = found(rank(told, "処理"), told)["a-1"]
    by_synonym = found(rank(told, "絵文字の処理"), told)["a-1"]
    itself = found(rank(told, "顔文字の処理"), told)["a-1"]
    assert without.asked < by_synonym.asked
    assert by_synonym.score < itself.score
    assert 0 == by_synonym.unmet


def test_a_greeting_counts_nothing(ranker: Ranker) -> None:
    text = "佐藤です。顔文字は？"
    greeted = rank(ranker, text, ((5, len(text)),), idle=((0, 4),))
    alone = rank(ranker, "顔文字は？", ((0, 5),))
    assert found(alone, ranker)["a-1"].score == found(greeted, ranker)["a-1"].score


def test_equal_entries_come_in_the_order_of_their_ids(analyzer: Analyzer) -> None:
    twins = [Entry(f"t-{n:02}", "", "", "合成データは？", "使います。") for n in range(60, 0, -1)]
    corpus = Corpus(analyzer)
    index = Index(corpus.analyse(twins), corpus.vocabulary)
    ranker = Ranker(index, table(), Readings((), analyzer, {}))
    same = np.full(60, 0.5, np.float32)
    for cosines in (None, same):
        ids = list(found(rank(ranker, "合成データ", cosines=cosines), ranker))
        assert ["t-01", "t-02", "t-03"] == ids


def test_the_first_five_of_many_alike_are_the_same_however_many_are_wanted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is asked counts ten times as much here: else it moves few by many places."""
    monkeypatch.setattr("bot.search.ranker.ASKED_BONUS", 0.5)
    words = "件数品質言語分野出典期間費用形式単位権利制度規則場所時間人数順序方法資格講師会場"
    pairs = [words[at : at + 2] for at in range(0, len(words), 2)]
    chance = random.Random(0)

    def some(most: int) -> str:
        return "、".join(chance.sample(pairs, most))

    many = [
        Entry(f"a-{n}", "", "", f"{some(chance.randint(2, 7))}は？", f"{some(6)}です。")
        for n in range(100)
    ]
    searcher = Searcher(many, LISTS)
    for question in [f"{some(3)}は？" for _ in range(20)]:
        few, every = (searcher.reply(question, limit=limit)[1] for limit in (5, 100))
        assert few.hits[:5] == every.hits[:5]
