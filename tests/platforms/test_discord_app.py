"""The listeners: committed first, or answered at once and committed right after."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from adapters.discord import listeners
from bot.domain.entry import Entry
from bot.domain.inbound import Action, Form, Press, Question
from tests.fakes.discord_state import (
    APP,
    BOT,
    BOT_ROLE,
    ELSEWHERE,
    FORUM,
    GENERAL,
    GUILD,
    OTHER_GUILD,
    WATCHED,
    Channel,
    Fault,
    Post,
    snowflake,
)
from tests.platforms.discord_bench import Bench, bench

HANDLE = f"awaited:{APP}:interaction-token-1:合成データは？"


@pytest.fixture
async def discord() -> AsyncIterator[Bench]:
    async with bench(watched=(WATCHED, FORUM)) as made:
        yield made
        assert made.fake.world.refused == []


async def test_a_mention_is_committed_without_its_markup_and_replied_to(discord: Bench) -> None:
    said = await discord.fake.says("明美", "<@!1000000000000000001> <#3>合成データは？<:a:12>")
    await discord.settle()
    (question,) = _questions(discord)
    assert (question.text, question.addressed) == ("合成データは？", True)
    place = question.ref.place
    assert (place.workspace, place.channel, place.thread) == (GUILD, GENERAL, said.id)
    assert (place.handle, question.ref.message) == (f"reply:{said.id}", said.id)
    assert question.asker.name == "明美"


async def test_a_mention_of_the_bots_role_is_for_the_bot(discord: Bench) -> None:
    await discord.fake.says("明美", f"<@&{BOT_ROLE}> 合成データは？")
    await discord.settle()
    assert [each.addressed for each in _questions(discord)] == [True]


async def test_thanks_that_reply_to_the_bot_are_not_a_question(discord: Bench) -> None:
    await discord.fake.says("明美", "ありがとうございます", reply_to=snowflake())
    await discord.settle()
    assert discord.desk.items == []


async def test_only_watched_channels_are_overheard(discord: Bench) -> None:
    await discord.fake.says("明美", "費用はどのくらいですか")
    said = await discord.fake.says("明美", "期間はどのくらいですか", WATCHED)
    await discord.settle()
    (question,) = _questions(discord)
    assert (question.text, question.addressed) == ("期間はどのくらいですか", False)
    assert question.ref.place.thread == said.id
    assert question.ref.place.handle == f"thread:{said.id}"


async def test_a_mention_in_a_watched_channel_is_replied_to_like_any(discord: Bench) -> None:
    said = await discord.fake.says("明美", "@FAQ 期間は？", WATCHED)
    await discord.settle()
    (question,) = _questions(discord)
    assert (question.addressed, question.ref.place.handle) == (True, f"reply:{said.id}")


async def test_in_a_thread_of_a_watched_channel_the_reply_stays_there(discord: Bench) -> None:
    thread = Channel(snowflake(), 11, "t", parent=WATCHED)
    discord.fake.world.channels[thread.id] = thread
    said = await discord.fake.says("明美", "期間はどのくらいですか", thread.id)
    await discord.settle()
    (question,) = _questions(discord)
    place = question.ref.place
    assert (place.channel, place.thread, place.handle) == (WATCHED, thread.id, f"within:{said.id}")


async def test_a_direct_message_is_a_question(discord: Bench) -> None:
    channel = discord.fake.world.direct(discord.fake.person("明美"))
    await discord.fake.says("明美", "合成データは？", channel.id)
    await discord.settle()
    (question,) = _questions(discord)
    place = question.ref.place
    assert (place.workspace, place.channel, place.thread) == ("", channel.id, None)
    assert (question.addressed, place.private_to) == (True, None)


@pytest.mark.fault(67)
@pytest.mark.parametrize("order", ["thread first", "message first", "message unseen"])
async def test_a_forum_post_is_one_question_of_title_and_text(discord: Bench, order: str) -> None:
    post = await discord.fake.opens_post("明美", "合成データについて", "使いましたか？", order)
    await discord.fake.until(lambda: discord.desk.items)
    await discord.settle()
    (question,) = _questions(discord)
    assert question.text == "合成データについて\n使いましたか？"
    place = question.ref.place
    assert (place.channel, place.thread, question.addressed) == (FORUM, post.id, False)
    assert place.handle == f"within:{post.id}"


@pytest.mark.fault(67)
async def test_a_post_with_only_a_picture_is_asked_by_its_title(discord: Bench) -> None:
    await discord.fake.opens_post("明美", "合成データは使いましたか", "")
    await discord.settle()
    assert [each.text for each in _questions(discord)] == ["合成データは使いましたか"]


async def test_a_post_in_a_forum_that_nobody_watches_is_left_alone(discord: Bench) -> None:
    discord.desk.watched.discard(FORUM)
    await discord.fake.opens_post("明美", "合成データは使いましたか", "教えてください")
    await discord.settle()
    assert discord.desk.items == []


@pytest.mark.fault(69)
@pytest.mark.parametrize(
    "values",
    [{"is_bot": True}, {"webhook": snowflake()}, {"type": 7}, {"author": BOT, "is_bot": True}],
    ids=["other bot", "webhook", "system message", "own message"],
)
async def test_what_no_person_wrote_is_ignored(discord: Bench, values: dict[str, object]) -> None:
    await discord.fake.says("係", "@FAQ 合成データは？", **values)
    await discord.fake.says("係", "合成データは？", WATCHED, **values)
    await discord.settle()
    assert discord.desk.items == []


@pytest.mark.fault(69)
async def test_a_server_that_is_not_served_is_ignored_or_told_once() -> None:
    async with bench(guilds=(OTHER_GUILD,)) as other:
        await other.fake.says("明美", "@FAQ 合成データは？")
        sent = await other.fake.commands("明美", "合成データは？")
        await other.fake.until(lambda: sent.answered)
        await other.fake.says("明美", "@FAQ 期間は？", ELSEWHERE)
        await other.fake.until(lambda: other.desk.items)
        assert [each.text for each in _questions(other)] == ["期間は？"]
        (told,) = other.fake.private("明美")
        assert told.words == other.desk.say("error.not_here")


@pytest.mark.fault(61)
async def test_a_repeated_event_is_committed_once(discord: Bench) -> None:
    said = await discord.fake.says("明美", "@FAQ 合成データは？")
    await discord.fake.deliver(said)
    await discord.settle()
    assert len(discord.desk.items) == 1


async def test_an_edit_and_a_deletion_reach_the_desk_under_the_questions_key(
    discord: Bench,
) -> None:
    said = await discord.fake.says("明美", "@FAQ 合成データは？")
    await discord.settle()
    await discord.fake.deliver(said, "MESSAGE_UPDATE")  # a preview was added: nothing new
    await discord.fake.edits(said, "@FAQ 評価データは？")
    await discord.fake.deletes(said)
    await discord.settle()
    key = _questions(discord)[0].ref.key
    assert discord.desk.edits == [(key, "評価データは？")]
    assert discord.desk.deletions == [key]


@pytest.mark.fault(40)
async def test_a_mention_that_could_not_be_saved_is_told_so(
    discord: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listeners, "TRIES", 0)
    discord.desk.broken = True
    said = await discord.fake.says("明美", "@FAQ 合成データは？")
    await discord.settle()
    (told,) = discord.fake.replies()
    assert (told.words, told.reply_to) == (discord.desk.say("error.not_saved"), said.id)


async def test_a_command_is_promised_an_answer_and_then_committed(discord: Bench) -> None:
    sent = await discord.fake.commands("明美", "合成データは？")
    await discord.settle()
    (question,) = _questions(discord)
    place = question.ref.place
    assert (sent.answered, sent.ephemeral) == (5, False)
    assert (question.text, place.handle, place.private_to) == ("合成データは？", HANDLE, None)
    assert question.ref.message == f"command-{sent.id}"


@pytest.mark.fault(59)
async def test_a_command_that_is_delivered_twice_is_committed_once(
    discord: Bench,
) -> None:
    await discord.fake.commands("明美", "合成データは？")
    await discord.settle()
    session = next(reversed(discord.fake.gateway.sessions.values()))
    again = next(each for each in session.events if each["t"] == "INTERACTION_CREATE")
    await discord.fake.gateway.dispatch("INTERACTION_CREATE", again["d"])
    await discord.settle()
    assert len(discord.desk.items) == 1


async def test_a_private_command_is_the_askers_alone(discord: Bench) -> None:
    sent = await discord.fake.commands("明美", "合成データは？", private=True)
    await discord.settle()
    (question,) = _questions(discord)
    assert sent.ephemeral
    assert question.ref.place.private_to == discord.fake.person("明美")


async def test_a_completion_offers_questions_and_the_chosen_one_is_that_entry(
    discord: Bench,
) -> None:
    (choice,) = await discord.fake.types("明美", "合成")
    assert choice["name"] == "合成データは使っていますか"
    await discord.fake.commands("明美", choice["value"])
    await discord.fake.commands("健太", "entry:ない項目")
    await discord.settle()
    chosen, forged = _questions(discord)
    assert (chosen.entry, chosen.text) == ("kawahara-1", "合成データは使っていますか")
    assert (forged.entry, forged.text) == (None, "entry:ない項目")


async def test_a_completion_fits_discords_limits(discord: Bench) -> None:
    entries = tuple(Entry(f"e{n}", "河原", "", "質問" * 60 + str(n), "はい") for n in range(40))
    entries += (Entry("x" * 120, "河原", "", "質問", "はい"),)
    discord.desk.entries = entries[:10] + entries[-1:] + entries[10:-1]
    offered = await discord.fake.types("明美", "質問")
    assert len(offered) == 24
    assert all(len(each["name"]) <= 100 and len(each["value"]) <= 100 for each in offered)


@pytest.mark.fault(40)
async def test_a_command_that_could_not_be_saved_says_so(
    discord: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listeners, "TRIES", 0)
    discord.desk.broken = True
    await discord.fake.commands("明美", "合成データは？")
    await discord.settle()
    (told,) = discord.fake.replies()
    assert told.words == discord.desk.say("error.not_saved")


@pytest.mark.fault(59)
async def test_a_command_is_committed_also_where_it_may_be_too_late_for_the_promise(
    discord: Bench,
) -> None:
    await discord.fake.commands("明美", "合成データは？", expired=True)
    await discord.settle()
    (question,) = _questions(discord)
    assert (question.ref.place.handle, question.ref.place.channel) == (HANDLE, GENERAL)


async def test_the_command_on_a_message_asks_its_words_for_who_chose_it(discord: Bench) -> None:
    said = await discord.fake.says("健太", "合成データは？")
    sent = await discord.fake.chooses_on("明美", said)
    await discord.settle()
    (question,) = _questions(discord)
    assert (question.text, sent.ephemeral) == ("合成データは？", True)
    assert question.asker.id == discord.fake.person("明美")


async def test_a_press_is_committed_with_its_ask(discord: Bench) -> None:
    sent = await discord.fake.presses("明美", _answer(discord), "違う")
    await discord.settle()
    (press,) = discord.desk.items
    assert isinstance(press, Press)
    assert (press.action, press.about, press.argument) == (Action.WRONG, "01JASK", "0")
    assert (sent.answered, press.on.place.private_to) == (6, None)


@pytest.mark.fault(65)
@pytest.mark.parametrize("custom_id", ["faq:launch:01JASK:", "other", "faq:useful", "faq::"])
async def test_an_unknown_button_is_politely_explained(discord: Bench, custom_id: str) -> None:
    await discord.fake.presses("明美", _answer(discord), "", custom_id=custom_id)
    await discord.settle()
    assert discord.fake.private("明美")[-1].words == discord.desk.say("error.unknown_button")
    assert discord.desk.items == []


async def test_the_form_opens_with_the_question_and_is_committed(discord: Bench) -> None:
    opened = await discord.fake.presses("明美", _answer(discord), "講師に聞く")
    await discord.settle()
    label = opened.data["components"][0]
    assert (opened.answered, opened.data["custom_id"]) == (9, "faq:form:01JASK")
    assert label["component"]["value"] == "合成データは使っていますか"
    assert label["description"] == discord.desk.say("escalation.hint")
    await discord.fake.submits("明美", opened, "作り方を教えてください")
    await discord.settle()
    (form,) = discord.desk.items
    assert isinstance(form, Form)
    assert (form.about, form.text) == ("01JASK", "作り方を教えてください")
    assert form.where.private_to == discord.fake.person("明美")


async def test_the_form_opens_empty_when_the_store_does_not_answer(discord: Bench) -> None:
    discord.desk.broken = True
    opened = await discord.fake.presses("明美", _answer(discord), "講師に聞く")
    await discord.settle()
    assert "value" not in opened.data["components"][0]["component"]


@pytest.mark.fault(52)
async def test_what_was_typed_into_a_form_is_not_lost(discord: Bench) -> None:
    opened = await discord.fake.presses("明美", _answer(discord), "講師に聞く")
    await discord.settle()
    discord.desk.broken = True
    await discord.fake.submits("明美", opened, "作り方を*教えて*ください")
    await discord.settle()
    told = discord.fake.private("明美")[-1].words
    assert discord.desk.say("error.not_saved") in told
    assert "作り方を*教えて*ください" in told


@pytest.mark.fault(52)
@pytest.mark.parametrize(
    ("custom_id", "text", "key"),
    [("faq:form:01JASK", "　", "escalation.empty"), ("old:form", "質問", "error.unknown_button")],
)
async def test_an_empty_or_unknown_form_is_explained(
    discord: Bench, custom_id: str, text: str, key: str
) -> None:
    opened = await discord.fake.presses("明美", _answer(discord), "講師に聞く")
    await discord.settle()
    await discord.fake.submits("明美", opened, text, custom_id=custom_id)
    await discord.settle()
    assert discord.fake.private("明美")[-1].words == discord.desk.say(key)
    assert discord.desk.items == []


async def test_the_list_shows_questions_turns_pages_and_opens_an_entry(discord: Bench) -> None:
    (known,) = discord.desk.entries
    discord.desk.entries = (known, *(replace(known, id=f"e{number}") for number in range(59)))
    await discord.fake.commands("明美", "", name="faq-list")
    await discord.settle()
    (listed,) = discord.fake.private("明美")
    first = listed.words
    assert "合成データは使っていますか" in first
    assert "河原 先生" in first
    await discord.fake.presses("明美", listed, discord.desk.say("home.next"))
    await discord.settle()
    assert discord.desk.say("home.previous") in listed.buttons
    await discord.fake.selects("明美", listed, "faq-list:open", "kawahara-1")
    await discord.fake.selects("明美", listed, "faq-list:open", "gone")
    await discord.settle()
    opened, gone = discord.fake.private("明美")[1:]
    assert "はい、使いました。" in opened.words
    assert gone.words == discord.desk.say("answer.gone")


@pytest.mark.fault(89)
@pytest.mark.parametrize(("manages", "key"), [(True, "watch.on"), (False, "watch.not_allowed")])
async def test_who_manages_the_channel_switches_watching(
    discord: Bench, manages: bool, key: str
) -> None:
    data = {"id": "1", "name": "faq-watch", "type": 1,
            "options": [{"name": "switch", "type": 3, "value": "on"}]}  # fmt: skip
    await discord.fake.interacts("明美", 2, data, manages=manages)
    await discord.settle()
    (told,) = discord.fake.private("明美")
    assert told.words == discord.desk.say(key)
    assert (GENERAL in discord.desk.watched) is manages


@pytest.mark.fault(64)
async def test_a_failure_is_answered_with_an_id_that_is_in_the_log(
    discord: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    malformed = {"id": "1", "type": 1}  # Discord wouldn't leave the name out
    await discord.fake.interacts("明美", 2, malformed)
    await discord.settle()
    discord.fake.api.fail("callback", Fault(400, 50035))
    await discord.fake.commands("明美", "", name="faq-list")
    await discord.settle()
    logged = [vars(record).get("values", {}).get("id") for record in caplog.records]
    for told in discord.fake.private("明美"):
        id_ = told.words[told.words.index("(") + 1 : -1]
        assert told.words == f"{discord.desk.say('error.failed')} ({id_})"
        assert id_ in logged
    assert len(discord.fake.private("明美")) == 2


def _questions(discord: Bench) -> list[Question]:
    assert all(isinstance(each, Question) for each in discord.desk.items)
    return [each for each in discord.desk.items if isinstance(each, Question)]


def _answer(discord: Bench) -> Post:
    """Let an answer with buttons stand in the channel."""
    ids = {"違う": "faq:wrong:01JASK:0", "講師に聞く": "faq:lecturer:01JASK:"}
    row = [{"type": 2, "style": 2, "label": k, "custom_id": v} for k, v in ids.items()]
    post = Post(snowflake(), GENERAL, BOT, "回答", components=[{"type": 1, "components": row}],
                is_bot=True)  # fmt: skip
    return discord.fake.world.add(post)
