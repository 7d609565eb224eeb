"""Tables that other FAQ programs export: known by their headers, and what a FAQ can't hold named.

Azure's custom question answering (before: QnA Maker) writes a row for each wording of a question,
QnABot a column for each; Dify, in Chinese too, question and answer only; help centers such as
Zendesk's title and body of an article, in HTML.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.content.problems import Findings, Where

if TYPE_CHECKING:
    from bot.content.columns import Row

UNHELD = "*"
"""Begins the name of a column that a FAQ has no place for; its header follows."""

_GROUP = f"{UNHELD}QnaId"
_NOTHING = re.compile(r"\s*(?:|\[\s*\]|\{\s*\}|false|null|none|editorial|0)\s*", re.IGNORECASE)


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
        name = header.strip().lower()
        if name in self.columns:
            return self.columns[name]
        if re.fullmatch(r"question\d+", name) and "qid" in self.signs:
            return "variants"
        return f"{UNHELD}{header.strip()}" if self.unheld.fullmatch(name) else None


_DIALECTS = (
    Dialect(
        frozenset({"question", "answer", "qnaid"}),
        {"qnaid": _GROUP},
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
    names = {header.strip().lower() for header in headers}
    return next((dialect for dialect in _DIALECTS if dialect.signs <= names), None)


def settled(rows: "Sequence[Row]", findings: Findings) -> "Sequence[Row]":
    """Return rows with the columns of a FAQ only, and note what others held."""
    if not any(key.startswith(UNHELD) for row in rows for key in row.texts):
        return rows
    counts: dict[str, int] = {}
    merged: dict[object, Row] = {}
    for row in rows:
        texts = {key: text for key, text in row.texts.items() if not key.startswith(UNHELD)}
        group = row.texts.get(_GROUP, "").strip()
        if _GROUP in row.texts:  # its line breaks are written as two characters
            texts["answer"] = texts["answer"].replace("\\n", "\n")
        for key, text in row.texts.items():
            if key.startswith(UNHELD) and key != _GROUP and not _NOTHING.fullmatch(text):
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
