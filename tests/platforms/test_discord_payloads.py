"""What Discord sends with commands, menus and forms, read from payloads as they come."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.common import Malformed, read
from adapters.discord.inbound import Command, Component, Submission
from adapters.discord.written import first_line, plain

FOLDER = Path(__file__).parents[1] / "payloads" / "discord"


def payload(name: str) -> dict[str, object]:
    loaded: dict[str, object] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return loaded


@pytest.mark.parametrize("name", ["modal_submit_label", "modal_submit_row"])
def test_a_form_is_read_in_either_shape(name: str) -> None:
    given = read(payload(name), Submission)
    assert given.fields == {"text": "円周率とは何ですか"}
    assert given.custom_id == "faq:form:01kb6f0v9r0000000000000000"


def test_what_is_being_typed_is_focused() -> None:
    (option,) = read(payload("command_autocomplete"), Command).options
    assert (option.value, option.focused) == ("合成", True)


def test_options_are_found_by_name() -> None:
    given = read(payload("command_private"), Command)
    assert (given.option("question"), given.option("private")) == ("合成データは？", True)
    assert given.option("other") is None


def test_the_message_that_a_command_was_chosen_on_comes_with_it() -> None:
    given = read(payload("message_command"), Command)
    assert given.resolved.messages[given.target_id].content == "合成データは使いましたか？"


def test_the_chosen_option_of_a_menu_is_read() -> None:
    assert read(payload("select"), Component).values == ("kawahara-1",)


@pytest.mark.fault(64)
@pytest.mark.parametrize("data", [None, {}, {"name": 1}, {"name": "faq", "options": "x"}])
def test_what_discord_would_not_send_is_named_without_its_content(
    data: dict[str, object] | None,
) -> None:
    with pytest.raises(Malformed) as fault:
        read(data, Command)
    assert "x" not in str(fault.value).split()


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("<@1> <@!1> <@&1>合成データは？", "合成データは？"),
        ("<#12> の <:smile:1><a:b:2>", "の"),
        ("</faq:123> の使い方", "/faq の使い方"),
        ("a < b かつ b > c", "a < b かつ b > c"),
    ],
)
def test_markup_for_mentions_and_emoji_is_taken_off(written: str, read_as: str) -> None:
    assert plain(written) == read_as


@pytest.fixture
def in_utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as there:
        there.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("in_utc")
@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("<t:1763980000>", "2025-11-24 10:26 UTC"),
        ("<t:1763980000:R>に", "2025-11-24 10:26 UTCに"),
        ("<t:1763980000:D>、<t:1763980000:t>", "2025-11-24、10:26 UTC"),
        ("<t:99999999999999999999>", "<t:99999999999999999999>"),
    ],
)
def test_a_date_becomes_words(written: str, read_as: str) -> None:
    assert plain(written) == read_as


@pytest.mark.parametrize(
    "code", ["`<@1>`", "```\n<#12> @here\n```", "``<t:1763980000> `x` ``", "`</faq:1> <:smile:1>`"]
)
def test_what_stands_in_code_is_left_as_it_is(code: str) -> None:
    assert plain(f"<@1>{code} と書きます") == f"{code} と書きます"


def test_a_thread_is_named_after_the_first_line_that_says_something() -> None:
    assert first_line("<@1>\n\n  合成データは？ \n詳しく") == "合成データは？"
    assert first_line("<@1>") == ""
