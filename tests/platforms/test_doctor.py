"""``faqbot doctor`` looks at everything, changes nothing, and says what is wrong."""

import asyncio
import re
import socket
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from adapters.cli import config
from adapters.cli.doctor import doctor as command
from adapters.web import HttpSettings
from adapters.web.server import listening, serving
from bot.settings import CoreSettings
from bot.store import Database
from bot.telemetry import Health
from bot.telemetry.metrics import Metrics
from tests.architecture.test_files import JAPANESE
from tests.cli.conftest import PROJECT
from tests.platforms.test_web import free_port

USUAL = {"FAQBOT_DATA": str(PROJECT / "data"), "FAQBOT_HTTP__PORT": "0",
         "FAQBOT_SEARCH__MEANING": "off"}  # fmt: skip
"""Without the encoder, which takes as long to load as all the rest."""
TOKENS = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"}


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def doctor(*args: str, **environ: str) -> Result:
    given = {**USUAL, "FAQBOT_LOCALE": "en", **environ}
    return CliRunner().invoke(command, args, obj=config.load(given, Path(), lenient=True))


def test_all_is_well_without_any_platform() -> None:
    done = doctor("--offline", FAQBOT_SEARCH__MEANING="on")
    assert (done.exit_code, done.output.splitlines()[-1]) == (0, "all well")
    looked_at = {line[5:].partition(":")[0] for line in done.output.splitlines()[:-1]}
    assert {"settings", "dictionary", "meaning", "faq", "database", "slack"} <= looked_at


def test_nothing_is_made_of_what_is_looked_at(here: Path) -> None:
    doctor("--offline", **TOKENS, FAQBOT_DATABASE_URL="sqlite:///deep/down/faqbot.db")
    assert list(here.iterdir()) == []


@pytest.mark.fault(81)
def test_every_wrong_setting_is_named_and_none_is_shown() -> None:
    done = doctor(
        "--offline",
        FAQBOT_SLACK__BOT_TOKEN="xapp-marker",
        FAQBOT_SLACK__APP_TOKEN="xoxb-marker",
        FAQBOT_POLICY__STRICTNESS="7",
    )
    assert done.exit_code == 1
    assert "SLACK_BOT_TOKEN must start with xoxb-, but holds an app-level token" in done.output
    assert "SLACK_APP_TOKEN must start with xapp-, but holds a bot token" in done.output
    assert "FAQBOT_POLICY__STRICTNESS: expected a number from 0.0 to 1.0." in done.output
    assert "marker" not in done.output


@pytest.mark.parametrize(
    ("setting", "value", "allowed"),
    [
        ("FAQBOT_LOCALE", "fr", "ja, en"),
        ("FAQBOT_LOG__LEVEL", "loud", "debug, info, warning, error"),
    ],
)
def test_a_value_that_cannot_be_chosen_is_told_with_those_that_can(
    setting: str, value: str, allowed: str
) -> None:
    done = doctor("--offline", **{setting: value})
    assert done.exit_code == 1
    (line,) = [line for line in done.output.splitlines() if line.startswith("FAIL")]
    assert all(said in line for said in (setting, f"'{value}'", allowed))


@pytest.mark.fault(81)
@pytest.mark.parametrize(
    ("variable", "value", "meant"),
    [
        ("SLACK_TOKEN", "xoxb-marker", "SLACK_BOT_TOKEN"),
        ("SLACK_API_TOKEN", "xoxb-marker", "SLACK_BOT_TOKEN"),
        ("SLACK_TOKEN", "xapp-marker", "SLACK_APP_TOKEN"),
        ("BOT_TOKEN", "xoxb-marker", "SLACK_BOT_TOKEN"),
        ("SLACK_SECRET", "marker", "SLACK_SIGNING_SECRET"),
        ("DISCORD_BOT_TOKEN", "marker", "DISCORD_TOKEN"),
        ("discord_token", "marker", "DISCORD_TOKEN"),
        ("DISCORD_TOKENS_FILE", "marker", "DISCORD_TOKEN_FILE"),
    ],
)
@pytest.mark.parametrize("where", ["environment", ".env"])
def test_a_misnamed_variable_is_named_with_the_one_that_was_meant(
    here: Path, variable: str, value: str, meant: str, where: str
) -> None:
    given = {variable: value} if where == "environment" else {}
    if where == ".env":
        (here / ".env").write_text(f"{variable}={value}\n", encoding="utf-8")
        (here / ".env").chmod(0o600)
    found = config.load({**USUAL, **given}, Path())
    done = CliRunner().invoke(command, ["--offline"], obj=found)
    assert done.exit_code == 1
    assert f"{variable} という設定はありません。{meant} の間違い" in done.output
    assert "marker" not in done.output


