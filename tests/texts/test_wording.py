"""Every reply in words: what stands on the card."""

from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest

import bot.wording
from adapters.cli.config import SECTIONS
from bot.domain.card import Button, Card, Credit, Quote, Say, Small
from bot.domain.entry import Entry
from bot.domain.inbound import Action
from bot.domain.retrieval import (
    Answer,
    Decline,
    Help,
    Hit,
    Match,
    Reason,
    Silence,
    Suggestions,
    Topic,
    Via,
)
from bot.domain.text import one_line
from bot.texts import read
from bot.wording import Wording
from bot.wording.members import MAX_TALKS
from tests.fakes.faq import BENCHMARK, CURRICULUM, FAQ, HALLUCINATION, SYNTHETIC, hit

JA = Wording("ja")
PLATFORMS = [name for name, model in SECTIONS.items() if hasattr(model, "organisers")]
TEXTS = {at: read(Path(bot.wording.__file__).with_name(f"{at}.toml")) for at in ("ja", "en")}


def test_an_answer_quotes_the_lecturer_and_says_what_matched() -> None:
    matches = (
        Match("カリキュラム学習", "カリキュラム学習", Via.SAME),
        Match("検討する", "検討", Via.NORMAL_FORM),
        Match("LLM", "大規模言語モデル", Via.SYNONYM),
        Match("hyouka", "評価", Via.READING),
    )
    assert Card(
        parts=(
            Quote(CURRICULUM.answer),
            Credit("山田 花子 先生", "コーパスの作り方", ("https://example.org/slides",)),
            Small(
                "一致した言葉: カリキュラム学習、検討する、LLM → 大規模言語モデル、"
                "hyouka → 評価(読み)"
            ),
        ),
        buttons=(
            Button("役に立った", Action.USEFUL, "a1", "0"),
            Button("違う", Action.WRONG, "a1", "0"),
        ),
    ) == JA.answer((hit(CURRICULUM, 0.9, *matches),), "a1")


def test_an_answer_that_shares_no_word_says_that_its_question_means_nearly_the_same() -> None:
    match = Match("お腹が空いた", CURRICULUM.question, Via.MEANING)
    assert Small("意味が近い質問") in JA.answer((hit(CURRICULUM, 0.9, match),), "a1").parts


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("山田 花子", "山田 花子 先生"),
        ("長谷部 誠", "長谷部 誠 先生"),
        ("長谷部", "長谷部 先生"),
        ("服部", "服部 先生"),
        ("", ""),
        *((name, name) for name in ("広報課", "総務部", "受付 窓口", "相談センター")),
        *((name, name) for name in ("佐藤 教授", "森 コーチ", "林 司書")),
        *((name, name) for name in ("事務局 鈴木", "総務課　佐藤", "大会スタッフ 田中 花子")),
        *((name, name) for name in ("受付", "総合案内", "総務", "市役所", "保健所", "市立病院")),
        *((name, name) for name in ("市民プール", "中央体育館", "山田高校", "ボランティア")),
        *((name, name) for name in ("監視員", "佐藤 医師", "鈴木 助教", "田中 理事長", "市長")),
        *((name, name) for name in ("株式会社山田", "NPO法人まなび", "東町自治会", "大学生協")),
        ("情報学研究所 山田 花子", "情報学研究所 山田 花子 先生"),
        ("東町大学 山田 花子", "東町大学 山田 花子 先生"),
        ("株式会社山田 佐藤 花子", "株式会社山田 佐藤 花子 先生"),
        *((name, f"{name} 先生") for name in ("別所", "花園", "大館", "馬場", "トム・ホール")),
    ],
)
def test_no_office_and_no_one_with_another_title_is_called_a_teacher(name: str, shown: str) -> None:
    assert JA.lecturer(replace(SYNTHETIC, lecturer=name)) == shown


def test_who_says_no_is_not_answered_by_yes() -> None:
    """いいえ and 大丈夫です are noted like はい."""
    (said,) = JA.help(Help(Topic.NOTED), "a1", FAQ, "slack").parts
    assert isinstance(said, Say)
    assert not said.text.startswith("はい")


