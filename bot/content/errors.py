"""What is wrong with a file, and where: every problem with file, sheet, row and column."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.errors import FaqbotError

MOST_SHOWN = 20


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


class ContentError(FaqbotError):
    """Content that can't be used: nothing was changed. One line for each problem."""

    @classmethod
    def at(cls, where: Where, message: str, remedy: str) -> "ContentError":
        """Return the error for one problem."""
        return cls(f"{where}: {message}", remedy)

    @classmethod
    def of(cls, problems: Sequence[str]) -> "ContentError":
        """Return one error for all problems, the first twenty spelt out."""
        lines = list(problems[:MOST_SHOWN])
        if len(problems) > MOST_SHOWN:
            lines.append(f"... and {len(problems) - MOST_SHOWN} more problems.")
        return cls("\n".join(lines))


@dataclass(slots=True)
class Findings:
    """What was found while a file was read: problems that refuse it, notes that don't."""

    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def problem(self, where: Where, message: str, remedy: str) -> None:
        """Record what refuses the file."""
        self.problems.append(f"{where}: {message} {remedy}")

    def note(self, where: Where, message: str) -> None:
        """Record what the organiser should know."""
        self.notes.append(f"{where}: {message}")

    def raise_problems(self) -> None:
        """Raise all problems together, if there are any.

        Raises:
            ContentError: There is at least one.
        """
        if self.problems:
            raise ContentError.of(self.problems)
