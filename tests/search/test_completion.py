"""Completion: half-typed words find entries, best first."""

import pytest

from bot.domain.entry import Entry
from bot.search.searcher import Searcher
from tests.search.conftest import LISTS

QUESTIONS = {
    "curriculum": "カリキュラム学習は試しましたか",
    "books": "学術書はコーパスに入れますか",
    "rate": "学習率はいくつですか",
    "coffee": "コーヒーは持ち込めますか",
    "judge": "LLM-as-a-Judgeで評価していますか",
    "data": "評価データは公開しますか",
    "database": "データベースはありますか",
    "smoking": "喫煙所はどこですか",
    "salary": "給与はいくらですか",
    "wifi": "Wi-Fiはありますか",
}


@pytest.fixture(scope="module")
def searcher() -> Searcher:
    entries = [
        Entry(name, "河原 大輔", "", question, "お答えします。")
        for name, question in QUESTIONS.items()
    ]
    answering = Entry("answering", "宮尾 祐介", "", "図の軸は？", "カリキュラムとコーパスです。")
    return Searcher((*entries, answering), LISTS)


def complete(searcher: Searcher, text: str) -> list[str]:
    return [entry.id for entry in searcher.complete(text, 25)]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("カリキュ", "curriculum"),
        ("カリキュr", "curriculum"),
        ("かりき", "curriculum"),
        ("karikyu", "curriculum"),
        ("KARIKYU", "curriculum"),
        ("がくじ", "books"),
        ("がくｊ", "books"),
        ("gakuj", "books"),
        ("gakujutsus", "books"),
        ("gakujutusyo", "books"),
        ("がくじゅつしょ", "books"),
        ("学術しょ", "books"),
        ("学習り", "rate"),
        ("ｺｰﾋ", "coffee"),
        ("コ─ヒ", "coffee"),
        ("judg", "judge"),
        ("LLM-as-a-J", "judge"),
        ("きつえ", "smoking"),
        ("kits", "smoking"),
        ("きゅ", "salary"),
        ("kyu", "salary"),
        ("wi-", "wifi"),
        ("koohi", "coffee"),
        ("kohi", "coffee"),
        ("gakujutsusyo", "books"),
        ("こおひ", "coffee"),
    ],
)
def test_a_half_typed_word_finds_its_entry(searcher: Searcher, typed: str, first: str) -> None:
    assert first == complete(searcher, typed)[0]


@pytest.mark.parametrize("typed", ["か", "ｋ", "k", "こ", "コー", "がく", "学", "L"])
def test_a_single_sound_finds_some_already(searcher: Searcher, typed: str) -> None:
    assert complete(searcher, typed)


@pytest.mark.parametrize(
    "typed",
    ["評価 デー", "評価デー", "評価のデー", "ひょうかで", "hyouka de", "評価 d"],
)
def test_the_last_of_several_words_may_be_half_typed(searcher: Searcher, typed: str) -> None:
    assert "data" == complete(searcher, typed)[0]


def test_an_entry_without_the_whole_words_comes_behind(searcher: Searcher) -> None:
    assert ["data", "judge", "database"] == complete(searcher, "評価 デー")


def test_a_particle_begins_no_word(searcher: Searcher) -> None:
    assert ["coffee"] == complete(searcher, "コーヒーは")
    assert ["coffee"] == complete(searcher, "コーヒーはありますか")[:1]


def test_a_whole_word_comes_before_longer_ones(searcher: Searcher) -> None:
    assert ["data", "database"] == complete(searcher, "データ")


def test_an_entry_that_asks_comes_before_one_that_answers_with_the_word(
    searcher: Searcher,
) -> None:
    assert ["curriculum", "answering"] == complete(searcher, "カリキュ")
    assert ["books", "answering"] == complete(searcher, "コーパ")


def test_a_lecturer_is_completed_too(searcher: Searcher) -> None:
    assert ["answering"] == complete(searcher, "みや")


@pytest.mark.parametrize("typed", ["", " ", "？", "zzz", "ん", "っ", "-", "'", "ゃ"])
def test_what_begins_no_word_finds_nothing(searcher: Searcher, typed: str) -> None:
    assert [] == complete(searcher, typed)


def test_no_more_than_wanted_are_found(searcher: Searcher) -> None:
    assert 2 == len(searcher.complete("か", 2)) == len(set(searcher.complete("k", 2)))


def test_an_empty_faq_completes_nothing() -> None:
    assert () == Searcher((), LISTS).complete("カリキュ", 5)


def test_what_is_new_is_completed(searcher: Searcher) -> None:
    changing = Searcher(searcher.entries[:1], LISTS)
    assert [] == complete(changing, "きゅう")
    changing.replace(searcher.entries)
    assert ["salary"] == complete(changing, "きゅう")
