"""What Slack sends is read into questions, presses and forms, and nothing else."""

import contextlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings

from adapters.common import Malformed, read
from adapters.slack import inbound, payloads
from adapters.slack.inbound import Deleted, Edited, Switch
from bot.domain.inbound import Action, Form, MessageRef, Person, Place, Press, Question
from tests.payloads import damaged, slack

THREAD = Place("slack", "T0EVENT", "C0GENERAL", "1763980000.000100")


def received(body: dict[str, Any]) -> object:
    """Read a payload as its listener does."""
    readers: dict[str, Callable[[dict[str, Any]], object]] = {
        "event_callback": inbound.message,
        "message_action": inbound.shortcut,
        "block_actions": inbound.press,
        "view_submission": lambda body: inbound.form(read(body, payloads.Submission)),
    }
    return readers.get(str(body.get("type")), inbound.command)(body)


def test_a_mention_is_an_addressed_question_for_the_thread_of_its_message() -> None:
    assert received(slack("app_mention")) == Question(
        MessageRef(THREAD, "1763980000.000100"),
        Person("U0AKEMI"),
        "合成データは使っていますか & 理由は？",
        addressed=True,
    )


@pytest.mark.fault(39)
def test_a_mention_and_its_message_are_the_same_question() -> None:
    mention = received(slack("app_mention"))
    assert received(slack("message_with_mention")) == mention


def test_a_message_without_a_mention_is_overheard_with_names_and_addresses_of_links() -> None:
    question = received(slack("message_in_channel"))
    assert isinstance(question, Question)
    assert (question.addressed, question.text) == (
        False,
        "#雑談 の 資料（https://example.jp/a?b=1） はどこですか",
    )


@pytest.mark.fault(99)
@pytest.mark.parametrize(
    ("call", "heard"),
    [
        ("<@U0KENJI> さん、", False),
        ("<@W0KENJI|健二> ", False),
        ("<!subteam^S0STAFF|@staff> ", False),
        ("<!subteam^S0STAFF> ", False),
        ("<!channel> ", True),
        ("<!everyone> ", True),
        ("<@U0AKEMI> です。", True),
        ("`<@U0KENJI>` と書くと、", True),
    ],
)
def test_what_calls_other_people_is_theirs(call: str, heard: bool) -> None:
    """A group is other people too; everybody, oneself, and a mention in code are not."""
    body = slack("message_in_channel")
    body["event"]["text"] = f"{call}締め切りはいつですか"
    assert heard is isinstance(received(body), Question)


@pytest.mark.fault(99)
def test_who_calls_the_bot_beside_others_asks_the_bot() -> None:
    body = slack("message_in_channel")
    body["event"]["text"] = "<@U0FAQBOT> <@U0KENJI> さんの質問: 締め切りはいつですか"
    question = received(body)
    assert isinstance(question, Question)
    assert question.addressed


@pytest.mark.fault(112)
@pytest.mark.parametrize("name", ["app_mention", "message_with_mention"])
@pytest.mark.parametrize(
    ("text", "addressed"),
    [
        ("書き方は `<@U0FAQBOT> 受付時間は？` のとおりです", False),
        ("```\n<@U0FAQBOT|faq> 受付時間は？\n```\nと書いてください", False),
        ("`@faq` ではなく <@U0FAQBOT> 受付時間は？", True),
        ("`<@U0FAQBOT>` でもよいですか <@U0FAQBOT>", True),
        ("``` を閉じずに <@U0FAQBOT> 受付時間は？", True),
        ("<@U0FAQBOTTLE> さん、受付時間は？ <@U0FAQBOT>", True),
    ],
)
def test_a_mention_within_code_calls_nobody(name: str, text: str, addressed: bool) -> None:
    body = slack(name)
    body["event"]["text"] = text
    question = received(body)
    assert isinstance(question, Question)
    assert question.addressed is addressed


@pytest.mark.fault(99)
def test_who_calls_somebody_whose_id_begins_like_the_bots_asks_them() -> None:
    body = slack("message_in_channel")
    body["event"]["text"] = "<@U0FAQBOTTLE> さん、受付時間は？"
    assert received(body) is None


def test_a_question_in_a_thread_stays_in_that_thread() -> None:
    question = received(slack("message_in_thread"))
    assert isinstance(question, Question)
    assert question.ref == MessageRef(THREAD, "1763980020.000300")


