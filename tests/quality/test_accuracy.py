"""Labelled queries, verdicts on replies, and their averages."""

import math
from pathlib import Path

import pytest

from bot.domain.entry import Entry
from bot.domain.retrieval import Answer, Decline, Help, Hit, Query, Ranking, Reply, Suggestions
from bot.errors import FaqbotError
from bot.quality import LabelledQuery, Verdict, judge, read, summarise


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


def test_ndcg_weighs_grades_by_rank() -> None:
    """Against figures worked out by hand."""
    grades, ideal = {"a": 1, "b": 2}, 2 + 1 / math.log2(3)

    def ndcg(*ranked: str) -> float | None:
        ranking = Ranking(Query("x", ()), tuple(map(hit, ranked)))
        query = LabelledQuery("x", grades, frozenset("b"))
        return summarise(judge([query], lambda text, depth: (Decline(), ranking))).ndcg10

    assert ndcg("b", "a") == pytest.approx(1.0)
    assert ndcg("a", "x", "b") == pytest.approx((1 + 2 / math.log2(4)) / ideal)
    assert ndcg("x") == 0.0
    assert ndcg(*"0123456789", "b") == 0.0


KNOWN = frozenset(("a-1", "b-1"))


def written(folder: Path, text: str) -> Path:
    path = folder / "queries"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_tsv_gives_queries_with_ids_and_kinds(tmp_path: Path) -> None:
    path = written(tmp_path, 'kind\tquery\tids\nchat\tやあ "元気"\t-\nnear\tLLMとは\ta-1 b-1\n\n')

    nothing, near = read(path, KNOWN)

    assert ('やあ "元気"', "chat", frozenset()) == (nothing.text, nothing.kind, nothing.right)
    assert (frozenset(("a-1", "b-1")), "near") == (near.right, near.kind)


def test_json_lines_give_grades_and_only_the_best_grade_is_right(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        '{"query": "x", "relevant": {"a-1": 2, "b-1": 1}}\n'
        '{"query": "y", "relevant": {"b-1": 1}}\n',
    )

    both, related = read(path, KNOWN)

    assert ({"a-1": 2, "b-1": 1}, frozenset(("a-1",))) == (both.grades, both.right)
    assert ({"b-1": 1}, frozenset()) == (related.grades, related.right)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "query TAB ids"),
        ("question\tanswer\nx\ty\n", "found: question, answer"),
        ("query\tids\n", "holds no query"),
        ("query\tids\nx\n", ":2: 1 cells, expected 2"),
        ("query\tids\nx\t\n", ":2: ids is empty"),
        ("query\tids\nx\tc-1\n", ":2: the FAQ has no entry 'c-1'"),
        ('{"query": "x"}\n', ":1: no labelled query"),
        ('{"query": "x", "relevant": {"a-1": "high"}}\n', ":1: no labelled query"),
    ],
)
def test_an_unusable_file_is_refused_with_its_line(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(FaqbotError, match="queries") as refused:
        read(written(tmp_path, text), KNOWN)

    assert says in str(refused.value)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FaqbotError, match="can't be read"):
        read(tmp_path / "missing", KNOWN)
