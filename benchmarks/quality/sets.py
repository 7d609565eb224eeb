"""Labelled sets: the project's own, and evaluation sets where they lie on this machine."""

import json
import random
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from bot.content import load
from bot.domain.entry import Entry
from bot.search.corpus import Stored
from bot.search.meaning import Encoder, Meaning
from bot.search.searcher import LISTS, Searcher, WordLists

OWN = {
    "queries.tune": "講師の FAQ、自作の質問",
    "others.tune": "講師の FAQ、他の人の質問",
    "queries.final": "講師の FAQ、自作の質問(取り置き)",
    "others.final": "講師の FAQ、他の人の質問(取り置き)",
}
"""The project's own files of queries that hold answerable ones, and their names in the tables."""

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
        tuned: Its queries were looked at while the search was made; False: kept back.
        unanswerable: Its queries are asked a second time without the entries that answer them.
    """

    name: str
    entries: tuple[Entry, ...]
    queries: tuple[Labelled, ...]
    best: int = 1
    tuned: bool = True
    unanswerable: bool = False


@cache
def encoder() -> Encoder:
    """Load the encoder, once; it encodes each text once."""
    loaded = Encoder()
    loaded.encode = cache(loaded.encode)  # type: ignore[method-assign]
    return loaded


def searcher(
    collection: Collection,
    lists: WordLists = LISTS,
    meaning: bool = True,
    stored: Stored | None = None,
) -> Searcher:
    """Search a collection's entries, by meaning too or by words alone."""
    made = Searcher(collection.entries, lists, stored=stored)
    if meaning:
        made.add(Meaning(encoder=encoder()))
    return made


def own(half: str) -> Collection:
    """Read the lecturers' FAQ with one of the project's own files, such as ``queries.tune``."""
    queries = tuple(map(_labelled, _table(QUERIES / f"{half}.tsv")))
    return Collection(OWN.get(half, half), load(DATA), queries, tuned="final" not in half)


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
    return Collection("localgovFAQ", entries, queries, best=2, unanswerable=True)


def campus(folder: Path) -> Collection:
    """Read a university's FAQ, and questions of eleven kinds, four of which nothing answers."""
    entries = tuple(Entry(**row) for row in _table(folder / "campus" / "faq.tsv"))
    queries = tuple(map(_labelled, _table(folder / "campus" / "queries.tsv")))
    return Collection("campus", entries, queries)


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
                collection.name,
                tuple(entry for entry in collection.entries if entry.id in kept),
                (*answered, *draw.sample(unknown, min(len(answered), len(unknown)))),
                collection.best,
            )
        )
    return drawn


def _labelled(row: dict[str, str]) -> Labelled:
    text, ids = row.get("query") or row["text"], row["ids"]
    kind = "offtopic" if row["kind"] == "off" else row["kind"]
    return Labelled(text, {} if ids == "-" else dict.fromkeys(ids.split(), 1), kind)


def _table(path: Path) -> list[dict[str, str]]:
    """Read a file of tabs with a header; quotes are plain characters."""
    header, *lines = path.read_text(encoding="utf-8").splitlines()
    return [dict(zip(header.split("\t"), line.split("\t"), strict=True)) for line in lines]


def _rows(path: Path) -> list[dict]:  # type: ignore[type-arg]  # the files' own fields
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
