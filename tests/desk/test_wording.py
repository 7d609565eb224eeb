"""Every reply in words: what stands on the card, and that both locales say the same things."""

import string
from dataclasses import replace
from typing import Literal

import pytest

from bot.desk.wording import LABEL_LIMIT, Wording, load, shorten
from bot.domain.card import Button, Card, Credit, Quote, Say, Small
from bot.domain.inbound import Action, Person
from bot.domain.reply import Answer, Decline, Help, Reason, Silence, Suggestions
from bot.domain.retrieval import Match, Via
from tests.fakes.faq import BENCHMARK, CURRICULUM, HALLUCINATION, SYNTHETIC, hit

JA = Wording("ja")


def _placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_locales_have_the_same_keys_and_placeholders() -> None:
    japanese, english = load("ja"), load("en")
    assert {key: _placeholders(text) for key, text in japanese.items()} == {
        key: _placeholders(text) for key, text in english.items()
    }


def test_an_answer_quotes_the_lecturer_and_says_what_matched() -> None:
    matches = (
        Match("カリキュラム学習", "カリキュラム学習", Via.SAME),
        Match("検討する", "検討", Via.NORMAL_FORM),
        Match("LLM", "大規模言語モデル", Via.SYNONYM),
    )
    assert Card(
        parts=(
            Quote(CURRICULUM.answer),
            Credit("山田 花子 先生", "コーパスの作り方", ("https://example.org/slides",)),
            Small("一致した言葉: カリキュラム学習、検討する、LLM → 大規模言語モデル"),
        ),
        buttons=(
            Button("役に立った", Action.USEFUL, "a1", "0"),
            Button("違う", Action.WRONG, "a1", "0"),
        ),
    ) == JA.answer((hit(CURRICULUM, 0.9, *matches),), "a1")


def test_a_private_answer_can_be_shared() -> None:
    labels = [button.label for button in JA.answer((hit(SYNTHETIC),), "a1", private=True).buttons]
    assert labels == ["役に立った", "違う", "共有"]


def test_several_questions_get_their_answers_on_one_card() -> None:
    card = JA.answer((hit(SYNTHETIC), hit(HALLUCINATION)), "a1")
    assert [
        Say("「合成データは使っていますか。」への回答です。"),
        Quote(SYNTHETIC.answer),
        Say("「ハルシネーションはどのように評価しますか。」への回答です。"),
        Quote(HALLUCINATION.answer),
    ] == [part for part in card.parts if isinstance(part, Say | Quote)]


def test_the_buttons_of_several_answers_carry_all_their_positions() -> None:
    card = JA.answer((hit(SYNTHETIC), hit(HALLUCINATION)), "a1", at=1)
    assert {button.argument for button in card.buttons} == {"1-2"}


def test_suggestions_name_the_lecturers_and_offer_a_way_out() -> None:
    card = JA.suggestions((hit(SYNTHETIC), hit(HALLUCINATION)), "a1")
    assert card.parts[1] == Say(
        "1. 合成データは使っていますか。（山田 花子 先生）\n"
        "2. ハルシネーションはどのように評価しますか。（佐藤 一郎 先生）"
    )
    assert [(button.label, button.action, button.argument) for button in card.buttons] == [
        ("1. 合成データは使っていますか。", Action.CHOOSE, "0"),
        ("2. ハルシネーションはどのように評価しますか。", Action.CHOOSE, "1"),
        ("どれでもない", Action.NONE_OF_THESE, ""),
    ]


def test_next_suggestions_keep_their_positions_and_let_the_answer_be_taken_back() -> None:
    card = JA.next_suggestions((hit(HALLUCINATION),), "a1", at=3, wrong="0", retractable=True)
    assert [(button.action.value, button.argument) for button in card.buttons] == [
        ("choose", "3"),
        ("none", ""),
        ("retract", "0"),
    ]


def test_without_a_next_candidate_the_lecturer_can_be_asked() -> None:
    card = JA.next_suggestions((), "a1", at=1, wrong="0", retractable=False)
    assert [button.label for button in card.buttons] == ["講師に聞く"]


def test_a_decline_is_one_sentence_and_a_button() -> None:
    card = JA.reply(Decline(), "a1", examples=())
    assert card == Card(
        (Say("この質問に合う回答は、FAQ に見つかりませんでした。"),),
        (Button("講師に聞く", Action.ASK_LECTURER, "a1"),),
    )


def test_help_shows_how_to_ask() -> None:
    card = JA.reply(Help(), "a1", examples=("合成データは使っていますか。",))
    assert card is not None
    assert card.parts[1] == Say("たとえば:\n・合成データは使っていますか。")
    assert card.buttons == ()


def test_silence_has_no_card() -> None:
    assert JA.reply(Silence(Reason.NOT_SURE), "a1", examples=()) is None


def test_a_cut_question_is_told_so() -> None:
    card = JA.reply(Answer((hit(SYNTHETIC),)), "a1", examples=(), cut=True)
    assert card is not None
    assert card.parts[-1] == Small("質問が長いため、はじめの部分だけで探しました。")


def test_curly_brackets_in_members_words_stay_as_they_are() -> None:
    """Fault 34: a format string in a question or a name is plain text."""
    card = JA.escalation("{0.__class__} とは？", Person("U1", "{name}"), "slack")
    assert card.parts[1:] == (Quote("{0.__class__} とは？"), Small("Slack の {name} さんから"))


@pytest.mark.parametrize("locale", ["ja", "en"])
def test_every_action_has_a_label_and_every_label_fits(locale: Literal["ja", "en"]) -> None:
    texts = load(locale)
    wanted = {f"label.{action.value}" for action in Action if action is not Action.CHOOSE}
    assert wanted == {key for key in texts if key.startswith("label.")}
    assert all(len(texts[key]) <= LABEL_LIMIT for key in wanted)


def test_one_suggestion_is_asked_about_in_the_singular() -> None:
    card = JA.reply(Suggestions((hit(SYNTHETIC),)), "a1", examples=())
    assert card is not None
    assert card.parts[0] == Say("お探しの質問は、こちらでしょうか？")


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("短い質問", 75, "短い質問"),
        ("質問の\n改行  と空白", 75, "質問の 改行 と空白"),
        ("あいうえお、かきくけこさしすせそ", 8, "あいうえお…"),
        ("あいうえおかきくけこ", 6, "あいうえお…"),
        ("𠮷𠮷𠮷𠮷", 6, "𠮷𠮷…"),
    ],
)
def test_a_long_label_is_cut_at_a_sensible_place(text: str, limit: int, expected: str) -> None:
    assert expected == shorten(text, limit)


def test_a_long_question_is_shortened_among_candidates_and_stays_on_one_line() -> None:
    question = "評価のベンチマークについて伺います。\n\n" + "長い前置きです。" * 40
    long = replace(BENCHMARK, question=question)

    card = JA.suggestions((hit(long), hit(SYNTHETIC)), "ask")

    listed = card.parts[1]
    assert isinstance(listed, Say)
    first, second = listed.text.split("\n")
    assert first.startswith("1. 評価のベンチマークについて伺います。 長い前置きです。")
    assert "…（佐藤 一郎 先生）" in first
    assert SYNTHETIC.question in second
