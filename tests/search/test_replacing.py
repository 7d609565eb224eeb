"""A changed FAQ is searched at once, and the state before it goes."""

import gc
import sys
import threading
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import pytest

from bot.domain.entry import Entry
from bot.domain.retrieval import Query
from bot.search.analysis import Analyzer, Morpheme
from bot.search.searcher import Searcher, WordLists
from tests.search.conftest import SAFETY, SYNTHETIC

ENTRIES = (
    SYNTHETIC,
    SAFETY,
    Entry("c-1", "岡崎 直観", "学習", "学習率はどう決めますか", "小さな模型で試します。"),
)


@pytest.fixture
def searcher(tmp_path: Path) -> Searcher:
    stop_words = tmp_path / "stopwords.txt"
    stop_words.write_text("使う\n", encoding="utf-8")
    return Searcher(ENTRIES, WordLists((stop_words,), ()))


@pytest.fixture
def no_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def test_a_replaced_faq_answers_as_one_that_was_opened_with_it(
    searcher: Searcher, tmp_path: Path
) -> None:
    changed = (ENTRIES[0], replace(ENTRIES[1], answer="自動でも評価します。", variants=()))
    anew = Searcher(changed, WordLists((tmp_path / "stopwords.txt",), ()))

    searcher.replace(changed)

    assert changed == searcher.entries
    assert searcher.entry("c-1") is None
    assert anew.thresholds == searcher.thresholds
    for question in ("合成データの割合", "自動評価", "危険性は？", "学習率"):
        assert anew.reply(question) == searcher.reply(question)


class Noting(tuple[Entry, ...]):
    """Entries that note how long turns are while they are gone through."""

    turns: ClassVar[set[float]] = set()

    def __iter__(self) -> Iterator[Entry]:
        self.turns.add(sys.getswitchinterval())
        return super().__iter__()


def test_threads_take_short_turns_only_while_a_change_is_analysed(searcher: Searcher) -> None:
    usual = sys.getswitchinterval()
    searcher.replace(Noting(ENTRIES[:2]))
    searcher.preview(Noting(ENTRIES))
    with pytest.raises(AttributeError):
        searcher.replace(Noting((None,)))  # type: ignore[arg-type]
    assert max(Noting.turns) < usual / 10
    assert usual == sys.getswitchinterval()


def test_a_question_under_way_is_answered_from_the_faq_that_it_was_asked_of(
    searcher: Searcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, go_on = threading.Event(), threading.Event()
    query = Analyzer.query

    def slowly(analyzer: Analyzer, text: str) -> tuple[Query, list[Morpheme]]:
        if text == "学習率":
            asked.set()
            go_on.wait(30)
        return query(analyzer, text)

    monkeypatch.setattr(Analyzer, "query", slowly)
    with ThreadPoolExecutor(1) as threads:
        reply = threads.submit(searcher.reply, "学習率")
        asked.wait(30)
        searcher.replace(ENTRIES[:1])
        go_on.set()

    _, found = reply.result()
    assert ENTRIES[2] == found.hits[0].entry
    assert ENTRIES[:1] == searcher.entries


@pytest.mark.usefixtures("no_collector")
def test_a_replaced_state_is_freed_without_waiting_for_the_collector(searcher: Searcher) -> None:
    """At 100,000 entries one state has some hundred megabytes."""
    searcher.reply("合成データの割合")
    before = weakref.ref(searcher._snapshot.ranker.index)

    searcher.replace(ENTRIES[:2])

    assert before() is None
