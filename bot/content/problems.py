"""What is wrong with a file, and where: every problem with file, sheet, row and column."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.errors import FaqbotError
from bot.texts import Lines, Text, if_known

MOST_SHOWN = 20
_COUNTED = Text("place.more", count=1)
_MARKS = str.maketrans({",": " comma ", ":": " colon ", "}": " brace ", "]": " bracket "})


@dataclass(frozen=True, slots=True)
class Where:
    """A place in a file.

    Attributes:
        file: As the organiser named it.
        sheet: Of a workbook; else empty.
        row: Line or row, from 1; 0 for the file as a whole.
        column: Name of the column; empty for the whole row.
    """

    file: str
    sheet: str = ""
    row: int = 0
    column: str = ""

    def __str__(self) -> str:
        row = str(self.row) if self.row else ""
        return ":".join(part for part in (self.file, self.sheet, row, self.column) if part)

    def at(self, column: str) -> "Where":
        """Return the same row at a column."""
        return Where(self.file, self.sheet, self.row, column)

    def text(self, key: str, values: dict[str, object]) -> Text:
        """Return what is to be said of this place; ``{column}`` is what its column is called."""
        called = if_known(f"column.{self.column}")
        return Text("place.at", place=str(self), what=Text(key, **{"column": called, **values}))


def parser_says(message: str) -> Text | str:
    """Return what a parser's message means, in the reader's language where it is a usual one."""
    named = message.lower().translate(_MARKS)
    name = "_".join(re.findall(r"[a-z]+", named))
    return if_known(f"parser.{name}") or message


class ContentError(FaqbotError):
    """Content that can't be used: nothing was changed. A line for each problem, up to twenty."""

    def __init__(self, problems: Sequence[Text]) -> None:
        self.problems = tuple(problems)
        shown = self.problems[:MOST_SHOWN]
        if len(self.problems) > MOST_SHOWN:
            shown += (Text("place.more", count=len(self.problems) - MOST_SHOWN),)
        super().__init__(Lines(shown))

    @classmethod
    def at(cls, where: Where, key: str, /, **values: object) -> "ContentError":
        """Return the error for one problem: its place, and the key of what is to be said."""
        return cls([where.text(key, values)])


@dataclass(slots=True)
class Findings:
    """What was found while a file was read: problems that refuse it, notes that don't.

    Attributes:
        problems: What refuses it.
        notes: What the organiser should know.
        order: Where its talks come among those of other files; None where it doesn't say.
        last_shown: The row of the last problem that is shown.
    """

    problems: list[Text] = field(default_factory=list)
    notes: list[Text] = field(default_factory=list)
    order: int | None = None
    last_shown: int = 0

    @property
    def full(self) -> bool:
        """Whether as many problems were found as are shown; further ones are only counted."""
        return len(self.problems) >= MOST_SHOWN

    def problem(self, where: Where, key: str, /, **values: object) -> None:
        """Record what refuses the file."""
        if self.full:
            self.problems.append(_COUNTED)
        else:
            self.problems.append(where.text(key, values))
            self.last_shown = where.row

    def note(self, where: Where, key: str, /, **values: object) -> None:
        """Record what the organiser should know."""
        self.notes.append(where.text(key, values))

    def noted(self, where: Where) -> object:
        """Return what was noted first of a place, as long as problems are shown; None: nothing."""
        place = str(where)
        notes = () if self.full else self.notes
        return next((note.values["what"] for note in notes if note.values["place"] == place), None)

    def raise_problems(self) -> None:
        """Raise all problems together, if there are any.

        Raises:
            ContentError: There is at least one.
        """
        if self.problems:
            raise ContentError(self.problems)
