"""Discord's settings: each wrong value is named, and the token never shown."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from adapters.cli.config import load
from adapters.discord import DiscordSettings
from bot.settings import Secret, SettingsError


@pytest.mark.fault(81)
@pytest.mark.parametrize(
    ("token", "says"),
    [
        ('"abc.def.ghi"', "quotation mark"),
        ("abc.def.ghi\n", "quotation mark or a blank"),
        ("Bot abc.def.ghi", "starts with Bot"),
        ("xoxb-123", "Slack token"),
        ("1234567890123456789", "holds an id"),
    ],
)
def test_a_token_of_the_wrong_kind_is_named_and_not_shown(token: str, says: str) -> None:
    with pytest.raises(SettingsError, match=says) as problem:
        DiscordSettings(token=Secret(token))
    assert "DISCORD_TOKEN" in str(problem.value)
    assert token.strip('"\n') not in str(problem.value)


@pytest.mark.fault(81)
def test_all_problems_are_said_at_once() -> None:
    with pytest.raises(SettingsError, match="DISCORD_TOKEN") as problem:
        DiscordSettings(
            token=Secret("a b"),
            watch=("12", "#general"),
            organisers="C0123",
            organiser_role="@運営",
            guilds=("x",),
            api_url="https://example.org/",
        )
    said = str(problem.value)
    for name in ("WATCH", "ORGANISERS", "ORGANISER_ROLE", "GUILDS", "API_URL"):
        assert f"FAQBOT_DISCORD__{name}" in said
    assert "'#general'" in said
    assert "'12'" not in said


@pytest.mark.fault(81)
@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"shards": (0,)}, "FAQBOT_DISCORD__SHARD_COUNT"),
        ({"shards": (2,), "shard_count": 2}, "from 0 to 1"),
        ({"shard_count": 0}, "1 or more"),
        ({"lease": 0.0}, "FAQBOT_DISCORD__LEASE"),
    ],
)
def test_shards_that_there_cannot_be_are_named(given: dict[str, Any], says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        DiscordSettings(**given)


def test_shards_are_read_from_the_environment(tmp_path: Path) -> None:
    given = {"SHARDS": "[0, 2]", "SHARD_COUNT": "3", "LEASE": "5"}
    environ = {f"FAQBOT_DISCORD__{name}": value for name, value in given.items()}
    settings = load(environ, tmp_path).section(DiscordSettings)
    assert (settings.shards, settings.shard_count, settings.lease) == ((0, 2), 3, 5.0)


def test_the_settings_do_not_import_the_library() -> None:
    code = "import sys, adapters.discord; sys.exit('discord' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
