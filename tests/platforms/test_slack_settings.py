"""Slack's settings are checked all at once, and never shown."""

import dataclasses
import re
from pathlib import Path

import pytest

from adapters.slack import SlackSettings
from bot.settings import Secret, SettingsError

GUIDE = Path(__file__).parents[2] / "docs" / "operators" / "slack.md"
BOT = Secret("xoxb-1-fake")
APP = Secret("xapp-1-fake")
SIGNING = Secret("0123456789abcdef0123456789abcdef")


def test_no_settings_at_all_are_fine_and_mean_no_slack() -> None:
    assert SlackSettings().bot_token is None


@pytest.mark.parametrize("door", [{"app_token": APP}, {"signing_secret": SIGNING}])
def test_a_bot_token_needs_one_door(door: dict[str, Secret]) -> None:
    assert SlackSettings(bot_token=BOT, **door).bot_token == BOT  # type: ignore[arg-type]


def test_a_bot_token_alone_is_not_enough() -> None:
    with pytest.raises(SettingsError, match=r"SLACK_APP_TOKEN .* or SLACK_SIGNING_SECRET"):
        SlackSettings(bot_token=BOT)


def test_a_door_without_a_bot_token_is_not_enough() -> None:
    with pytest.raises(SettingsError, match="SLACK_BOT_TOKEN is missing"):
        SlackSettings(app_token=APP)


@pytest.mark.fault(81)
def test_every_problem_is_named_at_once_and_no_value_is_shown() -> None:
    with pytest.raises(SettingsError, match="SLACK_BOT_TOKEN") as caught:
        SlackSettings(
            bot_token=Secret("xapp-marker"),
            app_token=Secret("xoxb-marker"),
            signing_secret=Secret("xoxp-marker"),
            watch=("general",),
            organisers="#help",
            api_url="slack.com",
        )
    lines = str(caught.value).splitlines()
    assert [line.split(" ")[0].rstrip(":") for line in lines] == [
        "SLACK_BOT_TOKEN",
        "SLACK_APP_TOKEN",
        "SLACK_SIGNING_SECRET",
        "FAQBOT_SLACK__WATCH",
        "FAQBOT_SLACK__ORGANISERS",
        "FAQBOT_SLACK__API_URL",
    ]
    assert "marker" not in str(caught.value)
    assert "but holds an app-level token" in lines[0]


@pytest.mark.fault(81)
@pytest.mark.parametrize("value", ['"xoxb-1"', "xoxb-1\n", "xoxb 1", "xoxp-1", "hello"])
def test_a_token_that_was_copied_wrongly_is_refused(value: str) -> None:
    with pytest.raises(SettingsError, match="SLACK_BOT_TOKEN"):
        SlackSettings(bot_token=Secret(value), app_token=APP)


def test_every_setting_is_in_the_operators_guide() -> None:
    guide = GUIDE.read_text(encoding="utf-8")
    names = [field.name.upper() for field in dataclasses.fields(SlackSettings)]
    assert [n for n in names if f"SLACK_{n}" not in guide and f"SLACK__{n}" not in guide] == []


def test_the_first_answer_is_at_most_six_steps_away() -> None:
    steps = re.findall(r"^(\d+)\. ", GUIDE.read_text(encoding="utf-8"), re.MULTILINE)
    assert steps == ["1", "2", "3", "4", "5", "6"]


@pytest.mark.parametrize("group", ["@staff", "C0STAFF", "S0staff"])
def test_a_user_group_is_named_by_its_id(group: str) -> None:
    with pytest.raises(SettingsError, match="FAQBOT_SLACK__ORGANISER_GROUP"):
        SlackSettings(organiser_group=group)
