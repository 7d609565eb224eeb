"""The explanation: every shown match is a real one."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.entry import Entry
from bot.domain.retrieval import Hit, Match, Query, Via
from bot.search.explain import MAX_MATCHES
from bot.search.searcher import Searcher
from tests.search.conftest import LISTS

WORDS = st.sampled_from(
    [
        *(
            "合成データ",
            "ごうせい",
            "LLM",
            "大規模言語モデル",
            "学習",
            "訓練",
            "評価",
            "翻訳",
            "主語",
        ),
        *("省略", "顔文字", "アスキーアート", "AI", "倫理観", "心", "安全性", "safety", "日本語"),
        *("グラフ", "横軸", "コーパス", "出版社", "本", "書籍", "の", "は", "と", "か", "ｺｰﾊﾟｽ"),
        *("医師国家試験", "llm-jp-eval", "モデルの圧縮", "fine-tuning", "微調整", "教えてください"),
    ]
)
QUERIES = st.lists(WORDS, min_size=1, max_size=12).flatmap(
    lambda words: st.sampled_from(["", " ", "、"]).map(lambda gap: gap.join(words))
)


def squeezed(text: str) -> str:
    """Leave out spaces: an explanation closes the gaps between the words it joins."""
    return "".join(unicodedata.normalize("NFKC", text).lower().split())


def texts(query: Query, hit: Hit) -> tuple[str, str]:
    entry = hit.entry
    whole = "\n".join((*entry.wordings, entry.answer, entry.talk, entry.lecturer))
    return query.text, whole


def contains_in_order(text: str, words: str) -> bool:
    """Whether the characters of the words stand in the text in that order."""
    at = 0
    plain = squeezed(text)
    for char in squeezed(words):
        at = plain.find(char, at) + 1
        if not at:
            return False
    return True


@settings(max_examples=150, deadline=None)
@given(QUERIES)
def test_each_match_is_written_so_in_the_query_and_in_the_entry(faq: Searcher, text: str) -> None:
    ranking = faq.search(text)
    for hit in ranking.hits[:1]:
        asked, whole = texts(ranking.query, hit)
        shared = {token.term for token in ranking.query.tokens} & set(faq.analyzer.terms(whole))
        # Word vectors may find an entry that shares no word; then there is nothing to show.
        assert hit.matches or not shared
        assert len(hit.matches) <= MAX_MATCHES
        assert len(set(hit.matches)) == len(hit.matches)
        for match in hit.matches:
            assert contains_in_order(asked, match.query), match
            assert contains_in_order(whole, match.entry), match
            if match.via is Via.SAME:
                assert squeezed(match.query) == squeezed(match.entry)


def test_a_synonym_is_said_to_be_one(faq: Searcher) -> None:
    matches = faq.search("人工データは使っていますか").hits[0].matches
    assert ("人工データ", "合成データ", Via.SYNONYM) in [
        (match.query, match.entry, match.via) for match in matches
    ]


def test_an_auxiliary_word_is_never_shown(faq: Searcher) -> None:
    matches = faq.search("生成による合成データ").hits[0].matches
    assert ["合成データ", "生成"] == [match.query for match in matches]
    assert [Via.MEANING] == [match.via for match in faq.search("による").hits[0].matches]


ENTRY = Entry(
    "a-1",
    "河原 大輔",
    "",
    "測り方が悪かったときは直しますか",
    "LLM-jp-eval で測ってから、可能性のあるものを比べました。書けばよいです。",
    variants=("スコアが低かったら？",),
)
OTHER = Entry("b-1", "宮尾 祐介", "", "評価指標は何ですか", "MT-Bench です。")


@pytest.fixture(scope="module")
def two() -> Searcher:
    return Searcher((ENTRY, OTHER), LISTS)


def shown(searcher: Searcher, text: str) -> list[tuple[str, str, Via]]:
    best = searcher.search(text).hits[0]
    assert best.entry is ENTRY
    return [(match.query, match.entry, match.via) for match in best.matches]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("測って悪かった", [("測って", "測って"), ("悪かった", "悪かった")]),
        ("比べませんでした", [("比べませんでした", "比べました")]),
        ("悪そうだ", [("悪そう", "悪かった")]),
        ("書けば", [("書けば", "書けば")]),
        ("測り方", [("測り方", "測り方")]),
    ],
)
def test_whole_words_are_shown_as_they_stand_in_the_text(
    two: Searcher, text: str, words: list[tuple[str, str]]
) -> None:
    assert words == [(query, entry) for query, entry, _ in shown(two, text)]


def test_a_noun_tells_more_than_a_verb(two: Searcher) -> None:
    assert ["可能性", "測って"] == [word for word, _, _ in shown(two, "測って可能性")]


def test_a_suffix_is_shown_with_its_word_only(two: Searcher) -> None:
    assert ["可能性"] == [word for word, _, _ in shown(two, "可能性")]
    assert ["悪い"] == [word for word, _, _ in shown(two, "重要性が悪い")]


def test_a_part_of_a_term_is_not_shown_beside_it(two: Searcher) -> None:
    assert ["llm-jp-eval"] == [word for word, _, _ in shown(two, "llm-jp-evalは？")]


def test_a_part_of_a_synonyms_stretch_is_not_shown_beside_it(faq: Searcher) -> None:
    matches = faq.search("人工データとは").hits[0].matches
    assert [Match("人工データ", "合成データ", Via.SYNONYM)] == list(matches)


def test_what_is_read_alike_is_said_to_be(two: Searcher) -> None:
    assert [("化膿性", "可能性", Via.READING)] == shown(two, "化膿性は？")
    assert [("kanousei", "可能性", Via.READING)] == shown(two, "kanousei wa?")


def test_a_word_of_a_variant_alone_is_named_only_if_nothing_else_matched(two: Searcher) -> None:
    assert ["可能性"] == [word for word, _, _ in shown(two, "スコアの可能性")]
    assert ["スコア"] == [word for word, _, _ in shown(two, "スコアは")]


def test_the_most_telling_word_comes_first(faq: Searcher) -> None:
    assert "アスキーアート" == faq.search("LLM のアスキーアート").hits[0].matches[0].query
