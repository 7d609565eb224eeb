"""A changed FAQ is searched at once, and the state before it goes."""

import gc
import threading
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.entry import Entry
from bot.domain.retrieval import Query
from bot.search import precedence
from bot.search.analysis import Analyzer
from bot.search.searcher import Searcher, WordLists
from bot.search.tokenizer import Morpheme
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


def replace_in_thread(searcher: Searcher) -> None:
    """Change the FAQ in another thread, and wait for it, but not for ever."""
    change = threading.Thread(target=searcher.replace, args=(ENTRIES[:1],), daemon=True)
    change.start()
    change.join(30)


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


def test_a_change_waits_for_a_question_under_way(
    searcher: Searcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(precedence, "TURN", 60.0)
    asked, go_on = threading.Event(), threading.Event()
    query = Analyzer.query

    def slowly(analyzer: Analyzer, text: str) -> tuple[Query, list[Morpheme]]:
        if text == "学習率":
            asked.set()
            go_on.wait(30)
        return query(analyzer, text)

    monkeypatch.setattr(Analyzer, "query", slowly)
    with ThreadPoolExecutor(2) as threads:
        reply = threads.submit(searcher.reply, "学習率")
        asked.wait(30)
        change = threads.submit(searcher.replace, ENTRIES[:1])
        wait([change], 0.1)
        assert ENTRIES == searcher.entries
        go_on.set()

    _, found_before = reply.result()
    assert ENTRIES[2] == found_before.hits[0].entry
    assert ENTRIES[:1] == searcher.entries


def test_a_change_gets_done_though_questions_never_end(searcher: Searcher) -> None:
    with searcher._questions:
        replace_in_thread(searcher)

    assert ENTRIES[:1] == searcher.entries


@pytest.mark.parametrize("ask", [Searcher.reply, Searcher.search])
def test_a_question_that_fails_does_not_hold_a_change_up(
    searcher: Searcher, monkeypatch: pytest.MonkeyPatch, ask: Callable[[Searcher, object], object]
) -> None:
    with pytest.raises(TypeError):
        ask(searcher, 1)
    monkeypatch.setattr(precedence, "TURN", 60.0)

    replace_in_thread(searcher)

    assert ENTRIES[:1] == searcher.entries


@pytest.mark.usefixtures("no_collector")
def test_a_replaced_state_is_freed_without_waiting_for_the_collector(searcher: Searcher) -> None:
    """At 100,000 entries one state has some hundred megabytes."""
    searcher.reply("合成データの割合")
    before = weakref.ref(searcher._snapshot.ranker.index)

    searcher.replace(ENTRIES[:2])

    assert before() is None
