"""A running bot follows its files."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from adapters.cli.faq import word_lists
from adapters.cli.last_good import LastGood
from adapters.cli.reloading import PART, Reloading, stamp
from bot.content import load
from bot.domain.entry import Entry
from bot.search.searcher import LISTS, Searcher
from bot.telemetry.health import Health

ENTRY = "entries:\n- id: {id}\n  lecturer: 山田 太郎\n  question: {question}\n  answer: はい。\n"


def eventually(holds: Callable[[], bool]) -> bool:
    """Wait up to ten seconds for something that another thread does."""
    deadline = time.monotonic() + 10
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.02)
    return holds()


def ids(searcher: Searcher) -> list[str]:
    return [entry.id for entry in searcher.entries]


def works(health: Health) -> bool:
    return {part.name: part.ok for part in health.components}[PART]


def test_changes_are_followed_and_a_broken_file_leaves_the_old_faq(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    first, second = data / "a.yaml", data / "b.yaml"
    first.write_text(ENTRY.format(id="a-1", question="合成データは？"), encoding="utf-8")
    searcher, health = Searcher(load(data), LISTS), Health()
    kept = LastGood(data, tmp_path / "kept")

    with Reloading(data, searcher, health, kept=kept, every=0.02):
        second.write_text(ENTRY.format(id="b-1", question="評価は？"), encoding="utf-8")
        assert eventually(lambda: ids(searcher) == ["a-1", "b-1"])

        second.write_text("entries: [", encoding="utf-8")
        assert eventually(lambda: not works(health))
        assert ["a-1", "b-1"] == ids(searcher)

        second.unlink()
        assert eventually(lambda: works(health))
        first.rename(data / "away")
        assert eventually(lambda: not works(health))
        assert ids(searcher) != []

        (data / "away").rename(first)
        assert eventually(lambda: works(health) and ids(searcher) == ["a-1"])

        data.rename(tmp_path / "away")
        assert eventually(lambda: not works(health))
        (tmp_path / "away").rename(data)
        assert eventually(lambda: works(health))


def test_the_faqs_own_synonyms_are_followed_while_they_come_change_and_go(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    for id_, question in (("a-1", "合成データは？"), ("b-1", "評価の方法は？")):
        text = ENTRY.format(id=id_, question=question)
        (data / f"{id_}.yaml").write_text(text, encoding="utf-8")
    searcher, health = Searcher(load(data), word_lists(data)), Health()

    def found() -> list[str]:
        return [hit.entry.id for hit in searcher.search("ぽよぽよ").hits]

    kept = LastGood(data, tmp_path / "kept")
    with Reloading(data, searcher, health, kept=kept, every=0.02):
        assert [] == found()
        (data / "synonyms.txt").write_text("ぽよぽよ, 合成データ\n", encoding="utf-8")
        assert eventually(lambda: found() == ["a-1"])
        (data / "synonyms.txt").write_text("ぽよぽよ, 評価\n", encoding="utf-8")
        assert eventually(lambda: found() == ["b-1"])
        (data / "synonyms.txt").unlink()
        assert eventually(lambda: found() == [])
        assert works(health)


def test_a_change_while_the_faq_was_being_read_is_followed_and_not_kept_as_good(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    faq = data / "a.yaml"
    faq.write_text(ENTRY.format(id="a-1", question="合成データは？"), encoding="utf-8")
    seen = stamp(data)
    searcher, health, kept = Searcher(load(data), LISTS), Health(), LastGood(data, tmp_path / "k")
    faq.write_text("entries: [", encoding="utf-8")
    with Reloading(data, searcher, health, seen=seen, kept=kept, every=0.02):
        assert eventually(lambda: not works(health))
    assert kept.serve() is None


def test_a_fault_of_the_search_is_told_and_the_next_change_is_followed(tmp_path: Path) -> None:
    class Failing(Searcher):
        failures = 1

        def replace(self, entries: Sequence[Entry]) -> None:
            if self.failures:
                self.failures -= 1
                raise RuntimeError("a fault")
            super().replace(entries)

    faq = tmp_path / "a.yaml"
    faq.write_text(ENTRY.format(id="a-1", question="合成データは？"), encoding="utf-8")
    searcher, health = Failing(load(tmp_path), LISTS), Health()
    with Reloading(tmp_path, searcher, health, every=0.02):
        faq.write_text(ENTRY.format(id="a-22", question="評価は？"), encoding="utf-8")
        assert eventually(lambda: not works(health))
        faq.write_text(ENTRY.format(id="a-333", question="評価は？"), encoding="utf-8")
        assert eventually(lambda: works(health))
    assert ids(searcher) == ["a-333"]
