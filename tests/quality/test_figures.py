"""The figures in the documents are those of this code, this FAQ and these queries."""

from benchmarks.quality.fingerprint import fingerprint
from benchmarks.quality.report import FIGURES, REPORT, recorded


def test_the_reported_figures_are_not_stale() -> None:
    """Run ``python -m benchmarks.quality --final`` after a change of search, data or queries."""
    assert fingerprint() == recorded()["fingerprint"]


def test_every_recorded_collection_is_in_the_report() -> None:
    report = REPORT.read_text(encoding="utf-8")
    assert FIGURES.is_file()
    for name in recorded()["rankings"]:
        assert f"## 順位:{name}" in report
