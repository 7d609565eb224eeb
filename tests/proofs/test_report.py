"""Each command writes its own part of the page, and leaves the others as they are."""

from pathlib import Path

import pytest

from benchmarks.results import Section, Table, Target
from tests.proofs import report

KILLS = Section(
    "Troubles", ("A note.",), (Table(("what happens", "lost"), (("kill -9", "0"),)),),
    (Target("lost", 0, must=0), Target("kills", 300, must=300, at_least=True)),
)  # fmt: skip
SOAK = Section("For long", targets=(Target("rss: growth, %", 7.25, must=5),))


def test_a_part_takes_the_place_of_its_last_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "DOCS", tmp_path)
    report.write("soak", {"minutes": 30}, [SOAK])
    report.write("faults kills", {"trials": 3}, [KILLS])
    report.write("faults kills", {"trials": 300}, [KILLS])
    page = (tmp_path / "reliability.md").read_text(encoding="utf-8")
    assert page.index("## `make faults`: kills") < page.index("## `make soak`")
    assert "trials 300." in page
    assert "trials 3." not in page
    assert "| kill -9 | 0 |" in page
    assert "| rss: growth, % | 7.25 | ≤ 5 | **missed** |" in page
    assert report.met([KILLS])
    assert not report.met([KILLS, SOAK])
