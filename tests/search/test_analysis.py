"""The analysis chain: one test for each filter, with what it is for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.search.analysis import (
    MAX_QUERY,
    Analyzer,
    StopWords,
    Tokenizer,
    content_words,
    fold_look_alikes,
    fold_width,
    mend_dashes,
    strip_chat_markup,
    strip_code,
)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("```pip install``` が動かない", "  が動かない"),
        ("`pip` が動かない", "  が動かない"),
        ("```途中で切れた", " "),
        ("コードなし", "コードなし"),
    ],
)
def test_code_is_taken_out(text: str, left: str) -> None:
    assert left == strip_code(text)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("<@U012AB3CD> LLMとは :pray:", "LLMとは"),
        ("<!channel> <#C012|random> LLMとは", "LLMとは"),
        ("<https://example.org/a|資料>のLLM", "資料 のLLM"),
        ("[資料](https://example.org/a)のLLM", "資料 のLLM"),
        ("https://example.org/a?b=c LLM", "LLM"),
        ("https://example.org/aのLLMは（https://example.org/b）", "のLLMは（ ）"),
        ("<:faq_bot:112233445566778899> LLM", "LLM"),
        ("&gt; LLMとは", "LLMとは"),
        ("A&amp;B は a &lt; b", "A&B は a < b"),
    ],
)
def test_chat_markup_is_taken_out_but_a_links_label_stays(text: str, left: str) -> None:
    assert left == " ".join(strip_chat_markup(text).split())


def test_widths_are_folded() -> None:
    assert "LLMのコーパス" == fold_width("ＬＬＭのｺｰﾊﾟｽ")


@pytest.mark.fault(110)
@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("\u8fbb\U000e0100さん", "辻さん"),
        ("☎\ufe0f番号", "☎番号"),
        ("⻘⻭⺟音", "青歯母音"),
        ("カ゛イト゛", "ガイド"),
        ("ハ゜スホ\u309aート", "パスポート"),
    ],
)
def test_look_alikes_are_folded(text: str, folded: str) -> None:
    assert folded == fold_width(fold_look_alikes(text))


def test_a_voicing_mark_behind_what_cannot_be_voiced_goes() -> None:
    assert "あ" == fold_width(fold_look_alikes("あ゛"))


@pytest.mark.fault(110)
@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("コ-パス", "コーパス"),
        ("マルチタ〜ン", "マルチターン"),
        ("サ─バ━", "サーバー"),
        ("らー麺とら─めん", "らー麺とらーめん"),
        ("LLM-jp", "LLM-jp"),
        ("BERT‐2", "BERT-2"),
        ("Wi–Fi", "Wi-Fi"),
        ("T5−11B", "T5-11B"),
        ("T5ー11B", "T5-11B"),
        ("コーパス――概要", "コーパス――概要"),
        ("要点は─二つ", "要点は─二つ"),
    ],
)
def test_dashes_become_the_long_vowel_mark_or_the_hyphen(text: str, mended: str) -> None:
    assert mended == mend_dashes(text)


@pytest.mark.fault(110)
@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("BERT-2の精度は？", "BERT―2の精度は？"),
        ("BERT－2の精度は？", "BERT-2の精度は？"),
        ("\u8fbb\U000e0100教授の講演は？", "辻教授の講演は？"),
        ("⾳声の⻑さは？", "音声の長さは？"),
        ("ガイドはありますか？", "カ゛イド゙はありますか？"),
        ("ガイドはありますか？", "ｶ゛イﾄﾞはありますか？"),
        ("サーバーの費用は？", "サ─ハ゛─の費用は？"),
    ],
)
def test_what_looks_alike_is_found_in_entries_and_questions(
    analyzer: Analyzer, written: str, asked: str
) -> None:
    assert analyzer.terms(written) == analyzer.terms(asked)


def test_content_words_are_kept(tokenizer: Tokenizer) -> None:
    kept = content_words(tokenizer.morphemes("コーパスの質は？"))
    assert ["コーパス", "質"] == [morpheme.surface for morpheme in kept]


def test_words_that_only_say_that_something_is_asked_are_dropped(tokenizer: Tokenizer) -> None:
    stop = StopWords(["教える", "方法", "所", "下さる", "it"])
    morphemes = content_words(tokenizer.morphemes("評価方法を教えて"))
    assert ["評価"] == [morpheme.surface for morpheme in stop(morphemes)]


def test_a_suffix_is_no_stop_word_and_neither_is_an_abbreviation(tokenizer: Tokenizer) -> None:
    stop = StopWords(["所", "it"])
    kept = stop(tokenizer.morphemes("保育所とIT"))
    assert "所" in [morpheme.surface for morpheme in kept]
    assert "IT" in [morpheme.surface for morpheme in kept]


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("llm-jp-eval", {"llm-jp-eval", "llm", "jp", "eval"}),
        ("LLM-as-a-Judge", {"llm-as-a-judge", "llm", "ジャッジ"}),
        ("GPT-4o", {"gpt-4o", "gpt-4"}),
        ("C++", {"c++"}),
        ("172B モデル", {"172b", "172", "モデル"}),
    ],
)
def test_latin_terms_are_found_whole_and_in_parts(
    analyzer: Analyzer, text: str, terms: set[str]
) -> None:
    assert terms == set(analyzer.terms(text))


@pytest.mark.parametrize(
    "text",
    [
        "<@U1> 合成データは使っていますか :pray: https://example.org/x",
        "`code` 合成デ－タは使っていますか",
        "合成ﾃﾞｰﾀは使っていますか",
    ],
)
def test_debris_of_chat_leaves_the_same_terms(analyzer: Analyzer, text: str) -> None:
    assert analyzer.terms("合成データは使っていますか") == analyzer.terms(text)


@pytest.mark.fault(29)
def test_a_long_text_is_cut_and_says_so(analyzer: Analyzer) -> None:
    query, _ = analyzer.query("あ。" * MAX_QUERY)
    assert query.cut
    assert MAX_QUERY == len(query.text)


@given(st.text(max_size=300))
def test_tokens_lie_in_the_text_as_they_were_written(analyzer: Analyzer, text: str) -> None:
    query, _ = analyzer.query(text)
    for token in query.tokens:
        assert token.surface == query.text[token.start : token.end]


def test_the_fingerprint_changes_with_the_stop_words(tokenizer: Tokenizer) -> None:
    assert Analyzer(tokenizer, ["事"]).fingerprint != Analyzer(tokenizer, ["物"]).fingerprint
    assert Analyzer(tokenizer, ["事"]).fingerprint == Analyzer(tokenizer, ["事"]).fingerprint
