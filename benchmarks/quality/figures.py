"""All figures of one run."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from benchmarks.quality import decisions, metrics
from benchmarks.quality.ablations import NOTHING_OFF, Ablation
from benchmarks.quality.decisions import Decision, Summary
from benchmarks.quality.metrics import Ranks
from benchmarks.quality.sets import Collection, parts
from bot.domain.reply import Answer, Decline, Help, Silence, Suggestions
from bot.search.searcher import LISTS, Searcher

DEPTH = 100


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table of rankings.

    Attributes:
        name: What was measured.
        ranks: How well it ranked.
        against: 95 % intervals of the difference in P@1 and MRR to the first line; None in it.
    """

    name: str
    ranks: Ranks
    against: tuple[tuple[float, float], tuple[float, float]] | None = None


@dataclass(frozen=True, slots=True)
class Kind:
    """What became of the queries of one kind."""

    queries: int = 0
    first: int = 0
    right: int = 0
    wrong: int = 0
    offered: int = 0
    offered_wrong: int = 0
    declined: int = 0


@dataclass(frozen=True, slots=True)
class Overheard:
    """What was said of itself in a channel."""

    lines: int
    right: int
    wrong: int
    questions: int


@dataclass(slots=True)
class Figures:
    """Everything that is reported.

    Attributes:
        rankings: By collection: this search, what each missing step changes, and the baselines.
        kinds: By half of the project's own set, and by kind.
        summaries: Decisions, by collection.
        signs: Decisions with a sign or rule of the policy missing, by collection.
        halves: AUROC of the answerable, mean and 95 % interval over draws of half of the queries.
        decided: Decisions to draw curves of, by collection.
        overheard: In the chat lines.
        tempted: Of the tempting questions, how many were answered, and how many there are.
        missed: Queries of the tuning half that weren't answered by their entry.
    """

    rankings: dict[str, list[Row]] = field(default_factory=dict)
    kinds: dict[str, dict[str, Kind]] = field(default_factory=dict)
    summaries: dict[str, Summary] = field(default_factory=dict)
    signs: dict[str, dict[str, Summary]] = field(default_factory=dict)
    halves: tuple[float, float, float] | None = None
    decided: dict[str, list[Decision]] = field(default_factory=dict)
    overheard: Overheard | None = None
    tempted: tuple[int, int] | None = None
    missed: list[Decision] = field(default_factory=list)


def rank_all(collection: Collection, steps: Iterable[Ablation], others: bool) -> list[Row]:
    """Rank with everything, without each step, and with other searches."""
    rows: list[Row] = []

    def add(name: str, rankings: Sequence[Sequence[str]]) -> None:
        found = metrics.ranks(collection, rankings)
        against = None
        if rows:
            base = rows[0].ranks
            against = (
                metrics.difference(found.first, base.first),
                metrics.difference(found.reciprocal, base.reciprocal),
            )
        rows.append(Row(name, found, against))

    for step in (NOTHING_OFF, *steps):
        with step.applied() as lists:
            searcher = Searcher(collection.entries, lists)
            add(
                step.name,
                [
                    [hit.entry.id for hit in searcher.search(query.text, DEPTH).hits]
                    for query in collection.queries
                ],
            )
    if others:
        from benchmarks.quality import baselines  # bm25s is there for benchmarks only

        analyzer = Searcher((), LISTS).analyzer
        for name, rankings in baselines.all_baselines(collection, analyzer):
            add(name, rankings)
    return rows


def decide_all(
    collection: Collection, signs: Iterable[Ablation], twice: bool
) -> tuple[list[Decision], dict[str, Summary]]:
    """Decide with everything, and without each sign or rule."""
    summaries = {}
    decided: list[Decision] = []
    for step in (NOTHING_OFF, *signs):
        with step.applied() as lists:
            searcher = Searcher(collection.entries, lists)
            made = (
                decisions.decide_twice(searcher, collection)
                if twice
                else decisions.decide(searcher, collection)
            )
            decided = decided or made
            summaries[step.name] = decisions.summarise(made)
    return decided, summaries


def decide_parts(collection: Collection, size: int, count: int) -> list[Decision]:
    """Decide on small FAQs drawn from a large one."""
    return [
        decision
        for part in parts(collection, size, count)
        for decision in decisions.decide(Searcher(part.entries, LISTS), part)
    ]


def by_kind(made: Iterable[Decision]) -> dict[str, Kind]:
    """Count decisions by kind of query."""
    of_kind: dict[str, list[Decision]] = defaultdict(list)
    for decision in made:
        of_kind[decision.query.kind].append(decision)
    return {kind: _count(found) for kind, found in of_kind.items()}


def listen(collection: Collection) -> Overheard:
    """Read along in a channel."""
    searcher = Searcher(collection.entries, LISTS)
    right = wrong = 0
    for query in collection.queries:
        reply, _ = searcher.reply(query.text, addressed=False)
        if not isinstance(reply, Silence):
            answers = isinstance(reply, Answer) and all(
                hit.entry.id in query.grades for hit in reply.hits
            )
            right += answers
            wrong += not answers
    questions = sum(bool(query.grades) for query in collection.queries)
    return Overheard(len(collection.queries), right, wrong, questions)


def tempt(collection: Collection) -> tuple[int, int]:
    """Ask what no entry answers; return how many were answered, and how many there are."""
    made = decisions.decide(Searcher(collection.entries, LISTS), collection)
    return sum(isinstance(one.reply, Answer) for one in made), len(made)


def _count(made: Sequence[Decision]) -> Kind:
    answers = [decision for decision in made if isinstance(decision.reply, Answer)]
    offers = [decision for decision in made if isinstance(decision.reply, Suggestions)]
    return Kind(
        queries=len(made),
        first=sum(decision.right for decision in made),
        right=sum(decision.right for decision in answers),
        wrong=sum(not decision.right for decision in answers),
        offered=sum(decision.shown for decision in offers),
        offered_wrong=sum(not decision.shown for decision in offers),
        declined=sum(isinstance(decision.reply, Decline | Help) for decision in made),
    )
