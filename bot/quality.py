"""How accurate search and policy are on labelled queries: the queries, the measures, the sums.

Measures are as in Manning, Raghavan, Schütze, "Introduction to Information Retrieval", 2008,
chapter 8; nDCG has linear gains: Järvelin and Kekäläinen, "Cumulated gain-based evaluation", 2002.
"""

import csv
import json
import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import assert_never

from bot.content import text_of
from bot.domain.retrieval import Answer, Decline, Help, Ranking, Reply, Silence, Suggestions
from bot.errors import FaqbotError, reason
from bot.texts import Text

DEPTH = 100
"""How deep a ranking is looked at."""


@dataclass(frozen=True, slots=True)
class LabelledQuery:
    """A query and its labels.

    Attributes:
        text: What was asked.
        grades: Grade of each relevant entry by id; empty where the FAQ has no answer.
        right: The entries that answer it: those of the file's highest grade.
        kind: What kind of query it is; empty where the file doesn't say.
    """

    text: str
    grades: Mapping[str, int]
    right: frozenset[str]
    kind: str = ""


class Verdict(StrEnum):
    """What a reply was worth."""

    ANSWERED_RIGHTLY = "answered rightly"
    ANSWERED_WRONGLY = "answered wrongly"
    SUGGESTED_RIGHTLY = "right one suggested"
    SUGGESTED_WRONGLY = "wrong ones suggested"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class Judged:
    """One labelled query, what was found and what was replied.

    Attributes:
        query: The query with its labels.
        ranked: Ids found, best first.
        confidence: That of the best hit.
        verdict: What the reply was worth; None where only related entries are labelled.
    """

    query: LabelledQuery
    ranked: tuple[str, ...]
    confidence: float
    verdict: Verdict | None


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Averages over queries; None where no query counts towards one.

    Attributes:
        queries: How many queries.
        answerable: How many of them have a right entry.
        p1, mrr, s3, s5: Over the answerable ones.
        ndcg10: Over those with any relevant entry.
        precision: Share of right ones among automatic answers.
        verdicts: How often each verdict was given to an answerable query.
        unanswerable: The same for queries without any relevant entry.
        auroc: How well confidence tells a right best hit from all else (0.5: not at all).
    """

    queries: int
    answerable: int
    p1: float | None
    mrr: float | None
    s3: float | None
    s5: float | None
    ndcg10: float | None
    precision: float | None
    verdicts: Counter[Verdict]
    unanswerable: Counter[Verdict]
    auroc: float | None


def read(path: Path, known: frozenset[str]) -> tuple[LabelledQuery, ...]:
    """Read labelled queries.

    Args:
        path: TSV without quoting, or CSV, with the columns ``query``, ``ids`` (separated by
            spaces, or ``-`` for none) and maybe ``kind``; or JSON lines with ``query`` and
            ``relevant``, an object of grades by id. In any encoding that a FAQ may be in.
        known: The ids of the FAQ.

    Raises:
        FaqbotError: The file can't be read, or a label names an entry that isn't in the FAQ.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise FaqbotError(Text("eval.unreadable", path=str(path), reason=reason(error))) from error
    lines = text_of(str(path), data).splitlines()
    as_json = lines and lines[0].startswith("{")
    rows = list(_json_rows(path, lines) if as_json else _table_rows(path, lines)) if lines else []
    if not rows:
        raise FaqbotError(Text("eval.no_query", path=str(path)))
    top = max((grade for _, _, grades, _ in rows for grade in grades.values()), default=1)
    queries = []
    for number, text, grades, kind in rows:
        unknown = sorted(grades.keys() - known)
        if unknown:
            raise _error(path, number, "eval.unknown_id", id=unknown[0])
        right = frozenset(entry for entry, grade in grades.items() if grade == top)
        queries.append(LabelledQuery(text, grades, right, kind))
    return tuple(queries)


def judge(
    queries: Sequence[LabelledQuery], ask: Callable[[str, int], tuple[Reply, Ranking]]
) -> tuple[Judged, ...]:
    """Ask every query.

    Args:
        queries: Labelled queries.
        ask: Text and depth in, reply and ranking out.
    """
    judged = []
    for query in queries:
        reply, ranking = ask(query.text, DEPTH)
        ranked = tuple(hit.entry.id for hit in ranking.hits)
        only_related = bool(query.grades) and not query.right
        verdict = None if only_related else _verdict(reply, query.right)
        judged.append(Judged(query, ranked, ranking.confidence, verdict))
    return tuple(judged)