def test_a_private_answer_can_be_shared() -> None:
    labels = [button.label for button in JA.answer((hit(SYNTHETIC),), "a1", private=True).buttons]
    assert labels == ["役に立った", "違う", "共有"]


@pytest.mark.fault(35)
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
        ("1", Action.CHOOSE, "0"),
        ("2", Action.CHOOSE, "1"),
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
    card = JA.reply(Decline(), "a1")
    assert card == Card(
        (Say("この質問に合う回答は、FAQ に見つかりませんでした。"),),
        (Button("講師に聞く", Action.ASK_LECTURER, "a1"),),
    )


def _help(topic: Topic, platform: str = "slack", *hits: Hit) -> Card:
    card = JA.reply(Help(topic, hits), "a1", entries=FAQ, platform=platform)
    assert card is not None
    return card


def test_help_shows_how_to_ask() -> None:
    card = JA.reply(Help(), "a1", entries=(SYNTHETIC,))
    assert card is not None
    assert card.parts[1] == Say("たとえば:\n・合成データは使っていますか。")
    assert card.buttons == ()


def test_who_asks_what_there_is_reads_the_lecturers_and_their_talks() -> None:
    assert Card(
        (
            Say("FAQ には、4 件の質問と回答があります。"),
            Say(
                "・山田 花子 先生「コーパスの作り方」: 2 件\n"
                "・佐藤 一郎 先生「大規模言語モデルの評価」: 2 件"
            ),
            Small("質問の一覧は、このアプリの「ホーム」タブでご覧いただけます。"),
        )
    ) == _help(Topic.LIST)


def test_of_very_many_talks_the_rest_are_counted() -> None:
    many = tuple(replace(SYNTHETIC, id=f"y-{n}", talk=f"第 {n} 回") for n in range(MAX_TALKS + 2))
    card = JA.reply(Help(Topic.LIST), "a1", entries=many)
    assert card is not None
    assert isinstance(card.parts[1], Say)
    assert card.parts[1].text.endswith("\n・さらに 2 件")


def test_entries_without_lecturer_and_talk_are_counted_too() -> None:
    bare = replace(SYNTHETIC, lecturer="", talk="")
    card = JA.reply(Help(Topic.LIST), "a1", entries=(HALLUCINATION, bare))
    assert card is not None
    assert isinstance(card.parts[1], Say)
    assert card.parts[1].text.endswith("\n・そのほか: 1 件")


def test_where_no_entry_has_lecturer_or_talk_there_is_no_rest_to_count() -> None:
    bare = replace(SYNTHETIC, lecturer="", talk="")
    card = JA.reply(Help(Topic.LIST), "a1", entries=(bare,))
    assert card == Card((Say("FAQ には、1 件の質問と回答があります。"),))


def test_in_a_list_entries_without_lecturer_and_talk_are_not_taken_for_another_talks() -> None:
    bare = replace(SYNTHETIC, id="bare", lecturer="", talk="")
    office = replace(bare, id="office", lecturer="事務局")

    def headings(*entries: Entry) -> list[tuple[str, str]]:
        return [(talk.title, talk.lecturer) for talk in JA.pages(entries, 0).talks]

    assert headings(office, bare) == [("", "事務局"), ("", "そのほか")]
    assert headings(bare) == [("", "")]


@pytest.mark.parametrize("topic", [Topic.THANKS, Topic.NOTED])
def test_thanks_get_one_line_and_no_lecture(topic: Topic) -> None:
    card = _help(topic)
    assert (1, ()) == (len(card.parts), card.buttons)


@pytest.mark.parametrize("topic", [Topic.MORE, Topic.WRONG, Topic.ASK_LECTURER])
def test_who_wants_more_than_the_answer_is_led_to_the_lecturers(topic: Topic) -> None:
    card = _help(topic)
    assert [Action.ASK_LECTURER] == [button.action for button in card.buttons]
    assert isinstance(card.parts[0], Say)
    assert "「講師に聞く」" in card.parts[0].text


@pytest.mark.parametrize("topic", Topic)
def test_the_command_speaks_of_no_button_for_it_shows_none(topic: Topic) -> None:
    card = _help(topic, "cli", *([hit(SYNTHETIC)] if topic is Topic.ENTRIES else []))
    labels = {text for key, text in TEXTS["ja"].items() if key.startswith("label.")}
    assert [label for label in labels if f"「{label}」" in str(card.parts)] == []


