"""The policy table, row by row."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.entry import Entry
from bot.domain.retrieval import (
    Answer,
    Decline,
    Help,
    Hit,
    Query,
    Ranking,
    Reason,
    Silence,
    Suggestions,
    Thresholds,
    Token,
    Topic,
)
from bot.search.policy import (
    MAX_OF_LECTURER,
    TOLD,
    assess,
    combine,
    decide,
    of_lecturer,
    relevance,
    thresholds,
)
from bot.search.question import Intent, Utterance
from bot.search.ranker import Candidate
from bot.search.searcher import Searcher

THRESHOLDS = Thresholds(answer=0.4, suggest=0.1, overheard=0.6)
TEXT = "合成データは使っていますか"
QUESTION = Intent(Utterance.QUESTION, ((0, len(TEXT)),), personal=False)
KEYWORDS = Intent(Utterance.KEYWORDS, (), personal=False)
WISH = Intent(Utterance.WISH, (), personal=False)
STATEMENT = Intent(Utterance.STATEMENT, (), personal=False)
REPORT = Intent(Utterance.REPORT, (), personal=False)
CASE = Intent(Utterance.CASE, (), personal=False)
CHAT = Intent(Utterance.CHAT, (), personal=False)


def hit(entry_id: str, score: float, confidence: float = 0.0) -> Hit:
    return Hit(Entry(entry_id, "河原 大輔", "", "質問", "回答"), score, confidence)


TOKENS = (Token("合成", "合成", 0, 2), Token("データ", "データ", 2, 5))


def ranking(
    *hits: Hit, text: str = TEXT, relevance: float = 0.2, tokens: tuple[Token, ...] = TOKENS
) -> Ranking:
    return Ranking(Query(text, tokens), hits, relevance)


SURE = ranking(hit("a", 10, 0.5), hit("b", 5))
CLEARLY = ranking(hit("a", 10, 0.5), hit("b", 5), relevance=0.7)
CLOSE = ranking(hit("a", 10, 0.7), hit("b", 9.5), relevance=0.7)
HALF_SURE = ranking(hit("a", 10, 0.2), hit("b", 5), hit("c", 4), hit("d", 3))
UNSURE = ranking(hit("a", 10, 0.2), relevance=0.05)
NOTHING = Ranking(Query("？", ()), ())


@pytest.mark.parametrize("intent", [QUESTION, KEYWORDS, WISH])
def test_a_sure_hit_answers_all_but_a_statement(intent: Intent) -> None:
    assert Answer(SURE.hits[:1]) == decide(SURE, THRESHOLDS, True, intent)


def test_what_stands_out_is_offered_at_a_little_less_relevance() -> None:
    assert Decline() == decide(UNSURE, THRESHOLDS, True, QUESTION)
    standing_out = ranking(hit("a", 10, 0.3), relevance=UNSURE.relevance)
    assert Suggestions(standing_out.hits) == decide(standing_out, THRESHOLDS, True, QUESTION)


def test_a_statement_is_never_answered_outright() -> None:
    assert Suggestions(SURE.hits) == decide(SURE, THRESHOLDS, True, STATEMENT)


def test_a_report_of_a_problem_is_offered_what_is_near_and_never_answered_outright() -> None:
    assert Suggestions(SURE.hits) == decide(SURE, THRESHOLDS, True, REPORT)
    assert Suggestions(HALF_SURE.hits[:3]) == decide(HALF_SURE, THRESHOLDS, True, REPORT)
    assert Suggestions(SURE.hits) == decide(SURE, THRESHOLDS, True, CASE)
    assert Suggestions(HALF_SURE.hits[:3]) == decide(HALF_SURE, THRESHOLDS, True, CASE)


def test_another_statement_is_offered_only_what_would_have_answered_a_question() -> None:
    assert Decline() == decide(HALF_SURE, THRESHOLDS, True, STATEMENT)


def test_chat_gets_help_whatever_is_near() -> None:
    assert Help() == decide(HALF_SURE, THRESHOLDS, True, CHAT)
    assert Help() == decide(SURE, THRESHOLDS, True, CHAT)


@pytest.mark.parametrize("topic", [Topic.LIST, Topic.ASKING, Topic.GREETING, Topic.ASK_LECTURER])
def test_what_the_faq_itself_answers_goes_before_help(topic: Topic) -> None:
    """A library's FAQ may have an entry 「一覧」."""
    asked = replace(KEYWORDS, topic=topic)
    assert Answer(SURE.hits[:1]) == decide(SURE, THRESHOLDS, True, asked)
    assert Help(topic) == decide(HALF_SURE, THRESHOLDS, True, asked)
    assert Help(topic) == decide(NOTHING, THRESHOLDS, True, asked)


