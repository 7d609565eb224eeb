"""Secrets that stand in files, and what others can read: the settings of containers."""

import os
import threading
import typing
from pathlib import Path

import pytest

from adapters.cli import config
from adapters.cli.config import SECRETS, SECTIONS
from adapters.discord import DiscordSettings
from adapters.slack import SlackSettings
from bot.settings import CoreSettings, Secret, SettingsError
from tests.cli.conftest import Faqbot

BOT, APP, SIGNING = "xoxb-1-marker", "xapp-1-marker", "0123456789abcdef0123456789abcdef"


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    """A folder of secrets as container runtimes mount it; some end with a line break."""
    folder = tmp_path / "secrets"
    folder.mkdir()
    for name, text in {
        "bot": f"{BOT}\n",
        "app": APP,
        "signing": f"{SIGNING}\r\n",
        "discord": "MTk4.marker\n",
        "url": "postgresql+psycopg://bot:marker@db/faq\n",
    }.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_every_secret_may_stand_in_a_file(tmp_path: Path, secrets: Path) -> None:
    found = config.load(
        {
            "SLACK_BOT_TOKEN_FILE": str(secrets / "bot"),
            "SLACK_APP_TOKEN_FILE": str(secrets / "app"),
            "SLACK_SIGNING_SECRET_FILE": str(secrets / "signing"),
            "DISCORD_TOKEN_FILE": str(secrets / "discord"),
            "FAQBOT_DATABASE_URL_FILE": str(secrets / "url"),
        },
        tmp_path,
    )

    slack = found.section(SlackSettings)
    assert (Secret(BOT), Secret(APP)) == (slack.bot_token, slack.app_token)
    assert Secret(SIGNING) == slack.signing_secret
    assert Secret("MTk4.marker") == found.section(DiscordSettings).token
    assert "postgresql+psycopg://bot:marker@db/faq" == found.section(CoreSettings).database_url


def test_no_secret_was_forgotten() -> None:
    secret = {
        f"{section}.{name}"
        for section, model in SECTIONS.items()
        for name, kind in typing.get_type_hints(model).items()
        if Secret in typing.get_args(kind)
    }

    assert {*secret, "database_url"} == set(SECRETS)


def test_dotenv_and_toml_may_name_files_too_and_the_environment_wins(
    tmp_path: Path, secrets: Path
) -> None:
    (tmp_path / ".env").write_text(f"DISCORD_TOKEN_FILE={secrets / 'discord'}\n")
    (tmp_path / "faqbot.toml").write_text(
        f'database_url_file = "{secrets / "url"}"\n[discord]\ntoken_file = "nowhere"\n'
    )

    found = config.load({}, tmp_path)
    assert Secret("MTk4.marker") == found.section(DiscordSettings).token
    assert found.section(CoreSettings).database_url.endswith("@db/faq")
    over = config.load({"DISCORD_TOKEN": "MTk5.other"}, tmp_path)
    assert Secret("MTk5.other") == over.section(DiscordSettings).token


def test_a_secret_given_twice_in_one_place_is_refused(tmp_path: Path, secrets: Path) -> None:
    given = {"DISCORD_TOKEN": "MTk4.marker", "DISCORD_TOKEN_FILE": str(secrets / "discord")}

    with pytest.raises(SettingsError, match="DISCORD_TOKEN and DISCORD_TOKEN_FILE: remove one"):
        config.load(given, tmp_path)


@pytest.mark.fault(81)
@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("missing", None, "missing can't be read: No such file or directory"),
        ("empty", b" \n", "empty is empty"),
        ("binary", b"\xff\xfe\x00", "binary can't be read: no UTF-8"),
        (".", None, "can't be read: Is a directory"),
        ("swapped", APP.encode(), "must start with xoxb-, but holds an app-level token"),
    ],
)
def test_an_unusable_file_is_named_and_no_secret_is_shown(
    tmp_path: Path, name: str, data: bytes | None, says: str
) -> None:
    if data is not None:
        (tmp_path / name).write_bytes(data)
    found = config.load({"SLACK_BOT_TOKEN_FILE": str(tmp_path / name)}, tmp_path)

    with pytest.raises(SettingsError, match="SLACK_BOT_TOKEN") as caught:
        found.section(SlackSettings)
    assert says in str(caught.value)
    assert "marker" not in str(caught.value)


def test_a_file_is_read_when_its_section_is_used(tmp_path: Path) -> None:
    """Whoever only asks needn't be able to read the tokens."""
    found = config.load({"SLACK_BOT_TOKEN_FILE": "nowhere"}, tmp_path)

    assert "ja" == found.section(CoreSettings).locale


def test_a_file_is_read_once_however_often_its_section_is_used(tmp_path: Path) -> None:
    """A pipe has nothing more the second time, and a secret that is being replaced another one."""
    secret = tmp_path / "secret"
    secret.write_text("MTk4.marker")
    found = config.load({"DISCORD_TOKEN_FILE": str(secret)}, tmp_path)

    before = found.section(DiscordSettings)
    secret.write_text("")

    assert (before, {}) == (found.section(DiscordSettings), found.faults())


def test_an_unusable_file_stays_unusable_until_the_next_start(tmp_path: Path) -> None:
    found = config.load({"SLACK_BOT_TOKEN_FILE": str(tmp_path / "secret")}, tmp_path)

    for _ in range(2):
        with pytest.raises(SettingsError, match="SLACK_BOT_TOKEN_FILE"):
            found.section(SlackSettings)
        (tmp_path / "secret").write_text(BOT)


def test_a_secret_may_come_by_a_pipe_also_where_something_is_wrong(
    faqbot: Faqbot, tmp_path: Path
) -> None:
    """To say so, the settings are read anew: nobody writes into the pipe a second time."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "faqbot.toml").write_text('locale = "en"\n')
    writes = threading.Thread(target=(tmp_path / "pipe").write_text, args=("mysql://bot@db/faq",))
    writes.start()

    done = faqbot("stats", FAQBOT_DATABASE_URL_FILE="pipe")

    writes.join()
    assert 2 == done.returncode
    assert done.stderr.startswith("error: ")


@pytest.mark.parametrize("name", ["FAQBOT_LOCALE_FILE", "FAQBOT_DATABASE_FILE", "FAQBOT_TYPO"])
def test_only_secrets_have_a_file_and_a_typing_error_is_found(tmp_path: Path, name: str) -> None:
    with pytest.raises(SettingsError, match=f"{name} is no setting"):
        config.load({name: "x"}, tmp_path)


@pytest.mark.fault(82)
def test_what_others_can_read_is_told_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert () == config.exposed()
    (tmp_path / ".env").touch(0o640)
    (tmp_path / "var").mkdir(mode=0o755)

    (_, for_env), (_, for_var) = config.exposed()

    assert for_env == "chmod 600 .env"
    assert for_var == "chmod 700 var"
    (tmp_path / ".env").chmod(0o600)
    (tmp_path / "var").chmod(0o700)
    assert () == config.exposed()
