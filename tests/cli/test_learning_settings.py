"""How what is answered in chat becomes an entry: the settings, and what doctor says of them."""

from datetime import time

import pytest

from bot.settings import LearningSettings, SettingsError
from tests.cli.conftest import Faqbot


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("off", None),
        ("OFF", None),
        ("mon 09:00", (0, time(9))),
        ("Sun  23:59", (6, time(23, 59))),
        ("fri 7:05", (4, time(7, 5))),
    ],
)
def test_the_digest_comes_at_a_moment_of_the_week(
    text: str, moment: tuple[int, time] | None
) -> None:
    assert moment == LearningSettings(digest=text).weekly


@pytest.mark.parametrize("text", ["monday 09:00", "mon", "09:00", "mon 24:00", "mon 9", "月 9:00"])
def test_what_is_no_moment_says_how_one_is_written(text: str) -> None:
    with pytest.raises(SettingsError, match=r"^FAQBOT_LEARNING__DIGEST: .*mon 09:00"):
        LearningSettings(digest=text)


def test_doctor_shows_them_and_refuses_wrong_ones(faqbot: Faqbot) -> None:
    usual = faqbot("doctor", "--offline", FAQBOT_HTTP__PORT="0").stdout
    assert "ok   learning: チャットでの回答は、回答できる人ならだれでも公開できます\n" in usual
    settings = {"FAQBOT_LEARNING__REVIEW": "other", "FAQBOT_LEARNING__DIGEST": "mon 09:00"}
    shown = faqbot("doctor", "--offline", FAQBOT_HTTP__PORT="0", **settings).stdout
    assert "書いた人とは別の人が公開します。週のまとめ: mon 09:00\n" in shown

    wrong = {"FAQBOT_LEARNING__REVIEW": "nobody", "FAQBOT_LEARNING__DIGEST": "月曜"}
    shown = faqbot("doctor", "--offline", FAQBOT_HTTP__PORT="0", **wrong).stdout
    assert "FAIL settings: learning: FAQBOT_LEARNING__REVIEW: " in shown
    done = faqbot("run", stdin="", FAQBOT_LEARNING__DIGEST="月曜")
    assert 2 == done.returncode
    assert 'mon 09:00" のように' in done.stderr
