"""Labelled sets: the project's own, and evaluation sets where they lie on this machine."""

import json
import random
from dataclasses import dataclass, replace
from pathlib import Path

from bot.content import load
from bot.domain.entry import Entry

ROOT = Path(__file__).parents[2]
DATA = ROOT / "data"
QUERIES = ROOT / "tests" / "quality"


@dataclass(frozen=True, slots=True)
class Labelled:
    """A query and the entries that answer it.

    Attributes:
        text: What was asked.
        grades: Grade of each relevant entry; empty where no entry answers.
        kind: How it was asked.
    """

    text: str
    grades: dict[str, int]
    kind: str = ""

    def right(self, best: int) -> frozenset[str]:
        """Return the entries of the best grade."""
        return frozenset(entry for entry, grade in self.grades.items() if grade == best)


@dataclass(frozen=True, slots=True)
class Collection:
    """Entries and queries for them.

    Attributes:
        name: As in the tables.
        entries: The FAQ.
        queries: What was asked.
        best: The grade of an entry that answers.
    """

    name: str
    entries: tuple[Entry, ...]
    queries: tuple[Labelled, ...]
    best: int = 1


def own(half: str) -> Collection:
    """Read the lecturers' FAQ with one of the project's own files, such as ``queries.tune``."""
    _, *lines = (QUERIES / f"{half}.tsv").read_text(encoding="utf-8").splitlines()
    queries = []
    for line in lines:
        text, ids, kind = line.split("\t")
        grades = {} if ids == "-" else dict.fromkeys(ids.split(" "), 1)
        queries.append(Labelled(text, grades, kind))
    return Collection(half, load(DATA), tuple(queries))


def local_gov(folder: Path) -> Collection:
    """Read a city's FAQ and citizens' questions; grade 2 answers, grade 1 is related."""
    entries = tuple(
        Entry(row["id"], "", "", row["question"], row["answer"])
        for row in _rows(folder / "localgovfaq" / "entries.jsonl")
    )
    queries = tuple(
        Labelled(row["query"], row["relevant"])
        for row in _rows(folder / "localgovfaq" / "queries.dev.jsonl")
    )
    return Collection("localgovfaq", entries, queries, best=2)


def jsquad(folder: Path) -> Collection:
    """Read paragraphs of an encyclopedia and questions written for them."""
    entries = tuple(
        Entry(row["id"], "", "", row["title"], row["text"])
        for row in _rows(folder / "jsquad" / "passages.jsonl")
    )
    queries = tuple(
        Labelled(row["query"], row["relevant"])
        for row in _rows(folder / "jsquad" / "queries.dev.jsonl")
    )
    return Collection("JSQuAD", entries, queries)


def parts(collection: Collection, size: int, count: int) -> list[Collection]:
    """Draw small FAQs from a large one, each with as many queries that it answers as others."""
    draw = random.Random(size)
    answerable = [query for query in collection.queries if query.right(collection.best)]
    drawn = []
    for _ in range(count):
        asked = draw.sample(answerable, min(size // 2, len(answerable) // 2))
        kept = {min(query.right(collection.best)) for query in asked}
        others = [entry.id for entry in collection.entries if entry.id not in kept]
        kept.update(draw.sample(others, size - len(kept)))
        known = [
            replace(
                query,
                grades={entry: grade for entry, grade in query.grades.items() if entry in kept},
            )
            for query in answerable
        ]
        answered = [query for query in known if query.right(collection.best)]
        unknown = [query for query in known if not query.grades]
        drawn.append(
            Collection(
                f"{collection.name}, {size} entries",
                tuple(entry for entry in collection.entries if entry.id in kept),
                (*answered, *draw.sample(unknown, min(len(answered), len(unknown)))),
                collection.best,
            )
        )
    return drawn


def _rows(path: Path) -> list[dict]:  # type: ignore[type-arg]  # the files' own fields
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