@pytest.mark.fault(81)
def test_settings_that_do_not_exist_are_told_beside_the_rest(here: Path) -> None:
    (here / "faqbot.toml").write_text("[slak]\nwatch = []\n[limits]\nmember = 0\n")
    done = doctor("--offline", FAQBOT_SLACK_BOT_TOKEN="marker", FAQBOT_HTTP__HOST=" ")
    assert done.exit_code == 1
    lines = done.output.splitlines()
    for said in (
        "FAIL settings: faqbot.toml: slak.watch is no setting; did you mean slack.watch?",
        "FAIL settings: FAQBOT_SLACK_BOT_TOKEN is no setting; did you mean "
        "FAQBOT_SLACK__BOT_TOKEN?",
        "FAIL settings: FAQBOT_HTTP__HOST is empty: give it a value, or remove it.",
        "FAIL settings: limits: faqbot.toml: limits.member: expected a number, 1 or more.",
        "ok   dictionary: Sudachi can be used",
    ):
        assert said in lines
    assert "marker" not in done.output


def test_a_variable_of_another_program_is_left_alone() -> None:
    done = doctor("--offline", SLACK_WEBHOOK_URL="https://example.org", FAQ_DIR="x", HOME="/")
    assert (done.exit_code, "note" in done.output) == (0, False)
    assert doctor("--offline", **TOKENS, SLACK_TOKEN="xoxb-2").exit_code == 0


@pytest.mark.parametrize(
    ("variable", "meant"),
    [("DISCORD_GUILD", "FAQBOT_DISCORD__GUILDS"), ("FAQ_BOT_DATABASE_URL", "FAQBOT_DATABASE_URL")],
)
def test_what_may_be_meant_for_a_setting_that_can_do_without_is_remarked(
    variable: str, meant: str
) -> None:
    done = doctor("--offline", **{variable: "1"})
    assert done.exit_code == 0
    said = f"note settings: {variable} is no setting; did you mean {meant}?"
    assert said in done.output.splitlines()


@pytest.mark.fault(82)
def test_what_others_can_read_is_remarked_and_is_no_failure(here: Path) -> None:
    (here / ".env").write_text("FAQBOT_LOCALE=en\n", encoding="utf-8")
    (here / ".env").chmod(0o644)
    done = doctor("--offline")
    assert done.exit_code == 0
    lines = done.output.splitlines()
    remark = lines.index("note settings: others can read .env and its tokens")
    assert lines[remark + 1].strip() == "chmod 600 .env"


def test_an_unusable_faq_and_database_are_told_with_their_remedies(here: Path) -> None:
    (here / "faq.txt").write_text("これは表ではない", encoding="utf-8")
    (here / "db").write_text("no database at all, but text" * 100, encoding="utf-8")
    done = doctor("--offline", FAQBOT_DATA="faq.txt", FAQBOT_DATABASE_URL="sqlite:///db")
    assert done.exit_code == 1
    assert "FAIL faq:" in done.output
    assert "FAIL database:" in done.output
    assert done.output.splitlines()[-1] == "2 to mend"


def test_a_database_that_a_chat_has_open_is_looked_into_beside_it(here: Path) -> None:
    chat = Database.open(CoreSettings().database_url)
    try:
        done = doctor("--offline")
    finally:
        chat.close()
    assert done.exit_code == 0
    assert "ok   database: it is sound and can be written to" in done.output.splitlines()


