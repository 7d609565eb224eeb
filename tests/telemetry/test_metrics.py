"""The figures: of what runs, of what was asked, and never of whom."""

from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.telemetry.metrics import Metrics
from tests.fakes.waiting import until
from tests.platforms.memory_driver import MemoryChat


def figures(metrics: Metrics) -> dict[tuple[str, ...], float]:
    """Return each sample by its name and its labels' values."""
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(metrics.exposition().decode())
        for sample in family.samples
    }


@pytest.mark.fault(93)
async def test_votes_escalations_and_entries_are_counted(tmp_path: Path) -> None:
    chat = MemoryChat(tmp_path)
    await chat.start()
    await chat.says("明美", "合成データは使っていますか")
    await chat.sees()
    await chat.presses("明美", "役に立った")
    await chat.presses("健太", "違う")
    await chat.redelivers()
    await chat.says("明美", "円周率の最後の桁は？")
    await chat.sees()
    await chat.submits("明美")
    await chat.sees()
    counted = figures(chat.desk.metrics)
    assert counted["faqbot_votes_total", "memory", "useful"] == 1
    assert counted["faqbot_votes_total", "memory", "wrong"] == 1

    await chat.restarts()
    await until(lambda: ("faqbot_escalations", "drafted") in figures(chat.desk.metrics))
    counted = figures(chat.desk.metrics)
    assert counted["faqbot_escalations", "open"] == 1
    assert counted["faqbot_escalations", "drafted"] == 0
    assert counted["faqbot_entries",] > 1
    said = chat.desk.metrics.exposition().decode()
    await chat.stop()
    assert not any(word in said for word in ("明美", "健太", "円周率", "合成データ", "general"))


def test_version_and_process_are_told() -> None:
    told = figures(Metrics())
    versions = [key[1:] for key in told if key[0] == "faqbot_build_info"]
    assert len(versions) == 1
    assert [part.isdigit() for part in versions[0][0].split(".")] == [True] * 3
    assert told["process_resident_memory_bytes",] > 1e6
    assert told["process_open_fds",] > 0
