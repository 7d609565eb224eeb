"""Verdicts on replies, and their averages."""

import pytest

from bot.domain.entry import Entry
from bot.domain.reply import Answer, Decline, Help, Reply, Suggestions
from bot.domain.retrieval import Hit, Query, Ranking
from bot.evaluation.accuracy import Verdict, judge, summarise
from bot.evaluation.labelled import LabelledQuery


def hit(entry: str, confidence: float = 0.5) -> Hit:
    return Hit(Entry(entry, "", "", "?", "!"), score=1.0, confidence=confidence)


REPLIES: dict[str, tuple[Reply, tuple[Hit, ...]]] = {
    "right": (Answer((hit("a"),)), (hit("a", 0.9), hit("b"))),
    "second": (Suggestions((hit("b"), hit("a"))), (hit("b", 0.4), hit("a"))),
    "wrong": (Answer((hit("b"),)), (hit("b", 0.8),)),
    "elsewhere": (Suggestions((hit("b"), hit("c"))), (hit("b", 0.3), hit("c"))),
    "declined": (Decline(), ()),
    "helped": (Help(), ()),
}


def ask(text: str, depth: int) -> tuple[Reply, Ranking]:
    reply, hits = REPLIES[text]
    return reply, Ranking(Query(text, ()), hits[:depth])


def labelled(text: str, *right: str) -> LabelledQuery:
    return LabelledQuery(text, dict.fromkeys(right, 1), frozenset(right))


def test_each_reply_gets_its_verdict() -> None:
    judged = judge([labelled(text, "a") for text in REPLIES], ask)

    assert [
        Verdict.ANSWERED_RIGHTLY,
        Verdict.SUGGESTED_RIGHTLY,
        Verdict.ANSWERED_WRONGLY,
        Verdict.SUGGESTED_WRONGLY,
        Verdict.DECLINED,
        Verdict.DECLINED,
    ] == [one.verdict for one in judged]


def test_averages_count_what_they_say() -> None:
    queries = [labelled("right", "a"), labelled("second", "a"), labelled("wrong")]

    accuracy = summarise(judge(queries, ask))

    assert (3, 2) == (accuracy.queries, accuracy.answerable)
    assert (0.5, 0.75, 1.0) == (accuracy.p1, accuracy.mrr, accuracy.s5)
    assert accuracy.precision == pytest.approx(0.5)
    assert {Verdict.ANSWERED_WRONGLY: 1} == accuracy.unanswerable
    # 0.9 is right and above both 0.8 and 0.4, which are not.
    assert 1.0 == accuracy.auroc


def test_an_entry_that_is_only_related_makes_a_query_neither_answerable_nor_unanswerable() -> None:
    related = LabelledQuery("right", {"b": 1}, frozenset())

    accuracy = summarise(judge([related], ask))

    assert (1, 0, 0) == (accuracy.queries, accuracy.answerable, accuracy.unanswerable.total())
    assert accuracy.ndcg10 is not None
    assert accuracy.p1 is None


def test_nothing_to_average_gives_no_figure() -> None:
    accuracy = summarise([])

    assert (None, None, None) == (accuracy.p1, accuracy.precision, accuracy.auroc)
