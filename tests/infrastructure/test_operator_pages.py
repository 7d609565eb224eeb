"""What the operators' pages quote of logs, errors and health is what the bot says."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs/operators"


def open_(text: str) -> str:
    """Return a text with … for what differs each time: placeholders, and settings' names."""
    return re.sub(r"\{\w+\}|\b(?:SLACK|DISCORD|FAQBOT)_\w+|\d{2,}", "…", text)


SAID = open_(
    "\n".join(
        path.read_text(encoding="utf-8")
        for folder in ("adapters", "bot")
        for suffix in ("py", "toml")
        for path in sorted((ROOT / folder).rglob(f"*.{suffix}"))
    )
)


@pytest.mark.parametrize("name", ["trouble.md", "slack.md", "discord.md"])
def test_what_a_page_quotes_of_a_trouble_is_said(name: str) -> None:
    text = (PAGES / name).read_text(encoding="utf-8")
    _, _, troubles = text.rpartition("| 様子 |")
    rows = re.findall(r"^\| ([^|]+) \|", troubles, re.MULTILINE)
    found = [each for row in rows for each in re.findall(r"`([^`]+)`", row)]
    quoted = [each for each in found if not re.fullmatch(r"[!-~]+", each)]  # no names of things

    parts = [part.strip() for each in quoted for part in open_(each).split("…")]
    assert quoted
    assert [part for part in parts if part not in SAID] == []
