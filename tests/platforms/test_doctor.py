"""``faqbot doctor`` looks at everything, and ends with 1 where something is wrong."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from adapters.cli import config
from adapters.cli.doctor import command
from adapters.slack.settings import SlackSettings


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(config, "SECTIONS", {**config.SECTIONS, "slack": SlackSettings})
    return tmp_path


def doctor(*args: str, **environ: str) -> Result:
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


def test_an_unusable_faq_and_database_are_told_with_their_remedies(here: Path) -> None:
    (here / "faq.txt").write_text("これは表ではない", encoding="utf-8")
    (here / "db").write_text("no database at all, but text" * 100, encoding="utf-8")
    done = doctor("--offline", FAQBOT_DATA="faq.txt", FAQBOT_DATABASE_URL="sqlite:///db")
    assert done.exit_code == 1
    assert "FAIL faq:" in done.output
    assert "FAIL database:" in done.output
    assert done.output.splitlines()[-1] == "2 to mend"