def test_an_entry_whose_question_holds_what_was_said_is_offered_with_the_help() -> None:
    hits = [hit("a", 10, 0.2), hit("b", 9, 0.2)]
    listing = hits[1]._replace(entry=replace(hits[1].entry, question="新着図書の一覧はどこですか"))
    asked = ranking(hits[0], listing, text="一覧？")
    assert Help(Topic.LIST, (listing,)) == decide(
        asked, THRESHOLDS, True, replace(KEYWORDS, topic=Topic.LIST)
    )


@pytest.mark.parametrize("topic", [Topic.WRONG, Topic.MORE, Topic.THANKS, Topic.NOTED])
def test_what_is_said_about_an_answer_is_never_searched_for(topic: Topic) -> None:
    """「違うよ」 has a word that 「二つの違いは？」 has."""
    said = replace(QUESTION, topic=topic)
    assert Help(topic) == decide(CLEARLY, THRESHOLDS, True, said)
    assert Silence(Reason.NOT_A_QUESTION) == decide(CLEARLY, THRESHOLDS, False, said)


@pytest.mark.parametrize("topic", Topic)
def test_what_is_overheard_gets_no_help(topic: Topic) -> None:
    said = replace(KEYWORDS, topic=topic)
    assert Silence(Reason.NOT_A_QUESTION) == decide(HALF_SURE, THRESHOLDS, False, said)


def test_a_lecturers_name_alone_brings_their_entries_in_order() -> None:
    entries = [hit(f"a{n}", 0).entry for n in range(3)]
    faq = {"河原 大輔": entries[:2], "宮尾 祐介": entries[2:], "": entries}
    assert ["a0", "a1"] == [each.entry.id for each in of_lecturer("河原大輔先生", faq)]
    assert () == of_lecturer("河原先生は何を使いますか", faq)


def test_of_a_lecturer_with_many_entries_as_many_are_offered_as_fit() -> None:
    faq = {"河原 大輔": [hit(f"a{n}", 0).entry for n in range(30)]}
    assert MAX_OF_LECTURER == len(of_lecturer("河原先生", faq))


def test_two_close_hits_are_offered_side_by_side() -> None:
    assert Suggestions(CLOSE.hits) == decide(CLOSE, THRESHOLDS, True, QUESTION)


def test_half_sure_offers_the_first_three() -> None:
    assert Suggestions(HALF_SURE.hits[:3]) == decide(HALF_SURE, THRESHOLDS, True, QUESTION)


def test_a_detail_that_the_entry_lacks_is_only_offered() -> None:
    asked = ranking(*SURE.hits, text="合成データは何件ですか")
    whole = Intent(Utterance.QUESTION, ((0, len(asked.query.text)),), personal=False)
    assert Suggestions(SURE.hits) == decide(asked, THRESHOLDS, True, whole)


def test_unsure_declines() -> None:
    assert Decline() == decide(UNSURE, THRESHOLDS, True, QUESTION)
    assert Decline() == decide(ranking(), THRESHOLDS, True, QUESTION)


def test_nothing_searchable_gets_help() -> None:
    assert Help() == decide(NOTHING, THRESHOLDS, True, KEYWORDS)


def test_what_is_overheard_is_answered_only_if_sure_and_clearly_the_faqs_matter() -> None:
    assert Answer(CLEARLY.hits[:1]) == decide(CLEARLY, THRESHOLDS, False, QUESTION)
    assert Silence(Reason.NOT_SURE) == decide(SURE, THRESHOLDS, False, QUESTION)
    assert Silence(Reason.NOT_SURE) == decide(CLOSE, THRESHOLDS, False, QUESTION)
    half_sure = replace(HALF_SURE, relevance=0.7)
    assert Silence(Reason.NOT_SURE) == decide(half_sure, THRESHOLDS, False, QUESTION)


@pytest.mark.parametrize("intent", [KEYWORDS, WISH, Intent(Utterance.QUESTION, (), personal=True)])
def test_only_a_question_to_everybody_is_answered_when_overheard(intent: Intent) -> None:
    assert Silence(Reason.NOT_A_QUESTION) == decide(CLEARLY, THRESHOLDS, False, intent)


@pytest.mark.parametrize("intent", [STATEMENT, CASE])
def test_what_is_told_is_known_for_that_when_overheard(intent: Intent) -> None:
    assert Silence(Reason.TOLD) == decide(CLEARLY, THRESHOLDS, False, intent)


def test_what_is_told_is_offered_where_the_faq_is_much_nearer_than_to_a_question() -> None:
    near = replace(HALF_SURE, relevance=THRESHOLDS.suggest)
    nearer = replace(near, relevance=near.relevance + TOLD)
    assert Suggestions(near.hits[:3]) == decide(near, THRESHOLDS, True, QUESTION)
    assert Decline() == decide(near, THRESHOLDS, True, STATEMENT)
    assert Suggestions(nearer.hits[:3]) == decide(nearer, THRESHOLDS, True, STATEMENT)


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


