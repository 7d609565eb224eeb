"""``faqbot doctor`` looks at everything, and ends with 1 where something is wrong."""

import asyncio
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from adapters.cli import config
from adapters.cli.doctor import command
from adapters.web.server import listening, serving
from adapters.web.settings import HttpSettings
from bot.telemetry.health import Health
from bot.telemetry.metrics import Metrics
from tests.cli.conftest import PROJECT
from tests.platforms.test_web import free_port


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def doctor(*args: str, **environ: str) -> Result:
    environ.setdefault("FAQBOT_HTTP__PORT", "0")
    environ.setdefault("FAQBOT_DATA", str(PROJECT / "data"))
    return CliRunner().invoke(command, args, obj=config.load(environ, Path()))


def test_all_is_well_without_any_platform() -> None:
    done = doctor("--offline")
    assert (done.exit_code, done.output.splitlines()[-1]) == (0, "all well")
    looked_at = {line[5:].partition(":")[0] for line in done.output.splitlines()[:-1]}
    assert {"settings", "dictionary", "faq", "database", "slack"} <= looked_at


def test_fault_81_every_wrong_setting_is_named_and_none_is_shown() -> None:
    done = doctor(
        "--offline",
        FAQBOT_SLACK__BOT_TOKEN="xapp-marker",
        FAQBOT_SLACK__APP_TOKEN="xoxb-marker",
        FAQBOT_POLICY__STRICTNESS="7",
    )
    assert done.exit_code == 1
    assert "SLACK_BOT_TOKEN must start with xoxb-, but holds an app-level token" in done.output
    assert "SLACK_APP_TOKEN must start with xapp-, but holds a bot token" in done.output
    assert "FAQBOT_POLICY__STRICTNESS" in done.output
    assert "marker" not in done.output


def test_what_others_can_read_and_that_there_is_no_faq_are_told_with_their_remedies(
    here: Path,
) -> None:
    (here / ".env").touch(0o644)
    done = doctor("--offline", FAQBOT_DATA="data")
    assert done.exit_code == 1
    assert "FAIL settings: others can read .env and its tokens: chmod 600 .env" in done.output
    assert "faqbot init" in done.output


def test_an_unusable_faq_and_database_are_told_with_their_remedies(here: Path) -> None:
    (here / "faq.txt").write_text("これは表ではない", encoding="utf-8")
    (here / "db").write_text("no database at all, but text" * 100, encoding="utf-8")
    done = doctor("--offline", FAQBOT_DATA="faq.txt", FAQBOT_DATABASE_URL="sqlite:///db")
    assert done.exit_code == 1
    assert "FAIL faq:" in done.output
    assert "FAIL database:" in done.output
    assert done.output.splitlines()[-1] == "2 to mend"


async def test_a_bot_that_runs_is_asked_how_it_is_and_keeps_its_database() -> None:
    port, health = free_port(), Health()
    health.report("store", True)
    health.report("slack", False, "Socket Mode was switched off. Switch it on.")
    with listening(HttpSettings(port=port)) as sockets:
        async with serving(sockets, health, Metrics()):
            done = await asyncio.to_thread(doctor, "--offline", FAQBOT_HTTP__PORT=str(port))
    lines = done.output.splitlines()
    assert done.exit_code == 1
    assert "ok   running bot: store: works" in lines
    assert "FAIL running bot: slack: Socket Mode was switched off. Switch it on." in lines
    assert not [line for line in lines if "database" in line]