def test_a_place_for_the_database_that_is_no_folder_is_told(here: Path) -> None:
    (here / "taken").write_text("a file", encoding="utf-8")
    done = doctor("--offline", FAQBOT_DATABASE_URL="sqlite:///taken/faqbot.db")
    assert done.exit_code == 1
    assert "FAIL database:" in done.output


def test_a_port_in_use_is_told_before_a_start_finds_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = doctor("--offline", **TOKENS, FAQBOT_HTTP__PORT=port)
    assert done.exit_code == 1
    assert f"FAIL http: 127.0.0.1:{port} can't be listened on" in done.output
    assert (
        f"ok   http: 127.0.0.1:{port} is free"
        in doctor("--offline", **TOKENS, FAQBOT_HTTP__PORT=port).output
    )


@pytest.mark.parametrize("host", ["a..b", "x y"])
def test_a_host_that_is_no_name_is_told_with_the_rest(host: str) -> None:
    done = doctor("--offline", **TOKENS, FAQBOT_HTTP__PORT="8080", FAQBOT_HTTP__HOST=host)
    assert done.exit_code == 1
    assert f"FAIL http: {host}:8080 can't be listened on" in done.output


@pytest.mark.fault(94)
def test_an_organisers_channel_of_a_platform_that_is_not_served_is_told() -> None:
    done = doctor("--offline", **TOKENS, FAQBOT_DISCORD__ORGANISERS="1234567890123456789")
    assert done.exit_code == 1
    assert "FAQBOT_DISCORD__ORGANISERS is set, but that platform isn't" in done.output
    done = doctor("--offline", **TOKENS)
    assert done.exit_code == 0
    assert "note organisers: no channel for unanswered questions" in done.output.splitlines()
    done = doctor("--offline", **TOKENS, FAQBOT_SLACK__ORGANISERS="C0123ABCD")
    assert "organisers:" not in done.output


async def test_a_bot_that_runs_is_asked_how_it_is_and_its_database_is_looked_into(
    here: Path,
) -> None:
    port, health = free_port(), Health()
    health.report("store", True)
    health.report("meaning", True, "loading")
    health.report("slack", False, "Socket Mode was switched off. Switch it on.", vital=True)
    bot = Database.open(CoreSettings().database_url)
    with listening(HttpSettings(port=port)) as sockets:
        async with serving(sockets, health, Metrics()):
            done = await asyncio.to_thread(
                doctor, "--offline", **TOKENS, FAQBOT_HTTP__PORT=str(port)
            )
    bot.close()
    lines = done.output.splitlines()
    assert done.exit_code == 1
    assert "ok   running bot: store: works" in lines
    assert "ok   running bot: meaning: loading" in lines
    assert "FAIL running bot: slack: Socket Mode was switched off. Switch it on." in lines
    assert "ok   database: it is sound and can be written to" in lines


def test_it_speaks_japanese_unless_told_otherwise(here: Path) -> None:
    (here / "db").write_text("no database", encoding="utf-8")
    (here / ".env").touch(0o644)
    done = CliRunner().invoke(
        command,
        ["--offline"],
        obj=config.load(
            {
                "FAQBOT_DATA": str(PROJECT / "data"),
                "SLACK_BOT_TOKEN": "xoxb-1",
                "SLACK_TOKENS": "x",
                "FAQBOT_HTTP__PORT": "http",
                "FAQBOT_DATABASE_URL": "sqlite:///db",
                "FAQBOT_DISCORD__WATCH": "[1, 2",
                "FAQBOT_DISCORD__ORGANISERS": "general",
            },
            Path(),
        ),
    )
    assert done.exit_code == 1
    for line in done.output.splitlines():
        said = re.sub(r"^(ok  |note|FAIL) |^ +", "", line)
        assert JAPANESE.search(said) or said.startswith("chmod "), line
