"""The FAQ's analysis comes from the cache while it is that content's, and else anew."""

import logging
import os
from dataclasses import replace
from pathlib import Path

import pytest

from bot.catalogue import Cache
from bot.domain.entry import Entry
from bot.errors import FaqbotError
from bot.search.searcher import Searcher, WordLists
from tests.search.conftest import SAFETY, SYNTHETIC

ENTRIES = (SAFETY, SYNTHETIC)
QUESTIONS = ("合成データの割合", "安全性はどう評価しますか", "危険性", "天気")


class Content:
    """A file of entries that counts how often it is read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.reads = 0
        self.entries = ENTRIES
        self.write("first")

    def write(self, text: str) -> None:
        self.path.write_text(text, encoding="utf-8")

    def load(self) -> tuple[Entry, ...]:
        self.reads += 1
        return self.entries


@pytest.fixture
def content(tmp_path: Path) -> Content:
    return Content(tmp_path / "faq.jsonl")


@pytest.fixture
def lists(tmp_path: Path) -> WordLists:
    stop_words = tmp_path / "stopwords.txt"
    stop_words.write_text("使う\n", encoding="utf-8")
    synonyms = tmp_path / "synonyms.txt"
    synonyms.write_text("評価, 査定\n", encoding="utf-8")
    return WordLists((stop_words,), (synonyms,))


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "var" / "faq.cache")


def opened(cache: Cache, content: Content, lists: WordLists) -> Searcher:
    return cache.searcher(content.path, content.load, lists, 0.5)


def test_a_second_start_reads_no_content_and_replies_the_same(
    cache: Cache, content: Content, lists: WordLists
) -> None:
    first = opened(cache, content, lists)
    second = opened(cache, content, lists)

    assert 1 == content.reads
    assert ENTRIES == second.entries
    assert first.thresholds == second.thresholds
    for question in QUESTIONS:
        assert first.reply(question) == second.reply(question)
    assert first.store() == second.store()


def test_changed_content_is_read_anew(cache: Cache, content: Content, lists: WordLists) -> None:
    opened(cache, content, lists)
    content.write("second")
    content.entries = (replace(ENTRIES[0], answer="自動で評価します。"), ENTRIES[1])

    assert content.entries == opened(cache, content, lists).entries
    assert content.entries == opened(cache, content, lists).entries
    assert 2 == content.reads


def test_other_stop_words_have_the_entries_analysed_anew(
    cache: Cache, content: Content, lists: WordLists
) -> None:
    opened(cache, content, lists)
    lists.stop_words[0].write_text("合成\n", encoding="utf-8")

    cached = opened(cache, content, lists)

    assert Searcher(ENTRIES, lists).store() == cached.store()
    assert cached.store() == opened(cache, content, lists).store()


def test_a_changed_list_of_synonyms_is_read_anew(
    cache: Cache, content: Content, lists: WordLists
) -> None:
    opened(cache, content, lists)
    lists.synonyms[0].write_text("評価, 値踏み\n", encoding="utf-8")

    cached = opened(cache, content, lists)

    assert 1 == content.reads
    for question in ("値踏みは", "査定は"):
        assert Searcher(ENTRIES, lists).reply(question) == cached.reply(question)


@pytest.mark.parametrize(
    "broken",
    [b"", b"short", bytes(100), None],
    ids=["empty", "too short", "not a cache", "one bit changed"],
)
def test_a_broken_cache_is_built_anew(
    cache: Cache, content: Content, lists: WordLists, broken: bytes | None
) -> None:
    first = opened(cache, content, lists)
    whole = cache.path.read_bytes()
    cache.path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]) if broken is None else broken)

    assert first.store() == opened(cache, content, lists).store()
    assert 2 == content.reads
    assert whole == cache.path.read_bytes()


def test_a_cache_that_cannot_be_written_is_done_without_and_said(
    cache: Cache, content: Content, lists: WordLists, caplog: pytest.LogCaptureFixture
) -> None:
    cache.path.parent.write_text("a file where the folder should be", encoding="utf-8")

    with caplog.at_level(logging.WARNING):
        searcher = opened(cache, content, lists)

    assert ENTRIES == searcher.entries
    assert "can't be written" in caplog.text


def test_content_that_changes_while_it_is_read_is_not_kept(
    cache: Cache, content: Content, lists: WordLists
) -> None:
    def load() -> tuple[Entry, ...]:
        content.write("changed meanwhile")
        return content.load()

    cache.searcher(content.path, load, lists, 0.5)

    assert not cache.path.exists()


def test_a_folder_is_one_content_with_all_its_files(
    cache: Cache, content: Content, lists: WordLists, tmp_path: Path
) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    content.path = folder
    (folder / "a.yaml").write_text("a", encoding="utf-8")
    opened(cache, content, lists)
    opened(cache, content, lists)
    assert 1 == content.reads

    (folder / "a.yaml").rename(folder / "b.yaml")
    opened(cache, content, lists)
    assert 2 == content.reads


def test_what_cannot_be_read_is_left_to_the_loader(
    tmp_path: Path, cache: Cache, lists: WordLists, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "faq.jsonl"
    path.write_text("content", encoding="utf-8")

    def refuse(_: Path) -> bytes:
        raise PermissionError(path)

    def load() -> tuple[Entry, ...]:
        raise FaqbotError(f"{path} can't be read.")

    monkeypatch.setattr(Path, "read_bytes", refuse)

    with pytest.raises(FaqbotError, match="can't be read"):
        cache.searcher(path, load, lists, 0.5)


def test_a_pipe_is_not_read_for_its_content(tmp_path: Path, cache: Cache, lists: WordLists) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    assert () == cache.searcher(pipe, lambda: (), lists, 0.5).entries


def test_what_another_version_wrote_is_made_anew(
    cache: Cache, content: Content, lists: WordLists, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as other:
        other.setattr(Searcher, "store", lambda _: {"fingerprint": "of before"})
        opened(cache, content, lists)
    assert cache.path.exists()

    opened(cache, content, lists)
    opened(cache, content, lists)

    assert 2 == content.reads
