"""What a typed line means."""

import pytest

from adapters.console.inbound import Line, keys, parse
from bot.domain.card import Button
from bot.domain.inbound import Action

BUTTONS = (
    Button("1. 合成データは？", Action.CHOOSE, "ask", "0"),
    Button("2. 評価は？", Action.CHOOSE, "ask", "1"),
    Button("どれでもない", Action.NONE_OF_THESE, "ask"),
)


def test_candidates_are_chosen_by_number_and_none_by_zero() -> None:
    assert {"1": BUTTONS[0], "2": BUTTONS[1], "0": BUTTONS[2]} == keys(BUTTONS)


@pytest.mark.parametrize(
    ("text", "means"),
    [
        (" 2 ", BUTTONS[1]),
        ("0", BUTTONS[2]),
        ("3", "3"),
        ("+", "+"),
        ("", Line.NOTHING),
        ("   ", Line.NOTHING),
        ("/LIST", Line.LIST),
        ("/help", Line.HELP),
        ("/quit", Line.QUIT),
        ("/unknown", "/unknown"),
        ("2 番目のモデルは？", "2 番目のモデルは？"),
    ],
)
def test_a_line_is_a_button_a_command_or_a_question(text: str, means: object) -> None:
    assert means == parse(text, keys(BUTTONS))


def test_buttons_that_need_other_people_have_no_key() -> None:
    share = Button("共有", Action.SHARE, "ask", "0")

    assert {} == keys((share,))
