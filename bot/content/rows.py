"""From a row of a file to a draft of an entry; every text passes here, of any file."""

import datetime
import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from unicodedata import normalize

from bot.content.columns import GROUP, LISTS, UNHELD, fields
from bot.content.problems import Findings, Where
from bot.domain import text as text_gate
from bot.domain.entry import Entry
from bot.domain.links import addresses, is_address
from bot.texts import Text

MOST_ENTRIES = 20_000
MOST_VALUES = 200
LONGEST_CELL = 131_072
LONGEST: Mapping[str, int] = {
    "id": 64,
    "lecturer": 100,
    "talk": 300,
    "question": 2_000,
    "answer": 20_000,
    "variants": 2_000,
    "links": 2_000,
    "source": 500,
    "updated": 40,
}
"""Characters that a value may have, by column."""

_MULTILINE = frozenset({"question", "answer"})
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_BEFORE_ERA = {"令和": 2018, "R": 2018, "平成": 1988, "H": 1988}
_DATE = re.compile(
    r"(?:(令和|平成|R|H)(元|\d{1,2})|(\d{4}))[-/.年](\d{1,2})[-/.月](\d{1,2})日?"
    r"(?:[T ]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z| ?[+-]\d{2}:?\d{2})?)?"  # of no concern
)
_TITLE = re.compile(r"\s*先生$")
_TWO_LINKS = re.compile(r"[,，、;；|｜]\s*(?:https?:|mailto:)", re.IGNORECASE)
# All that is left where a text was saved in an encoding that lacks its characters.
_LOST = "?？\ufffd"
_LOST_ONLY = re.compile(rf"[\s{_LOST}、。，．・,.!！:：「」『』()（）-]+")
_SPACES = re.compile(r"\s+")
# Not for interchange, and XML can't hold the last two: they would be lost on a round trip.
_NONCHARACTER = re.compile(r"[\ufdd0-\ufdef\ufffe\uffff]")
# Characters that each computer draws in its own way, if at all.
_PRIVATE = re.compile("[\ue000-\uf8ff\U000f0000-\U0010fffd]")
# What other programs write where there is nothing.
_NO_VALUE = re.compile(r"\s*(?:|\[\s*\]|\{\s*\}|false|null|none|editorial|0)\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Row:
    """One entry as a file states it; a column that the file doesn't have is in neither mapping.

    Attributes:
        where: Its file and row.
        texts: Single values by column.
        lists: Several values by column.
        behind: Addresses that words of it lead to.
    """

    where: Where
    texts: Mapping[str, str]
    lists: Mapping[str, tuple[str, ...]]
    behind: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry as a file gives it.

    Attributes:
        entry: With an empty id where the file gives none.
        where: Its file and row.
        given: The columns that the file states; an update leaves the others alone.
    """

    entry: Entry
    where: Where
    given: frozenset[str]


def row_of_cells(
    columns: Sequence[str | None],
    cells: Sequence[str],
    where: Where,
    behind: tuple[str, ...] = (),
) -> Row:
    """Return a table's row; cells with several values are split into their lines."""
    texts: dict[str, str] = {}
    lists: dict[str, tuple[str, ...]] = {}
    for column, cell in zip(columns, cells, strict=True):
        if column in LISTS:
            lists[column] = (*lists.get(column, ()), *lines(cell))
        elif column:
            texts[column] = cell
    return Row(where, texts, lists, behind)


def is_blank(columns: Sequence[str | None], cells: Sequence[str]) -> bool:
    """Whether nothing stands in a table's row but a number: tables are numbered in advance."""
    return not any(
        cell.strip() and not (column == "id" and normalize("NFKC", cell).strip().isdigit())
        for column, cell in zip(columns, cells, strict=True)
    )


def lines(cell: str) -> tuple[str, ...]:
    """Return the lines of a cell that aren't blank."""
    stripped = (line.strip() for line in cell.splitlines())
    return tuple(line for line in stripped if line)


def settled(rows: Sequence[Row], findings: Findings) -> Sequence[Row]:
    """Return rows with the columns of a FAQ only, and note what others held."""
    if not any(key.startswith(UNHELD) for row in rows for key in row.texts):
        return rows
    counts: dict[str, int] = {}
    merged: dict[object, Row] = {}
    for row in rows:
        texts = {key: text for key, text in row.texts.items() if not key.startswith(UNHELD)}
        group = row.texts.get(GROUP, "").strip()
        if GROUP in row.texts:  # its line breaks are written as two characters
            texts["answer"] = texts["answer"].replace("\\n", "\n")
        for key, text in row.texts.items():
            if key.startswith(UNHELD) and key != GROUP and not _NO_VALUE.fullmatch(text):
                counts[key[1:]] = counts.get(key[1:], 0) + 1
        plain = replace(row, texts=texts)
        first = merged.get(group) if group else None
        if first is None:
            merged[group or row.where] = plain
        elif first.texts["answer"] != texts["answer"]:
            merged[row.where] = plain  # not the same entry after all
        else:
            variants = (*first.lists.get("variants", ()), texts["question"])
            merged[group] = replace(first, lists={**first.lists, "variants": variants})
    where = rows[0].where
    for header, count in counts.items():
        findings.note(Where(where.file, where.sheet), "table.unheld", header=header, count=count)
    return tuple(merged.values())


def drafts(rows: Sequence[Row], lecturer: str | None, findings: Findings) -> tuple[Draft, ...]:
    """Check rows and make drafts of them.

    Args:
        rows: As the reader of the format made them.
        lecturer: Who answered where a row doesn't say; None if every row must.
        findings: Gets the problems and notes.

    Returns:
        The drafts of the rows without a problem, in order.
    """
    made: list[Draft] = []
    of_html = _is_of_html(rows)
    _note_blank_talks(rows, findings)
    if len(rows) > MOST_ENTRIES:
        findings.problem(rows[MOST_ENTRIES].where, "entry.too_many", limit=MOST_ENTRIES)
    for row in rows[:MOST_ENTRIES]:
        if draft := _draft(row, lecturer, findings, of_html=of_html):
            made.append(draft)
    _note_entities(made, findings)
    return tuple(made)


def refuse_equal_ids(made: Iterable[Draft], findings: Findings) -> None:
    """Record a problem for each id that two drafts have."""
    first: dict[str, Where] = {}
    for draft in made:
        id_ = draft.entry.id
        if id_ and id_ in first:
            _refuse_id(id_, draft.where, findings, "entry.id_taken", place=str(first[id_]))
        first.setdefault(id_, draft.where)


def _draft(
    row: Row, default_lecturer: str | None, findings: Findings, *, of_html: bool
) -> Draft | None:
    """Check one row; every problem of it is found, not only the first."""
    before = len(findings.problems)
    at = row.where.at
    anchors = list(row.behind)
    texts = {
        column: _text(text, at(column), findings, anchors, of_html=of_html)
        for column, text in row.texts.items()
    }
    lists = {
        column: _list(values, at(column), findings, of_html=of_html)
        for column, values in row.lists.items()
    }
    if default_lecturer is not None and not texts.get("lecturer"):
        texts["lecturer"] = _TITLE.sub("", default_lecturer)
    # A file may do without lecturers altogether; where it has their column, each row says.
    texts = {"question": "", "answer": "", **texts}
    for column in ("question", "answer", "lecturer"):
        if column in texts and text_gate.is_blank(texts[column]):
            empty = "entry.no_lecturer" if column == "lecturer" else "entry.empty"
            key = "entry.left_empty" if (said := findings.noted(at(column))) else empty
            findings.problem(at(column), key, said=said)
    id_ = texts.get("id", "")
    if id_ and not _ID.fullmatch(id_):
        _refuse_id(id_, row.where, findings, "entry.bad_id")
    links = lists["links"] if "links" in lists else addresses(texts["answer"])
    entry = Entry(
        id=id_,
        lecturer=texts.get("lecturer", ""),
        talk=texts.get("talk", ""),
        question=texts["question"],
        answer=texts["answer"],
        variants=lists.get("variants", ()),
        links=tuple(dict.fromkeys((*anchors, *links))),
        source=texts.get("source", ""),
        updated=_date(texts.get("updated", ""), at("updated"), findings),
    )
    if len(findings.problems) > before:
        return None
    return Draft(entry, row.where, frozenset(texts) | frozenset(lists))


def _text(raw: str, where: Where, findings: Findings, anchors: list[str], *, of_html: bool) -> str:
    """Return a value as it is kept; of HTML, the text.

    Args:
        raw: The value.
        where: Its row and column.
        findings: Gets the problems and notes.
        anchors: Gets the addresses that words of it lead to.
        of_html: Whether other cells are HTML.
    """
    column = where.column
    if len(raw) > LONGEST_CELL:
        findings.problem(where, "entry.long_cell", length=len(raw), limit=LONGEST_CELL)
        return "-"
    bad = text_gate.unstorable(raw)
    if found := _NONCHARACTER.search(raw):
        bad = bad or f"U+{ord(found[0]):04X} (no character)"
    if bad:
        findings.problem(where, "entry.unstorable", character=bad)
        return "-"
    if "<" in raw or of_html:
        raw = _unmarked(raw, where, findings, anchors, of_html=of_html)
    if text_gate.has_bidi_controls(raw):
        findings.note(where, "entry.bidi")
    text = text_gate.clean(raw)
    text = text.strip(" \t\n") if column in _MULTILINE else _SPACES.sub(" ", text).strip()
    if column == "lecturer":
        text = _TITLE.sub("", text)
    if _LOST_ONLY.fullmatch(text) and not set(text).isdisjoint(_LOST):
        findings.problem(where, "entry.lost")
    elif "\ufffd" in text:
        findings.note(where, "entry.replaced")
    elif found := _PRIVATE.search(text):
        findings.note(where, "entry.private", character=f"U+{ord(found[0]):04X}")
    if len(text) > LONGEST[column]:
        findings.problem(where, "entry.long", length=len(text), limit=LONGEST[column])
    return text


def _unmarked(
    raw: str, where: Where, findings: Findings, anchors: list[str], *, of_html: bool
) -> str:
    # html.parser is only imported where there may be HTML: most starts need none.
    from bot.content import markup

    if not markup.looks_like_html(raw, beside_html=of_html):
        return markup.decoded(raw) if of_html else raw
    read = markup.to_text(raw)
    anchors += [text_gate.clean(link) for link in read.links]
    for link in read.unsafe:
        findings.note(where, "entry.unsafe_link", link=link[:60])
    note_struck(read.struck, where, findings)
    if markup.has_pictures(raw):
        findings.note(where, "entry.pictures")
    return read.text


def note_struck(struck: Iterable[str], where: Where, findings: Findings) -> None:
    """Note what was left out of a text as it is struck out there."""
    for each in struck:
        findings.note(where, "entry.struck", text=each.strip()[:60])


def _list(
    raws: tuple[str, ...], where: Where, findings: Findings, *, of_html: bool
) -> tuple[str, ...]:
    texts: list[str] = []
    for raw in raws:
        anchors: list[str] = []
        text = _text(raw, where, findings, anchors, of_html=of_html)
        # In the column of links, words are what they lead to.
        texts += anchors if anchors and where.column == "links" else [text]
    values = tuple(dict.fromkeys(filter(None, texts)))
    if len(values) > MOST_VALUES:
        findings.problem(where, "entry.many_values", count=len(values), limit=MOST_VALUES)
    for value in values if where.column == "links" else ():
        if not is_address(value) or _TWO_LINKS.search(value):
            findings.problem(where, "entry.bad_link", link=value[:60])
    return tuple(value for value in values if not text_gate.is_blank(value))


def _date(text: str, where: Where, findings: Findings) -> str:
    if not text:
        return ""
    found = _DATE.fullmatch(text)
    try:
        if found:
            era, of_era, year, month, day = found.groups()
            if era:
                year = _BEFORE_ERA[era] + (1 if of_era == "元" else int(of_era))
            return datetime.date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        pass  # such as 31 February: said below, like every other text that is no date
    findings.problem(where, "entry.bad_date", text=text)
    return ""


def _is_of_html(rows: Sequence[Row]) -> bool:
    """Whether some cells are HTML: then the others were written by the same program."""
    cells = [row.texts.get(column, "") for row in rows for column in _MULTILINE]
    if not any("<" in cell for cell in cells):
        return False
    from bot.content import markup

    return any(map(markup.is_of_html, cells))


def _note_entities(made: Iterable[Draft], findings: Findings) -> None:
    """Note the first text that may be HTML without any other sign of it, or was so twice."""
    for draft in made:
        for column, text in fields(draft.entry).items():
            if isinstance(text, str) and "&" in text and ";" in text:
                from bot.content import markup

                if found := markup.first_entity(text):
                    findings.note(draft.where.at(column), "entry.entity", entity=found)
                    return


def _refuse_id(id_: str, where: Where, findings: Findings, key: str, **values: object) -> None:
    """Record what is wrong with an id; of a number, also how to do without."""
    if normalize("NFKC", id_).isdigit():  # １ and ① too
        problem = Text(key, id=id_, **values)
        findings.problem(where.at("id"), "entry.counted", problem=problem)
    else:
        findings.problem(where.at("id"), key, id=id_, **values)


def _note_blank_talks(rows: Sequence[Row], findings: Findings) -> None:
    """Note talks that the cell above may say, as it does where cells are merged.

    A row with an id, but one that only counts, was exported from a FAQ: it has no talk.
    """
    talks = [row for row in rows if "talk" in row.texts]
    below = itertools.dropwhile(lambda row: not row.texts["talk"].strip(), talks)
    blank = [
        row.where.at("talk")
        for row in below
        if not row.texts["talk"].strip() and not row.texts.get("id", "").strip("0123456789 ")
    ]
    if blank:
        findings.note(blank[0], "entry.no_talk", count=len(blank))
