"""What is said: the same in both languages; of the commands', every key used and filled."""

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
from slack_sdk.errors import SlackApiError

import bot.texts
import bot.wording
from adapters.discord import errors
from adapters.slack import api as slack_api
from bot.domain.ports import NotAllowed
from bot.errors import FaqbotError
from bot.telemetry import Health
from bot.texts import Lines, Text, Texts, read
from scripts.house import ROOT, modules

JA = read(Path(bot.texts.__file__).with_name("ja.toml"))
SAYING = {"Text", "say", "problem", "note", "at", "_problem", "_note", "_error", "_refuse"}
"""Whatever is called so takes a key, and by name what fills the placeholders."""

AT_A_PLACE = {"problem", "note", "at"}
"""These know by their place what its column is called."""


def placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def said() -> Iterator[tuple[str, set[str], str]]:
    """Yield every key that the code says, with the values it gives and its place."""
    for path in modules("bot", "adapters"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            for given in node.args if name in SAYING else ():
                if isinstance(given, ast.Constant) and given.value in JA:
                    values = {keyword.arg or "" for keyword in node.keywords}
                    if name in AT_A_PLACE:
                        values |= {"column"} & placeholders(JA[given.value])
                    yield given.value, values, f"{path.relative_to(ROOT)}:{node.lineno}"


def literals() -> set[object]:
    return {
        node.value
        for path in modules("bot", "adapters")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant)
    }


@pytest.mark.parametrize("package", [bot.texts, bot.wording])
def test_both_languages_have_the_same_keys_with_the_same_placeholders(package: ModuleType) -> None:
    folder = Path(str(package.__file__)).parent
    japanese, english = (
        {key: placeholders(text) for key, text in read(folder / name).items()}
        for name in ("ja.toml", "en.toml")
    )
    assert japanese == english


def test_every_text_is_said_by_its_key_or_belongs_to_a_table_that_is() -> None:
    """A table may be looked up by a value, as ``f"verdict.{verdict}"`` is."""
    known = literals()
    tables = {text for text in known if isinstance(text, str) and text.endswith(".")}

    assert [key for key in JA if key not in known and f"{key.split('.')[0]}." not in tables] == []


def test_what_fills_the_placeholders_is_given_by_name_wherever_a_key_is_said() -> None:
    wrong = [
        f"{place}: {key} {sorted(values ^ placeholders(JA[key]))}"
        for key, values, place in said()
        if "" not in values and values != placeholders(JA[key])
    ]
    assert wrong == []


def test_a_text_within_a_text_is_worded_in_the_same_language() -> None:
    inner = Text("command.note", note="{0.__class__}")
    outer = Text("command.error", problem=inner)

    assert "エラー: 注意: {0.__class__}" == Texts("ja")(outer)
    assert "error: note: {0.__class__}" == Texts("en")(outer) == str(outer)


def test_an_error_is_worded_for_its_reader_and_in_english_for_the_log() -> None:
    error = FaqbotError(Text("command.note", note="a"))

    assert "注意: a" == error.in_words(Texts("ja"))
    assert "note: a" == str(error) == error.message
    assert "No port. Choose one." == FaqbotError("No port.", "Choose one.").in_words(Texts("ja"))
    assert "直してください。a" == FaqbotError("直してください。", "a").in_words(Texts("ja"))


def test_several_texts_are_worded_a_line_each_as_an_error_says_them() -> None:
    error = FaqbotError(Lines([Text("command.note", note="a"), Text("command.note", note="b")]))

    assert "注意: a\n注意: b" == error.in_words(Texts("ja"))
    assert "note: a\nnote: b" == str(error)


def test_a_text_stays_on_its_line_whatever_it_quotes() -> None:
    assert "注意: 一行目 二行目" == Texts("ja").say("command.note", note="一行目\r\n二行目")


def test_a_key_that_does_not_exist_is_found_at_once() -> None:
    with pytest.raises(KeyError):
        Texts("ja").say("command.typo")


def test_an_error_within_a_sentence_is_in_the_reader_s_language_too() -> None:
    refusal = NotAllowed("slack", Text("platform.invitation"), Text("slack.invite"))
    said = Text("health.organisers", channel="C1", problem=refusal)
    assert "チャンネルへの招待が必要です。そのチャンネルで /invite @FAQ と" in Texts("ja")(said)
    assert "Slack needs an invitation to the channel. Write /invite @FAQ there." in str(said)


def test_what_health_says_of_a_platform_is_in_the_operators_language() -> None:
    """Of a card that waits for the organisers' channel, any refusal is shown."""

    def refused(code: str) -> SlackApiError:
        return SlackApiError("", SimpleNamespace(status_code=200, data={"error": code}))  # type: ignore[arg-type]

    slack = [slack_api.problem(refused(code)) for code in ("new_kind", "invalid_blocks")]
    for problem in (errors.not_connected(), *slack):
        health = Health(Texts("ja"))
        health.report("organisers", False, Text("health.organisers", channel="C1", problem=problem))
        (shown,) = (each.message for each in health.components)
        assert not re.search("[a-z] [a-z]", shown), shown


def test_who_answers_is_called_by_one_word_wherever_members_and_organisers_read() -> None:
    shown = [
        *ROOT.glob("adapters/**/*.yaml"),
        *ROOT.glob("bot/*/ja.toml"),
        *ROOT.glob("docs/**/*.md"),
    ]
    assert [path for path in shown if "講演者" in path.read_text(encoding="utf-8")] == []
