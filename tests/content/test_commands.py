"""``faqbot import``, ``export`` and ``list`` as organisers type them."""

import json
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest

from bot.content import load
from bot.content.exporting import export
from tests.content.samples import PAYLOADS, PROJECT, SEED, entry

FAQBOT = Path(sys.executable).with_name("faqbot")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with two entries."""
    folder = tmp_path / "data"
    export(folder, [entry(1), entry(2)])
    return folder


def faqbot(*words: object, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a process of its own."""
    return subprocess.run(
        [str(FAQBOT), *map(str, words)],
        capture_output=True,
        check=False,
        cwd=cwd,
        encoding="utf-8",
        env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", **environment},
    )


def test_a_dry_run_prints_the_difference_and_changes_nothing(tmp_path: Path, data: Path) -> None:
    (tmp_path / "change.csv").write_text(
        "id,lecturer,question,answer\n"
        'kawahara-1,河原 大輔,質問 1 は何ですか。,"回答 1 です。\n\n補足です。"\n'
        "kawahara-3,河原 大輔,質問 3 は何ですか。,回答 3 です。\n"
    )
    before = {file: file.read_bytes() for file in data.iterdir()}
    done = faqbot("import", "change.csv", "--dry-run", cwd=tmp_path)
    expected = """\
+ kawahara-3  河原 大輔
    質問 3 は何ですか。
~ kawahara-1  河原 大輔「コーパスの構築」
    answer:
      + 補足です。
1 added, 1 changed, 0 removed, 1 unchanged
"""
    assert (expected, "", 0) == (done.stdout, done.stderr, done.returncode)
    assert before == {file: file.read_bytes() for file in data.iterdir()}


def test_an_import_prints_the_same_and_does_it(tmp_path: Path, data: Path) -> None:
    (tmp_path / "change.csv").write_text("id,question,answer\nkawahara-2,質問 2 は何ですか。,新\n")
    dry = faqbot("import", "change.csv", "--dry-run", cwd=tmp_path)
    done = faqbot("import", "change.csv", cwd=tmp_path)
    assert (dry.stdout, 0) == (done.stdout, done.returncode)
    assert "      - 回答 2 です。\n      + 新\n" in done.stdout
    assert [entry(1), entry(2, answer="新")] == list(load(data))


def test_a_bad_file_changes_nothing_and_is_explained_line_by_line(
    tmp_path: Path, data: Path
) -> None:
    done = faqbot("import", PAYLOADS / "10-empty-cells.csv", cwd=tmp_path)
    assert ("", 2) == (done.stdout, done.returncode)
    lines = done.stderr.splitlines()
    assert len(lines) == 3
    assert all(line.startswith(f"error: {PAYLOADS}/10-empty-cells.csv:") for line in lines)
    assert [entry(1), entry(2)] == list(load(data))


def test_a_dry_run_of_what_would_be_refused_shows_the_change_and_ends_with_2(
    tmp_path: Path, data: Path
) -> None:
    done = faqbot("import", PAYLOADS / "25-header-only.csv", "--replace", "--dry-run", cwd=tmp_path)
    assert done.stdout.endswith("0 added, 0 changed, 2 removed, 0 unchanged\n")
    assert "error: There are no entries." in done.stderr
    assert done.returncode == 2


def test_notes_go_to_standard_error(tmp_path: Path, data: Path) -> None:
    done = faqbot("import", PAYLOADS / "02-cp932.csv", "--data", data, cwd=tmp_path)
    assert f"note: {PAYLOADS}/02-cp932.csv: read as CP932 (Shift_JIS).\n" == done.stderr
    assert done.stdout.endswith("1 added, 0 changed, 0 removed, 2 unchanged\n")


def test_a_lecturer_may_be_named_for_a_whole_file(tmp_path: Path, data: Path) -> None:
    (tmp_path / "new.csv").write_text("質問,回答\n新しい質問ですか。,はい。\n")
    done = faqbot("import", "new.csv", "--lecturer", "宮尾 祐介 先生", cwd=tmp_path)
    assert done.stdout.startswith("+ miyao-1  宮尾 祐介\n")


@pytest.mark.parametrize("name", ["faq.csv", "faq.xlsx", "faq.yaml", "faq.jsonl", "faq.tsv", "out"])
def test_what_is_exported_can_be_searched_and_imported(
    tmp_path: Path, data: Path, name: str
) -> None:
    done = faqbot("export", name, cwd=tmp_path)
    assert (f"2 entries written to {name}.\n", 0) == (done.stdout, done.returncode)
    assert load(data) == load(tmp_path / name)
    again = faqbot("import", name, "--replace", cwd=tmp_path)
    assert again.stdout == "0 added, 0 changed, 0 removed, 2 unchanged\n"


def test_list_shows_every_question_within_80_columns(tmp_path: Path) -> None:
    done = faqbot("list", "--data", SEED, cwd=tmp_path)
    lines = done.stdout.splitlines()
    assert lines[0] == "河原 大輔 先生「日本語に強い大規模言語モデルの開発のためのコーパス構築」"
    assert lines[1] == "  kawahara-1"
    assert lines[-1] == "14 entries"
    assert max(map(_columns, lines)) <= 80
    assert not [line for line in lines if line.strip()[:1] in {"。", "、", "」"}]


def test_list_json_is_one_array_with_every_field_in_the_order_of_the_contract(
    tmp_path: Path, data: Path
) -> None:
    found = json.loads(faqbot("list", "--json", cwd=tmp_path).stdout)
    expected = {
        "id": "kawahara-1",
        "lecturer": "河原 大輔",
        "talk": "コーパスの構築",
        "question": "質問 1 は何ですか。",
        "answer": "回答 1 です。",
        "variants": [],
        "links": [],
        "source": "",
        "updated": "",
    }
    assert expected == found[0]
    assert list(expected) == list(found[0])
    assert len(found) == 2


def test_our_own_faq_is_listed_from_the_projects_folder() -> None:
    assert faqbot("list", cwd=PROJECT).stdout.endswith("\n14 entries\n")


def test_loading_the_data_folder_imports_no_other_format() -> None:
    """The start of ``ask`` has no time for what it doesn't read."""
    code = (
        "import sys, pathlib; from bot.content import load; load(pathlib.Path('data'));"
        "print(*sorted({'openpyxl', 'csv', 'html.parser', 'json', 'sudachipy', 'jaconv', "
        "'zipfile', 'multiprocessing', 'asyncio'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, check=True, text=True
    )
    assert "\n" == done.stdout


def _columns(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in line)
