"""The list of what to do: what belongs on it, what is one question, what is done."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from bot.domain.ask import Candidate, Outcome, Vote
from bot.search.analysis import Analyzer, Tokenizer
from bot.search.meaning import Encoder, Gather, by_meaning, by_tokens
from bot.store.history import Asked
from bot.usage import UNANSWERED, Fate, Line, named, unanswered

NEAR = Candidate("yamada-1", 3.0, 0.5)
NEXT = Candidate("yamada-2", 2.0, 0.4)


@pytest.fixture(scope="module")
def gather() -> Gather:
    return by_tokens(Analyzer(Tokenizer(), ("有る", "為る", "居る")))


def asked(
    text: str | None = "録画はありますか",
    at: int = 0,
    outcome: Outcome | None = Outcome.DECLINE,
    *,
    platform: str = "slack",
    candidates: tuple[Candidate, ...] = (NEAR, NEXT),
    shown: str | None = None,
    doubted: bool = False,
    escalated: bool = False,
    handled: bool = False,
) -> Asked:
    return Asked(
        id=f"id-{at:05}",
        at=at,
        platform=platform,
        text=text,
        escalated=escalated,
        outcome=outcome,
        candidates=candidates,
        shown=shown,
        votes=((shown, Vote.WRONG),) if shown and doubted else (),
        handled=handled,
    )


def listed(*questions: Asked) -> tuple[Line, ...]:
    """List without a dictionary: each wording is a question of its own."""
    return unanswered(questions, lambda wordings: wordings)


def test_what_nothing_answered_is_listed_with_what_became_of_it() -> None:
    lines = listed(
        asked("一", outcome=Outcome.SUGGESTIONS),
        asked("二", outcome=None, candidates=(), escalated=True),
        asked("三", outcome=Outcome.ANSWER, shown="yamada-1", doubted=True),
        asked("四"),
    )
    assert [*UNANSWERED] == sorted(
        (fate for line in lines for fate in line.fates), key=UNANSWERED.index
    )


@pytest.mark.fault(28)
@pytest.mark.parametrize(
    "one",
    [
        asked(outcome=Outcome.ANSWER, shown="yamada-1"),
        asked(outcome=Outcome.SUGGESTIONS, shown="yamada-1"),
        *(
            asked(outcome=each)
            for each in (Outcome.HELP, Outcome.LIMITED, Outcome.EXPIRED, Outcome.FAILED)
        ),
    ],
)
def test_what_was_answered_or_never_searched_for_is_not_listed(one: Asked) -> None:
    assert () == listed(one)


def test_the_same_question_is_one_line_whoever_asks_it_where_and_however(gather: Gather) -> None:
    (line,) = unanswered(
        [
            asked("録画はありますか", 1),
            asked("録画は　ありますか？", 3, platform="discord", escalated=True),
            asked(" 録画ってあるんでしょうか。\n", 2, Outcome.SUGGESTIONS),
        ],
        gather,
    )
    assert ("録画は　ありますか？", "録画ってあるんでしょうか。") == line.wordings
    assert (3, 3) == (line.last.at, line.times)
    assert ("discord", "slack") == line.platforms
    assert (Fate.DECLINED, Fate.NONE_TAKEN) == line.fates
    assert line.escalated


@pytest.mark.parametrize(
    ("wordings", "lines"),
    [
        (["LLMとは", "ＬＬＭとは？", "llm って何ですか"], 2),
        (["LLMとは", "RAGとは"], 2),
        (["資料はどこで公開されますか", "資料ってどこで公開されてるの？"], 1),
        (["資料はどこで公開されますか", "資料はいつ公開されますか"], 2),
        (["なぜBERTなの", "BERTをどう使うの", "BERTを使う"], 3),
        (["これは何ですか", "それはどうですか", "それはどうですか？"], 2),
        (["？", "!"], 1),
    ],
)
def test_wordings_are_gathered_by_what_they_ask_about_and_what_they_ask_for(
    gather: Gather, wordings: Sequence[str], lines: int
) -> None:
    questions = [asked(text, at) for at, text in enumerate(wordings)]
    assert lines == len(unanswered(questions, gather))


def test_another_way_to_gather_may_be_given() -> None:
    lines = unanswered([asked("録画", 1), asked("動画", 2)], lambda wordings: [0] * len(wordings))
    assert [("動画", "録画")] == [line.wordings for line in lines]


def test_the_most_asked_comes_first_then_the_newest() -> None:
    lines = listed(asked("一", 1), asked("二", 2), asked("三", 3), asked("一", 0))
    assert [("一", 2), ("三", 1), ("二", 1)] == [(each.wordings[0], each.times) for each in lines]


def test_questions_without_words_are_taken_together_by_the_nearest_entry() -> None:
    far = replace(NEXT, confidence=0.1)
    lines = listed(
        asked(None, 4),
        asked(None, 3),
        asked(None, 2, candidates=(NEXT,)),
        asked(None, 1, candidates=(far,)),
        asked(None, 0, candidates=()),
    )
    assert [("yamada-1", 2), (None, 2), ("yamada-2", 1)] == sorted(
        ((each.nearest.entry if each.nearest else None, each.times) for each in lines),
        key=lambda line: (-line[1], line[0] is None),
    )
    assert {()} == {each.wordings for each in lines}


def test_the_entry_that_was_shown_is_the_nearest_even_if_another_came_first() -> None:
    (line,) = listed(asked(outcome=Outcome.ANSWER, shown="yamada-2", doubted=True))
    assert NEXT == line.nearest


def test_an_entry_that_is_far_is_not_the_nearest() -> None:
    (line,) = listed(asked(candidates=(replace(NEAR, confidence=0.19),)))
    assert line.nearest is None


def test_an_id_of_a_member_in_the_words_is_taken_out() -> None:
    """Adapters take mentions off; what was typed into a form passes no adapter's gate."""
    (line,) = listed(asked("<@U0123> <@!456> 録画は？"))
    assert ("録画は？",) == line.wordings


