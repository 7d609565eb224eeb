"""The figures in the documents are those of this code, this FAQ and these queries."""

from benchmarks.quality.fingerprint import fingerprint
from benchmarks.quality.report import FIGURES, REPORT, recorded
from benchmarks.quality.sets import ROOT

FINAL, OTHERS = "講師の FAQ(final)", "講師の FAQ(others.final)"
CITY, WIKIPEDIA = "localgovfaq", "JSQuAD"
ALL, AS_IT_COMES = "すべて有効", "rank_bm25、表層形のまま"


def test_the_reported_figures_are_not_stale() -> None:
    """Run ``python -m benchmarks.quality --final`` after a change of search, data or queries."""
    assert fingerprint() == recorded()["fingerprint"]


def test_every_recorded_collection_is_in_the_report() -> None:
    report = REPORT.read_text(encoding="utf-8")
    assert FIGURES.is_file()
    for name in recorded()["rankings"]:
        assert f"## 順位:{name}" in report


def test_the_readme_quotes_the_recorded_figures() -> None:
    figures = recorded()
    ranked, decided, heard = figures["rankings"], figures["decisions"], figures["overheard"]

    def row(name: str, *cells: float | None) -> str:
        return f"| {name} | " + " | ".join("–" if c is None else f"{c:.3f}" for c in cells) + " |"

    def decision(sign: str) -> tuple[float, float, float, None]:
        return decided[FINAL][sign], decided[OTHERS][sign], decided[CITY][sign], None

    names = (FINAL, OTHERS, CITY, WIKIPEDIA)
    rows = [
        row("P@1", *(ranked[name][ALL]["p_at_1"] for name in names)),
        row("S@5", *(ranked[name][ALL]["s_at_5"] for name in names)),
        row(
            "P@1 of rank_bm25 as it comes",
            *(None, None),
            *(ranked[name][AS_IT_COMES]["p_at_1"] for name in (CITY, WIKIPEDIA)),
        ),
        row("automatic answers that are right", *decision("precision")),
        row("questions answered automatically and rightly", *decision("answered_right")),
        row("right answer shown, as an answer or among candidates", *decision("shown")),
        row("unanswerable questions that get an answer", *decision("answered_unanswerable")),
    ]
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [each for each in rows if each not in readme] == []
    said = (
        f"answered {heard['right']} of {heard['questions']} questions that the FAQ answers in "
        f"{heard['lines']} lines of chat, and\ninterrupted {heard['wrong']} times wrongly. "
        "Of {1} questions written to tempt it, it answered\n{0}.".format(*figures["tempted"])
    )
    assert said in readme
