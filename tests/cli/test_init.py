"""``faqbot init``, and what every command says where there is no FAQ yet."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from adapters.cli import config
from adapters.cli.config import ALIASES, SECTIONS
from adapters.cli.files import TEMPLATE
from bot.content import load
from tests.architecture.test_readme import SETTINGS
from tests.cli.conftest import PROJECT, Faqbot

NEEDING = [
    ["run"],
    ["ask", "LLM"],
    ["list"],
    ["export", "faq.xlsx"],
    ["check"],
    ["eval", "queries.tsv"],
    ["unanswered"],
    ["stats"],
    ["report", "report.html"],
]
FILES = {".env.example", ".gitignore", "README.md", "data", "faqbot.toml"}


def one_line(text: str) -> str:
    lines = text.splitlines()
    assert 1 == len(lines), text
    return lines[0]


@pytest.mark.fault(80)
@pytest.mark.parametrize("command", NEEDING, ids=lambda command: command[0])
def test_without_a_faq_every_command_names_init_in_one_line(
    faqbot: Faqbot, tmp_path: Path, command: list[str]
) -> None:
    done = faqbot(*command, FAQBOT_DATA="")

    assert (2, "") == (done.returncode, done.stdout)
    assert "faqbot init" in one_line(done.stderr)
    assert [] == list(tmp_path.iterdir())


@pytest.mark.fault(80)
@pytest.mark.parametrize("command", NEEDING, ids=lambda command: command[0])
def test_with_no_entry_every_command_says_what_to_do_in_one_line(
    faqbot: Faqbot, tmp_path: Path, command: list[str]
) -> None:
    assert 0 == faqbot("init", "--empty", FAQBOT_DATA="").returncode

    done = faqbot(*command, FAQBOT_DATA="")

    assert (2, "") == (done.returncode, done.stdout)
    assert "faqbot import" in one_line(done.stderr)


def test_init_makes_a_folder_that_answers_at_once(faqbot: Faqbot, tmp_path: Path) -> None:
    done = faqbot("init", "faq", FAQBOT_DATA="")

    assert (0, "") == (done.returncode, done.stderr)
    assert FILES == {path.name for path in (tmp_path / "faq").iterdir()}
    assert load(PROJECT / "data") == load(tmp_path / "faq" / "data")
    assert "cd faq" in done.stdout
    readme = (tmp_path / "faq" / "README.md").read_text(encoding="utf-8")
    assert "見本の FAQ について" in readme
    answered = faqbot("ask", "カリキュラム学習は検討していますか", FAQBOT_DATA="faq/data")
    assert "河原" in answered.stdout


def test_an_empty_folder_has_no_sample_but_one_to_copy(faqbot: Faqbot, tmp_path: Path) -> None:
    faqbot("init", "--empty", FAQBOT_DATA="")

    assert FILES == {path.name for path in tmp_path.iterdir()}
    assert "見本の FAQ" not in (tmp_path / "README.md").read_text(encoding="utf-8")
    example = (tmp_path / "data" / "example.yaml").read_text(encoding="utf-8")
    commented = example[example.index("# talk:") : example.rindex("entries: []")]
    mine = re.sub("^# ?", "", commented, flags=re.MULTILINE)
    (tmp_path / "data" / "yamada.yaml").write_text(mine, encoding="utf-8")
    (entry,) = load(tmp_path / "data")
    assert ("yamada-1", "山田 太郎", 1, 1) == (
        entry.id,
        entry.lecturer,
        len(entry.variants),
        len(entry.links),
    )
    assert "山田 太郎" in faqbot("list", FAQBOT_DATA="").stdout


@pytest.mark.parametrize(
    "name", ["README.md", "faqbot.toml", "data/mine.yaml", "data/synonyms.txt"]
)
def test_where_something_is_there_already_nothing_is_written(
    faqbot: Faqbot, tmp_path: Path, name: str
) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("# mine\n", encoding="utf-8")

    done = faqbot("init", FAQBOT_DATA="")

    assert (2, "") == (done.returncode, done.stdout)
    assert name.split("/")[0] in one_line(done.stderr)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [tmp_path / name] == files
    assert "# mine\n" == (tmp_path / name).read_text(encoding="utf-8")


def test_a_folder_that_cannot_be_written_is_named_and_left_as_it_was(
    faqbot: Faqbot, tmp_path: Path
) -> None:
    (tmp_path / "data").write_text("a file where a folder should be", encoding="utf-8")

    done = faqbot("init", FAQBOT_DATA="")

    assert 2 == done.returncode
    assert "data を書けないため、何も作りませんでした（フォルダではなくファイルです）" in one_line(
        done.stderr
    )
    assert [tmp_path / "data"] == list(tmp_path.iterdir())


def test_what_was_made_before_it_failed_is_taken_back(faqbot: Faqbot, tmp_path: Path) -> None:
    (tmp_path / ".gitignore").symlink_to("nowhere")  # it exists only to who writes

    done = faqbot("init", FAQBOT_DATA="")

    assert 2 == done.returncode
    assert ".gitignore を書けないため、何も作りませんでした" in one_line(done.stderr)
    assert [tmp_path / ".gitignore"] == list(tmp_path.iterdir())


def test_a_disk_that_fills_up_is_told_with_the_file_and_nothing_stays(tmp_path: Path) -> None:
    """What fails to be written, Python tells without its name."""
    command = Path(sys.executable).parent / "faqbot"
    done = subprocess.run(
        ["/bin/sh", "-c", f'ulimit -f 1; exec "{command}" init new'],
        capture_output=True, text=True, cwd=tmp_path, timeout=60, check=False,
    )  # fmt: skip

    assert 2 == done.returncode
    assert "new/data/kawahara.yaml を書けないため、何も作りませんでした" in one_line(done.stderr)
    assert [] == list(tmp_path.iterdir())


def test_the_settings_file_explains_every_setting_and_its_default(tmp_path: Path) -> None:
    text = (TEMPLATE / "faqbot.toml").read_text(encoding="utf-8")
    here = (TEMPLATE / "env.example").read_text(encoding="utf-8") + text
    known = [name for name in SETTINGS if not name.endswith("API_URL")]
    assert [name for name in known if not re.search(rf"\b{name}\b", here)] == []

    values = re.sub("^#(?=[a-z])", "", text, flags=re.MULTILINE)
    for section, model in SECTIONS.items():
        written = tomllib.loads(values)
        found = written[section] if section else written
        defaults = vars(model())
        for key, value in found.items():
            if not isinstance(value, dict):
                assert value == _as_written(key, defaults[key]), f"{section}.{key}"
    (tmp_path / "faqbot.toml").write_text(text, encoding="utf-8")
    assert config.load({}, tmp_path).section(SECTIONS["policy"]) == SECTIONS["policy"]()
    assert set(ALIASES) <= set(re.findall(r"^#(\w+)=$", here, re.MULTILINE))


def _as_written(key: str, default: object) -> object:
    """Return a default as the file shows it: an empty list or text where there is none."""
    if default is None:
        return "data" if key == "data" else ""
    return list(default) if isinstance(default, tuple) else default


def test_a_faqs_own_word_lists_come_on_top_of_the_packages(faqbot: Faqbot, tmp_path: Path) -> None:
    faqbot("init", FAQBOT_DATA="")
    asked = ("ask", "--json", "ぽよぽよは検討していますか")
    assert '"カリキュラム学習"' not in faqbot(*asked, FAQBOT_DATA="").stdout

    with (tmp_path / "data" / "synonyms.txt").open("a", encoding="utf-8") as synonyms:
        synonyms.write("ぽよぽよ, カリキュラム学習\n")

    assert '"entry":"カリキュラム学習","via":"synonym"' in faqbot(*asked, FAQBOT_DATA="").stdout
    # The package's own list still applies.
    english = faqbot("ask", "--json", "curriculum learning は検討していますか", FAQBOT_DATA="")
    assert '"id":"kawahara-4"' in english.stdout
