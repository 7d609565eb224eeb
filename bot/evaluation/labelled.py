"""Labelled queries: what was asked, and which entries answer it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.errors import FaqbotError, reason
from bot.texts import Text


@dataclass(frozen=True, slots=True)
class LabelledQuery:
    """A query and its labels.

    Attributes:
        text: What was asked.
        grades: Grade of each relevant entry by id; empty where the FAQ has no answer.
        right: The entries that answer it: those of the file's highest grade.
        kind: What kind of query it is; empty where the file doesn't say.
    """

    text: str
    grades: Mapping[str, int]
    right: frozenset[str]
    kind: str = ""


def read(path: Path, known: frozenset[str]) -> tuple[LabelledQuery, ...]:
    """Read labelled queries.

    Args:
        path: TSV without quoting, with the columns ``query``, ``ids`` (separated by spaces, or
            ``-`` for none) and maybe ``kind``; or JSON lines with ``query`` and ``relevant``, an
            object of grades by id.
        known: The ids of the FAQ.

    Raises:
        FaqbotError: The file can't be read, or a label names an entry that isn't in the FAQ.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise FaqbotError(Text("eval.unreadable", path=str(path), reason=reason(error))) from error
    rows = list(_json_rows(path, lines) if lines[:1] and lines[0].startswith("{") else
                _tsv_rows(path, lines))  # fmt: skip
    if not rows:
        raise FaqbotError(Text("eval.no_query", path=str(path)))
    top = max((grade for _, _, grades, _ in rows for grade in grades.values()), default=1)
    queries = []
    for number, text, grades, kind in rows:
        unknown = sorted(grades.keys() - known)
        if unknown:
            raise _error(path, number, "eval.unknown_id", id=unknown[0])
        right = frozenset(entry for entry, grade in grades.items() if grade == top)
        queries.append(LabelledQuery(text, grades, right, kind))
    return tuple(queries)


_Row = tuple[int, str, dict[str, int], str]


def _tsv_rows(path: Path, lines: Sequence[str]) -> Iterator[_Row]:
    header = lines[0].split("\t") if lines else []
    if not {"query", "ids"} <= set(header):
        raise _error(path, 1, "eval.columns", found=", ".join(header))
    for number, line in enumerate(lines[1:], 2):
        if not line.strip():
            continue
        cells = line.split("\t")
        if len(cells) != len(header):
            raise _error(path, number, "eval.cells", cells=len(cells), expected=len(header))
        row = dict(zip(header, cells, strict=True))
        ids = row["ids"].split()
        if not ids:
            raise _error(path, number, "eval.no_ids")
        grades = {} if ids == ["-"] else dict.fromkeys(ids, 1)
        yield number, row["query"], grades, row.get("kind", "")


def _json_rows(path: Path, lines: Sequence[str]) -> Iterator[_Row]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            grades = {str(entry): int(grade) for entry, grade in row["relevant"].items()}
            yield number, str(row["query"]), grades, str(row.get("kind", ""))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise _error(path, number, "eval.no_labelled", reason=repr(error)) from error


def _error(path: Path, line: int, key: str, /, **values: object) -> FaqbotError:
    return FaqbotError(Text("place.at", place=f"{path}:{line}", what=Text(key, **values)))