def test_one_word_names_a_matter_and_is_answered_only_by_an_entry_of_that_name() -> None:
    one = TOKENS[:1]
    asked = ranking(*CLEARLY.hits, text="合成？", tokens=one)
    assert Suggestions(CLEARLY.hits) == decide(asked, THRESHOLDS, True, QUESTION)
    named = CLEARLY.hits[0]._replace(entry=replace(CLEARLY.hits[0].entry, question="合成"))
    asked = ranking(named, CLEARLY.hits[1], text="合成？", tokens=one)
    assert Answer((named,)) == decide(asked, THRESHOLDS, True, QUESTION)


SHARE = st.floats(0, 1)


def candidate(score: float, asked: float = 0.5, unmet: float = 0.5) -> Candidate:
    return Candidate(0, score, 0.4, asked, unmet)


@given(st.lists(st.tuples(st.floats(-1, 2.2), SHARE, SHARE), max_size=5), st.integers(1, 2_000))
def test_confidence_lies_between_0_and_1(
    found: list[tuple[float, float, float]], entries: int
) -> None:
    candidates = [candidate(*one) for one in sorted(found, reverse=True)]
    assert all(0 < one < 1 for one in assess(candidates, entries))


def test_who_leads_is_sure_and_the_second_may_say_the_same() -> None:
    ahead = assess([candidate(1.5), candidate(0.6), candidate(0.5)], 14)
    both = assess([candidate(1.5), candidate(1.4), candidate(0.5)], 14)
    level = assess([candidate(1.5), candidate(1.4), candidate(1.4)], 14)
    assert ahead[0] == both[0] > 0.9
    assert both[1] > 0.9
    assert level[0] < 0.5


def test_whoever_asks_the_whole_question_and_nothing_else_is_answered_sooner() -> None:
    rest = [candidate(0.4), candidate(0.4)]
    asked, more, else_ = (
        assess([candidate(0.8, *signs), *rest], 14)[0] for signs in ((1, 0), (0.2, 0), (1, 1))
    )
    assert asked > more
    assert asked > else_


def test_where_much_is_alike_the_same_lead_says_less() -> None:
    strong, weak = (
        assess([candidate(score), candidate(score), candidate(score - 0.4)], 14)[0]
        for score in (1.7, 0.9)
    )
    assert strong < weak


def test_no_lower_hit_is_surer() -> None:
    sure = assess([candidate(0.9, 0, 1), candidate(0.85, 1, 0), candidate(0.3)], 14)
    assert sure == sorted(sure, reverse=True)


def test_what_speaks_of_none_of_the_nouns_is_never_sure() -> None:
    assert assess([candidate(1.5, 0.5, 1), candidate(0.3), candidate(0.3)], 14)[0] <= 0.5


def test_among_one_or_two_entries_leading_says_less() -> None:
    one = [candidate(0.7)]
    assert assess(one, 1)[0] < 0.5 < assess(one, 3)[0]
    assert 0.9 < assess([candidate(2.0, 1, 0)], 1)[0]


def test_the_nearest_entry_or_the_words_say_whether_the_matter_is_the_faqs() -> None:
    of_both = relevance([candidate(1)], 0.3, elsewhere=0.2)
    assert pytest.approx(0.4) == of_both
    assert pytest.approx(of_both, abs=0.3) == relevance([candidate(1)], None)
    assert relevance([], None) < thresholds(0).suggest


def test_what_is_asked_elsewhere_too_is_less_likely_the_faqs_matter() -> None:
    assert relevance([candidate(1)], 0.3, elsewhere=0.6) < relevance([candidate(1)], 0.3)


@given(SHARE, SHARE)
def test_a_stricter_bot_has_higher_thresholds(one: float, other: float) -> None:
    loose, strict = thresholds(min(one, other)), thresholds(max(one, other))
    assert loose.answer <= strict.answer
    assert loose.suggest <= strict.suggest
    assert loose.overheard <= strict.overheard
    assert loose.suggest <= loose.overheard


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("ありがとうございます！", Reason.NOT_A_QUESTION),
        ("岡崎先生", Reason.NOT_A_QUESTION),
        ("アスキーアートの処理を直しました", Reason.TOLD),
        ("カレー", Reason.NOT_A_QUESTION),
        ("でーたになりました", Reason.TOLD),  # a word only once it is read
    ],
)
def test_below_a_reply_what_asks_nothing_gets_no_word(
    faq: Searcher, said: str, reason: Reason
) -> None:
    assert Silence(reason) == faq.reply(said, below=True)[0]


@pytest.mark.parametrize("said", ["もう少し詳しく", "違うよ", "一覧", "アスキーアートの処理は？"])
def test_below_a_reply_what_asks_gets_what_it_gets_elsewhere(faq: Searcher, said: str) -> None:
    assert faq.reply(said) == faq.reply(said, below=True)
