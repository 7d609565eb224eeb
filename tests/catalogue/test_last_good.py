"""The last FAQ that could be used is kept whole, and only its own is searched in its place."""

import os
import shutil
from pathlib import Path

import pytest

from bot.catalogue import Catalogue
from bot.content import load
from bot.errors import FaqbotError
from bot.telemetry import Health
from tests.cli.conftest import PROJECT

BROKEN = "entries: ["


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return shutil.copytree(PROJECT / "data", tmp_path / "data")


def opened(path: Path) -> Catalogue:
    return Catalogue(path, var=path.parent / "var", last_good=True)


def copies(path: Path) -> list[Path]:
    return list((path.parent / "var" / "last-good").iterdir())


def serve(path: Path) -> Catalogue:
    """Open a FAQ, and serve it for a moment."""
    catalogue = opened(path)
    with catalogue.following(Health()):
        return catalogue


@pytest.mark.fault(127)
def test_a_start_on_a_broken_folder_searches_the_last_good_one_with_its_word_lists(
    tmp_path: Path, data: Path
) -> None:
    before = load(data)
    (data / "synonyms.txt").write_text("ぽよぽよ, カリキュラム学習\n", encoding="utf-8")
    serve(data)
    (data / "sekine.yaml").write_text(BROKEN, encoding="utf-8")
    (data / "synonyms.txt").write_text("only one word\n", encoding="utf-8")

    catalogue, health = opened(data), Health()
    with catalogue.following(health):
        (part,) = health.components

    assert before == catalogue.searcher.entries
    assert "kawahara-4" == catalogue.searcher.search("ぽよぽよ").hits[0].entry.id
    assert "sekine.yaml" in str(catalogue.broken)
    assert not part.ok
    assert "sekine.yaml" in part.message
    assert "last good" in part.message
    within = (tmp_path / "var" / "last-good").rglob("*")
    assert [each for each in within if each.stat().st_mode & 0o077] == []


def test_a_start_on_a_folder_that_is_somebody_elses_searches_the_last_good_one(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = load(data)
    serve(data)
    (data / "sekine.yaml").write_text(BROKEN, encoding="utf-8")
    stat = Path.stat

    def refuse(path: Path, **options: bool) -> os.stat_result:
        if path.parent == data:  # a test may run as root, who may look everywhere
            raise PermissionError(13, "Permission denied", str(path))
        return stat(path, **options)

    monkeypatch.setattr(Path, "stat", refuse)

    assert before == opened(data).searcher.entries


def test_a_file_is_kept_by_its_name_and_a_newer_state_takes_the_place_of_an_older(
    tmp_path: Path,
) -> None:
    faq = tmp_path / "faq.tsv"
    for number in (1, 2, 2):
        faq.write_text(f"question\tanswer\nQ{number}\tA{number}\n", encoding="utf-8")
        serve(faq)
        assert 1 == len(copies(faq))
    faq.write_text("", encoding="utf-8")

    catalogue, health = opened(faq), Health()
    assert ["Q2"] == [entry.question for entry in catalogue.searcher.entries]

    faq.write_text("question\tanswer\nQ3\tA3\n", encoding="utf-8")
    assert catalogue.look(health)
    assert ["Q3"] == [entry.question for entry in catalogue.searcher.entries]
    assert catalogue.broken is None
    assert 2 == len(copies(faq))  # whose word lists may be read again stays


def test_another_faq_gets_nothing_of_it(tmp_path: Path, data: Path) -> None:
    serve(data)
    with pytest.raises(FaqbotError, match="other"):
        opened(tmp_path / "other")


def test_what_a_kill_left_half_written_is_never_searched_and_goes(
    tmp_path: Path, data: Path
) -> None:
    (tmp_path / "var" / "last-good" / "unfinished-1" / "data").mkdir(parents=True)
    whole = (data / "sekine.yaml").read_bytes()
    (data / "sekine.yaml").write_text(BROKEN, encoding="utf-8")
    with pytest.raises(FaqbotError, match=r"sekine\.yaml"):
        opened(data)
    (data / "sekine.yaml").write_bytes(whole)
    serve(data)
    assert 1 == len(copies(data))


def test_a_state_that_cannot_be_kept_costs_a_line_and_no_start(
    tmp_path: Path, data: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "last-good").write_text("no folder", encoding="utf-8")
    serve(data)
    assert "isn't kept" in caplog.text
