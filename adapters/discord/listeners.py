"""What happens on each thing that Discord sends: it is committed, or answered at once.

Discord sends nothing twice. A message is committed before anything else; an interaction is
answered first, as Discord waits three seconds and no longer, and committed right after.
"""

import asyncio
import contextlib
import secrets
from collections.abc import Callable

import discord

from adapters.common.payloads import Malformed, read
from adapters.discord import handle, inbound, limits, listing, payloads
from adapters.discord.api import Api
from adapters.discord.inbound import Location
from adapters.discord.listing import ListWords, list_page
from adapters.discord.markdown import escape, escaped_parts, shortened
from adapters.discord.render import FORM, Drawn, Json, form, messages
from bot.desk.desk import Desk, StoreError
from bot.domain.card import Card, Say
from bot.domain.entry import Entry
from bot.domain.inbound import Action, Form, MessageRef, Person, Press, Question
from bot.domain.ports import Gone, PlatformError
from bot.domain.text import clean
from bot.telemetry.log import EventLogger

ASK, LIST, WATCH = "faq", "faq-list", "faq-watch"
"""Names of the slash commands."""
PATIENCE = 2.0
"""Seconds that reading the store may take before a form opens without what was asked."""
STARTER_WAIT = 30.0
"""Seconds to wait for the first message of a forum post."""


