"""The policy table, row by row."""

import pytest

from bot.domain.entry import Entry
from bot.domain.reply import Answer, Decline, Help, Reason, Silence, Suggestions
from bot.domain.retrieval import Hit, Query, Ranking, Thresholds, Token
from bot.search.policy import combine, decide
from bot.search.question import Intent, Utterance

THRESHOLDS = Thresholds(answer=0.4, suggest=0.1, overheard=0.6)
TEXT = "合成データは使っていますか"
QUESTION = Intent(Utterance.QUESTION, ((0, len(TEXT)),), personal=False)
KEYWORDS = Intent(Utterance.KEYWORDS, (), personal=False)
WISH = Intent(Utterance.WISH, (), personal=False)
STATEMENT = Intent(Utterance.STATEMENT, (), personal=False)


def hit(entry_id: str, score: float, confidence: float = 0.0) -> Hit:
    return Hit(Entry(entry_id, "河原 大輔", "", "質問", "回答"), score, confidence)


def ranking(*hits: Hit, text: str = TEXT) -> Ranking:
    return Ranking(Query(text, (Token("合成", "合成", 0, 2),)), hits)


SURE = ranking(hit("a", 10, 0.5), hit("b", 5))
VERY_SURE = ranking(hit("a", 10, 0.7), hit("b", 5))
CLOSE = ranking(hit("a", 10, 0.7), hit("b", 9.5))
HALF_SURE = ranking(hit("a", 10, 0.2), hit("b", 5), hit("c", 4))
UNSURE = ranking(hit("a", 10, 0.05))
NOTHING = Ranking(Query("？", ()), ())


@pytest.mark.parametrize("intent", [QUESTION, KEYWORDS, WISH])
def test_a_sure_hit_answers_all_but_a_statement(intent: Intent) -> None:
    assert Answer(SURE.hits[:1]) == decide(SURE, THRESHOLDS, True, intent)


def test_a_statement_is_never_answered_outright() -> None:
    assert Suggestions(SURE.hits) == decide(SURE, THRESHOLDS, True, STATEMENT)


def test_two_close_hits_are_offered_side_by_side() -> None:
    assert Suggestions(CLOSE.hits) == decide(CLOSE, THRESHOLDS, True, QUESTION)


def test_half_sure_offers_candidates_but_none_far_behind() -> None:
    assert Suggestions(HALF_SURE.hits[:2]) == decide(HALF_SURE, THRESHOLDS, True, QUESTION)


def test_a_detail_that_the_entry_lacks_is_only_offered() -> None:
    asked = ranking(*SURE.hits, text="合成データは何件ですか")
    whole = Intent(Utterance.QUESTION, ((0, len(asked.query.text)),), personal=False)
    assert Suggestions(SURE.hits) == decide(asked, THRESHOLDS, True, whole)


def test_unsure_declines() -> None:
    assert Decline() == decide(UNSURE, THRESHOLDS, True, QUESTION)
    assert Decline() == decide(ranking(), THRESHOLDS, True, QUESTION)


def test_nothing_searchable_gets_help() -> None:
    assert Help() == decide(NOTHING, THRESHOLDS, True, KEYWORDS)


def test_what_is_overheard_is_answered_only_if_very_sure() -> None:
    assert Answer(VERY_SURE.hits[:1]) == decide(VERY_SURE, THRESHOLDS, False, QUESTION)
    assert Silence(Reason.NOT_SURE) == decide(SURE, THRESHOLDS, False, QUESTION)
    assert Silence(Reason.NOT_SURE) == decide(CLOSE, THRESHOLDS, False, QUESTION)


@pytest.mark.parametrize(
    "intent", [KEYWORDS, WISH, STATEMENT, Intent(Utterance.QUESTION, (), personal=True)]
)
def test_only_a_question_to_everybody_is_answered_when_overheard(intent: Intent) -> None:
    assert Silence(Reason.NOT_A_QUESTION) == decide(VERY_SURE, THRESHOLDS, False, intent)


def test_nothing_searchable_overheard_is_silence() -> None:
    assert Silence(Reason.NOT_A_QUESTION) == decide(NOTHING, THRESHOLDS, False, QUESTION)


def test_several_questions_are_answered_together_if_each_has_its_own_entry() -> None:
    one, other = Answer((hit("a", 1),)), Answer((hit("b", 1),))
    half = Suggestions((hit("c", 1), hit("d", 1)))
    assert Answer((*one.hits, *other.hits)) == combine([one, other])
    assert Suggestions((*one.hits, half.hits[0])) == combine([one, half])
    assert combine([one, one]) is None
    assert combine([one, Decline()]) is None


def test_nothing_is_searched_for_behind_a_question_without_an_answer() -> None:
    asked = map(decide, [UNSURE, SURE], [THRESHOLDS] * 2, [True] * 2, [QUESTION] * 2)
    assert combine(asked) is None
    assert Answer(SURE.hits[:1]) == next(asked)
