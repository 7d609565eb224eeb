"""Plain text: CSV and TSV, the lists of a symposium, JSONL, and JSON as QnABot exports it."""

import csv
import io
import json
import re
from collections.abc import Callable, Sequence
from typing import Any

from bot.content.columns import LEFT_OUT, LISTS, UNHELD, plain, refuse_unknown, stated, table
from bot.content.formats import MOST_ABOVE, Opened
from bot.content.problems import ContentError, Where, parser_says
from bot.content.rows import Row, is_blank, row_of_cells
from bot.content.source import lines_of
from bot.domain.entry import Entry

# What a spreadsheet runs as a formula, and what is protected already: reading takes off one "'".
# Excel in Japanese takes full-width signs for the same.
_FORMULA = re.compile(r"'*[=+\-@\t\r＝＋－＠﹦﹢﹣﹫−]")
_LECTURE = re.compile(r"(?P<lecturer>[^\t]*?)\s*先生\s*「(?P<talk>[^\t]*)」")
_HELD = {"qid", "q", "a", "selected", "quniqueterms", "questions", "type"}


def read_table(file: Opened) -> tuple[Row, ...]:
    """Return the rows of CSV or TSV below the header row; it is read strictly."""
    columns: tuple[str | None, ...] = ()
    header_cells: list[str] = []
    rows = []
    records = [(n, cells) for n, cells in _records(file) if any(cell.strip() for cell in cells)]
    first = records[:MOST_ABOVE]
    names = (n for n, cells in first if file.headers.name_columns(cells))
    header = next(names, 0) or file.headers.likeliest(first)
    for line, cells in records:
        where = file.at(line)
        if line < header:
            file.findings.note(where, "table.above")
        elif not columns:
            columns = file.headers.resolve(cells, where)
            header_cells = [*map(plain, cells)]
        elif [*map(plain, cells)] == header_cells:
            continue  # the header again, of the next page or the next file
        elif len(cells) != len(columns):
            file.findings.problem(where, "table.cells", cells=len(cells), expected=len(columns))
        elif not is_blank(columns, cells):
            rows.append(row_of_cells(columns, [_unprotected(cell) for cell in cells], where))
        if any(cell.strip() for cell, name in zip(cells, columns, strict=False) if name is None):
            file.findings.problem(where, "table.unnamed")
    return tuple(rows)


def _records(file: Opened) -> list[tuple[int, list[str]]]:
    """Return each record with the line it begins on."""
    text, delimiter = file.text, file.separator
    # The csv module's own limit is one for the whole process; the text gate limits cells.
    limit = csv.field_size_limit(len(text) + 1)
    # To the csv module, the quotes of '"a", "b"' would be a part of the text.
    spaced = f'"{delimiter} "' in text
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=delimiter, strict=True, skipinitialspace=spaced
    )
    records = []
    line = 1
    try:
        for cells in reader:
            records.append((line, cells))
            line = reader.line_num + 1
    except csv.Error as error:
        if delimiter == "\t" and (unquoted := _unquoted(text)):
            return unquoted
        opening = _open_quote(text, line, delimiter)
        if opening:
            raise ContentError.at(file.at(opening), "table.open_quote") from None
        raise ContentError.at(
            file.at(line), "table.bad_row", reason=parser_says(str(error))
        ) from None
    finally:
        csv.field_size_limit(limit)
    return records


def _unquoted(text: str) -> list[tuple[int, list[str]]]:
    """Return the records of a table that quotes no cell, as Google's sheets are downloaded.

    Its quotes are its words. Nothing is returned for a table that has a cell in quotes, or rows of
    several lengths: there, some quote is missing.
    """
    rows = [line.split("\t") for line in lines_of(text)]
    quoted = any(re.fullmatch('".*"', cell) for cells in rows for cell in cells)
    even = len({len(cells) for cells in rows if any(cells)}) == 1
    return [*enumerate(rows, start=1)] if even and not quoted else []


def _open_quote(text: str, line: int, delimiter: str) -> int:
    """Return the line of the quote that stays open in the record from a line on; 0 if none does."""
    opened = 0
    begins_cell = True
    for number, content in enumerate(io.StringIO(text, newline=None), start=1):
        if number < line:
            continue
        rest = content.replace('""', "") if opened else content
        for char in rest:
            if char == '"' and (opened or begins_cell):
                opened = 0 if opened else number
            begins_cell = not opened and char in f"{delimiter}\n"
    return opened


