"""Labelled sets: the project's own, and evaluation sets where they lie on this machine."""

import json
from dataclasses import dataclass
from pathlib import Path

from bot.content import load
from bot.domain.entry import Entry
from bot.search.searcher import WordLists

ROOT = Path(__file__).parents[2]
DATA = ROOT / "data"
QUERIES = ROOT / "tests" / "quality"
LISTS = WordLists(DATA / "stopwords.txt", (DATA / "synonyms.txt", DATA / "synonyms-general.txt"))


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


def _rows(path: Path) -> list[dict]:  # type: ignore[type-arg]  # the files' own fields
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
