"""The columns of an entry and the headers that stand for them."""

import difflib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.content.errors import Findings, Where

COLUMNS = (
    "id",
    "lecturer",
    "talk",
    "question",
    "answer",
    "variants",
    "links",
    "source",
    "updated",
)
LISTS = frozenset({"variants", "links"})
"""Columns that hold several values: a list in YAML and JSONL, one per line inside a cell."""

# Only question and answer need a column: a lecturer may be given for the whole file.
REQUIRED = ("question", "answer")

_JAPANESE: Mapping[str, tuple[str, ...]] = {
    "id": ("番号", "識別子"),
    "lecturer": ("講師", "講師名", "回答者", "先生"),
    "talk": ("講演", "講演名", "講演題目", "講義", "演題"),
    "question": ("質問", "質問文", "問い"),
    "answer": ("回答", "回答文", "答え"),
    "variants": ("言い換え", "言いかえ", "別の聞き方", "類似質問"),
    "links": ("リンク", "url", "参考リンク"),
    "source": ("出典", "出所"),
    "updated": ("更新日", "最終更新日", "日付"),
}
_BY_HEADER = {
    alias: column for column in COLUMNS for alias in (column, *_JAPANESE[column])
}  # lower case


@dataclass(frozen=True, slots=True)
class Row:
    """One entry as a file states it; a column that the file doesn't have is in neither mapping.

    Attributes:
        where: Its file and row.
        texts: Single values by column.
        lists: Several values by column.
    """

    where: Where
    texts: Mapping[str, str]
    lists: Mapping[str, tuple[str, ...]]


def column_of(header: str) -> str | None:
    """Return the column that a header in English or Japanese means; None if there is none."""
    return _BY_HEADER.get(unicodedata.normalize("NFKC", header).strip("\ufeff \t\n\u3000").lower())


def resolve(headers: Sequence[str], where: Where) -> tuple[str | None, ...]:
    """Match the headers of a table to columns.

    Args:
        headers: From left to right; a blank one belongs to a column without a name.
        where: The row of the headers.

    Returns:
        For each header its column, None for a blank one.

    Raises:
        ContentError: A header is unknown, doubled or missing.
    """
    findings = Findings()
    columns = tuple(column_of(header) for header in headers)
    found = ", ".join(header.strip() for header in headers if header.strip())
    for header, column in zip(headers, columns, strict=True):
        if column is None and header.strip():
            findings.problem(where, f"unknown column {header.strip()!r}.", remedy_unknown(header))
    for column in filter(None, dict.fromkeys(columns)):
        if columns.count(column) > 1:
            findings.problem(
                where, f"two columns for {column} (found: {found}).", "Remove or rename one."
            )
    missing = [column for column in REQUIRED if column not in columns]
    if missing:
        findings.problem(
            where,
            f"no column {' and '.join(missing)}.",
            f"The first row names the columns; expected {', '.join(COLUMNS)} "
            f"(or 質問, 回答, 講師 ...); found {found}.",
        )
    findings.raise_problems()
    return columns


def remedy_unknown(header: str) -> str:
    """Say which column an unknown name may have meant."""
    nearest = difflib.get_close_matches(header.strip().lower(), _BY_HEADER, n=1)
    meant = f"Did you mean {nearest[0]}? " if nearest else ""
    return f"{meant}Columns are {', '.join(COLUMNS)} (or 質問, 回答, 講師 ...)."


def row_of_cells(columns: Sequence[str | None], cells: Sequence[str], where: Where) -> Row:
    """Return a table's row; cells with several values are split into their lines."""
    named = {column: cell for column, cell in zip(columns, cells, strict=True) if column}
    return Row(
        where,
        {column: cell for column, cell in named.items() if column not in LISTS},
        {column: lines(cell) for column, cell in named.items() if column in LISTS},
    )


def lines(cell: str) -> tuple[str, ...]:
    """Return the lines of a cell that aren't blank."""
    stripped = (line.strip() for line in cell.splitlines())
    return tuple(line for line in stripped if line)
