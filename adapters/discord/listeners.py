"""What happens on each thing that Discord sends: it is committed, or answered at once.

Discord sends nothing twice. A message is committed before anything else; an interaction is
answered first, as Discord waits three seconds and no longer, and committed right after.
"""

import asyncio
import contextlib
import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from importlib import resources

import discord
from discord import InteractionResponseType as Response

from adapters.common import Malformed, read
from adapters.discord import DiscordSettings, inbound, written
from adapters.discord.api import Api
from adapters.discord.errors import ANSWERED, PLATFORM, Refused, translated
from adapters.discord.inbound import Command, Component, Submission
from adapters.discord.render import Drawn, Json, messages
from adapters.discord.views import DELETE, KEEP, OPEN, PAGE, SURE, form, page, privacy
from adapters.discord.written import Calls
from bot.desk.desk import Desk, StoreError
from bot.domain.backoff import Backoff
from bot.domain.card import Card, Sheet
from bot.domain.inbound import Action, MessageRef, Obstacle, Place, Press, Question, Trouble
from bot.domain.ports import PlatformError
from bot.domain.text import clean, one_line
from bot.telemetry import EventLogger

ASK, LIST, WATCH, PRIVACY = "faq", "faq-list", "faq-watch", "faq-privacy"
"""Names of the slash commands."""
# Of completions, as many and as long as Discord accepts.
CHOICES = 25
CHOICE_NAME = CHOICE_VALUE = 100
STARTER_WAIT = 30.0
"""Seconds to wait for the first message of a forum post."""
TRIES, OVERHEARD_TRIES = 5, 60
"""How often the store is asked again to keep a question: for half a minute; for ten minutes where
nobody waits for an answer."""