def test_a_direct_message_is_addressed_and_answered_without_a_thread() -> None:
    question = received(slack("message_im"))
    assert isinstance(question, Question)
    place = Place("slack", "T0EVENT", "D0AKEMI")
    assert (question.addressed, question.ref.place) == (True, place)


@pytest.mark.fault(49)
@pytest.mark.parametrize("name", ["message_thread_broadcast", "message_file_share"])
def test_a_broadcast_reply_and_a_comment_on_a_file_are_questions(name: str) -> None:
    question = received(slack(name))
    assert isinstance(question, Question)
    assert question.addressed


@pytest.mark.fault(49)
@pytest.mark.parametrize(
    "name",
    [
        "message_from_own_bot",
        "message_from_webhook",
        "message_from_slackbot",
        "message_channel_join",
        "message_changed_unfurl",
        "member_joined_channel",
        "app_home_opened",
    ],
)
def test_what_no_person_asked_is_not_for_the_desk(name: str) -> None:
    assert received(slack(name)) is None


def test_a_button_of_the_home_tab_belongs_to_no_ask() -> None:
    press = received(slack("block_actions_home"))
    assert isinstance(press, Press)
    assert press.action is Action.UNKNOWN


@pytest.mark.fault(48)
def test_an_edit_carries_the_new_words_of_the_same_question() -> None:
    edited = received(slack("message_changed"))
    ref = MessageRef(THREAD, "1763980000.000100")
    assert edited == Edited(ref, "評価データは使っていますか")


@pytest.mark.fault(48)
def test_a_deletion_names_the_question() -> None:
    assert received(slack("message_deleted")) == Deleted(MessageRef(THREAD, "1763980000.000100"))


@pytest.mark.fault(48)
def test_a_deleted_question_with_a_thread_leaves_a_stone_and_is_deleted_too() -> None:
    body = slack("message_changed")
    stone = {"subtype": "tombstone", "user": "USLACKBOT", "ts": "1763980000.000100",
             "thread_ts": "1763980000.000100", "text": "This message was deleted."}  # fmt: skip
    body["event"]["message"] = stone
    assert received(body) == Deleted(MessageRef(THREAD, "1763980000.000100"))


@pytest.mark.fault(54)
@pytest.mark.parametrize("lost", ["channel", "ts"])
def test_a_message_without_a_place_is_malformed(lost: str) -> None:
    body = slack("app_mention")
    del body["event"][lost]
    with pytest.raises(Malformed):
        received(body)


def test_a_command_is_a_question_that_only_its_asker_sees() -> None:
    question = received(slack("slash_command"))
    assert isinstance(question, Question)
    assert question.ref.place == Place(
        "slack",
        "T0EVENT",
        "C0GENERAL",
        private_to="U0AKEMI",
        handle="https://hooks.slack.com/commands/T0EVENT/1/abc",
    )
    assert question.text == "合成データは使っていますか"


@pytest.mark.parametrize(
    ("text", "on"),
    [("watch on", True), ("WATCH  off", False), ("watch", None), ("watch of", None)],
)
def test_the_command_switches_watching(text: str, on: bool | None) -> None:
    place, by = Place("slack", "T0EVENT", "C0GENERAL"), Person("U0AKEMI", "akemi")
    assert received(slack("slash_command") | {"text": text}) == Switch(place, by, on)


@pytest.mark.parametrize("text", ["watch on the clock?", ""])
def test_the_command_switches_nothing_when_anything_else_is_written(text: str) -> None:
    assert isinstance(received(slack("slash_command") | {"text": text}), Question)


def test_the_shortcut_asks_the_words_of_somebodys_message_for_who_chose_it() -> None:
    question = received(slack("message_action"))
    assert isinstance(question, Question)
    assert question.asker == Person("U0AKEMI", "akemi")
    assert question.text == "合成データは使って（a@example.jp）いますか"
    assert question.ref.place.thread == "1763980010.000200"
    assert question.ref.place.private_to == "U0AKEMI"


