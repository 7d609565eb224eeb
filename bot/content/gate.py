"""From a row to a draft of an entry: every text passes here, whatever file it comes from."""

import datetime
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.content.columns import Row
from bot.content.errors import Findings, Where
from bot.content.links import bare_links, is_safe
from bot.domain import text as text_gate
from bot.domain.entry import Entry

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
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T ]00:00:00)?")
_TITLE = re.compile(r"\s*先生$")
_SPACES = re.compile(r"\s+")
# Not for interchange, and XML can't hold the last two: they would be lost on a round trip.
_NONCHARACTER = re.compile(r"[\ufdd0-\ufdef\ufffe\uffff]")


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


def drafts(rows: Iterable[Row], lecturer: str | None, findings: Findings) -> tuple[Draft, ...]:
    """Check rows and make drafts of them.

    Args:
        rows: As the reader of the format made them.
        lecturer: Who answered where a row doesn't say; None if every row must.
        findings: Gets the problems and notes.

    Returns:
        The drafts of the rows without a problem, in order.
    """
    made: list[Draft] = []
    for row in rows:
        if len(made) == MOST_ENTRIES:
            findings.problem(row.where, f"more than {MOST_ENTRIES:,} entries.", "Split the file.")
            break
        draft = _RowGate(row, findings).draft(lecturer)
        if draft:
            made.append(draft)
    return tuple(made)


def refuse_equal_ids(made: Iterable[Draft], findings: Findings) -> None:
    """Record a problem for each id that two drafts have."""
    first: dict[str, Where] = {}
    for draft in made:
        id_ = draft.entry.id
        if id_ and id_ in first:
            findings.problem(
                draft.where.at("id"),
                f"id {id_} is taken already, at {first[id_]}.",
                "Give one of them another id, or leave it empty.",
            )
        first.setdefault(id_, draft.where)


def one_line(text: str) -> str:
    """Return the text with every run of white space as one space, and none at its ends."""
    return _SPACES.sub(" ", text).strip()


class _RowGate:
    """Checks one row; finds every problem of it, not only the first."""

    def __init__(self, row: Row, findings: Findings) -> None:
        self._row = row
        self._findings = findings
        self._before = len(findings.problems)
        self._anchors: list[str] = []

    def draft(self, default_lecturer: str | None) -> Draft | None:
        row = self._row
        texts = {column: self._text(column, text) for column, text in row.texts.items()}
        lists = {column: self._list(column, values) for column, values in row.lists.items()}
        lecturer = texts.get("lecturer") or default_lecturer
        if lecturer is not None:
            texts["lecturer"] = _TITLE.sub("", lecturer)
        # A file may do without lecturers altogether; where it has their column, each row says.
        texts = {"question": "", "answer": "", **texts}
        for column in ("question", "answer", "lecturer"):
            if column in texts and text_gate.is_blank(texts[column]):
                self._problem(column, f"{column} is empty.", _FILL[column])
        answer = texts["answer"]
        given = frozenset(texts) | frozenset(lists)
        links = lists["links"] if "links" in lists else bare_links(answer)
        entry = Entry(
            id=self._id(texts.get("id", "")),
            lecturer=texts.get("lecturer", ""),
            talk=texts.get("talk", ""),
            question=texts["question"],
            answer=answer,
            variants=lists.get("variants", ()),
            links=tuple(dict.fromkeys((*self._anchors, *links))),
            source=texts.get("source", ""),
            updated=self._date(texts.get("updated", "")),
        )
        if len(self._findings.problems) > self._before:
            return None
        return Draft(entry, row.where, given)

    def _text(self, column: str, raw: str) -> str:
        """Return a value as it is kept; of HTML, the text."""
        if len(raw) > LONGEST_CELL:
            self._problem(
                column,
                f"{column} has {len(raw):,} characters, a cell may have {LONGEST_CELL:,}.",
                "Shorten it.",
            )
            return "-"
        bad = text_gate.unstorable(raw) or _noncharacter(raw)
        if bad:
            self._problem(
                column, f"{column} holds {bad}, which no text may.", "Remove the character."
            )
            return "-"
        if "<" in raw and column in _MULTILINE:
            raw = self._unmarked(column, raw)
        if text_gate.has_bidi_controls(raw):
            self._note(column, "marks that reverse the reading order were removed.")
        text = text_gate.clean(raw)
        text = text.strip(" \t\n") if column in _MULTILINE else one_line(text)
        if len(text) > LONGEST[column]:
            self._problem(
                column,
                f"{column} has {len(text):,} characters, it may have {LONGEST[column]:,}.",
                "Shorten it, or split the entry.",
            )
        return text

    def _unmarked(self, column: str, raw: str) -> str:
        # html.parser is only imported where there may be HTML: most starts need none.
        from bot.content import markup

        if not markup.looks_like_html(raw):
            return raw
        text, links, unsafe = markup.to_text(raw)
        if column == "answer":
            self._anchors += [text_gate.clean(link) for link in links]
        for link in unsafe:
            self._note(column, f"the link {link[:60]!r} was left out: not http(s) or mailto.")
        return text

    def _list(self, column: str, raws: tuple[str, ...]) -> tuple[str, ...]:
        values = tuple(dict.fromkeys(filter(None, (self._text(column, raw) for raw in raws))))
        if len(values) > MOST_VALUES:
            self._problem(
                column,
                f"{len(values):,} {column}, an entry may have {MOST_VALUES}.",
                "Remove some.",
            )
        for value in values if column == "links" else ():
            if not is_safe(value):
                self._problem(
                    column,
                    f"{value[:60]!r} is no whole http, https or mailto address.",
                    "Write one address a line, such as https://example.jp/.",
                )
        return tuple(value for value in values if not text_gate.is_blank(value))

    def _id(self, text: str) -> str:
        if text and not _ID.fullmatch(text):
            self._problem(
                "id",
                f"id {text!r} can't be used.",
                "Use letters a-z, digits, '-', '_' and '.', such as kawahara-1.",
            )
        return text

    def _date(self, text: str) -> str:
        if not text:
            return ""
        found = _DATE.fullmatch(text)
        try:
            if found:
                year, month, day = map(int, found.groups())
                return datetime.date(year, month, day).isoformat()
        except ValueError:
            pass  # such as 31 February: said below, like every other text that is no date
        self._problem("updated", f"{text!r} is no date.", "Write it as 2025-04-01.")
        return ""

    def _problem(self, column: str, message: str, remedy: str) -> None:
        self._findings.problem(self._row.where.at(column), message, remedy)

    def _note(self, column: str, message: str) -> None:
        self._findings.note(self._row.where.at(column), message)


_FILL: Mapping[str, str] = {
    "question": "Write the question, or remove the row; of merged cells fill each.",
    "answer": "Write the answer, or remove the row; of merged cells fill each.",
    "lecturer": "Fill it in, or name the lecturer of the whole file with --lecturer.",
}


def _noncharacter(text: str) -> str | None:
    found = _NONCHARACTER.search(text)
    return f"U+{ord(found[0]):04X} (no character)" if found else None