class Listeners:
    """The listeners. They hold no state that a restart would miss.

    Args:
        desk: What they tell, and what says how to answer.
        api: What they answer by.
        settings: Which servers are served, and where the organisers are.
        gain_words: Gets the words of messages that don't mention the bot, and returns whether
            Discord gives them; None where that isn't known yet.

    Attributes:
        stranger: When somebody was last seen to answer in the bot's name from another database, on
            the clock that nobody sets, in seconds; None: never.
    """

    def __init__(
        self,
        desk: Desk,
        api: Api,
        settings: DiscordSettings,
        gain_words: Callable[[], Awaitable[bool | None]],
    ) -> None:
        self._desk = desk
        self._api = api
        self._guilds = frozenset(settings.guilds)
        self._organisers = settings.organisers
        self._gain_words = gain_words
        self.stranger: float | None = None
        self._log = EventLogger("faqbot.discord")

    async def message(
        self, message: discord.Message, is_ours: Callable[[], bool] = lambda: True
    ) -> None:
        """Commit a question, or tell its author that it couldn't be.

        Args:
            message: What was said.
            is_ours: Whether nobody else may read it back, and have answered it, by then.
        """
        if str(message.author.id) == self._api.me:
            await self._compare(message)
        if not inbound.is_spoken(message) or not self._serves(_guild(message)):
            return
        me, channel = int(self._api.me), await self._channel(message)
        at = inbound.place(_guild(message), channel)
        organising = at.channel == self._organisers
        calls = written.calls(message, me, organising=organising)
        if calls is Calls.OTHERS:
            return
        question = inbound.question(
            message, channel, calls, watched=await self._desk.watches(at),
            organising=organising, me=me,
        )  # fmt: skip
        if calls is not Calls.BOT and not question.text:
            return
        if not await self._kept(question) and question.addressed and is_ours():
            sorry = messages(self._desk.explain(Trouble.NOT_SAVED))[0].payload()
            channel, own = str(message.channel.id), question.ref.message
            await self._api.post(channel, sorry, own, reply_to=own)

    async def _kept(self, question: Question) -> bool:
        """Commit a question, if it concerns the bot; return False where the store refuses it.

        It is asked again for a while: Discord doesn't send the question again, and one that was
        committed after all, without an answer to that, would be answered after it was said not to
        be saved.
        """
        waits, tries = Backoff(1.0, 10.0), TRIES if question.addressed else OVERHEARD_TRIES
        while True:
            try:
                if question.addressed or await self._desk.hears(question):
                    await self._desk.receive(question)
                return True
            except StoreError as error:
                self._log.error("not saved", error=str(error))
            if waits.tries == tries:
                return False
            await asyncio.sleep(waits.next())

    async def _compare(self, message: discord.Message) -> None:
        """See whether what the bot was heard to answer is known here."""
        ask = inbound.ask_of(message)
        if not ask or self._api.has_posted(str(message.nonce)):
            return
        with contextlib.suppress(StoreError):  # then nobody knows
            if not await self._desk.sharing.knows(ask):
                self.stranger = time.monotonic()

    async def edited(self, event: discord.RawMessageUpdateEvent) -> None:
        """Take the new words of a message; a preview that Discord adds is no change."""
        message = event.message
        if message.edited_at is None or not message.content:
            return
        if inbound.is_spoken(message) and self._serves(_guild(message)):
            me, channel = int(self._api.me), await self._channel(message)
            organising = inbound.place(_guild(message), channel).channel == self._organisers
            question = inbound.question(message, channel, organising=organising, me=me)
            await self._desk.edited(question.ref, question.text)

    async def deleted(self, event: discord.RawMessageDeleteEvent) -> None:
        """Close the question of a deleted message."""
        channel: object = self._api.channel(str(event.channel_id))
        if channel is None:
            channel = discord.Object(event.channel_id)
            if event.guild_id is not None:  # a thread that isn't known, or is folded away
                with contextlib.suppress(PlatformError), translated():
                    channel = await self._api.signed_in.fetch_channel(event.channel_id)
        at = inbound.place(event.guild_id, channel)
        await self._desk.deleted(MessageRef(at, str(event.message_id)))

    async def post(self, thread: discord.Thread) -> None:
        """Take a new forum post once its first message is there; it may come later, or unseen."""
        if not inbound.post_title(thread) or not self._serves(thread.guild.id):
            return
        if not await self._desk.watches(inbound.place(thread.guild.id, thread)):
            return
        starter = await _starter(thread)
        if starter is None:
            self._log.info("forum post without a first message", thread=thread.id)
        else:
            await self.message(starter)

    async def permitted(self, *_event: object) -> None:
        """Try at once what waits for the organisers: what the bot may do there may have changed."""
        if self._organisers is not None:
            await self._desk.reachable(PLATFORM, self._organisers)

    async def interaction(self, interaction: discord.Interaction) -> None:
        """Answer a command, a completion, a button or a form; a failure is answered too."""
        completing = interaction.type is discord.InteractionType.autocomplete
        try:
            if self._serves(interaction.guild_id):
                await self._answer(interaction)
            elif not completing:
                await self._show(interaction, self._desk.explain(Trouble.NOT_HERE))
        except Exception as error:  # noqa: BLE001  # whoever pressed or asked must be answered
            if isinstance(error, Refused) and error.code == ANSWERED:
                self._log.warning("an interaction was answered already", kind=interaction.type.name)
                return
            id_ = secrets.token_hex(4)
            if isinstance(error, PlatformError | Malformed):
                self._log.error("interaction failed", id=id_, error=str(error))
            else:
                self._log.error("interaction failed", error, id=id_)
            if not completing:
                await self._failed(interaction, id_)

    async def _answer(self, interaction: discord.Interaction) -> None:
        match interaction.type:
            case discord.InteractionType.autocomplete:
                await self._complete(interaction, read(interaction.data, Command))
            case discord.InteractionType.application_command:
                await self._command(interaction, read(interaction.data, Command))
            case discord.InteractionType.component:
                await self._component(interaction, read(interaction.data, Component))
            case discord.InteractionType.modal_submit:
                await self._form(interaction, read(interaction.data, Submission))

    async def _complete(self, interaction: discord.Interaction, given: Command) -> None:
        typed = next((str(each.value or "") for each in given.options if each.focused), "")
        choices: list[Json] = [
            {"name": one_line(each.question, CHOICE_NAME), "value": value}
            for each in self._desk.complete(clean(typed), CHOICES)
            if len(value := f"{inbound.ENTRY}{each.id}") <= CHOICE_VALUE
        ]
        await self._api.respond(interaction, Response.autocomplete_result, {"choices": choices})

    async def _command(self, interaction: discord.Interaction, given: Command) -> None:
        if given.on_message or given.name == ASK:
            await self._ask(interaction, given)
        elif given.name == LIST:
            await self._api.say(interaction, page(self._desk.browse()))
        elif given.name == PRIVACY:
            await self._api.say(interaction, privacy(self._desk.privacy(), sure=False))
        elif given.name == WATCH:
            await self._promise(interaction, private=True)
            await self._fulfil(interaction, await self._switch(interaction, given))
        else:
            await self._show(interaction, self._desk.explain(Trouble.UNKNOWN_BUTTON))

    async def _ask(self, interaction: discord.Interaction, given: Command) -> None:
        """Promise an answer, then commit the question."""
        await self._promise(interaction, private=inbound.is_private(given))
        question = inbound.command(interaction, given, self._desk.find)
        kept = await self._kept(question)
        await self._fulfil(interaction, None if kept else self._desk.explain(Trouble.NOT_SAVED))

    async def _promise(self, interaction: discord.Interaction, *, private: bool) -> None:
        """Promise an answer; whoever posts that finds out whether the promise counts.

        It does too where another process made it, or an earlier try of which we didn't hear.
        """
        try:
            await self._api.defer(interaction, private=private)
        except PlatformError as error:
            self._log.warning("promise of an answer may be lost", error=str(error))

    async def _switch(self, interaction: discord.Interaction, given: Command) -> Card:
        """Watch a channel or leave it, where that can be."""
        at = replace(inbound.place_of(interaction), thread=None)
        by, on = inbound.person(interaction), given.option("switch") == "on"
        return await self._desk.switch(at, on, by, await self._obstacle(interaction, at, on=on))

    async def _obstacle(
        self, interaction: discord.Interaction, at: Place, *, on: bool
    ) -> Obstacle | None:
        """Say why a channel can't be watched, or left, by who asks; None: nothing hinders it."""
        if interaction.guild_id is None or not interaction.permissions.manage_channels:
            return Obstacle.NOT_ALLOWED
        if not on:
            return None
        channel = self._api.channel(at.channel)
        # Commands work where the bot isn't, or sees nothing.
        if not isinstance(channel, discord.abc.GuildChannel) or (
            not channel.permissions_for(channel.guild.me).read_messages
        ):
            return Obstacle.NOT_A_MEMBER
        given = await self._gain_words()
        if given is None:
            return Obstacle.UNCLEAR
        return None if given else Obstacle.NO_INTENT

    async def _component(self, interaction: discord.Interaction, given: Component) -> None:
        if given.custom_id.startswith(PAGE):
            wanted = inbound.page_of(given.custom_id)
            await self._api.respond(
                interaction, Response.message_update, page(self._desk.browse(wanted))
            )
        elif given.custom_id in (KEEP, SURE):
            sure = given.custom_id == SURE
            asked = privacy(self._desk.privacy(), sure=sure)
            await self._api.respond(interaction, Response.message_update, asked)
        elif given.custom_id == DELETE:
            await self._api.respond(interaction, Response.deferred_message_update)
            place = inbound.place_of(interaction)
            done = await self._desk.forget_me(inbound.person(interaction), place)
            await self._fulfil(interaction, done)
        elif given.custom_id == OPEN:
            sheet = self._desk.show(given.values[0] if given.values else "")
            await self._show(interaction, Card(sheet.parts))
        else:
            await self._press(interaction, inbound.press(interaction, given))

    async def _press(self, interaction: discord.Interaction, press: Press) -> None:
        if press.action is Action.UNKNOWN or press.action.opens_a_form:
            match await self._desk.take(press):
                case Sheet() as sheet:
                    await self._api.respond(interaction, Response.modal, form(sheet))
                case Card() as card:
                    await self._show(interaction, card)
            return
        try:
            await self._api.respond(interaction, Response.deferred_message_update)
        except PlatformError as error:
            self._log.warning("couldn't acknowledge a press", error=str(error))
        refusal = await self._desk.take(press)
        if isinstance(refusal, Card):
            await self._follow(interaction, messages(refusal))

    async def _form(self, interaction: discord.Interaction, given: Submission) -> None:
        sent = inbound.form(interaction, given)
        if sent is None:
            await self._show(interaction, self._desk.explain(Trouble.UNKNOWN_BUTTON))
        else:
            await self._promise(interaction, private=True)
            await self._fulfil(interaction, await self._desk.take(sent))

    async def _show(self, interaction: discord.Interaction, card: Card) -> None:
        """Answer at once with what only who asked sees."""
        drawn = messages(card)
        await self._api.say(interaction, drawn[0].payload())
        await self._follow(interaction, drawn[1:])

    async def _fulfil(self, interaction: discord.Interaction, card: Card | Sheet | None) -> None:
        """Put a card in the place of the promised answer; None: a worker will."""
        if not isinstance(card, Card):
            return
        drawn = messages(card)
        await self._api.fulfil(inbound.answer(interaction), drawn[0].payload())
        await self._follow(interaction, drawn[1:])

    async def _follow(self, interaction: discord.Interaction, drawn: Sequence[Drawn]) -> None:
        """Say more, to the same person only."""
        for each in drawn:
            await self._api.follow(inbound.answer(interaction), each.payload(), private=True)

    async def _failed(self, interaction: discord.Interaction, id_: str) -> None:
        """Say that something went wrong, with an id that stands in the log too."""
        drawn = messages(self._desk.explain(Trouble.FAILED))[0]
        payload = replace(drawn, content=f"{drawn.content} ({id_})").payload()
        try:
            await self._api.say(interaction, payload)
        except PlatformError:
            try:
                await self._api.follow(inbound.answer(interaction), payload, private=True)
            except PlatformError as refusal:
                self._log.warning("couldn't say so", id=id_, error=str(refusal))

    async def _channel(self, message: discord.Message) -> object:
        """Return where a message stands; a thread that isn't known yet is asked for."""
        channel: object = message.channel
        if message.guild is not None and isinstance(channel, discord.PartialMessageable):
            channel = await message.guild.fetch_channel(message.channel.id)
        return channel

    def _serves(self, guild: int | None) -> bool:
        return guild is None or not self._guilds or str(guild) in self._guilds


def _guild(message: discord.Message) -> int | None:
    return message.guild.id if message.guild else None


async def _starter(thread: discord.Thread) -> discord.Message | None:
    """Return a forum post's first message, which has the post's id; None where none comes."""
    waits = Backoff(0.5, STARTER_WAIT)
    try:
        async with asyncio.timeout(STARTER_WAIT):
            while True:
                await asyncio.sleep(waits.next())
                with contextlib.suppress(discord.NotFound):
                    return await thread.fetch_message(thread.id)
    except TimeoutError:
        return None


def commands() -> Sequence[Json]:
    """Read ``commands.yaml``."""
    import yaml  # 7 ms: time enough while Discord is being connected

    text = (resources.files("adapters.discord") / "commands.yaml").read_text(encoding="utf-8")
    loaded: Sequence[Json] = yaml.safe_load(text)
    return loaded
