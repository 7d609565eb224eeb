"""What a typed line means."""

import pytest

from adapters.console.app import Line, commands, parse
from adapters.console.outbound import Key, keys
from bot.domain.card import Button
from bot.domain.inbound import Action
from bot.wording import Wording
from tests.fakes.faq import SYNTHETIC

COMMANDS = commands(Wording("ja").say)
CANDIDATES = (
    Button("1. 合成データは？", Action.CHOOSE, "ask", "0"),
    Button("2. 評価は？", Action.CHOOSE, "ask", "1"),
    Button("どれでもない", Action.NONE_OF_THESE, "ask"),
)
RATING = (
    Button("役に立った", Action.USEFUL, "ask", "0"),
    Button("違う", Action.WRONG, "ask", "0"),
)
NOW: dict[str, Key] = {**keys(CANDIDATES), **keys(RATING), "14": SYNTHETIC}


def test_candidates_are_chosen_by_number_and_none_by_zero() -> None:
    assert {"1": CANDIDATES[0], "2": CANDIDATES[1], "0": CANDIDATES[2]} == keys(CANDIDATES)


def test_each_answer_of_a_card_with_several_has_keys_of_its_own() -> None:
    useful = Button("役に立った", Action.USEFUL, "ask", "1-2")

    assert {
        "+": useful,
        "1+": Button("役に立った", Action.USEFUL, "ask", "1"),
        "2+": Button("役に立った", Action.USEFUL, "ask", "2"),
    } == keys((useful,))


@pytest.mark.fault(116)
@pytest.mark.parametrize(
    ("text", "means"),
    [
        (" 2 ", CANDIDATES[1]),
        ("２", CANDIDATES[1]),
        ("②", CANDIDATES[1]),
        ("2.", CANDIDATES[1]),
        ("０", CANDIDATES[2]),
        ("＋", RATING[0]),
        ("[+]", RATING[0]),
        ("－", RATING[1]),
        ("ー", RATING[1]),
        ("−", RATING[1]),
        ("１４", SYNTHETIC),
        ("", Line.NOTHING),
        (" \u3000 ", Line.NOTHING),
        ("/LIST", Line.LIST),
        ("／ｌｉｓｔ", Line.LIST),
        ("一覧", Line.LIST),
        ("/help", Line.HELP),
        ("help", Line.HELP),
        ("ヘルプ", Line.HELP),
        ("／ヘルプ", Line.HELP),
        ("ﾍﾙﾌﾟ", Line.HELP),
        ("?", Line.HELP),
        ("？", Line.HELP),
        ("/quit", Line.QUIT),
        ("ｅｘｉｔ", Line.QUIT),
        ("Quit", Line.QUIT),
        ("exit()", Line.QUIT),
        ("：ｑ", Line.QUIT),
        ("終了。", Line.QUIT),
        ("!", Line.LECTURER),
        ("！", Line.LECTURER),
    ],
)
def test_keys_and_commands_are_read_full_width_too(text: str, means: object) -> None:
    assert means == parse(text, NOW, COMMANDS)


@pytest.mark.fault(116)
@pytest.mark.parametrize("text", ["3", "９", "99", "1+", "２－", "++", "-1", "3."])
def test_a_key_that_stands_for_nothing_is_no_question(text: str) -> None:
    assert Line.UNUSABLE is parse(text, NOW, COMMANDS)


@pytest.mark.fault(116)
@pytest.mark.parametrize("text", ["/unknown", "／ぃｓｔ", "/faq 合成データは？", "/"])
def test_what_begins_like_a_command_is_no_question(text: str) -> None:
    assert Line.UNKNOWN is parse(text, NOW, COMMANDS)


@pytest.mark.parametrize(
    "text",
    ["2 番目のモデルは？", "help の意味は？", "ＬＬＭとは", "C++ は使いますか", "？？", "..."],
)
def test_anything_else_is_a_question_as_it_was_typed(text: str) -> None:
    assert text == parse(text, NOW, COMMANDS)


def test_an_english_terminal_understands_english_commands() -> None:
    english = commands(Wording("en").say)

    assert [Line.HELP, Line.LIST, Line.QUIT] == [
        parse(text, {}, english) for text in ("help", "/list", "exit")
    ]


def test_buttons_that_need_other_people_have_no_key() -> None:
    share = Button("共有", Action.SHARE, "ask", "0")

    assert {} == keys((share,))