class Listeners:
    """The listeners. They hold no state: a restart changes nothing.

    Args:
        desk: What they tell.
        api: What they answer by what isn't the desk's to answer.
        guilds: Ids of the servers that are served; empty: all.
        watch_changed: Called when somebody switches watching on.
    """

    def __init__(
        self,
        desk: Desk,
        api: Api,
        guilds: tuple[str, ...],
        watch_changed: Callable[[], None],
    ) -> None:
        self._desk = desk
        self._api = api
        self._guilds = frozenset(guilds)
        self._watch_changed = watch_changed
        self._log = EventLogger("faqbot.discord")

    async def message(self, message: discord.Message) -> None:
        """Commit a question."""
        if not inbound.is_spoken(message) or not self._serves(_guild(message)):
            return
        me = int(self._api.me)
        self_role = message.guild.self_role if message.guild else None
        role = self_role.id if self_role else None
        addressed = inbound.is_addressed(message, me, role)
        if not addressed and inbound.is_to_others(message, me, role):
            return
        at = await self._location(message)
        watched = bool(at.guild) and await self._desk.watches(at.place())
        if not addressed and not watched:
            return
        question = inbound.question(message, at, addressed=addressed)
        if not addressed and not question.text:
            return
        try:
            await self._desk.receive(question)
        except StoreError as error:
            self._log.error("not saved", error=str(error))
            if addressed:
                sorry = Drawn(escape(self._desk.say("error.not_saved"))).payload()
                channel, own = str(message.channel.id), question.ref.message
                await self._api.post(channel, sorry, own, reply_to=own)

    async def edited(self, event: discord.RawMessageUpdateEvent) -> None:
        """Take the new words of a message; a preview that Discord adds is no change."""
        message = event.message
        if message.edited_at is None or not message.content:
            return
        if inbound.is_spoken(message) and self._serves(_guild(message)):
            at = await self._location(message)
            question = inbound.question(message, at, addressed=True)
            await self._desk.edited(question.ref, question.text)

    async def deleted(self, event: discord.RawMessageDeleteEvent) -> None:
        """Close the question of a deleted message."""
        channel = self._api.signed_in.get_channel(event.channel_id)
        at = inbound.location(event.guild_id, channel or discord.Object(event.channel_id))
        await self._desk.deleted(MessageRef(at.place(), str(event.message_id)))

    async def post(self, thread: discord.Thread) -> None:
        """Take a new forum post once its first message is there; it may come later, or unseen."""
        at = inbound.location(thread.guild.id, thread)
        if not at.title or not self._serves(thread.guild.id):
            return
        if not await self._desk.watches(at.place()):
            return
        starter = await _starter(thread)
        if starter is None:
            self._log.info("forum post without a first message", thread=thread.id)
        else:
            await self.message(starter)

    async def interaction(self, interaction: discord.Interaction) -> None:
        """Answer a command, a completion, a button or a form; a failure is answered too."""
        try:
            if not self._serves(interaction.guild_id):
                if interaction.type is not discord.InteractionType.autocomplete:
                    await self._explain(interaction, "error.not_here")
                return
            match interaction.type:
                case discord.InteractionType.autocomplete:
                    await self._complete(interaction)
                case discord.InteractionType.application_command:
                    await self._command(interaction)
                case discord.InteractionType.component:
                    await self._component(interaction)
                case discord.InteractionType.modal_submit:
                    await self._form_sent(interaction)
        except Exception as error:  # noqa: BLE001  # whoever pressed or asked must be answered
            await self._failed(interaction, error)

    async def _complete(self, interaction: discord.Interaction) -> None:
        given = read(interaction.data, payloads.Command)
        typed = next((str(each.value or "") for each in given.options if each.focused), "")
        entries = self._desk.complete(clean(typed), limits.CHOICES)
        choices: list[Json] = [
            {"name": shortened(each.question, limits.CHOICE_NAME), "value": value}
            for each in entries
            if len(value := f"{inbound.ENTRY}{each.id}") <= limits.CHOICE_VALUE
        ]
        await self._api.complete(interaction, choices)

    async def _command(self, interaction: discord.Interaction) -> None:
        given = read(interaction.data, payloads.Command)
        if given.on_message or given.name == ASK:
            await self._ask(interaction, given)
        elif given.name == LIST:
            await self._api.say(interaction, self._page(0))
        elif given.name == WATCH:
            await self._switch(interaction, on=given.option("switch") == "on")
        else:
            await self._explain(interaction, "error.unknown_button")

    async def _ask(self, interaction: discord.Interaction, given: payloads.Command) -> None:
        """Promise an answer, then commit the question."""
        awaited = True
        try:
            await self._api.defer(interaction, private=inbound.is_private(given))
        except Gone as late:
            # Too late for Discord, or answered before: then the answer is a message of its own.
            self._log.warning("couldn't promise an answer", error=str(late))
            awaited = False
        except PlatformError as error:
            self._log.warning("promise of an answer may be lost", error=str(error))
        question = inbound.command(interaction, given, self._picked, awaited=awaited)
        await self._commit(interaction, question)

    def _picked(self, value: str) -> Entry | None:
        """Return the entry that a completion stands for; None where somebody typed."""
        if not value.startswith(inbound.ENTRY):
            return None
        wanted = value.removeprefix(inbound.ENTRY)
        entries = (entry for talk in self._desk.browse() for entry in talk.entries)
        return next((each for each in entries if each.id == wanted), None)

    async def _component(self, interaction: discord.Interaction) -> None:
        given = read(interaction.data, payloads.Component)
        if given.custom_id.startswith(listing.PAGE):
            page = listing.page_of(given.custom_id)
            await self._api.update(interaction, self._page(page))
        elif given.custom_id == listing.OPEN:
            await self._open_entry(interaction, given.values[0] if given.values else "")
        else:
            await self._press(interaction, inbound.press(interaction, given))

    async def _press(self, interaction: discord.Interaction, press: Press | None) -> None:
        if press is None:
            await self._explain(interaction, "error.unknown_button")
        elif press.action is Action.ASK_LECTURER:
            await self._open_form(interaction, press.ask)
        else:
            try:
                await self._api.acknowledge(interaction)
            except PlatformError as error:
                self._log.warning("couldn't acknowledge a press", error=str(error))
            await self._commit(interaction, press)

    async def _open_form(self, interaction: discord.Interaction, ask: str) -> None:
        """Open the form that asks the lecturers, if need be without the question in it."""
        try:
            async with asyncio.timeout(PATIENCE):
                card = await self._desk.form(ask)
        except (StoreError, TimeoutError):
            card = await self._desk.form("")
        await self._api.open_form(interaction, form(card, ask[: limits.CUSTOM_ID - len(FORM) - 1]))

    async def _form_sent(self, interaction: discord.Interaction) -> None:
        given = read(interaction.data, payloads.Submission)
        if not given.custom_id.startswith(f"{FORM}:"):
            await self._explain(interaction, "error.unknown_button")
            return
        sent = inbound.form(interaction, given)
        if sent is None:
            await self._explain(interaction, "escalation.empty")
            return
        await self._api.defer(interaction, private=True)
        await self._commit(interaction, sent)

    async def _open_entry(self, interaction: discord.Interaction, entry: str) -> None:
        card = self._desk.entry_card(entry) or Card((Say(self._desk.say("answer.gone")),))
        first, *rest = messages(card)
        await self._api.say(interaction, first.payload())
        handle_ = _handle(interaction)
        for each in rest:
            await self._api.follow(handle_, each.payload(), private=True)

    async def _switch(self, interaction: discord.Interaction, *, on: bool) -> None:
        """Watch a channel or leave it, if who asks may manage it."""
        await self._api.defer(interaction, private=True)
        at = inbound.place_of(interaction)
        if not at.guild or not interaction.permissions.manage_channels:
            key = "watch.not_allowed"
            await self._tell(interaction, self._desk.say(key))
            return
        by = Person(str(interaction.user.id), interaction.user.display_name)
        place = Location(at.guild, at.channel).place()
        try:
            card = await self._desk.set_watch(place, on, by)
        except StoreError as error:
            self._log.error("not saved", error=str(error))
            await self._tell(interaction, self._desk.say("error.not_saved"))
            return
        await self._api.fulfil(_handle(interaction), messages(card)[0].payload())
        self._watch_changed()

    async def _commit(
        self, interaction: discord.Interaction, item: Question | Press | Form
    ) -> None:
        """Commit what Discord won't send a second time, or say that it wasn't."""
        try:
            await self._desk.receive(item)
        except StoreError as error:
            self._log.error("not saved", error=str(error))
            words = self._desk.say("error.not_saved")
            if isinstance(item, Form):
                # Discord has closed the form: what was typed would be lost.
                words = f"{words}\n\n{item.text}"
            await self._tell(interaction, words, pressed=isinstance(item, Press))

    async def _tell(
        self, interaction: discord.Interaction, words: str, *, pressed: bool = False
    ) -> None:
        """Say something in place of the promised answer, or after a press."""
        first, *rest = (Drawn(each).payload() for each in escaped_parts(words, limits.CONTENT))
        handle_ = _handle(interaction)
        if pressed:
            await self._api.follow(handle_, first, private=True)
        else:
            await self._api.fulfil(handle_, first)
        for each in rest:
            await self._api.follow(handle_, each, private=True)

    async def _explain(self, interaction: discord.Interaction, key: str) -> None:
        """Answer at once with a sentence that only who asked sees."""
        await self._api.say(interaction, Drawn(escape(self._desk.say(key))).payload())

    async def _failed(self, interaction: discord.Interaction, error: Exception) -> None:
        """Say that something went wrong, with an id that stands in the log too."""
        id_ = secrets.token_hex(4)
        if isinstance(error, PlatformError | Malformed):
            self._log.error("interaction failed", id=id_, error=str(error))
        else:
            self._log.error("interaction failed", error, id=id_)
        if interaction.type is discord.InteractionType.autocomplete:
            return
        payload = Drawn(escape(f"{self._desk.say('error.failed')} ({id_})")).payload()
        try:
            await self._api.say(interaction, payload)
        except PlatformError:
            try:
                await self._api.follow(_handle(interaction), payload, private=True)
            except PlatformError as refusal:
                self._log.warning("couldn't say so", id=id_, error=str(refusal))

    def _page(self, page: int) -> Json:
        say = self._desk.say
        words = ListWords(
            say("home.intro"), say("home.open"), say("home.previous"), say("home.next")
        )
        return list_page(self._desk.browse(), page, words)

    async def _location(self, message: discord.Message) -> Location:
        """Return a message's place; a thread that isn't known yet is asked for."""
        channel: object = message.channel
        if message.guild is not None and isinstance(channel, discord.PartialMessageable):
            channel = await self._api.signed_in.fetch_channel(message.channel.id)
        return inbound.location(_guild(message), channel)

    def _serves(self, guild: int | None) -> bool:
        return guild is None or not self._guilds or str(guild) in self._guilds


def _guild(message: discord.Message) -> int | None:
    return message.guild.id if message.guild else None


async def _starter(thread: discord.Thread) -> discord.Message | None:
    """Return a forum post's first message, which has the post's id; None where none comes."""
    wait = 0.5
    try:
        async with asyncio.timeout(STARTER_WAIT):
            while True:
                await asyncio.sleep(wait)
                wait *= 2
                with contextlib.suppress(discord.NotFound):
                    return await thread.fetch_message(thread.id)
    except TimeoutError:
        return None


def _handle(interaction: discord.Interaction) -> handle.Interaction:
    return handle.Interaction(str(interaction.application_id), interaction.token, awaited=True)
