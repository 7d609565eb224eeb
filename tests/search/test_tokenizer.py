"""Sudachi behind the tokenizer: offsets, long texts, threads."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import sudachipy
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import FaqbotError
from bot.search.analysis import Tokenizer

TOKENIZER = Tokenizer()
SUDACHI = sudachipy.Dictionary(dict="core").tokenizer(mode=sudachipy.SplitMode.A)

JAPANESE = st.text(
    st.one_of(
        st.sampled_from("㍿㌔ﾊﾟｺﾝﾍﾞｰｸ引越しの質はAI2.0 　\n。、？！がぎ\u3099㎏①👨‍👩‍👧"),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=60,
)


@given(JAPANESE)
@settings(deadline=None)
def test_surfaces_are_the_text_and_offsets_are_where_they_stand(text: str) -> None:
    morphemes = TOKENIZER.morphemes(text)

    assert text == "".join(morpheme.surface for morpheme in morphemes)
    for morpheme in morphemes:
        assert morpheme.surface == text[morpheme.start : morpheme.end]
        assert morpheme.surface


@given(JAPANESE)
@settings(deadline=None)
def test_morphemes_are_those_that_sudachi_gives(text: str) -> None:
    """But for verbs made of two, of which there are none."""
    expected = [
        (m.surface(), m.normalized_form(), m.part_of_speech(), m.begin(), m.end())
        for m in SUDACHI.tokenize(text)
        if m.surface()
    ]

    assert expected == [tuple(morpheme) for morpheme in TOKENIZER.morphemes(text)]


def test_spellings_of_one_word_have_one_normal_form() -> None:
    normal = {TOKENIZER.morphemes(text)[0].normal for text in ("引っ越し", "引越し", "引越")}

    assert {"引っ越し"} == normal


@pytest.mark.parametrize(
    ("said", "noun"),
    [
        ("申し込みたいのですが", "申し込み"),
        ("申込む", "申し込み"),
        ("申し込めますか", "申し込み"),
        ("受け取れますか", "受け取り"),
        ("取り消した", "取り消し"),
        ("売り切れていました", "売り切れ"),
        ("切り替えられますか", "切り替え"),
        ("届け出る", "届け出"),
        ("問い合わせた", "問い合わせ"),
        ("切り替えれますか", "切り替え"),
    ],
)
def test_a_verb_made_of_two_is_one_word_and_meets_its_noun(said: str, noun: str) -> None:
    verb = TOKENIZER.morphemes(said)[0]

    assert noun == verb.normal == TOKENIZER.morphemes(noun)[0].normal
    assert "動詞" == verb.pos[0]


def test_nouns_are_cut_as_short_as_can_be() -> None:
    surfaces = [morpheme.surface for morpheme in TOKENIZER.morphemes("国立国会図書館")]

    assert ["国立", "国会", "図書", "館"] == surfaces


@pytest.mark.fault(29)
def test_a_text_longer_than_sudachi_takes_is_split_without_a_loss() -> None:
    text = "コーパスの質はどう評価しますか。" * 4_000

    morphemes = TOKENIZER.morphemes(text)

    assert text == "".join(morpheme.surface for morpheme in morphemes)
    assert all(m.surface == text[m.start : m.end] for m in morphemes)
    assert 4_000 == sum(morpheme.surface == "コーパス" for morpheme in morphemes)


def test_a_long_text_without_any_break_is_split_all_the_same() -> None:
    text = "あ" * 9_999

    assert text == "".join(morpheme.surface for morpheme in TOKENIZER.morphemes(text))


@pytest.mark.fault(37)
def test_threads_share_a_tokenizer() -> None:
    texts = ["コーパスの質はどう評価しますか", "合成データは使っていますか"] * 200
    expected = [TOKENIZER.morphemes(text) for text in texts]

    with ThreadPoolExecutor(4) as threads:
        assert expected == list(threads.map(TOKENIZER.morphemes, texts))


def test_the_dictionary_gives_all_readings_of_a_word_to_any_thread() -> None:
    assert {"トイ", "モン"} == TOKENIZER.readings("問")
    assert frozenset() == TOKENIZER.readings("出販")
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(TOKENIZER.readings, ["問", "門", "専門"] * 2_000))
    assert found == [*map(TOKENIZER.readings, ["問", "門", "専門"])] * 2_000


@pytest.mark.fault(80)
def test_a_missing_dictionary_is_an_error_with_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**_: object) -> None:
        raise RuntimeError("no such file: system_core.dic")

    monkeypatch.setattr(sudachipy, "Dictionary", broken)

    with pytest.raises(FaqbotError, match=r"system_core\.dic") as caught:
        Tokenizer()
    assert "pip install" in caught.value.remedy
