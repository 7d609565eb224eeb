"""The columns of an entry and the headers that stand for them, other FAQ programs' too.

Azure's custom question answering (before: QnA Maker) writes a row for each wording of a question,
QnABot a column for each; Dify, in Chinese too, question and answer only; help centers such as
Zendesk's title and body of an article, in HTML; people Q and A. They are known by their headers.
"""

import difflib
import functools
import re
import shlex
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bot.content.problems import MOST_SHOWN, ContentError, Findings, Where
from bot.domain.entry import Entry
from bot.errors import FaqbotError
from bot.texts import Text

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

Remarks = Mapping[tuple[str, str], str]
"""What YAML has behind a variant, as a comment: by the entry's id and the variant."""
NO_REMARKS: Remarks = {}

_JAPANESE: Mapping[str, tuple[str, ...]] = {
    "id": ("番号", "識別子"),
    "lecturer": ("講師", "講師名", "回答者", "先生", "担当者", "回答担当", "回答担当者"),
    "talk": ("講演", "講演名", "講演題目", "講義", "演題"),
    "question": ("質問", "質問文", "問い", "ご質問", "よくある質問", "よくあるご質問"),
    "answer": ("回答", "回答文", "答え", "ご回答", "お答え"),
    "variants": ("言い換え", "言いかえ", "別の聞き方", "類似質問"),
    "links": ("リンク", "url", "参考リンク"),
    "source": ("出典", "出所"),
    "updated": ("更新日", "最終更新日", "日付"),
}
_BY_HEADER = {
    alias: column for column in COLUMNS for alias in (column, *_JAPANESE[column])
}  # lower case


UNHELD = "*"
"""Begins the name of a column that a FAQ has no place for; its header follows."""

GROUP = f"{UNHELD}QnaId"
"""The column by which rows are one entry: each has another wording of its question."""

LONGEST_HEADER = 60
"""Characters of a cell that may be a header, and of one that is shown."""

MOST_COMPARED = 64
"""Cells of a row that are compared with the known headers: it takes long."""

_COMMA = re.compile("[,，、]")

LEFT_OUT = ""
"""What a header means whose column an import leaves out."""


