"""The same adapter on simcord, a second judge of what Discord takes, in process."""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import aiohttp
import discord
import pytest
import simcord

from adapters.discord import DiscordSettings
from adapters.discord.api import Api
from adapters.discord.gateway import Connection
from adapters.discord.listeners import Listeners
from adapters.discord.outbound import DiscordPlatform
from adapters.discord.shard import Notebook, register
from bot.domain.card import Button, Card, Credit, Kind, Outgoing, Quote, Say, Small
from bot.domain.inbound import Action, Form, Place, Press, Question
from tests.platforms.discord_desk import RecordingDesk

BUTTONS = (
    Button("役に立った", Action.USEFUL, "01JASK", "0"),
    Button("講師に聞く", Action.ASK_LECTURER, "01JASK"),
)
ANSWER = Card(
    (Quote("使っています。*品質*"), Credit("河原 先生", "評価", ("https://a.jp/x",)), Small("注")),
    BUTTONS,
)
LONG = Card((Say("長い答えです。" * 400), Quote("長い答えです。" * 2000)), BUTTONS)


@dataclass
class Stage:
    """The bot, two people and a channel."""

    env: simcord.Env
    desk: RecordingDesk
    platform: DiscordPlatform
    channel: simcord.ChannelHandle
    akemi: simcord.MemberActor
    kenta: simcord.MemberActor

    def question(self) -> Question:
        (item,) = self.desk.items
        assert isinstance(item, Question)
        return item

    async def post(self, card: Card, to: Place) -> discord.Message:
        kind = Kind.PRIVATE if to.private_to else Kind.THREAD
        await self.platform.send(Outgoing("o1", to, card, kind))
        last = self.channel.last_message
        assert last is not None
        return last


async def _gains_nothing() -> bool:
    return False


@contextlib.asynccontextmanager
async def set_up() -> AsyncIterator[Stage]:
    desk = RecordingDesk()
    async with aiohttp.ClientSession() as session:
        api = Api(session)
        listeners = Listeners(desk, api, DiscordSettings(), _gains_nothing)
        hears = {"message": listeners.message, "interaction": listeners.interaction}
        client = Connection(content=False, hears=hears)
        async with simcord.run(client) as env:
            api.client = client
            await register(api, (), Notebook(), lambda: None)
            guild = env.create_guild()
            channel = guild.create_text_channel("general")
            people = [guild.add_member(env.create_user(name)) for name in ("akemi", "kenta")]
            yield Stage(env, desk, DiscordPlatform(api), channel, *people)


def staged(test: Callable[[Stage], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
    """Give a test its stage; simcord can't be set up in a fixture, which has its own context."""

    async def run() -> None:
        async with set_up() as stage:
            await test(stage)

    run.__name__ = test.__name__
    return run


@staged
async def test_the_command_is_promised_an_answer_and_gets_it(stage: Stage) -> None:
    result = await stage.akemi.slash(stage.channel, "faq", question="合成データは？")
    assert (result.deferred, result.ephemeral) == (True, False)
    await stage.post(ANSWER, stage.question().ref.place)
    assert result.response is not None
    (embed,) = result.response.embeds
    assert (embed.author.name, embed.description) == ("河原 先生", r"使っています。\*品質\*")


@staged
async def test_a_private_command_is_answered_in_private(stage: Stage) -> None:
    result = await stage.akemi.slash(stage.channel, "faq", question="合成？", private=True)
    await stage.platform.send(Outgoing("o1", stage.question().ref.place, ANSWER, Kind.PRIVATE))
    assert result.response is not None
    assert result.response.ephemeral
    assert result.response.embeds


@staged
async def test_the_completion_offers_what_discord_takes(stage: Stage) -> None:
    choices = await stage.akemi.autocomplete(stage.channel, "faq", "question", "合成")
    assert [each["value"] for each in choices] == ["entry:kawahara-1"]


@staged
async def test_the_command_on_a_message_works_without_a_privileged_intent(stage: Stage) -> None:
    said = await stage.kenta.send(stage.channel, "合成データは使いましたか？")
    result = await stage.akemi.context_menu(stage.channel, "FAQで答える", said)
    assert (stage.question().text, result.ephemeral) == ("合成データは使いましたか？", True)


@staged
async def test_a_mention_is_answered_below_it_without_a_privileged_intent(stage: Stage) -> None:
    assert stage.env.bot.user is not None
    said = await stage.akemi.send(stage.channel, f"{stage.env.bot.user.mention} 合成データは？")
    assert stage.question().text == "合成データは？"
    reply = await stage.post(ANSWER, stage.question().ref.place)
    assert reply.reference is not None
    assert reply.reference.message_id == said.id


@staged
async def test_a_direct_message_is_answered(stage: Stage) -> None:
    await stage.akemi.send_dm("合成データは？")
    place = stage.question().ref.place
    ref = await stage.platform.send(Outgoing("o1", place, ANSWER))
    assert ref.place.channel == place.channel


@staged
async def test_buttons_and_the_form_come_back(stage: Stage) -> None:
    answer = await stage.post(
        ANSWER, Place("discord", str(stage.channel.id), str(stage.channel.id))
    )
    pressed = await stage.kenta.click(answer, label="役に立った")
    assert pressed.acknowledged
    opened = await stage.akemi.click(answer, label="講師に聞く")
    sent = await stage.akemi.submit_modal(opened, {"text": "作り方を教えてください"})
    assert sent.ephemeral
    press, form = stage.desk.items
    assert isinstance(press, Press)
    assert isinstance(form, Form)
    assert (press.about, form.about, form.text) == ("01JASK", "01JASK", "作り方を教えてください")


@pytest.mark.fault(68)
@staged
async def test_a_long_answer_is_taken(stage: Stage) -> None:
    place = Place("discord", str(stage.channel.id), str(stage.channel.id))
    last = await stage.post(LONG, place)
    assert last.components


@pytest.mark.fault(59)
@staged
async def test_after_fifteen_minutes_a_command_is_answered_by_a_message(
    stage: Stage,
) -> None:
    await stage.akemi.slash(stage.channel, "faq", question="合成データは？")
    await stage.env.advance_time(16 * 60)
    last = await stage.post(ANSWER, stage.question().ref.place)
    assert last.embeds[0].author.name == "河原 先生"


@staged
async def test_watching_needs_the_permission_to_manage_channels(stage: Stage) -> None:
    with pytest.raises(simcord.SetupError):
        await stage.akemi.slash(stage.channel, "faq-watch", switch="on")


@staged
async def test_the_list_is_private(stage: Stage) -> None:
    result = await stage.akemi.slash(stage.channel, "faq-list")
    assert result.response is not None
    assert result.response.ephemeral
