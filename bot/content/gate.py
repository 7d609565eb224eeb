"""From a row to a draft of an entry: every text passes here, whatever file it comes from."""

import datetime
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.content.columns import Row, titled
from bot.content.problems import Findings, Where
from bot.domain import text as text_gate
from bot.domain.entry import Entry
from bot.domain.links import addresses, is_address

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
# All that is left where a text was saved in an encoding that lacks its characters.
_LOST = "?？\ufffd"
_LOST_ONLY = re.compile(rf"[\s{_LOST}、。，．・,.!！:：「」『』()（）-]+")
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
    if not of_html:
        _note_entities(rows, findings)
    if len(rows) > MOST_ENTRIES:
        findings.problem(rows[MOST_ENTRIES].where, "entry.too_many", limit=MOST_ENTRIES)
    for row in rows[:MOST_ENTRIES]:
        draft = _RowGate(row, findings, of_html).draft(lecturer)
        if draft:
            made.append(draft)
    return tuple(made)


def refuse_equal_ids(made: Iterable[Draft], findings: Findings) -> None:
    """Record a problem for each id that two drafts have."""
    first: dict[str, Where] = {}
    for draft in made:
        id_ = draft.entry.id
        if id_ and id_ in first:
            findings.problem(draft.where.at("id"), "entry.id_taken", id=id_, place=str(first[id_]))
        first.setdefault(id_, draft.where)


def one_line(text: str) -> str:
    """Return the text with every run of white space as one space, and none at its ends."""
    return _SPACES.sub(" ", text).strip()


class _RowGate:
    """Checks one row; finds every problem of it, not only the first."""

    def __init__(self, row: Row, findings: Findings, of_html: bool) -> None:
        self._row = row
        self._of_html = of_html
        self._findings = findings
        self._before = len(findings.problems)
        self._anchors = list(row.behind)

    def draft(self, default_lecturer: str | None) -> Draft | None:
        row = self._row
        texts = {column: self._text(column, text) for column, text in row.texts.items()}
        lists = {column: self._list(column, values) for column, values in row.lists.items()}
        if default_lecturer is not None and not texts.get("lecturer"):
            texts["lecturer"] = _TITLE.sub("", default_lecturer)
        # A file may do without lecturers altogether; where it has their column, each row says.
        texts = {"question": "", "answer": "", **texts}
        for column in ("question", "answer", "lecturer"):
            if column in texts and text_gate.is_blank(texts[column]):
                empty = "entry.no_lecturer" if column == "lecturer" else "entry.empty"
                self._problem(column, empty, column=titled(column))
        answer = texts["answer"]
        given = frozenset(texts) | frozenset(lists)
        links = lists["links"] if "links" in lists else addresses(answer)
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
                "entry.long_cell",
                column=titled(column),
                length=len(raw),
                limit=LONGEST_CELL,
            )
            return "-"
        bad = text_gate.unstorable(raw) or _noncharacter(raw)
        if bad:
            self._problem(column, "entry.unstorable", column=titled(column), character=bad)
            return "-"
        if ("<" in raw and column in _MULTILINE) or self._of_html:
            raw = self._unmarked(column, raw)
        if text_gate.has_bidi_controls(raw):
            self._note(column, "entry.bidi")
        text = text_gate.clean(raw)
        text = text.strip(" \t\n") if column in _MULTILINE else one_line(text)
        if column == "lecturer":
            text = _TITLE.sub("", text)
        if _LOST_ONLY.fullmatch(text) and not set(text).isdisjoint(_LOST):
            self._problem(column, "entry.lost", column=titled(column))
        elif "\ufffd" in text:
            self._note(column, "entry.replaced", column=titled(column))
        if len(text) > LONGEST[column]:
            self._problem(
                column,
                "entry.long",
                column=titled(column),
                length=len(text),
                limit=LONGEST[column],
            )
        return text

    def _unmarked(self, column: str, raw: str) -> str:
        # html.parser is only imported where there may be HTML: most starts need none.
        from bot.content import markup

        is_html = markup.looks_like_html(raw, beside_html=self._of_html)
        if column not in _MULTILINE or not is_html:
            return markup.decoded(raw) if self._of_html else raw
        read = markup.to_text(raw)
        if column == "answer":
            self._anchors += [text_gate.clean(link) for link in read.links]
        for link in read.unsafe:
            self._note(column, "entry.unsafe_link", link=link[:60])
        for struck in read.struck:
            self._note(column, "entry.struck", column=titled(column), text=struck.strip()[:60])
        return read.text

    def _list(self, column: str, raws: tuple[str, ...]) -> tuple[str, ...]:
        values = tuple(dict.fromkeys(filter(None, (self._text(column, raw) for raw in raws))))
        if len(values) > MOST_VALUES:
            self._problem(
                column,
                "entry.many_values",
                column=titled(column),
                count=len(values),
                limit=MOST_VALUES,
            )
        for value in values if column == "links" else ():
            if not is_address(value):
                self._problem(column, "entry.bad_link", link=value[:60])
        return tuple(value for value in values if not text_gate.is_blank(value))

    def _id(self, text: str) -> str:
        if text and not _ID.fullmatch(text):
            self._problem("id", "entry.bad_id", id=text)
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
        self._problem("updated", "entry.bad_date", text=text)
        return ""

    def _problem(self, column: str, key: str, /, **values: object) -> None:
        self._findings.problem(self._row.where.at(column), key, **values)

    def _note(self, column: str, key: str, /, **values: object) -> None:
        self._findings.note(self._row.where.at(column), key, **values)


def _is_of_html(rows: Sequence[Row]) -> bool:
    """Whether some cells are HTML: then the others were written by the same program."""
    cells = (
        text for row in rows for column in _MULTILINE if "<" in (text := row.texts.get(column, ""))
    )
    for cell in cells:
        from bot.content import markup

        if markup.is_of_html(cell):
            return True
    return False


def _note_entities(rows: Sequence[Row], findings: Findings) -> None:
    """Note the first cell that may be HTML without any other sign of it."""
    for row in rows:
        for column, text in row.texts.items():
            if "&" in text and ";" in text:
                from bot.content import markup

                if found := markup.first_entity(text):
                    findings.note(row.where.at(column), "entry.entity", entity=found)
                    return


def _noncharacter(text: str) -> str | None:
    found = _NONCHARACTER.search(text)
    return f"U+{ord(found[0]):04X} (no character)" if found else None
