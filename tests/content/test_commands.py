"""``faqbot import``, ``export`` and ``list`` as organisers type them."""

import json
import re
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest

from bot.content import export, load
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
        env={
            "PATH": "/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "FAQBOT_SEARCH__MEANING": "off",
            **environment,
        },
    )


def test_a_dry_run_prints_the_difference_and_changes_nothing(tmp_path: Path, data: Path) -> None:
    (tmp_path / "change.csv").write_text(
        "id,lecturer,question,answer\n"
        'kawahara-1,河原 大輔,質問 1 は何ですか。,"回答 1 です。\n\n補足です。"\n'
        'kawahara-3,河原 大輔,質問 3 は何ですか。,"回答 3 です。\n\n詳しくは後日。"\n'
    )
    before = {file: file.read_bytes() for file in data.iterdir()}
    done = faqbot("import", "change.csv", "--dry-run", cwd=tmp_path)
    expected = """\
+ kawahara-3  河原 大輔
    質問:
      質問 3 は何ですか。
    回答:
      回答 3 です。

      詳しくは後日。
~ kawahara-1  河原 大輔「コーパスの構築」
    回答:
      + 補足です。
追加 1 件、変更 1 件、削除 0 件、変わらず 1 件
FAQ の 1 件は、このファイルにありませんが、そのまま残ります。消すときは --replace を付けてください。
まだ取り込んでいません。よければ --dry-run を外して実行してください。
"""
    assert (expected, "", 0) == (done.stdout, done.stderr, done.returncode)
    assert before == {file: file.read_bytes() for file in data.iterdir()}


def test_an_import_prints_the_same_and_does_it(tmp_path: Path, data: Path) -> None:
    (tmp_path / "change.csv").write_text("id,question,answer\nkawahara-2,質問 2 は何ですか。,新\n")
    dry = faqbot("import", "change.csv", "--dry-run", cwd=tmp_path)
    done = faqbot("import", "change.csv", cwd=tmp_path)
    *lines, not_yet = dry.stdout.splitlines()
    assert "まだ取り込んでいません。よければ --dry-run を外して実行してください。" == not_yet
    assert (lines, 0) == (done.stdout.splitlines(), done.returncode)
    assert "      - 回答 2 です。\n      + 新\n" in done.stdout
    assert [entry(1), entry(2, answer="新")] == list(load(data))


@pytest.mark.fault(10)
def test_a_bad_file_changes_nothing_and_is_explained_line_by_line(
    tmp_path: Path, data: Path
) -> None:
    done = faqbot("import", PAYLOADS / "10-empty-cells.csv", cwd=tmp_path)
    assert ("", 2) == (done.stdout, done.returncode)
    nothing, *lines = done.stderr.splitlines()
    assert "何も取り込んでいません。FAQ は元のままです。" == nothing
    assert len(lines) == 3
    assert all(line.startswith(f"エラー: {PAYLOADS}/10-empty-cells.csv:") for line in lines)
    assert [entry(1), entry(2)] == list(load(data))


def test_a_dry_run_of_what_would_be_refused_shows_the_change_and_ends_with_2(
    tmp_path: Path, data: Path
) -> None:
    done = faqbot("import", PAYLOADS / "25-header-only.csv", "--replace", "--dry-run", cwd=tmp_path)
    assert ["- kawahara-1", "- kawahara-2"] == re.findall("^- [a-z0-9-]+", done.stdout, re.M)
    assert "削除 2 件" not in done.stdout, "a total would read like something that was done"
    refused, why = done.stderr.splitlines()
    assert "このままでは取り込めません。FAQ は変えていません。" == refused
    assert why.startswith("エラー: 質問と回答が 1 件もありません。")
    assert done.returncode == 2


def test_notes_go_to_standard_error(tmp_path: Path, data: Path) -> None:
    done = faqbot("import", PAYLOADS / "02-cp932.csv", "--data", data, cwd=tmp_path)
    where = f"{PAYLOADS}/02-cp932.csv"
    said = f"注意: {where}: 文字コードを CP932 (Shift_JIS) として読みました。\n"
    assert said == done.stderr
    assert "\n追加 1 件、変更 0 件、削除 0 件、変わらず 2 件\n" in done.stdout


def test_a_lecturer_may_be_named_for_a_whole_file(tmp_path: Path, data: Path) -> None:
    (tmp_path / "new.csv").write_text("質問,回答\n新しい質問ですか。,はい。\n")
    done = faqbot("import", "new.csv", "--lecturer", "宮尾 祐介 先生", cwd=tmp_path)
    assert done.stdout.startswith("+ miyao-1  宮尾 祐介\n")


@pytest.mark.parametrize("name", ["faq.xlsx", "out"])
def test_what_is_exported_can_be_searched_and_imported(
    tmp_path: Path, data: Path, name: str
) -> None:
    done = faqbot("export", name, cwd=tmp_path)
    assert (f"2 件を {name} に書き出しました。\n", 0) == (done.stdout, done.returncode)
    assert load(data) == load(tmp_path / name)
    again = faqbot("import", name, "--replace", cwd=tmp_path)
    assert again.stdout == "追加 0 件、変更 0 件、削除 0 件、変わらず 2 件\n"


def test_list_shows_every_question_within_80_columns(tmp_path: Path) -> None:
    done = faqbot("list", "--data", SEED, cwd=tmp_path)
    lines = done.stdout.splitlines()
    assert lines[0] == "河原 大輔 先生「日本語に強い大規模言語モデルの開発のためのコーパス構築」"
    assert lines[1] == "  kawahara-1"
    assert lines[-1] == "全 14 件"
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
        "origin": "file",
    }
    assert expected == found[0]
    assert list(expected) == list(found[0])
    assert len(found) == 2


def test_our_own_faq_is_listed_from_the_projects_folder_in_the_order_of_the_event() -> None:
    listed = faqbot("list", cwd=PROJECT).stdout
    assert listed.endswith("\n全 14 件\n")
    names = ["河原 大輔", "宮尾 祐介", "関根 聡", "岡崎 直観"]
    assert names == sorted(names, key=listed.index)


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
