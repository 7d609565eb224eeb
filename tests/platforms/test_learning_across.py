"""The learning loop in one process with Slack and Discord: organisers on one, askers on either."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.desk.desk import Desk
from tests.fakes import discord_state
from tests.fakes.discord import FakeDiscord
from tests.fakes.slack import FakeSlack
from tests.fakes.waiting import until
from tests.platforms import slack_driver
from tests.platforms.chat import Chat, a_desk, cancel, whispered
from tests.platforms.conformance_learning import (
    ANSWER,
    QUESTION,
    RATING,
    SENT,
    TOLD,
    answers,
    asked,
    newest,
    public,
    question_card,
    shows,
)
from tests.platforms.discord_driver import DiscordChat
from tests.platforms.slack_driver import SlackChat

CHANNELS = {"slack": slack_driver.ORGANISERS, "discord": discord_state.ORGANISERS}
BOTH_WAYS = pytest.mark.parametrize(
    ("asks", "organises"), [("slack", "discord"), ("discord", "slack")]
)


@dataclass
class Both:
    """Both platforms on one desk, by their drivers, and where each is served."""

    chats: dict[str, Chat]
    desk: Desk

    async def quiet(self) -> None:
        """Wait until both platforms have nothing under way."""
        for each in self.chats.values():
            await each.sees()


@asynccontextmanager
async def both(folder: Path, *organisers: str) -> AsyncIterator[Both]:
    """Serve both; the organisers' channel is on the named platforms."""
    url = f"sqlite:///{folder / 'faqbot.db'}"
    channels = {name: CHANNELS[name] for name in organisers}
    async with (
        FakeSlack() as slack_fake,
        FakeDiscord() as discord_fake,
        a_desk(url, organisers=channels) as desk,
    ):
        slack, discord = SlackChat(slack_fake, folder), DiscordChat(folder, discord_fake)
        platforms = {
            "slack": await slack.serves(desk, channels.get("slack")),
            "discord": await discord.serves(desk, channels.get("discord")),
        }
        running = asyncio.create_task(desk.run(platforms))
        try:
            yield Both({"slack": slack, "discord": discord}, desk)
        finally:
            await cancel(running)
            await discord.stop()
            await slack.stop()
            assert discord_fake.world.refused == []


@BOTH_WAYS
async def test_the_whole_loop_crosses_from_one_platform_to_the_other(
    tmp_path: Path, asks: str, organises: str
) -> None:
    async with both(tmp_path, organises) as there:
        members, lecturers = there.chats[asks], there.chats[organises]
        thread = await asked(members)
        card = await question_card(lecturers)
        assert shows(card, QUESTION, f"{asks.capitalize()} の 明美 さんから", "http")
        assert ("明美", SENT) in whispered(await members.sees())
        await answers(lecturers)
        assert shows(await newest(lecturers), ANSWER)
        await lecturers.organiser_presses("運営", "公開する")
        await there.quiet()
        told = (await members.sees())[-1]
        assert (thread, "明美", RATING) == (told.thread, told.pinged, told.buttons)
        assert shows(told, TOLD, ANSWER)
        assert "公開済み（運営 さん）" in (await question_card(lecturers)).text
        for chat in there.chats.values():
            await chat.says("健太", QUESTION)
            again = (await chat.sees())[-1]
            assert (again.pinged, shows(again, ANSWER)) == (None, True)


@BOTH_WAYS
async def test_a_reply_below_a_card_answers_who_asked_on_the_other_platform_in_private(
    tmp_path: Path, asks: str, organises: str
) -> None:
    async with both(tmp_path, organises) as there:
        members, lecturers = there.chats[asks], there.chats[organises]
        await members.commands("明美", QUESTION)
        await members.sees()
        await members.submits("明美")
        assert "非公開の質問" in (await question_card(lecturers)).text
        await lecturers.organiser_replies("講師", ANSWER)
        await lecturers.organisers_see()
        await lecturers.organiser_presses("講師", "この返信を回答にする")
        await lecturers.organiser_submits("講師", lecturer="佐藤 一郎")
        await lecturers.organiser_presses("運営", "公開する")
        await there.quiet()
        (told,) = await members.sees_direct("明美")
        assert shows(told, TOLD, ANSWER)
        assert [each for each in await members.sees() if each.pinged] == []


async def test_who_asks_the_same_on_both_platforms_stands_on_one_card(tmp_path: Path) -> None:
    async with both(tmp_path, "discord") as there:
        slack, discord = there.chats.values()
        threads = {await asked(slack), await asked(discord, "健太", "円周率とは何ですか？")}
        assert "同じ質問: 2 人" in (await question_card(discord)).text
        await discord.organiser_presses("講師", "対応しない")
        await discord.organiser_submits("講師", line="次回の講演で扱います。")
        await there.quiet()
        told = [(await chat.sees())[-1] for chat in (slack, discord)]
        assert threads == {each.thread for each in told}
        assert ["明美", "健太"] == [each.pinged for each in told]
        assert all(shows(each, "次回の講演で扱います。") for each in told)


@pytest.mark.fault(94)
@BOTH_WAYS
async def test_a_channel_that_refuses_gives_the_card_to_the_other_platform(
    tmp_path: Path, asks: str, organises: str
) -> None:
    async with both(tmp_path, asks, organises) as there:
        members, others = there.chats[asks], there.chats[organises]
        await members.shuts_organisers()
        await asked(members, waits=False)
        await until(lambda: public(others))
        assert shows(await question_card(others), QUESTION)
        await there.quiet()
        assert ("明美", SENT) in whispered(await members.sees())
        await answers(others)
        await others.organiser_presses("講師", "公開する")
        await there.quiet()
        assert shows((await members.sees())[-1], TOLD, ANSWER)
        await members.invites_to_organisers()
        await there.quiet()
        assert await members.organisers_see() == ()