@dataclass(frozen=True, slots=True)
class Headers:
    """What the headers of a file mean.

    Attributes:
        left_out: Headers, as ``plain`` returns them, whose columns aren't read.
        meant: Columns by headers of this file's own.
        found: Those of both that a file had.
    """

    left_out: frozenset[str] = frozenset()
    meant: Mapping[str, str] = field(default_factory=dict)
    found: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, left_out: Iterable[str], meant: Iterable[str]) -> "Headers":
        """Return what an organiser says of the headers.

        Args:
            left_out: Headers, several separated by commas.
            meant: Pairs such as ``question=質問内容``.

        Raises:
            FaqbotError: Something is no pair of column and header.
        """
        columns: dict[str, str] = {}
        for pair in meant:
            name, equals, header = pair.partition("=")
            column = column_of(name)
            if not (equals and column and header.strip()):
                raise FaqbotError(Text("import.map", value=pair, columns=", ".join(COLUMNS)))
            columns[plain(header)] = column
        names = {plain(name) for names in left_out for name in (names, *_COMMA.split(names))}
        return cls(frozenset(names - {""}), columns)

    def not_found(self) -> Iterator[Text]:
        """Yield a note for each header that no file had."""
        for option, names in (("ignore-columns", self.left_out), ("map", self.meant)):
            for name in sorted(names):
                if name not in self.found and not _COMMA.search(name):
                    yield Text("table.not_there", option=option, header=name)

    def column_of(self, header: str) -> str | None:
        """Return the column a header means, ``LEFT_OUT`` for none that is read; None: unknown."""
        name = plain(header) if self.left_out or self.meant else ""
        if name in self.left_out:
            self.found.add(name)
            return LEFT_OUT
        if name in self.meant:
            self.found.add(name)
            return self.meant[name]
        return column_of(header)

    def name_columns(self, headers: Iterable[str]) -> bool:
        """Whether a row of a table names the columns that every entry needs."""
        return set(self._columns(tuple(headers))).issuperset(REQUIRED)

    def likeliest(self, records: Iterable[tuple[int, Sequence[str]]]) -> int:
        """Return the number of the row that is likeliest meant to name the columns; 0 for none.

        It has the most cells that look like a header, and else the most cells: a table's title
        above it has few.

        Args:
            records: Numbers and cells of the first rows.
        """

        def likeness(record: tuple[int, Sequence[str]]) -> tuple[int, int]:
            cells = [cell for cell in record[1] if cell.strip()]
            short = (cell for cell in cells[:MOST_COMPARED] if len(cell) <= LONGEST_HEADER)
            likely = {_nearest(cell) for cell in short}
            return len(likely - {""}), len(cells)

        return max(records, key=likeness, default=(0, ()))[0]

    def _columns(self, headers: Sequence[str]) -> tuple[str | None, ...]:
        """Return what each header means: to the organiser, to the program it is of, to all."""
        dialect = dialect_of(headers)
        meant = map(self.column_of, headers)
        if dialect is None:
            return tuple(meant)
        said = {*self.left_out, *self.meant}
        return tuple(
            column if plain(header) in said else dialect.column_of(header) or column
            for header, column in zip(headers, meant, strict=True)
        )

    def resolve(self, headers: Sequence[str], where: Where) -> tuple[str | None, ...]:
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
        columns = tuple(
            column if header.strip() else None
            for header, column in zip(headers, self._columns(headers), strict=True)
        )
        found = [header.strip() for header in headers if header.strip()]
        unknown = [
            header.strip()
            for header, column in zip(headers, columns, strict=True)
            if column is None and header.strip()
        ]
        # What is likely meant for a column that isn't there is no column to leave out.
        idle = [
            header
            for header in unknown[:MOST_SHOWN]
            if _BY_HEADER.get(_nearest(header), LEFT_OUT) in (*columns, LEFT_OUT)
            and not _COMMA.search(header)
        ]
        for header in unknown:
            refuse_unknown(findings, where, "table.unknown", header, idle)
        for column, count in Counter(filter(None, columns)).items():
            several = column.startswith(UNHELD) or (column in LISTS and dialect_of(headers))
            if count > 1 and not several:
                findings.problem(
                    where, "table.twice", column=titled(column), found=", ".join(found)
                )
        missing = [titled(column) for column in REQUIRED if column not in columns]
        if len(missing) == 2:
            missing = [Text("table.both", one=missing[0], other=missing[1])]
        if missing:
            findings.problem(where, "table.missing", columns=missing[0], found=", ".join(found),
                             all=", ".join(COLUMNS))  # fmt: skip
        findings.raise_problems()
        return columns


@dataclass(frozen=True, slots=True)
class Dialect:
    """A program's way of writing a table.

    Attributes:
        signs: Headers that together no other table has, in lower case.
        columns: What its headers mean besides those that mean the same everywhere.
        unheld: What its other headers look like; they are named if there is something below.
    """

    signs: frozenset[str]
    columns: Mapping[str, str]
    unheld: re.Pattern[str]

    def column_of(self, header: str) -> str | None:
        """Return what a header means in it; None for one that isn't its own."""
        name = plain(header)
        if name in self.columns:
            return self.columns[name]
        if re.fullmatch(r"question\d+", name) and "qid" in self.signs:
            return "variants"
        return f"{UNHELD}{header.strip()}" if self.unheld.fullmatch(name) else None


_DIALECTS = (
    Dialect(
        frozenset({"question", "answer", "qnaid"}),
        {"qnaid": GROUP},
        re.compile("metadata|suggestedquestions|iscontextonly|prompts|sourcedisplayname"),
    ),
    Dialect(
        frozenset({"qid", "question1", "answer"}),
        {"qid": "id", "question1": "question"},
        re.compile(r"question|markdown|ssml|topic|card\w*|imageurl|displaytext\d*|buttonvalue\d*|"
                   r"type|tags|clientfiltervalues|[a-z]\w*\.[\w.]+|[alrt]|rp|sa|args"),
    ),
    Dialect(
        frozenset({"问题", "答案"}), {"问题": "question", "答案": "answer"}, re.compile(r"(?!)")
    ),
    Dialect(frozenset({"q", "a"}), {"q": "question", "a": "answer"}, re.compile(r"(?!)")),
    Dialect(
        frozenset({"title", "body"}),
        {"title": "question", "body": "answer", "html_url": "source", "id": "id"},
        re.compile(r"url|draft|promoted|position|vote_\w+|label_names|outdated\w*|locale|name|"
                   r"source_locale|\w+_id|\w+_ids|\w+_at|comments_disabled|author\w*|section\w*|"
                   r"category\w*|content_tag\w*"),
    ),
)  # fmt: skip