def summarise(judged: Sequence[Judged]) -> Accuracy:
    """Average what was judged."""
    answerable = [one for one in judged if one.query.right]
    unanswerable = [one for one in judged if not one.query.grades]
    verdicts = Counter(one.verdict for one in answerable if one.verdict)
    wrongly = Counter(one.verdict for one in unanswerable if one.verdict)
    answered = [*verdicts.elements(), *wrongly.elements()]
    right = answered.count(Verdict.ANSWERED_RIGHTLY)
    wrong = answered.count(Verdict.ANSWERED_WRONGLY)
    return Accuracy(
        queries=len(judged),
        answerable=len(answerable),
        p1=_mean([_success(one.ranked, one.query.right, 1) for one in answerable]),
        mrr=_mean([_reciprocal_rank(one.ranked, one.query.right) for one in answerable]),
        s3=_mean([_success(one.ranked, one.query.right, 3) for one in answerable]),
        s5=_mean([_success(one.ranked, one.query.right, 5) for one in answerable]),
        ndcg10=_mean([_ndcg(one.ranked, one.query.grades) for one in judged if one.query.grades]),
        precision=right / (right + wrong) if right + wrong else None,
        verdicts=verdicts,
        unanswerable=wrongly,
        auroc=_auroc(
            [one.confidence for one in answerable if _success(one.ranked, one.query.right, 1)],
            [one.confidence for one in answerable if not _success(one.ranked, one.query.right, 1)]
            + [one.confidence for one in unanswerable],
        ),
    )


_Row = tuple[int, str, dict[str, int], str]


def _table_rows(path: Path, lines: Sequence[str]) -> Iterator[_Row]:
    commas = lines[:1] and "," in lines[0] and "\t" not in lines[0]
    records = csv.reader(lines) if commas else (line.split("\t") for line in lines)
    header: list[str] = next(iter(records), [])
    if not {"query", "ids"} <= set(header):
        raise _error(path, 1, "eval.columns", found=", ".join(header))
    for number, cells in enumerate(records, 2):
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            raise _error(path, number, "eval.cells", cells=len(cells), expected=len(header))
        row = dict(zip(header, cells, strict=True))
        ids = row["ids"].split()
        if not ids:
            raise _error(path, number, "eval.no_ids")
        grades = {} if ids == ["-"] else dict.fromkeys(ids, 1)
        yield number, row["query"], grades, row.get("kind", "")


def _json_rows(path: Path, lines: Sequence[str]) -> Iterator[_Row]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            grades = {str(entry): int(grade) for entry, grade in row["relevant"].items()}
            yield number, str(row["query"]), grades, str(row.get("kind", ""))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise _error(path, number, "eval.no_labelled") from error


def _error(path: Path, line: int, key: str, /, **values: object) -> FaqbotError:
    return FaqbotError(Text("place.at", place=f"{path}:{line}", what=Text(key, **values)))


def _verdict(reply: Reply, right: frozenset[str]) -> Verdict:
    match reply:
        case Answer(hits):
            met = not right.isdisjoint(hit.entry.id for hit in hits)
            return Verdict.ANSWERED_RIGHTLY if met else Verdict.ANSWERED_WRONGLY
        case Suggestions(hits):
            met = not right.isdisjoint(hit.entry.id for hit in hits)
            return Verdict.SUGGESTED_RIGHTLY if met else Verdict.SUGGESTED_WRONGLY
        case Decline() | Help() | Silence():
            return Verdict.DECLINED
        case _:
            assert_never(reply)


def _reciprocal_rank(ranked: Sequence[str], right: frozenset[str]) -> float:
    """Return 1 / rank of the first right id; 0 where none was found."""
    return next((1 / rank for rank, found in enumerate(ranked, 1) if found in right), 0.0)


def _success(ranked: Sequence[str], right: frozenset[str], depth: int) -> float:
    """Return 1 where a right id stands among the first ``depth``, else 0."""
    return float(not right.isdisjoint(ranked[:depth]))


def _ndcg(ranked: Sequence[str], grades: Mapping[str, int], depth: int = 10) -> float:
    """Return the discounted cumulative gain over that of the ideal order, from 0 to 1."""
    gain = sum(
        grades.get(found, 0) / math.log2(rank + 1) for rank, found in enumerate(ranked[:depth], 1)
    )
    ideal = sum(
        grade / math.log2(rank + 1)
        for rank, grade in enumerate(sorted(grades.values(), reverse=True)[:depth], 1)
    )
    return gain / ideal if ideal else 0.0


def _mean(figures: Sequence[float]) -> float | None:
    return sum(figures) / len(figures) if figures else None


def _auroc(positive: Sequence[float], negative: Sequence[float]) -> float | None:
    """Return the probability that a positive outranks a negative; ties count half."""
    if not positive or not negative:
        return None
    wins = sum((p > n) + 0.5 * (p == n) for p in positive for n in negative)
    return wins / (len(positive) * len(negative))