@pytest.mark.parametrize("thread", [None, "1763980000.000100"])
def test_a_private_answer_goes_into_a_thread_only_where_there_is_one(thread: str | None) -> None:
    body = slack("message_action")
    body["message"]["thread_ts"] = thread
    question = received(body)
    assert isinstance(question, Question)
    url = "https://hooks.slack.com/app/T0EVENT/1/abc"
    assert question.ref.place.handle == (f"{url}#{thread}" if thread else url)


def test_the_shortcut_is_not_taken_for_the_question_that_the_message_was() -> None:
    body = slack("message_action")
    question = received(body)
    assert isinstance(question, Question)
    assert body["message"]["ts"] not in question.ref.key


def test_a_press_carries_action_ask_and_argument() -> None:
    handle = "https://hooks.slack.com/actions/T0EVENT/1/abc#1763980000.000100"
    place = replace(THREAD, handle=handle)
    assert received(slack("block_actions")) == Press(
        "1111.2222.action",
        Action.CHOOSE,
        "01JASK",
        "1",
        Person("U0AKEMI", "akemi"),
        MessageRef(place, "1763980001.000150"),
    )


def test_a_press_on_a_private_answer_is_private_to_who_sees_it() -> None:
    press = received(slack("block_actions_ephemeral"))
    assert isinstance(press, Press)
    assert press.on.place.private_to == "U0AKEMI"


@pytest.mark.fault(53)
@pytest.mark.parametrize("action_id", ["faq:launch:0", "faq", "other:useful:0", "", "faq:useful"])
def test_an_unknown_button_is_told_as_such(action_id: str) -> None:
    body = slack("block_actions")
    body["actions"][0] |= {"action_id": action_id, "value": ""}
    press = received(body)
    assert isinstance(press, Press)
    assert press.action is Action.UNKNOWN


def test_the_form_is_confirmed_privately_where_its_button_was() -> None:
    form = received(slack("view_submission"))
    handle = "https://hooks.slack.com/actions/T0EVENT/1/abc"
    where = replace(THREAD, private_to="U0AKEMI", handle=handle)
    text = "合成データの作り方を教えてください"
    assert form == Form.of_question("V0FORM", "01JASK", text, Person("U0AKEMI", "akemi"), where)


def test_every_field_of_a_form_is_read_and_what_is_typed_goes_before_what_is_chosen() -> None:
    body = slack("view_submission")
    body["view"]["state"]["values"] = {
        "lecturer": {"choice": {"type": "static_select", "selected_option": {"value": "河原"}}},
        "lecturer:typed": {"text": {"type": "plain_text_input", "value": "新任"}},
        "talk": {"choice": {"type": "static_select", "selected_option": {"value": "評価"}}},
        "talk:typed": {"text": {"type": "plain_text_input", "value": None}},
        "links": {"text": {"type": "plain_text_input"}},
        "place": {"choice": {"type": "static_select", "selected_option": None}},
    }
    form = received(body)
    assert isinstance(form, Form)
    assert form.fields == {"lecturer": "新任", "talk": "評価", "links": "", "place": ""}


def test_blanks_typed_beside_a_choice_are_nothing_typed() -> None:
    body = slack("view_submission")
    body["view"]["state"]["values"] = {
        "talk": {"choice": {"type": "static_select", "selected_option": {"value": "評価"}}},
        "talk:typed": {"text": {"type": "plain_text_input", "value": " 　"}},
    }
    form = received(body)
    assert isinstance(form, Form)
    assert form.fields == {"talk": "評価"}


def test_a_form_of_a_kind_that_this_version_does_not_know_is_none() -> None:
    body = slack("view_submission")
    metadata = body["view"]["private_metadata"]
    body["view"]["private_metadata"] = metadata.replace('"ask"', '"kind":"newer","ask"')
    assert received(body) is None


@pytest.mark.fault(52)
def test_a_form_that_lost_where_it_came_from_is_none() -> None:
    body = slack("view_submission")
    body["view"]["private_metadata"] = "{}"
    assert received(body) is None


NAMES = [
    "app_mention", "message_changed", "slash_command", "message_action", "block_actions",
    "view_submission",
]  # fmt: skip


@pytest.mark.fault(54)
@settings(max_examples=1000, deadline=None)
@given(damaged(NAMES))
def test_any_damage_is_read_or_malformed(body: dict[str, Any]) -> None:
    with contextlib.suppress(Malformed):
        received(body)
