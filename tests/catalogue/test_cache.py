"""The FAQ's analysis comes from the cache while it is that content's, and else anew."""

import logging
import os
from pathlib import Path

import pytest

from bot import catalogue
from bot.catalogue import Catalogue
from bot.domain.entry import Entry
from bot.errors import FaqbotError
from bot.search.searcher import Searcher

FAQ = (
    "id\tlecturer\tquestion\tanswer\n"
    "a-1\t山田 太郎\t安全性はどう評価しますか。\t人が評価します。\n"
    "a-2\t山田 太郎\t合成データは使っていますか。\tはい、{share}割です。\n"
)
QUESTIONS = ("合成データの割合", "安全性はどう評価しますか", "査定は", "天気")


class Content:
    """A FAQ with its word lists, and how often it was read."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.path = folder / "faq.tsv"
        self.cache = folder / "var" / "search.cache"
        self.stop_words, self.synonyms = folder / "stopwords.txt", folder / "synonyms.txt"
        self.path.write_text(FAQ.format(share=2), encoding="utf-8")
        self.stop_words.write_text("使う\n", encoding="utf-8")
        self.synonyms.write_text("評価, 査定\n", encoding="utf-8")
        self.reads = 0
        load = catalogue.load

        def counted(path: Path) -> tuple[Entry, ...]:
            self.reads += 1
            return load(path)

        monkeypatch.setattr(catalogue, "load", counted)

    def opened(self, *, cached: bool = True) -> Searcher:
        return Catalogue(self.path, var=self.cache.parent if cached else None).searcher


@pytest.fixture
def content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Content:
    return Content(tmp_path, monkeypatch)


def assert_alike(one: Searcher, other: Searcher) -> None:
    assert one.entries == other.entries
    assert one.store() == other.store()
    for question in QUESTIONS:
        assert one.reply(question) == other.reply(question)


def test_a_second_start_reads_no_content_and_replies_the_same(content: Content) -> None:
    first, second = content.opened(), content.opened()

    assert 1 == content.reads
    assert_alike(first, second)


def test_nothing_is_written_where_nothing_is_to_be_kept(content: Content) -> None:
    content.opened(cached=False)
    assert not content.cache.parent.exists()


def test_changed_content_is_read_anew(content: Content) -> None:
    content.opened()
    content.path.write_text(FAQ.format(share=3), encoding="utf-8")

    assert "はい、3割です。" == content.opened().entries[1].answer
    assert "はい、3割です。" == content.opened().entries[1].answer
    assert 2 == content.reads


def test_other_stop_words_have_the_entries_analysed_anew_but_not_read(content: Content) -> None:
    content.opened()
    content.stop_words.write_text("合成\n", encoding="utf-8")

    cached = content.opened()

    assert 1 == content.reads
    assert_alike(content.opened(cached=False), cached)


def test_a_changed_list_of_synonyms_is_read_anew(content: Content) -> None:
    content.opened()
    content.synonyms.write_text("評価, 値踏み\n", encoding="utf-8")

    cached = content.opened()

    assert 1 == content.reads
    fresh = content.opened(cached=False)
    for question in ("値踏みは", "査定は"):
        assert fresh.reply(question) == cached.reply(question)


@pytest.mark.parametrize(
    "broken",
    [b"", b"short", bytes(100), None],
    ids=["empty", "too short", "not a cache", "one bit changed"],
)
def test_a_broken_cache_is_built_anew(content: Content, broken: bytes | None) -> None:
    first = content.opened()
    whole = content.cache.read_bytes()
    content.cache.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]) if broken is None else broken)

    assert_alike(first, content.opened())
    assert 2 == content.reads
    assert whole == content.cache.read_bytes()


def test_a_cache_that_cannot_be_written_is_done_without_and_said(
    content: Content, caplog: pytest.LogCaptureFixture
) -> None:
    content.cache.parent.write_text("a file where the folder should be", encoding="utf-8")

    with caplog.at_level(logging.WARNING):
        searcher = content.opened()

    assert 2 == len(searcher.entries)
    assert "can't be written" in caplog.text


def test_content_that_changes_while_it_is_read_is_not_kept(
    content: Content, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = catalogue.load

    def interrupted(path: Path) -> tuple[Entry, ...]:
        entries = load(path)
        path.write_text(FAQ.format(share=4), encoding="utf-8")
        return entries

    monkeypatch.setattr(catalogue, "load", interrupted)
    content.opened()

    assert not content.cache.exists()


def test_a_folder_is_one_content_with_all_its_files(content: Content) -> None:
    content.path = content.folder / "data"
    content.path.mkdir()
    text = "entries:\n- id: a-1\n  lecturer: 山田 太郎\n  question: 何ですか。\n  answer: はい。\n"
    (content.path / "a.yaml").write_text(text, encoding="utf-8")
    content.opened()
    content.opened()
    assert 1 == content.reads

    (content.path / "a.yaml").rename(content.path / "b.yaml")
    content.opened()
    assert 2 == content.reads


def test_what_cannot_be_read_is_left_to_the_loader(
    content: Content, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Path) -> bytes:
        raise PermissionError(content.path)

    def load(path: Path) -> tuple[Entry, ...]:
        raise FaqbotError(f"{path} can't be read.")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    monkeypatch.setattr(catalogue, "load", load)

    with pytest.raises(FaqbotError, match="can't be read"):
        content.opened()


def test_a_pipe_is_not_read_for_its_content(content: Content) -> None:
    content.path = content.folder / "pipe"
    os.mkfifo(content.path)

    with pytest.raises(FaqbotError, match="pipe"):
        content.opened()


def test_what_another_version_wrote_is_made_anew(
    content: Content, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as other:
        other.setattr(Searcher, "store", lambda _: {"fingerprint": "of before"})
        content.opened()
    assert content.cache.exists()

    content.opened()
    content.opened()

    assert 2 == content.reads