def test_what_is_done_is_counted_apart_and_comes_last() -> None:
    lines = listed(asked("一", 1, handled=True), asked("一", 2, handled=True), asked("二", 0))
    assert [("二", 1, 0), ("一", 0, 2)] == [
        (each.wordings[0], each.times, each.done) for each in lines
    ]


def test_a_question_that_was_done_comes_back_when_it_is_asked_again() -> None:
    before = asked("録画", 1, handled=True, escalated=True)
    (done,) = listed(before)
    (back,) = listed(before, asked("録画", 2, Outcome.SUGGESTIONS, platform="discord"))
    assert (1, 1, 2) == (back.times, back.done, back.last.at)
    assert (("discord",), (Fate.NONE_TAKEN,), False) == (
        back.platforms, back.fates, back.escalated,
    )  # fmt: skip
    assert done.code != back.code


def test_a_code_means_what_was_on_its_line_when_it_was_shown() -> None:
    """Asked once more between the list and the mark: that time isn't marked, the line stays."""
    shown = [asked("録画", 1), asked("資料", 2), asked("録画", 3)]
    code = listed(*shown)[0].code

    found = named(listed(*shown, asked("録画", 4), asked("資料", 5)), code)

    assert found is not None
    assert [3, 1] == [one.at for one in found[1]]


def test_codes_are_as_long_as_tells_all_questions_apart() -> None:
    one, other = asked("一", 1), asked("二", 2)
    assert ["00002", "00001"] == [each.code for each in listed(one, other)]
    alike = replace(other, id=f"x{one.id}"), one
    lines = listed(*alike)
    assert sorted(each.id for each in alike) == sorted(each.code for each in lines)
    assert [None] == [named(lines, one.id[-5:])]


@pytest.mark.parametrize("code", ["", "1", "nope!"])
def test_what_is_no_code_names_no_line(code: str) -> None:
    assert named(listed(asked(at=1)), code) is None


def test_wordings_that_mean_nearly_the_same_are_one_question(gather: Gather) -> None:
    asked = (
        "発表資料の締切はいつですか",
        "発表資料の提出期限はいつですか",
        "懇親会はありますか",
        "懇親会はいつですか",
    )
    apart, together = (
        len(set(way(asked))) for way in (gather, by_meaning(gather, Encoder().encode))
    )
    assert (4, 3) == (apart, together)
