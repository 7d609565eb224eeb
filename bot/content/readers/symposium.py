"""Reader of the lists that lecturers hand in after a symposium.

A header line ``NAME 先生「TITLE」``, then a line of question TAB answer for each entry; some cells
are HTML; blank lines mean nothing.
"""

import re

from bot.content.columns import Row
from bot.content.errors import Findings, Where
from bot.content.source import Source, lines_of

_LECTURE = re.compile(r"(?P<lecturer>[^\t]*?)\s*先生\s*「(?P<talk>[^\t]*)」")


def read(source: Source, text: str, findings: Findings) -> tuple[Row, ...]:
    """Return the rows of the file; a line that fits nowhere is a problem."""
    rows = []
    lecture: dict[str, str] | None = None
    for number, line in enumerate(lines_of(text), start=1):
        where = Where(source.name, row=number)
        question, _, answer = line.partition("\t")
        header = _LECTURE.fullmatch(question.strip())
        if header and not answer.strip():
            lecture = header.groupdict()
        elif lecture is not None and line.count("\t") == 1:
            rows.append(Row(where, {**lecture, "question": question, "answer": answer}, {}))
        elif line.strip():
            findings.problem(where, "symposium.line", tabs=line.count("\t"))
    return tuple(rows)
