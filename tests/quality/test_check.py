"""The content gate, on FAQs with something wrong."""

from collections.abc import Sequence

import pytest

from bot.domain.entry import Entry
from bot.domain.ports import Search
from bot.gate import Problem, check
from bot.search.searcher import LISTS, Searcher


def open_search(entries: Sequence[Entry]) -> Search:
    return Searcher(entries, LISTS).search


def entry(id_: str, question: str, *variants: str, answer: str = "はい。") -> Entry:
    return Entry(id_, "山田 太郎", "講演", question, answer, variants)


SOUND = (
    entry("a", "コーパスの著作権はどう扱いますか", "著作物をコーパスに入れてもよいですか"),
    entry("b", "評価ベンチマークには何を使いますか"),
    entry("c", "マルチモーダルモデルは顔文字を理解しますか"),
)


def test_a_sound_faq_has_nothing_to_look_at() -> None:
    assert () == check(SOUND, open_search)


@pytest.mark.parametrize(
    ("more", "problem", "pair"),
    [
        (
            entry("d", "評価ベンチマークには、何を使いますか？"),
            Problem.SAME_QUESTION,
            ("d", "b"),
        ),
        (
            entry("d", "評価 ベンチマークには何を使いますか"),
            Problem.SAME_QUESTION,
            ("d", "b"),
        ),
        (
            entry("d", "評価ベンチマークには何を使うのでしょうか"),
            Problem.TOO_CLOSE,
            ("b", "d"),
        ),
        (
            entry("d", "教えてください"),
            Problem.NOT_FOUND,
            ("d", ""),
        ),
        (
            entry("d", "推論を速くする方法はありますか", "顔文字をモデルは理解しますか"),
            Problem.VARIANT_ELSEWHERE,
            ("d", "c"),
        ),
    ],
)
def test_what_is_wrong_is_found_with_the_pair_and_the_reason(
    more: Entry, problem: Problem, pair: tuple[str, str]
) -> None:
    findings = check((*SOUND, more), open_search)

    found = {(one.problem, one.entry, one.other): one.why for one in findings}
    assert (problem, *pair) in found
    assert found[problem, pair[0], pair[1]]
