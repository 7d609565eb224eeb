"""What the organisers' documents say is so."""

import re

import click
import pytest

from adapters.cli.files import import_
from bot.content import formats
from bot.content.columns import COLUMNS, column_of
from bot.content.formats.spreadsheetml import MOST_COLUMNS, MOST_ROWS
from bot.content.formats.xlsx import MOST_UNPACKED
from bot.content.rows import LONGEST, MOST_ENTRIES, MOST_VALUES
from bot.content.source import LARGEST_FILE, Source
from bot.texts import read
from tests.content.samples import PROJECT

DOCS = PROJECT / "docs" / "organisers"
GUIDE = (DOCS / "README.md").read_text(encoding="utf-8")
FORMATS = (DOCS / "formats.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("column", COLUMNS)
def test_every_header_in_the_documents_is_known(column: str) -> None:
    (row,) = re.findall(rf"^\| `{column}` \| (.*) \|$", FORMATS, re.MULTILINE)
    headers = row.split("、")
    assert len(headers) > 2
    assert {column} == {column_of(header) for header in headers}


def test_every_option_of_import_is_explained() -> None:
    options = {
        name
        for parameter in import_.params
        if isinstance(parameter, click.Option)
        for name in parameter.opts
    }
    assert options == set(re.findall(r"^\| `(--[a-z-]+)", GUIDE, re.MULTILINE))


def test_the_example_of_a_file_can_be_read() -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)
    (draft,) = formats.read_source(Source("example.yaml", ".yaml", example.encode())).drafts
    assert ("kawahara-5", 2, 1) == (
        draft.entry.id,
        len(draft.entry.variants),
        len(draft.entry.links),
    )


def test_the_limits_in_the_documents_are_the_limits() -> None:
    megabyte = 1024 * 1024
    for expected in (
        f"| 1 ファイル | {LARGEST_FILE // megabyte} MB、{MOST_ENTRIES:,} 項目 |",
        f"| 質問、言い換え一つ | {LONGEST['question']:,} 文字 |",
        f"| 回答 | {LONGEST['answer']:,} 文字 |",
        f"| 言い換え、リンクの数 | 1 項目に {MOST_VALUES} |",
        f"| Excel | {MOST_ROWS:,} 行、{MOST_COLUMNS} 列、展開して {MOST_UNPACKED // megabyte} MB |",
    ):
        assert expected in FORMATS
    assert LONGEST["question"] == LONGEST["variants"]


def test_what_the_guide_quotes_of_the_commands_is_what_they_say() -> None:
    said = "\n".join(read(PROJECT / "bot" / "texts" / "ja.toml").values())
    said = re.sub(r"\{[^}]*\}", "…", said)
    table = GUIDE.split("## 取り込みが断られたら")[1]
    quoted = re.findall(r"`([^`]+)`", "".join(re.findall(r"^\| (`.*`) \|", table, re.MULTILINE)))
    assert len(quoted) > 10
    for phrase in quoted:
        for part in filter(None, (part.strip() for part in phrase.split("…"))):
            assert part in said