def _unprotected(cell: str) -> str:
    """Take off the one ``'`` that keeps a spreadsheet from running the cell as a formula."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def write_table(entries: Sequence[Entry], name: str) -> bytes:
    """Return a table of the entries in UTF-8 with a byte order mark: Excel shows it, runs nothing.

    Args:
        entries: What to write.
        name: Of the file; its suffix says whether tabs separate the cells.
    """
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter="\t" if name.lower().endswith(".tsv") else ",")
    writer.writerows(map(_protected, row) for row in table(entries, name))
    return file.getvalue().encode("utf-8-sig")


def _protected(cell: str) -> str:
    return f"'{cell}" if _FORMULA.match(cell) else cell


def read_symposium(file: Opened) -> tuple[Row, ...]:
    """Return the rows of a list that lecturers hand in after a symposium.

    A header line ``NAME 先生「TITLE」``, then a line of question TAB answer for each entry; some
    cells are HTML; blank lines mean nothing. A line that fits nowhere is a problem.
    """
    rows = []
    lecture: dict[str, str] | None = None
    for number, line in enumerate(lines_of(file.text), start=1):
        question, _, answer = line.partition("\t")
        header = _LECTURE.fullmatch(question.strip())
        if header and not answer.strip():
            lecture = header.groupdict()
        elif lecture is not None and line.count("\t") == 1:
            texts = {**lecture, "question": question, "answer": answer}
            rows.append(Row(file.at(number), texts, {}))
        elif line.strip():
            file.findings.problem(file.at(number), "symposium.line", tabs=line.count("\t"))
    return tuple(rows)


def read_jsonl(file: Opened) -> tuple[Row, ...]:
    """Return one row for each line: an object with the columns' names as keys."""
    lines = enumerate(lines_of(file.text), start=1)
    return tuple(
        _row_of_object(file, line, file.at(number)) for number, line in lines if line.strip()
    )


def _row_of_object(file: Opened, line: str, where: Where) -> Row:
    texts: dict[str, str] = {}
    lists: dict[str, tuple[str, ...]] = {}
    for key, value in _pairs(line, where):
        column = file.headers.column_of(key)
        if column == LEFT_OUT:
            continue
        if column is None:
            refuse_unknown(file.findings, where, "table.unknown_key", key)
        elif column in texts or column in lists:
            file.findings.problem(where.at(column), "table.two_values")
        elif column in LISTS and isinstance(value, list) and all(isinstance(v, str) for v in value):
            lists[column] = tuple(value)
        elif column not in LISTS and isinstance(value, str):
            texts[column] = value
        else:
            key = "jsonl.no_list" if column in LISTS else "jsonl.no_text"
            file.findings.problem(where.at(column), key)
            texts[column] = "-"  # that it is empty need not be said too
    return Row(where, texts, lists)


def _pairs(line: str, where: Where) -> list[tuple[str, object]]:
    """Return the pairs of the object on a line, doubled keys included."""
    pairs: object = _parsed(line, where, list)
    if not line.lstrip().startswith("{") or not isinstance(pairs, list):
        raise ContentError.at(where, "jsonl.no_object")
    return pairs


def _parsed(text: str, where: Where, pairs: Callable[[list[Any]], object] = dict) -> Any:
    """Return what JSON holds, which begins at a place.

    Raises:
        ContentError: It is broken, or too deep.
    """
    try:
        return json.loads(text, object_pairs_hook=pairs)
    except json.JSONDecodeError as error:
        at = Where(where.file, row=max(where.row, 1) + error.lineno - 1)
        said = parser_says(error.msg)
        raise ContentError.at(at, "jsonl.broken", reason=said, character=error.colno) from None
    except RecursionError:
        raise ContentError.at(where, "jsonl.deep") from None


def write_jsonl(entries: Sequence[Entry]) -> bytes:
    """Return the entries as UTF-8 lines, every column in them but an unknown lecturer."""
    lines = (
        {column: value for column, value in stated(entry).items() if column != "lecturer" or value}
        for entry in entries
    )
    return "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines).encode()


def read_qnabot(file: Opened) -> tuple[Row, ...]:
    """Return the rows of JSON as QnABot on AWS exports it; what else it holds is named.

    ``{"qna": [{"qid": …, "q": […], "a": …}, …]}``
    """
    rows = []
    for number, item in enumerate(_parsed(file.text, file.source.where)["qna"], start=1):
        where = file.at(number, sheet="qna")
        if not isinstance(item, dict):
            file.findings.problem(where, "jsonl.no_object")
        elif item.get("type", "qna") != "qna":
            file.findings.note(where, "qnabot.other", kind=str(item["type"])[:60])
        else:
            rows.append(_row_of_item(file, item, where))
    return tuple(rows)


def _row_of_item(file: Opened, item: dict[str, object], where: Where) -> Row:
    texts = {}
    for key, column in (("qid", "id"), ("a", "answer")):
        value = item.get(key, "")
        if not isinstance(value, str):
            file.findings.problem(where.at(key), "jsonl.no_text", column=key)
        texts[column] = str(value)
    questions = item.get("q", [])
    if not isinstance(questions, list) or not all(isinstance(q, str) for q in questions):
        file.findings.problem(where.at("q"), "jsonl.no_list", column="q")
        questions = []
    texts["question"] = questions[0] if questions else ""
    for key, value in item.items():
        if key not in _HELD:
            for name, text in _set_within(key, value):
                texts[f"{UNHELD}{name}"] = text
    return Row(where, texts, {"variants": tuple(questions[1:])})


def _set_within(name: str, value: object) -> list[tuple[str, str]]:
    """Return what is set within a value, by names such as ``alt.markdown``."""
    if isinstance(value, dict) and name in {"alt", "r"}:
        return [
            leaf for key, inner in value.items() for leaf in _set_within(f"{name}.{key}", inner)
        ]
    if isinstance(value, dict | list):
        inner = value.values() if isinstance(value, dict) else value
        filled = any(text.strip() for part in inner for _, text in _set_within(name, part))
        return [(name, "set" if filled else "")]
    return [(name, "" if value in (None, False) else str(value))]
