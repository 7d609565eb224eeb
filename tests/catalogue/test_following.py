"""A running bot follows its files."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from bot.catalogue import Catalogue
from bot.domain.entry import Entry
from bot.search.searcher import Searcher
from bot.telemetry import Health

ENTRY = "entries:\n- id: {id}\n  lecturer: 山田 太郎\n  question: {question}\n  answer: はい。\n"


def written(folder: Path, id_: str, question: str = "合成データは？") -> Path:
    folder.mkdir(exist_ok=True)
    file = folder / f"{id_}.yaml"
    file.write_text(ENTRY.format(id=id_, question=question), encoding="utf-8")
    return file


def ids(catalogue: Catalogue) -> list[str]:
    return [entry.id for entry in catalogue.searcher.entries]


def works(health: Health) -> bool:
    return {part.name: part.ok for part in health.components}["content"]


def eventually(holds: Callable[[], bool]) -> bool:
    """Wait up to ten seconds for something that another thread does."""
    deadline = time.monotonic() + 10
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.01)
    return holds()


def test_a_folder_that_kubernetes_mounts_is_followed(tmp_path: Path) -> None:
    """Its files are links to links, and a change is another folder behind them."""
    data, health = tmp_path / "data", Health()
    data.mkdir()
    written(data / "..1", "a-1")
    (data / "..data").symlink_to("..1")
    (data / "a-1.yaml").symlink_to("..data/a-1.yaml")
    catalogue = Catalogue(data)
    assert ["a-1"] == ids(catalogue)

    written(data / "..2", "a-1", "評価は？")
    (data / "..new").symlink_to("..2")
    (data / "..new").rename(data / "..data")
    assert catalogue.look(health)
    assert ["評価は？"] == [entry.question for entry in catalogue.searcher.entries]
    assert works(health)


def test_changes_are_followed_and_a_broken_file_leaves_the_old_faq(tmp_path: Path) -> None:
    data, away, health = tmp_path / "data", tmp_path / "away", Health()
    first = written(data, "a-1")
    catalogue = Catalogue(data)
    assert not catalogue.look(health)

    second = written(data, "b-1", "評価は？")
    assert catalogue.look(health)
    assert ["a-1", "b-1"] == ids(catalogue)

    second.write_text("entries: [", encoding="utf-8")
    assert catalogue.look(health)
    assert (False, ["a-1", "b-1"]) == (works(health), ids(catalogue))

    second.unlink()
    first.rename(away)  # nothing is left that could be searched
    assert catalogue.look(health)
    assert (False, ["a-1", "b-1"]) == (works(health), ids(catalogue))

    away.rename(first)
    assert catalogue.look(health)
    assert (True, ["a-1"]) == (works(health), ids(catalogue))

    data.rename(away)
    assert catalogue.look(health)
    assert (False, ["a-1"]) == (works(health), ids(catalogue))
    away.rename(data)
    assert catalogue.look(health)
    assert works(health)


def test_a_change_is_searched_by_itself_and_not_any_more_behind_the_context(tmp_path: Path) -> None:
    health = Health()
    written(tmp_path, "a-1")
    catalogue = Catalogue(tmp_path)
    with catalogue.following(health, every=0.01):
        assert works(health)
        written(tmp_path, "b-1", "評価は？")
        assert eventually(lambda: ids(catalogue) == ["a-1", "b-1"])
    written(tmp_path, "c-1", "講師は？")
    time.sleep(0.05)
    assert ids(catalogue) == ["a-1", "b-1"]


def test_the_faqs_own_synonyms_are_followed_while_they_come_change_and_go(tmp_path: Path) -> None:
    written(tmp_path, "a-1", "合成データは？")
    written(tmp_path, "b-1", "評価の方法は？")
    catalogue, health = Catalogue(tmp_path), Health()
    synonyms = tmp_path / "synonyms.txt"

    def found() -> list[str]:
        catalogue.look(health)
        return [hit.entry.id for hit in catalogue.searcher.search("ぽよぽよ").hits]

    assert [] == found()
    synonyms.write_text("ぽよぽよ, 合成データ\n", encoding="utf-8")
    assert ["a-1"] == found()
    synonyms.write_text("ぽよぽよ, 評価\n", encoding="utf-8")
    assert ["b-1"] == found()
    synonyms.unlink()
    assert [] == found()
    assert works(health)


def test_a_change_while_the_faq_was_being_read_is_followed_and_not_kept_as_good(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = written(tmp_path / "data", "a-1")
    build = Searcher.__init__

    def interrupted(searcher: Searcher, entries: Sequence[Entry], *more: object) -> None:
        file.write_text("entries: [", encoding="utf-8")
        build(searcher, entries, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(Searcher, "__init__", interrupted)
    catalogue, health = Catalogue(tmp_path / "data", var=tmp_path / "var", last_good=True), Health()
    with catalogue.following(health, every=0.01):
        assert eventually(lambda: not works(health))
    assert ids(catalogue) == ["a-1"]
    assert not (tmp_path / "var" / "last-good").exists()


def test_a_fault_of_the_search_is_told_and_the_next_change_is_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(searcher: Searcher, entries: Sequence[Entry]) -> None:
        raise RuntimeError("a fault")

    written(tmp_path, "a-1")
    catalogue, health = Catalogue(tmp_path), Health()
    with monkeypatch.context() as failing:
        failing.setattr(Searcher, "replace", fail)
        written(tmp_path, "a-22", "評価は？")
        assert catalogue.look(health)
    assert (False, ["a-1"]) == (works(health), ids(catalogue))
    assert [RuntimeError] == [record.exc_info[0] for record in caplog.records if record.exc_info]

    written(tmp_path, "a-333", "講師は？")
    assert catalogue.look(health)
    assert (True, ["a-1", "a-22", "a-333"]) == (works(health), ids(catalogue))
