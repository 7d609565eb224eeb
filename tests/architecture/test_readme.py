"""The reference names every command and setting, and two languages say the same."""

import dataclasses
import re

import pytest

from adapters.cli.config import ALIASES, SECTIONS
from adapters.cli.main import COMMANDS
from tests.architecture.test_documents import ROOT

REFERENCE = (ROOT / "docs/reference.md").read_text(encoding="utf-8")
RENAMED = {key: name for name, key in ALIASES.items()}
SETTINGS = [
    RENAMED.get(key) or "FAQBOT_" + key.upper().replace(".", "__")
    for section, model in SECTIONS.items()
    for key in (f"{section}.{field.name}".lstrip(".") for field in dataclasses.fields(model))
]
PAIRS = [("README.md", "README.ja.md"), ("docs/reference.md", "docs/reference.ja.md")]

_SAID_ALIKE = re.compile(
    r"`[^`]+`|^ (?:yes|no) $|\b\d+\.\d+\b|\b\d{1,3}(?:,\d{3})+\b|docs/pictures/\w+\.png"
)
_TYPED = re.compile(r"^ {4}(\S.*?)\s*(?:#.*)?$", re.MULTILINE)
_SHOWN = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def rows(text: str) -> list[list[list[str]]]:
    """Return what must be the same in any language: each cell's commands, settings and figures."""
    text = text.replace("| はい ", "| yes ").replace("| いいえ ", "| no ")
    return [
        [sorted(_SAID_ALIKE.findall(cell)) for cell in line.strip("|").split("|")]
        for line in text.splitlines()
        if line.startswith("|")
    ]


@pytest.mark.parametrize("command", COMMANDS)
def test_the_reference_names_every_command(command: str) -> None:
    assert f"| `faqbot {command}" in REFERENCE


@pytest.mark.parametrize("setting", SETTINGS)
def test_the_reference_names_every_setting(setting: str) -> None:
    assert f"`{setting}`" in REFERENCE


@pytest.mark.parametrize("names", PAIRS, ids=lambda names: names[0])
def test_both_languages_have_the_same_tables_commands_and_chapters(names: tuple[str, str]) -> None:
    english, japanese = ((ROOT / name).read_text(encoding="utf-8") for name in names)

    assert rows(english) == rows(japanese)
    assert _TYPED.findall(english) == _TYPED.findall(japanese)
    assert _SHOWN.findall(english) == _SHOWN.findall(japanese)
    levels = [re.findall(r"^#+(?= )", text, re.MULTILINE) for text in (english, japanese)]
    assert levels[0] == levels[1]


def test_both_readmes_tell_the_same_figures_below_the_table() -> None:
    heard = []
    for name, following in (("README.md", "\n## Documents"), ("README.ja.md", "\n## 文書")):
        before = (ROOT / name).read_text(encoding="utf-8").partition(following)[0].strip()
        heard.append(sorted(re.findall(r"\d+", before.rpartition("\n\n")[2])))

    assert len(heard[0]) == 6
    assert heard[0] == heard[1]


def test_another_figure_or_command_in_one_language_is_seen() -> None:
    assert rows("| P@1 | 0.974 |") != rows("| P@1 | 0.975 |")
    assert rows("| tuned on | yes |") == rows("| 調整に使った | はい |")
    assert rows("| tuned on | yes |") != rows("| 調整に使った | いいえ |")
    assert rows("| `faqbot list` | all |") != rows("| `faqbot lists` | すべて |")
    assert rows("| of 1,786 entries | – |") == rows("| 1,786 項目 | – |")
