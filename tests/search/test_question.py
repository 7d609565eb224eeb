"""What somebody wants by a text, told by its form."""

import pytest

from bot.search.analysis import Analyzer
from bot.search.question import Intent, Utterance, understand


def intent(analyzer: Analyzer, text: str) -> Intent:
    query, morphemes = analyzer.query(text)
    return understand(query.text, morphemes)


@pytest.mark.parametrize(
    "text",
    [
        "合成データは使っていますか",
        "合成データ使ってる？",
        "理由は何でしょう",
        "使い方を教えてください",
        "心を持つのか気になっています",
        "顔文字の扱いが知りたいです",
        "合成データ使ってますか 🙏 よろしくお願いします",
        "評価って何を足すんでしたっけ",
        "Do you use synthetic data",
        "please tell me about tokenizers",
    ],
)
def test_a_question_is_told(analyzer: Analyzer, text: str) -> None:
    assert Utterance.QUESTION is intent(analyzer, text).utterance


@pytest.mark.parametrize(
    "text",
    [
        "合成データ 使用状況",
        "エッジ AI の今後の研究",
        "カバーできない部分",
        "合成データについて",
        "データの作り方",
        "学習を途中で止めたモデル",
        "synthetic data usage",
    ],
)
def test_keywords_are_told(analyzer: Analyzer, text: str) -> None:
    assert Utterance.KEYWORDS is intent(analyzer, text).utterance


@pytest.mark.parametrize(
    "text",
    [
        "合成データを作りました",
        "ハイパーパラメータを一晩探して全滅",
        "カリキュラム学習、響きがいいよね",
        "何かのグラフを直しておきました。",
        "I merged the evaluation script",
        "合成データを試したいです",
        "ぜひ新しいモデルを使ってください",
        "詳しくは README をご覧ください",
    ],
)
def test_a_statement_is_told(analyzer: Analyzer, text: str) -> None:
    assert Utterance.STATEMENT is intent(analyzer, text).utterance


@pytest.mark.parametrize(
    "text",
    [
        "論文を読みたいのですが",
        "評価を試したいんやけど。",
        "データの形式がよく分かりません",
        "どれを使えばいいのか分からない。",
        "評価の尺度がよく分からなくて",
        "スライドが欲しいんだけど",
        "配布資料があればください。",
    ],
)
def test_a_wish_is_told(analyzer: Analyzer, text: str) -> None:
    assert Utterance.WISH is intent(analyzer, text).utterance


def test_the_sentences_that_ask_are_told_from_greeting_and_background(analyzer: Analyzer) -> None:
    text = "こんにちは。昨日の講演を聞きました。合成データは使っていますか。よろしくお願いします。"
    found = [text[start:end] for start, end in intent(analyzer, text).questions]
    assert ["合成データは使っていますか。"] == found


def test_a_comma_behind_the_particle_that_asks_ends_a_sentence(analyzer: Analyzer) -> None:
    text = "合成データは使っていますか、前は使わないと言っていましたが"
    found = [text[start:end] for start, end in intent(analyzer, text).questions]
    assert ["合成データは使っていますか"] == found


@pytest.mark.parametrize(
    "text", ["佐藤さん、ログはどこ？", "@佐藤 ログはどこ？", "原先生、いつですか"]
)
def test_a_question_to_somebody_by_name_is_personal(analyzer: Analyzer, text: str) -> None:
    assert intent(analyzer, text).personal


@pytest.mark.parametrize("text", ["ログはどこですか", "先生はどう思いますか"])
def test_a_question_to_everybody_is_not_personal(analyzer: Analyzer, text: str) -> None:
    assert not intent(analyzer, text).personal