def test_who_says_that_an_answer_is_wrong_reads_what_to_press() -> None:
    said = _help(Topic.WRONG).parts[0]
    assert isinstance(said, Say)
    assert "「違う」を押すと" in said.text


def test_a_lecturers_entries_can_be_chosen_in_order() -> None:
    card = _help(Topic.ENTRIES, "discord", hit(SYNTHETIC), hit(CURRICULUM))
    assert card.parts[0] == Say("山田 花子 先生が答えた質問です。")
    assert ["0", "1", ""] == [button.argument for button in card.buttons]
    assert card.parts[-1] == Small("質問の一覧は、/faq-list でご覧いただけます。")


def test_an_entry_that_speaks_of_what_was_said_can_be_chosen_from_the_help() -> None:
    card = _help(Topic.LIST, "slack", hit(BENCHMARK))
    assert Say("お探しの質問は、こちらでしょうか？") in card.parts
    assert ["choose", "none"] == [button.action.value for button in card.buttons]


@pytest.mark.parametrize("platform", [*PLATFORMS, "console", "cli"])
@pytest.mark.parametrize(
    "topic",
    [Topic.LIST, Topic.ASKING, Topic.GREETING, Topic.MORE, Topic.WRONG, Topic.ASK_LECTURER],
)
def test_help_says_how_to_browse_on_each_platform(platform: str, topic: Topic) -> None:
    assert _help(topic, platform).parts[-1] == Small(TEXTS["ja"][f"browse.{platform}"])


@pytest.mark.parametrize("locale", ["ja", "en"])
@pytest.mark.parametrize("topic", Topic)
def test_every_topic_has_words(locale: Literal["ja", "en"], topic: Topic) -> None:
    hits = (hit(SYNTHETIC),) if topic is Topic.ENTRIES else ()
    card = Wording(locale).reply(Help(topic, hits), "a1", entries=FAQ)
    assert card is not None
    assert all("{" not in part.text for part in card.parts if isinstance(part, Say | Small))


def test_silence_has_no_card() -> None:
    assert JA.reply(Silence(Reason.NOT_SURE), "a1") is None


def test_a_cut_question_is_told_so() -> None:
    card = JA.reply(Answer((hit(SYNTHETIC),)), "a1", cut=True)
    assert card is not None
    assert card.parts[-1] == Small("質問が長いため、はじめの部分だけで探しました。")


@pytest.mark.parametrize("locale", ["ja", "en"])
def test_every_action_has_a_label_and_every_label_fits(locale: Literal["ja", "en"]) -> None:
    """Slack allows the shortest ones."""
    texts = TEXTS[locale]
    wanted = {f"label.{action.value}" for action in Action} - {"label.choose", "label.unknown"}
    assert wanted == {key for key in texts if key.startswith("label.")}
    assert all(len(texts[key]) <= 75 for key in wanted)


def test_one_suggestion_is_asked_about_in_the_singular() -> None:
    card = JA.reply(Suggestions((hit(SYNTHETIC),)), "a1")
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
        ("葛\U000e0100葛\U000e0100", 5, "葛\U000e0100…"),
        ("資料は https://example.jp/abc にありますか", 20, "資料は…"),
        ("https://example.jp/abcdefg", 20, "example…"),
    ],
)
def test_a_long_label_is_cut_at_a_sensible_place(text: str, limit: int, expected: str) -> None:
    assert expected == one_line(text, limit)


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


@pytest.mark.fault(106)
def test_a_link_is_left_out_only_where_the_answer_has_all_of_it() -> None:
    answer = "https://example.jp/abc と faq@example.jp と https://example.jp/Hey! です。"
    links = (
        "https://example.jp/abc",
        "https://example.jp/ab",
        "https://example.jp/Hey!",
        "mailto:faq@example.jp",
    )
    card = JA.entry(replace(BENCHMARK, answer=answer, links=links))
    (credit,) = (part for part in card.parts if isinstance(part, Credit))
    assert ("https://example.jp/ab", "https://example.jp/Hey!") == credit.links
