"""A running bot follows its files."""

import time
from collections.abc import Callable
from pathlib import Path

from adapters.cli.last_good import LastGood
from adapters.cli.reloading import PART, Reloading
from bot.content import load
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

    with Reloading(data, searcher, health, kept, every=0.02):
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
