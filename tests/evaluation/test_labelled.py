"""Files of labelled queries."""

from pathlib import Path

import pytest

from bot.errors import FaqbotError
from bot.evaluation.labelled import read

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
        ("", "query and ids"),
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
