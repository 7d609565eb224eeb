"""The listeners, by Socket Mode and by HTTP alike: committed first, then acknowledged."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.domain.inbound import Action, Form, Press, Question
from tests.fakes.slack import FakeSlack, Said
from tests.fakes.slack_api import BOT, TEAM, Fault
from tests.platforms.slack_bench import Bench, bench
from tests.platforms.slack_desk import ENTRY

MENTION = f"<@{BOT}> 合成データは使っていますか"


@pytest.fixture(params=["socket", "http"])
async def slack(request: pytest.FixtureRequest) -> AsyncIterator[Bench]:
    async with bench(request.param) as made:
        yield made
        assert made.fake.refused == []


@pytest.mark.fault(39)
@pytest.mark.parametrize("order", ["mention first", "message first"])
async def test_a_mention_and_its_message_event_get_one_reply(slack: Bench, order: str) -> None:
    await slack.fake.says("U0AKEMI", MENTION, order=order)
    assert [item.text for item in slack.desk.items] == ["合成データは使っていますか"]


@pytest.mark.fault(38)
async def test_a_redelivered_event_is_committed_once(slack: Bench) -> None:
    said = await slack.fake.says("U0AKEMI", MENTION)
    again = {"type": "app_mention", "user": "U0AKEMI", "ts": said.ts, "text": said.text,
             "channel": said.channel, "event_ts": said.ts}  # fmt: skip
    assert (await slack.fake.event(again, event_id="Ev1")).acked
    assert (await slack.fake.event(again, event_id="Ev1")).acked
    assert len(slack.desk.items) == 1


@pytest.mark.fault(40)
async def test_what_could_not_be_saved_is_not_acknowledged_and_comes_again(
    slack: Bench,
) -> None:
    slack.desk.broken = True
    slack.fake.ack_wait = 0.2
    slack.fake.retry_waits = []
    event = {"type": "message", "channel_type": "im", "user": "U0AKEMI", "ts": "1763980000.000100",
             "text": "合成データは？", "channel": "D0AKEMI"}  # fmt: skip
    assert not (await slack.fake.event(event)).acked
    slack.desk.broken = False
    assert (await slack.fake.event(event)).acked
    assert len(slack.desk.items) == 1


@pytest.mark.fault(40)
async def test_what_is_saved_late_is_acknowledged_late_and_comes_again_for_nothing(
    slack: Bench,
) -> None:
    slack.desk.takes = 0.4
    slack.fake.ack_wait = 0.2
    slack.fake.retry_waits = []
    event = {"type": "message", "channel_type": "im", "user": "U0AKEMI", "ts": "1763980000.000100",
             "text": "合成データは？", "channel": "D0AKEMI"}  # fmt: skip
    assert not (await slack.fake.event(event)).acked
    slack.desk.takes = 0.0
    assert (await slack.fake.event(event)).acked
    await slack.fake.until(lambda: len(slack.desk.keys) == 1)
    assert len(slack.desk.items) == 1


async def test_only_watched_channels_are_overheard(slack: Bench) -> None:
    await slack.fake.says("U0AKEMI", "費用はどのくらいですか")
    slack.desk.watched.add("C0GENERAL")
    await slack.fake.says("U0AKEMI", "期間はどのくらいですか")
    (question,) = slack.desk.items
    assert isinstance(question, Question)
    assert (question.text, question.addressed) == ("期間はどのくらいですか", False)


@pytest.mark.fault(99)
async def test_what_calls_other_people_is_theirs(slack: Bench) -> None:
    slack.desk.watched.add("C0GENERAL")
    await slack.fake.says("U0AKEMI", "<@U0KENTA> 期間はどのくらいですか")
    await slack.fake.says("U0AKEMI", "<!subteam^S0STAFF|@staff> 期間はどのくらいですか")
    await slack.fake.says("U0AKEMI", "<!channel> 期間はどのくらいですか")
    assert ["期間はどのくらいですか"] == [item.text for item in slack.desk.items]


async def test_a_question_in_a_members_thread_is_heard_like_any(slack: Bench) -> None:
    slack.desk.watched.add("C0GENERAL")
    said = await slack.fake.says("U0KENTA", "今日の資料を置きました")
    slack.desk.items.clear()
    await slack.fake.says("U0AKEMI", "期間はどのくらいですか", thread=said.ts)
    assert ["期間はどのくらいですか"] == [item.text for item in slack.desk.items]


async def test_what_is_said_in_the_thread_of_a_reply_reaches_the_desk(slack: Bench) -> None:
    """Whether it goes on with the question, the desk decides; what calls others is theirs."""
    said = await slack.fake.says("U0KENTA", "今日の資料を置きました")
    slack.desk.threads.add(said.ts)
    await slack.fake.says("U0AKEMI", "<@U0KENTA> 期間は？", thread=said.ts)
    await slack.fake.says("U0AKEMI", "費用はどのくらいですか", thread=said.ts)
    await slack.fake.says("U0AKEMI", "期間はどのくらいですか")
    (question,) = slack.desk.items
    assert isinstance(question, Question)
    assert (question.text, question.addressed) == ("費用はどのくらいですか", False)


@pytest.mark.fault(48)
async def test_edits_and_deletions_reach_the_desk(slack: Bench) -> None:
    said = await slack.fake.says("U0AKEMI", MENTION)
    assert (await slack.fake.edits(said, f"<@{BOT}> 評価データは？")).acked
    assert (await slack.fake.deletes(said)).acked
    key = f"slack:{TEAM}:C0GENERAL:{said.ts}"
    assert slack.desk.edits == [(key, "評価データは？")]
    assert slack.desk.deletions == [key]


@pytest.mark.fault(94)
async def test_the_desk_is_told_where_the_bot_is_let_in(slack: Bench) -> None:
    assert (await slack.fake.joins("U0AKEMI", "C0GENERAL")).acked
    assert (await slack.fake.joins(BOT, "C0ORGANISERS")).acked
    assert slack.desk.reached == [("slack", "C0ORGANISERS")]


@pytest.mark.fault(45)
async def test_an_event_that_nobody_listens_to_is_acknowledged_at_once(
    slack: Bench,
) -> None:
    delivered = await slack.fake.event({"type": "reaction_added", "user": "U0AKEMI"})
    assert (delivered.acked, delivered.attempts) == (True, 1)


@pytest.mark.fault(49)
async def test_bots_are_not_answered(slack: Bench) -> None:
    await slack.fake.says("U0OTHERBOT", MENTION, bot_id="B0OTHER")
    await slack.fake.says("U0OTHERBOT", MENTION, bot_id="B0OTHER", subtype="bot_message")
    await slack.fake.says(BOT, MENTION, bot_id="B0FAQBOT")
    assert slack.desk.items == []


async def test_the_command_asks_privately_and_without_words_for_help(slack: Bench) -> None:
    for text in ("合成データは？", ""):
        delivered = await slack.fake.commands("U0AKEMI", text)
        assert (delivered.acked, delivered.response.get("text", "")) == (True, "")
    asked = [(item.text, item.ref.place.private_to) for item in slack.desk.items]  # type: ignore[union-attr]
    assert asked == [("合成データは？", "U0AKEMI"), ("", "U0AKEMI")]


@pytest.mark.fault(40)
@pytest.mark.parametrize("deed", ["command", "press", "shortcut"])
async def test_what_could_not_be_saved_and_does_not_come_again_says_so(
    slack: Bench, deed: str
) -> None:
    fake, answer = slack.fake, _answer(slack.fake)
    slack.desk.broken = True
    match deed:
        case "command":
            await fake.commands("U0AKEMI", "合成データは？")
        case "press":
            await fake.presses("U0AKEMI", answer, "違う")
        case _:
            await fake.uses_shortcut("U0AKEMI", answer)
    (told,) = fake.private("U0AKEMI")
    assert told.text == slack.desk.say("error.not_saved")


@pytest.mark.fault(89)
@pytest.mark.parametrize(
    ("who", "key"),
    [("U0ADMIN", "watch.on"), ("U0CREATOR", "watch.on"), ("U0AKEMI", "watch.not_allowed")],
)
async def test_who_manages_the_channel_switches_watching(slack: Bench, who: str, key: str) -> None:
    slack.fake.admins.add("U0ADMIN")
    await slack.fake.commands(who, "watch on")
    (told,) = slack.fake.private(who)
    assert told.words == slack.desk.say(key)
    assert slack.desk.watched == ({"C0GENERAL"} if key == "watch.on" else set())


async def test_watching_without_on_or_off_says_what_to_write(slack: Bench) -> None:
    await slack.fake.commands("U0AKEMI", "watch")
    assert slack.fake.private("U0AKEMI")[0].words == slack.desk.say("watch.usage")


async def test_a_press_is_acknowledged_once_it_is_committed(slack: Bench) -> None:
    """Slack would not send it again."""
    slack.desk.takes = 0.2
    assert (await slack.fake.presses("U0AKEMI", _answer(slack.fake), "違う")).acked
    (press,) = slack.desk.items
    assert isinstance(press, Press)
    assert (press.action, press.about, press.argument) == (Action.WRONG, "01JASK", "0")


@pytest.mark.fault(53)
@pytest.mark.parametrize("action_id", ["faq:launch:0", "other", "faq:useful"])
async def test_an_unknown_button_is_politely_explained(slack: Bench, action_id: str) -> None:
    answer = _answer(slack.fake)
    change = {"action_id": action_id, "value": "" if action_id == "faq:useful" else "x"}
    delivered = await slack.fake.presses("U0AKEMI", answer, "違う", **change)
    assert delivered.acked
    told = slack.fake.private("U0AKEMI")[-1]
    assert told.text == slack.desk.say("error.unknown_button")
    assert slack.desk.items == []


async def test_the_form_opens_with_the_question_and_is_committed_once(slack: Bench) -> None:
    answer = _answer(slack.fake)
    assert (await slack.fake.presses("U0AKEMI", answer, "講師に聞く")).acked
    (view,) = slack.fake.views
    assert view["blocks"][0]["element"]["initial_value"] == "合成データは使っていますか"
    for _ in range(2):
        assert (await slack.fake.submits("U0AKEMI", view, "作り方を教えてください")).acked
    (form,) = slack.desk.items
    assert isinstance(form, Form)
    assert (form.about, form.text) == ("01JASK", "作り方を教えてください")
    assert (form.where.thread, form.where.private_to) == (answer.thread, "U0AKEMI")


@pytest.mark.fault(52)
@pytest.mark.parametrize("text", ["", "  ", None, " \u3000\u200b"])
async def test_an_empty_form_stays_open_with_an_error_at_its_field(
    slack: Bench, text: str | None
) -> None:
    await slack.fake.presses("U0AKEMI", _answer(slack.fake), "講師に聞く")
    delivered = await slack.fake.submits("U0AKEMI", slack.fake.views[0], text)
    assert delivered.response == {
        "response_action": "errors",
        "errors": {"question": slack.desk.say("escalation.empty")},
    }


@pytest.mark.fault(52)
async def test_a_form_that_cannot_be_saved_stays_open_with_what_was_typed(
    slack: Bench,
) -> None:
    await slack.fake.presses("U0AKEMI", _answer(slack.fake), "講師に聞く")
    slack.desk.broken = True
    delivered = await slack.fake.submits("U0AKEMI", slack.fake.views[0], "質問")
    assert delivered.response["errors"] == {"question": slack.desk.say("error.not_saved")}


@pytest.mark.fault(52)
async def test_a_form_that_slack_does_not_open_is_explained(slack: Bench) -> None:
    slack.fake.fail("views.open", Fault(error="expired_trigger_id"))
    await slack.fake.presses("U0AKEMI", _answer(slack.fake), "講師に聞く")
    assert slack.fake.private("U0AKEMI")[-1].text == slack.desk.say("error.not_opened")


@pytest.mark.fault(52)
async def test_a_form_whose_question_cannot_be_read_opens_empty(slack: Bench) -> None:
    slack.desk.broken = True
    await slack.fake.presses("U0AKEMI", _answer(slack.fake), "講師に聞く")
    assert "initial_value" not in slack.fake.views[0]["blocks"][0]["element"]


@pytest.mark.parametrize("method", ["users.info", "conversations.info"])
async def test_a_switch_that_slack_does_not_help_with_changes_nothing(
    slack: Bench, method: str
) -> None:
    slack.fake.fail(method, Fault(status=503))
    await slack.fake.commands("U0AKEMI", "watch on")
    assert slack.fake.private("U0AKEMI")[0].words == slack.desk.say("watch.unclear")
    assert slack.desk.watched == set()


@pytest.mark.fault(98)
@pytest.mark.parametrize("who", ["U0ADMIN", "U0CREATOR", "U0AKEMI"])
@pytest.mark.parametrize("trouble", ["outside", "archived", "channel_not_found", "missing_scope"])
async def test_watching_is_refused_where_no_event_will_come(
    slack: Bench, who: str, trouble: str
) -> None:
    """The bot wasn't invited; of a private channel and of a direct message it isn't even told."""
    slack.fake.admins.add("U0ADMIN")
    if trouble in ("outside", "archived"):
        getattr(slack.fake, trouble).add("C0GENERAL")
    else:
        slack.fake.fail("conversations.info", Fault(error=trouble))
    await slack.fake.commands(who, "watch on")
    told = slack.fake.private(who)[0].words
    assert (told, slack.desk.watched) == (slack.desk.say("watch.not_a_member"), set())


@pytest.mark.fault(98)
async def test_watching_ends_where_the_bot_was_thrown_out(slack: Bench) -> None:
    slack.fake.outside.add("C0GENERAL")
    slack.desk.watched.add("C0GENERAL")
    await slack.fake.commands("U0CREATOR", "watch off")
    assert slack.desk.watched == set()


async def test_a_home_tab_that_slack_does_not_take_is_acknowledged_all_the_same(
    slack: Bench,
) -> None:
    slack.fake.fail("views.publish", Fault(status=503))
    assert (await slack.fake.opens_home("U0AKEMI")).acked


@pytest.mark.fault(52)
async def test_a_form_of_an_older_version_says_that_it_is_over(slack: Bench) -> None:
    view = {"callback_id": "faq:form", "type": "modal", "id": "V1", "private_metadata": "old"}
    delivered = await slack.fake.submits("U0AKEMI", view, "質問")
    assert delivered.response["errors"] == {"question": slack.desk.say("error.unknown_button")}


async def test_a_modal_that_nobody_knows_is_closed(slack: Bench) -> None:
    view = {"callback_id": "other", "type": "modal", "id": "V1", "private_metadata": ""}
    assert (await slack.fake.submits("U0AKEMI", view, "質問")).acked


async def test_the_home_tab_lists_questions_and_opens_an_entry(slack: Bench) -> None:
    assert (await slack.fake.opens_home("U0AKEMI")).acked
    assert "合成データは使っていますか" in str(slack.fake.homes["U0AKEMI"])
    await slack.fake.presses_at_home("U0AKEMI", "home:open")
    assert "はい、使いました。" in str(slack.fake.views[0])
    assert "河原 先生" in str(slack.fake.views[0])


async def test_an_entry_that_is_gone_says_so(slack: Bench) -> None:
    await slack.fake.opens_home("U0AKEMI")
    await slack.fake.presses_at_home("U0AKEMI", "home:open", "no-such-entry")
    assert slack.desk.say("answer.gone") in str(slack.fake.views[0])


async def test_the_home_tab_turns_its_pages(slack: Bench) -> None:
    slack.desk.entries = tuple(replace(ENTRY, id=str(number)) for number in range(60))
    await slack.fake.opens_home("U0AKEMI")
    first = slack.fake.homes["U0AKEMI"]
    await slack.fake.presses_at_home("U0AKEMI", "home:page:next")
    assert slack.fake.homes["U0AKEMI"] != first
    await slack.fake.presses_at_home("U0AKEMI", "home:page:previous")
    assert slack.fake.homes["U0AKEMI"] == first


async def test_the_messages_tab_is_left_alone(slack: Bench) -> None:
    assert (await slack.fake.opens_home("U0AKEMI", tab="messages")).acked
    assert slack.fake.homes == {}


@pytest.mark.fault(44)
async def test_a_question_is_kept_while_the_token_is_revoked(slack: Bench) -> None:
    slack.fake.revoked = True
    await slack.fake.says("U0AKEMI", MENTION)
    assert len(slack.desk.items) == 1
    await slack.fake.until(lambda: slack.desk.ok("slack_api") is False)
    assert "SLACK_BOT_TOKEN (token_revoked)" in slack.desk.problem("slack_api")
    slack.fake.revoked = False
    await slack.fake.until(lambda: slack.desk.ok("slack_api"))


@pytest.mark.fault(44)
async def test_a_missing_scope_is_named(slack: Bench) -> None:
    slack.fake.scopes = slack.fake.scopes.replace(",chat:write", "")
    await slack.fake.until(lambda: slack.desk.ok("slack_api") is False)
    assert "needs the scope chat:write" in slack.desk.problem("slack_api")


def _answer(fake: FakeSlack) -> Said:
    """Return an answer with its buttons, as the bot posts it."""
    buttons = [
        {"type": "button", "text": {"type": "plain_text", "text": label}, "action_id": action,
         "value": "01JASK:0"}
        for label, action in (("違う", "faq:wrong:1"), ("講師に聞く", "faq:lecturer:0"))
    ]  # fmt: skip
    blocks = [{"type": "actions", "elements": buttons}]
    thread = "1763980000.000100"
    return fake.add(Said(fake.ts(), "C0GENERAL", BOT, "回答", thread, blocks))
