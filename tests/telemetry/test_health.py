"""Which parts work, since when, and what the figures are called."""

import logging

import pytest

from bot.errors import FaqbotError
from bot.telemetry import Component, Health
from bot.telemetry.metrics import Metrics
from bot.texts import Text, Texts


def test_everything_works_once_every_part_says_so() -> None:
    health = Health(clock=lambda: 5.0)
    assert not health.ok
    health.report("store", True)
    health.report("slack", False, "The token was revoked.")
    assert not health.ok
    health.report("slack", True)
    assert health.ok


def test_what_members_feel_of_a_red_part_decides_what_all_come_to() -> None:
    health = Health()
    assert health.status == "failing"
    health.report("meaning", True, "loading")
    assert health.status == "ok"
    health.report("content", False, "A file can't be read.")
    assert health.status == "degraded"
    health.report("store", False, "The disk is full.", vital=True)
    assert health.status == "failing"
    health.report("store", True)
    assert health.status == "degraded"


def test_what_is_wrong_is_worded_for_the_operator() -> None:
    health = Health(Texts("ja"))
    health.report("store", False, FaqbotError(Text("store.busy")), vital=True)
    health.report("upkeep", False, Text("health.fails"))
    told = [each.message for each in health.components]
    assert told[0].startswith("データベースが使用中です。")
    assert told[1].endswith("ログを見てください。")


def test_since_is_when_it_changed_not_when_it_was_last_reported() -> None:
    now = iter((1.0, 2.0, 3.0))
    health = Health(clock=lambda: next(now))
    assert health.report("store", False, "The disk is full.")
    assert not health.report("store", False, "The disk is still full.")
    assert (Component("store", False, 1.0, "The disk is still full."),) == health.components
    assert health.report("store", True)
    assert (Component("store", True, 2.0),) == health.components


def test_a_change_is_logged_once_and_what_works_from_the_beginning_is_no_news(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    health = Health(Texts("ja"))
    health.report("slack", False, Text("slack.connecting"), vital=True, quietly=True)
    for ok in (True, True, False, False, True):
        health.report("slack", ok)
        health.report("store", ok, "" if ok else FaqbotError(Text("store.busy")))
    said = [(record.getMessage(), vars(record)["values"]["part"]) for record in caplog.records]
    assert said == [
        ("part works", "slack"),
        ("part fails", "slack"),
        ("part fails", "store"),
        ("part works", "slack"),
        ("part works", "store"),
    ]
    assert str(Text("store.busy")) == vars(caplog.records[2])["values"]["problem"]


def test_another_reason_is_logged_too(caplog: pytest.LogCaptureFixture) -> None:
    health = Health()
    health.report("slack", False, Text("slack.connecting"), quietly=True)
    for problem in ("The disk is full.", "The disk is full.", "The token was revoked."):
        health.report("slack", False, problem)
    problems = [vars(record)["values"]["problem"] for record in caplog.records]
    assert ["The disk is full.", "The token was revoked."] == problems


def test_an_error_that_nobody_foresaw_is_logged_each_time(caplog: pytest.LogCaptureFixture) -> None:
    health = Health()
    for _ in range(2):
        health.report("upkeep", False, Text("health.fails"), raised=ValueError("a member's words"))
    assert [ValueError, ValueError] == [record.exc_info[0] for record in caplog.records]  # type: ignore[index]


def test_figures_of_two_processes_parts_do_not_mix() -> None:
    """Each has its registry: building it twice in one process is no error."""
    first, second = Metrics(), Metrics()
    first.questions.labels("slack", "answer").inc()
    assert b'faqbot_questions_total{outcome="answer",platform="slack"} 1.0' in first.exposition()
    assert b'outcome="answer"' not in second.exposition()
