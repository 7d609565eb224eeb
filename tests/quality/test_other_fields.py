"""FAQs of other fields, which nobody tuned on, work as well as words and meaning allow."""

from pathlib import Path

import pytest

from bot.content import load
from bot.quality import Accuracy, Verdict, judge, read, summarise
from bot.search.meaning import Meaning
from bot.search.searcher import LISTS, Searcher

HERE = Path(__file__).parent


@pytest.fixture(scope="module", params=["conference", "club"])
def accuracy(request: pytest.FixtureRequest) -> Accuracy:
    folder = HERE / request.param
    entries = load(folder / "faq.tsv")
    searcher = Searcher(entries, LISTS)
    searcher.add(Meaning())
    queries = read(folder / "queries.tsv", frozenset(entry.id for entry in entries))
    return summarise(judge(queries, lambda text, depth: searcher.reply(text, limit=depth)))


def test_the_right_entry_is_found_in_words_far_from_its_own(accuracy: Accuracy) -> None:
    assert accuracy.p1 is not None
    assert accuracy.s5 is not None
    assert 0.51 <= accuracy.p1
    assert 0.75 <= accuracy.s5


def test_more_than_half_of_the_questions_see_their_entry(accuracy: Accuracy) -> None:
    shown = (
        accuracy.verdicts[Verdict.ANSWERED_RIGHTLY] + accuracy.verdicts[Verdict.SUGGESTED_RIGHTLY]
    )
    assert 0.57 <= shown / accuracy.answerable


def test_hardly_anything_is_answered_badly(accuracy: Accuracy) -> None:
    bad = (
        accuracy.verdicts[Verdict.ANSWERED_WRONGLY]
        + accuracy.unanswerable[Verdict.ANSWERED_WRONGLY]
    )
    assert bad <= 0.025 * accuracy.queries
