"""All figures of one run."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from benchmarks.quality import metrics, sets
from benchmarks.quality.ablations import CERTAINTY, NOTHING_OFF, ORDER
from benchmarks.quality.decisions import Decision, Summary, at_its_best, decide, summarise
from benchmarks.quality.metrics import Ranks
from benchmarks.quality.sets import Collection, searcher
from bot.domain.retrieval import Answer, Silence
from bot.search.searcher import Searcher

DEPTH = 100
"""So many entries are ranked."""

SEEN, MOST = 10, 600
"""Without a part only so many, for so many queries of a set at most."""


@dataclass(frozen=True, slots=True)
class Row:
    """One FAQ.

    Attributes:
        collection: What was asked.
        ranks: How well it was ranked.
        decided: What was decided.
    """

    collection: Collection
    ranks: Ranks
    decided: list[Decision]

    @property
    def summary(self) -> Summary:
        """The decisions in figures."""
        return summarise(self.decided)


@dataclass(frozen=True, slots=True)
class Overheard:
    """What was said of itself in a channel."""

    lines: int
    right: int
    wrong: int
    questions: int


@dataclass(frozen=True, slots=True)
class Change:
    """What taking out a part changes in one set, and for the order the 95 % interval of it."""

    change: float
    low: float | None = None
    high: float | None = None


@dataclass(slots=True)
class Figures:
    """Everything that is reported, by collection where nothing else is said.

    Attributes:
        faqs: This search.
        words: The same by words alone.
        baselines: Other searches, by collection and name.
        reliable: Decisions by size of the FAQ, to compare confidence with what is right.
        order: By part and collection, the change of MRR without it.
        certainty: By part and collection, the change of what is answered rightly at once.
        overheard: In the chat lines, with meaning and by words alone.
        tempted: Of the tempting questions, how many were answered, and how many there are.
    """

    faqs: list[Row] = field(default_factory=list)
    words: list[Row] = field(default_factory=list)
    baselines: dict[str, dict[str, Ranks]] = field(default_factory=dict)
    reliable: dict[str, list[Decision]] = field(default_factory=dict)
    order: dict[str, dict[str, Change]] = field(default_factory=dict)
    certainty: dict[str, dict[str, Change]] = field(default_factory=dict)
    overheard: dict[str, Overheard] = field(default_factory=dict)
    tempted: tuple[int, int] = (0, 0)


def measure(collection: Collection, meaning: bool = True) -> Row:
    """Rank and decide."""
    asked = searcher(collection, meaning=meaning)
    return Row(collection, rank(asked, collection, DEPTH), decide(asked, collection))


def rank(asked: Searcher, collection: Collection, depth: int) -> Ranks:
    """Rank the entries for each query."""
    return metrics.ranks(
        collection,
        [
            [hit.entry.id for hit in asked.search(query.text, depth).hits]
            for query in collection.queries
        ],
    )


def without_parts_of_order(collections: Iterable[Collection]) -> dict[str, dict[str, Change]]:
    """Rank without each part of the order: by part and collection, the change of MRR."""
    changes: dict[str, dict[str, Change]] = defaultdict(dict)
    for collection in collections:
        every = -(-len(collection.queries) // MOST)
        collection = replace(collection, queries=collection.queries[::every])
        whole = searcher(collection)
        base = rank(whole, collection, SEEN).reciprocal
        for part in ORDER:
            with part.applied() as lists:
                asked = searcher(collection, lists, stored=part.reuse(whole))
                found = rank(asked, collection, SEEN).reciprocal
            interval = metrics.difference(found, base)
            changes[part.name][collection.name] = Change(float((found - base).mean()), *interval)
    return changes


def without_parts_of_certainty(
    collections: Iterable[tuple[str, Sequence[Collection]]],
) -> dict[str, dict[str, Change]]:
    """Decide without each part of the certainty, at the best threshold for each set.

    Returns:
        By part and collection, the change of what is answered rightly at once, as a share of the
        answerable.
    """
    changes: dict[str, dict[str, Change]] = defaultdict(dict)
    for name, group in collections:
        searchers = [(searcher(each), each) for each in group]
        base = 0.0
        for asked, _ in searchers:
            asked.thresholds = replace(asked.thresholds, answer=1e-9)
        for part in (NOTHING_OFF, *CERTAINTY):
            with part.applied():
                made = [one for asked, each in searchers for one in decide(asked, each)]
            found = at_its_best(made)
            if part is NOTHING_OFF:
                base = found
            else:
                changes[part.name][name] = Change(found - base)
    return changes


def decide_all(collections: Iterable[Collection]) -> list[Decision]:
    """Decide on several FAQs."""
    return [one for each in collections for one in decide(searcher(each), each)]


def listen(asked: Searcher) -> Overheard:
    """Read along in a channel."""
    collection = sets.own("chat")
    right = wrong = 0
    for query in collection.queries:
        reply, _ = asked.reply(query.text, addressed=False)
        if not isinstance(reply, Silence):
            answers = isinstance(reply, Answer) and all(
                hit.entry.id in query.grades for hit in reply.hits
            )
            right += answers
            wrong += not answers
    questions = sum(bool(query.grades) for query in collection.queries)
    return Overheard(len(collection.queries), right, wrong, questions)


def tempt(asked: Searcher) -> tuple[int, int]:
    """Ask what no entry answers; return how many were answered, and how many there are."""
    made = decide(asked, sets.own("tempting"))
    return sum(one.answered for one in made), len(made)
