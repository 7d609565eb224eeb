"""The README names every command and every setting, with its default."""

import dataclasses

import pytest

from adapters.cli.config import ALIASES, SECTIONS
from adapters.cli.main import COMMANDS
from tests.architecture.test_documents import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
RENAMED = {key: name for name, key in ALIASES.items()}
SETTINGS = [
    RENAMED.get(key) or "FAQBOT_" + key.upper().replace(".", "__")
    for section, model in SECTIONS.items()
    for key in (f"{section}.{field.name}".lstrip(".") for field in dataclasses.fields(model))
]


@pytest.mark.parametrize("command", COMMANDS)
def test_the_readme_names_every_command(command: str) -> None:
    assert f"`faqbot {command}" in README


@pytest.mark.parametrize("setting", SETTINGS)
def test_the_readme_names_every_setting(setting: str) -> None:
    assert f"`{setting}`" in README
