"""The lists that lecturers hand in after a symposium.

A header line ``NAME 先生「TITLE」``, then a line of question TAB answer for each entry; some cells
are HTML; blank lines mean nothing.
"""

import re

from bot.content.columns import Row
from bot.content.encoding import lines_of
from bot.content.source import Opened

_LECTURE = re.compile(r"(?P<lecturer>[^\t]*?)\s*先生\s*「(?P<talk>[^\t]*)」")


def read(file: Opened) -> tuple[Row, ...]:
    """Return the rows of the file; a line that fits nowhere is a problem."""
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
