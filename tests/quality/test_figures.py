"""The figures in the documents are those of this code, this FAQ and these queries."""

from benchmarks.quality.fingerprint import fingerprint
from benchmarks.quality.report import FIGURES, REPORT, recorded
from benchmarks.quality.sets import OWN, ROOT

OURS, OTHERS = OWN["queries.final"], OWN["others.final"]
NAMES = (OURS, OTHERS, "campus", "localgovFAQ", "JSQuAD")
AS_IT_COMES = "rank_bm25、表層形のまま"


def test_the_reported_figures_are_not_stale() -> None:
    """Run ``make quality`` after a change of search, data or queries."""
    assert fingerprint() == recorded()["fingerprint"]


def test_every_recorded_collection_is_in_the_report() -> None:
    report = REPORT.read_text(encoding="utf-8")
    assert FIGURES.is_file()
    for name in NAMES:
        assert f"| {name} | {recorded()['faqs'][name]['entries']:,} |" in report


def test_the_readme_quotes_the_recorded_figures() -> None:
    figures = recorded()
    faqs = figures["faqs"]

    def row(name: str, *cells: float | None) -> str:
        return f"| {name} | " + " | ".join("–" if c is None else f"{c:.3f}" for c in cells) + " |"

    def found(name: str, sign: str) -> str:
        return row(name, *(faqs[faq].get(sign) for faq in NAMES))

    def shares(name: str, sign: str) -> str:  # an encyclopedia's paragraphs aren't replies
        return row(name, *(faqs[faq][sign] for faq in NAMES[:-1]), None)

    baselines = figures["baselines"]
    rows = [
        "| tuned on | " + " | ".join("yes" if faqs[n]["tuned"] else "no" for n in NAMES) + " |",
        found("P@1", "p_at_1"),
        found("S@5", "s_at_5"),
        row("P@1 by words alone", *(figures["words"][name]["p_at_1"] for name in NAMES)),
        row(
            "P@1 of rank_bm25 as it comes",
            *(
                baselines[name][AS_IT_COMES]["p_at_1"] if name in baselines else None
                for name in NAMES
            ),
        ),
        shares("answered rightly at once", "answered_right"),
        shares("right answer shown, as an answer or among candidates", "shown"),
        shares("answered badly, of all that is asked", "bad"),
    ]
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [each for each in rows if each not in readme] == []
    heard = figures["overheard"]["語と意味"]
    said = (
        f"answered {heard['right']} of {heard['questions']} questions that the FAQ answers in "
        f"{heard['lines']} lines of chat, and\ninterrupted {heard['wrong']} times wrongly. "
        "Of {1} questions written to tempt it, it answered\n{0}.".format(*figures["tempted"])
    )
    assert said in readme
