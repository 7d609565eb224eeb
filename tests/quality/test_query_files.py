"""The labelled query files are well formed, complete, and free of copies."""

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from itertools import combinations, product
from pathlib import Path

import pytest
import yaml

HERE = Path(__file__).parent
DATA = HERE.parents[1] / "data"

HEADERS = {
    "queries.tune.tsv": "query\tids\tkind",
    "queries.final.tsv": "query\tids\tkind",
    "others.tune.tsv": "query\tids\tkind",
    "others.final.tsv": "query\tids\tkind",
    "tempting.tsv": "query\tids\tkind",
    "chat.tsv": "text\tids\tkind",
}
HALVES = ("queries.tune.tsv", "queries.final.tsv")
OTHERS = ("others.tune.tsv", "others.final.tsv")

ANSWERABLE = {
    "answer",
    "chatty",
    "english",
    "kana",
    "keywords",
    "long",
    "noisy",
    "paraphrase",
    "synonym",
    "typo",
}
UNANSWERABLE_FLOORS = {"field": 80, "chat": 30, "statement": 30, "offtopic": 20}  # both halves
CHAT_KINDS = {
    "announcement",
    "field",
    "logistics",
    "personal",
    "question",
    "reaction",
    "rhetorical",
    "statement",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled text; ``ids`` is empty where no entry answers."""

    text: str
    ids: tuple[str, ...]
    kind: str


def rows(name: str) -> tuple[Row, ...]:
    """Read one file; quotes are plain characters, as chat is full of them."""
    _, *lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    cells = (line.split("\t") for line in lines)
    return tuple(
        Row(text, () if ids == "-" else tuple(ids.split(" ")), kind) for text, ids, kind in cells
    )


def entry_ids() -> set[str]:
    """Read the ids of all entries in ``data/``."""
    files = (yaml.safe_load(path.read_text(encoding="utf-8")) for path in DATA.glob("*.yaml"))
    return {entry["id"] for file in files for entry in file["entries"]}


def bare(text: str) -> str:
    """Reduce to letters and digits: ``ﾏﾙﾁﾀｰﾝ？`` and ``マルチターン`` are the same."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text)).casefold()


def bigrams(text: str) -> frozenset[str]:
    plain = bare(text)
    return frozenset(plain[i : i + 2] for i in range(len(plain) - 1))


@pytest.mark.parametrize("name", HEADERS)
def test_a_file_has_its_header_and_three_filled_cells_a_line(name: str) -> None:
    header, *lines = (HERE / name).read_text(encoding="utf-8").split("\n")
    assert HEADERS[name] == header
    assert lines.pop() == "", "the last line ends with a line break"
    for line in lines:
        cells = line.split("\t")
        assert len(cells) == 3, line
        assert cells == [cell.strip() for cell in cells], line
        assert all(cells), line


@pytest.mark.parametrize("name", HEADERS)
def test_no_cell_opens_with_a_quote_so_that_every_tsv_reader_reads_alike(name: str) -> None:
    assert not [row.text for row in rows(name) if row.text.startswith('"')]


@pytest.mark.parametrize("name", HEADERS)
def test_labels_name_entries_of_the_faq_without_repeating_any(name: str) -> None:
    known = entry_ids()
    for row in rows(name):
        assert set(row.ids) <= known, row
        assert len(set(row.ids)) == len(row.ids), row


@pytest.mark.parametrize("name", [*HALVES, *OTHERS, "tempting.tsv"])
def test_a_kind_of_query_says_whether_an_entry_answers(name: str) -> None:
    for row in rows(name):
        assert row.kind in ANSWERABLE | {"wish"} | UNANSWERABLE_FLOORS.keys(), row
        assert (row.kind not in UNANSWERABLE_FLOORS) == bool(row.ids), row


@pytest.mark.parametrize("name", HALVES)
def test_each_half_asks_for_every_entry_in_every_kind(name: str) -> None:
    asked = {(entry, row.kind) for row in rows(name) for entry in row.ids}
    assert set(product(entry_ids(), ANSWERABLE)) <= asked


@pytest.mark.parametrize("name", OTHERS)
def test_others_ask_often_for_every_entry_and_for_what_none_answers(name: str) -> None:
    asked = Counter(entry for row in rows(name) for entry in row.ids)
    assert entry_ids() == set(asked)
    assert min(asked.values()) >= 15
    assert sum(not row.ids for row in rows(name)) >= 100


@pytest.mark.parametrize("name", HALVES)
def test_each_half_holds_half_of_what_no_entry_answers(name: str) -> None:
    held = Counter(row.kind for row in rows(name))
    for kind, floor in UNANSWERABLE_FLOORS.items():
        assert held[kind] >= floor // 2, kind


def test_only_questions_overheard_have_an_answer() -> None:
    overheard = rows("chat.tsv")
    kinds = {row.kind for row in overheard}
    assert kinds == CHAT_KINDS
    for row in overheard:
        assert (row.kind == "question") == bool(row.ids), row


def test_enough_is_overheard_and_every_entry_is_asked_for() -> None:
    overheard = rows("chat.tsv")
    questions = [row for row in overheard if row.kind == "question"]
    assert len(overheard) >= 320
    assert len(questions) >= 40
    assert entry_ids() == {entry for row in questions for entry in row.ids}


def test_no_text_stands_twice_within_or_across_the_files() -> None:
    times = Counter(bare(row.text) or row.text for name in HEADERS for row in rows(name))
    assert not [text for text, count in times.items() if count > 1]


def test_no_question_in_one_file_is_nearly_a_question_in_another() -> None:
    """A near copy would make the final half measure what was tuned for."""
    asked = [[(row.text, bigrams(row.text)) for row in rows(name) if row.ids] for name in HEADERS]
    near = [
        (a, b)
        for one, other in combinations(asked, 2)
        for (a, ours), (b, theirs) in product(one, other)
        if len(ours & theirs) > 0.6 * len(ours | theirs)
    ]
    assert not near
