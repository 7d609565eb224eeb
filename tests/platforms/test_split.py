"""Long texts are cut between sentences and lose nothing."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.common.text import split
from bot.domain.text import utf16_length

PIECE = st.sampled_from(
    ["。", "、", "\n", "```", "&amp;", "https://a.jp/b!c", "😀", "か\u3099", "」", "👩\u200d🔬"]
)
ANY_TEXT = st.lists(PIECE | st.characters(exclude_categories=["Cs"]), max_size=150).map("".join)


@settings(max_examples=1000, deadline=None)
@given(ANY_TEXT, st.integers(2, 80))
def test_parts_fit_and_are_the_text_again(text: str, limit: int) -> None:
    parts = split(text, limit)
    assert text == "".join(parts)
    assert [part for part in parts if not 0 < utf16_length(part) <= limit] == []


def test_a_text_that_fits_stays_whole() -> None:
    assert split("一つ。二つ。", 6) == ("一つ。二つ。",)


def test_the_empty_text_has_no_part() -> None:
    assert split("", 10) == ()


def test_the_cut_is_behind_a_sentence() -> None:
    assert split("一つ目です。二つ目です。", 9) == ("一つ目です。", "二つ目です。")


def test_the_closing_bracket_stays_with_its_sentence() -> None:
    assert split("「はい。」と答えた。", 6) == ("「はい。」", "と答えた。")


def test_a_line_break_ends_a_part() -> None:
    assert split("見出し\n本文が続く", 6) == ("見出し\n", "本文が続く")


def test_a_clause_ends_a_part_where_no_sentence_does() -> None:
    assert split("長い文で、終わらない", 7) == ("長い文で、", "終わらない")


def test_an_emoji_counts_twice_and_is_never_halved() -> None:
    assert split("😀😀😀", 5) == ("😀😀", "😀")


@pytest.mark.parametrize(
    "whole",
    [
        "https://example.com/a?b=c!d",
        "&amp;",
        "```a。b```",
        "か\u3099",
        "👩\u200d🔬",
        "葛\U000e0100",
    ],
)
def test_what_belongs_together_is_never_cut(whole: str) -> None:
    before = "あ" * 5
    limit = 5 + utf16_length(whole) - 1
    assert (before, whole) == split(before + whole, limit)
