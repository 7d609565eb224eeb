"""The last FAQ that could be used is kept whole, and only its own is given back."""

import shutil
from pathlib import Path

import pytest

from adapters.cli.last_good import LastGood
from bot.content import load
from tests.cli.conftest import PROJECT


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return shutil.copytree(PROJECT / "data", tmp_path / "data")


def test_a_folder_is_kept_with_its_word_lists_and_read_like_itself(
    tmp_path: Path, data: Path
) -> None:
    (data / "synonyms.txt").write_text("言語モデル,LM\n", encoding="utf-8")
    kept = LastGood(data, tmp_path / "kept")
    assert kept.serve() is None
    kept.keep()
    copy = kept.serve()
    assert copy is not None
    assert load(copy) == load(data)
    assert (copy / "synonyms.txt").read_bytes() == (data / "synonyms.txt").read_bytes()
    within = (tmp_path / "kept").rglob("*")
    assert [each for each in within if each.stat().st_mode & 0o077] == []


def test_a_file_is_kept_by_its_name_and_a_newer_state_takes_the_place_of_an_older(
    tmp_path: Path,
) -> None:
    faq = tmp_path / "faq.tsv"
    faq.write_text("question\tanswer\nQ1\tA1\n", encoding="utf-8")
    kept = LastGood(faq, tmp_path / "kept")
    kept.keep()
    faq.write_text("question\tanswer\nQ2\tA2\n", encoding="utf-8")
    kept.keep()
    kept.keep()
    assert len(list((tmp_path / "kept").iterdir())) == 1
    copy = kept.serve()
    assert copy is not None
    assert [entry.question for entry in load(copy)] == ["Q2"]

    faq.write_text("question\tanswer\nQ3\tA3\n", encoding="utf-8")
    kept.keep()
    assert copy.exists()


def test_another_faq_gets_nothing_of_it(tmp_path: Path, data: Path) -> None:
    LastGood(data, tmp_path / "kept").keep()
    assert LastGood(tmp_path / "other", tmp_path / "kept").serve() is None


def test_what_a_kill_left_half_written_is_never_given_back_and_goes(
    tmp_path: Path, data: Path
) -> None:
    kept = LastGood(data, tmp_path / "kept")
    (tmp_path / "kept" / "unfinished-1" / "data").mkdir(parents=True)
    assert kept.serve() is None
    kept.keep()
    assert len(list((tmp_path / "kept").iterdir())) == 1


def test_a_state_that_cannot_be_kept_costs_a_line_and_no_start(
    tmp_path: Path, data: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "kept").write_text("no folder", encoding="utf-8")
    LastGood(data, tmp_path / "kept").keep()
    assert "isn't kept" in caplog.text