def dialect_of(headers: Iterable[str]) -> Dialect | None:
    """Return the dialect of a row of headers; None where it isn't one of another program."""
    names = set(map(plain, headers))
    return next((dialect for dialect in _DIALECTS if dialect.signs <= names), None)


@functools.lru_cache(maxsize=1_000)
def column_of(header: str) -> str | None:
    """Return the column that a header in English or Japanese means; None if there is none.

    A header may be broken into lines within a word, or say the same, or more, in its other lines.
    """
    name = plain(header)
    known = _BY_HEADER.get(name) or _BY_HEADER.get(name.replace(" ", ""))
    if known or not re.search(r"[\r\n]", header):
        return known
    meant = {_BY_HEADER.get(plain(line)) for line in header.splitlines()} - {None}
    return meant.pop() if len(meant) == 1 else None


def plain(header: str) -> str:
    """Return a header as it is compared: its width, case and the blanks around it mean nothing."""
    return " ".join(unicodedata.normalize("NFKC", header).replace("\ufeff", "").split()).lower()


def titled(column: str) -> Text:
    """Return what a column is called."""
    return Text(f"column.{column}")


def refuse_unknown(
    findings: Findings, where: Where, key: str, header: str, idle: Sequence[str] = ()
) -> None:
    """Record that a header is unknown: what it may mean, and how it is left out.

    Args:
        findings: Gets the problem.
        where: The header's place.
        key: Of what is said.
        header: As the file has it.
        idle: Those of the file that stand for nothing: one option leaves out all of them.
    """
    header = header.strip()
    nearest = "" if findings.full else _nearest(header)
    values = {
        "header": header[:LONGEST_HEADER],
        "meant": Text("table.meant", header=nearest) if nearest else "",
        "column": _BY_HEADER[nearest] if nearest else Text("table.some_column"),
        "quoted": _for_shell(header[:LONGEST_HEADER]),
        "left_out": _for_shell(",".join(idle if header in idle else (header,))),
    }
    findings.problem(where, key, **values)


@functools.lru_cache(maxsize=1_000)
def _nearest(header: str) -> str:
    """Return the known header that an unknown one has in it or is nearly; empty for none.

    Of 「回答（担当者）」 it is the longest and last one: there, 担当者.
    """
    name = plain(header)
    within = [(len(known), name.rfind(known), known) for known in _BY_HEADER if known in name]
    if japanese := [found for found in within if not found[2].isascii()]:
        return max(japanese)[2]
    return next(iter(difflib.get_close_matches(name, _BY_HEADER, n=1, cutoff=0.5)), "")


def are_nearly_required(headers: Iterable[str]) -> bool:
    """Whether one of the headers is likely meant for a column that every entry needs."""
    return any(_BY_HEADER.get(_nearest(header)) in REQUIRED for header in headers)


def _for_shell(text: str) -> str:
    """Quote a word for a shell, but none that only has Japanese in it."""
    return text if re.fullmatch(r"[\w,.:/=-]+", text) else shlex.quote(text)


def fields(entry: Entry) -> dict[str, str | tuple[str, ...]]:
    """Return an entry by its columns, in their order."""
    return {column: getattr(entry, column) for column in COLUMNS}


def stated(entry: Entry) -> dict[str, str | tuple[str, ...]]:
    """Return an entry by its columns as a file states it, so that reading gives the same entry."""
    from bot.content import markup  # most starts read no HTML and write nothing

    protect = markup.protect
    return {
        column: protect(value) if isinstance(value, str) else tuple(map(protect, value))
        for column, value in fields(entry).items()
    }


def table(entries: Sequence[Entry], name: str) -> list[tuple[str, ...]]:
    """Return a table's rows, its headers first; several values stand one per line inside a cell.

    Raises:
        ContentError: Some entries have a lecturer and some have none: reading would refuse that.
    """
    unsigned = [entry.id for entry in entries if not entry.lecturer]
    if unsigned and len(unsigned) < len(entries):
        raise ContentError.at(Where(name), "export.unsigned", id=unsigned[0])
    columns = tuple(column for column in COLUMNS if column != "lecturer" or not unsigned)
    values = map(stated, entries)
    return [columns, *(tuple(_cell(of[column]) for column in columns) for of in values)]


def _cell(value: str | tuple[str, ...]) -> str:
    return value if isinstance(value, str) else "\n".join(value)
