"""Cards on their way out: ``Platform`` for Discord."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import assert_never

from adapters.discord import inbound
from adapters.discord.api import LOADING, Api, Spot, card_of, nonce, parts
from adapters.discord.errors import (
    HAS_THREAD,
    PLATFORM,
    UNKNOWN_MESSAGE,
    Refused,
    Undrawable,
    translated,
)
from adapters.discord.inbound import Below, Interaction, Way
from adapters.discord.render import Drawn, messages, plain_messages, seen
from adapters.discord.views import INPUT_VALUE
from adapters.discord.written import first_line
from bot.domain.card import Kind, Outgoing
from bot.domain.inbound import Circle, MessageRef, Place
from bot.domain.ports import Gone, NotAllowed
from bot.telemetry import EventLogger
from bot.texts import Text

log = EventLogger("faqbot.discord")


class DiscordPlatform:
    """Posts, whispers and edits cards, and finds what was posted."""

    name = PLATFORM
    whispers = False
    room = INPUT_VALUE

    def __init__(
        self, api: Api, organisers: str | None = None, organiser_role: str | None = None
    ) -> None:
        """Post by the API.

        Args:
            api: What Discord is asked by.
            organisers: The id of the organisers' channel, if Discord has it.
            organiser_role: The id of the role that may answer; None: who sees that channel.
        """
        self._api = api
        self._organisers = organisers
        self._organiser_role = organiser_role
        self.circle = Circle.CHANNEL if organiser_role is None else Circle.ROLE
        self.overhears = True

    async def send(self, outgoing: Outgoing) -> MessageRef:
        """Deliver a card; parts that an earlier try brought out are not repeated.

        Raises:
            PlatformError: As ``Platform.send`` says.
        """
        try:
            sent = await self._deliver(outgoing, _drawn(outgoing))
        except Undrawable as error:
            log.error("drawn as plain text", problem=str(error))
            sent = await self._deliver(outgoing, plain_messages(outgoing.card))
        return await self._with_thread(outgoing, sent)

    async def find(self, outgoing: Outgoing) -> MessageRef | None:
        """Look for a posted card: by its nonce where Discord still has it, else by its looks.

        An edit is simply made again; of what one person sees, a command's first answer is found.
        """
        to = outgoing.to
        drawn = _drawn(outgoing)
        wanted = inbound.decode(to.handle)
        if outgoing.kind is Kind.EDIT:
            return None
        if isinstance(wanted, Interaction) and wanted.awaited:
            with suppress(Gone):  # it can't be seen any more
                answer = await self._api.original(wanted)
                if int(str(answer.get("flags", 0))) & LOADING:
                    return None
                if len(drawn) == 1 and seen(answer) == seen(drawn[0].payload()):
                    return MessageRef(to, str(answer["id"]))
        if outgoing.kind is Kind.PRIVATE:
            return None
        direct = outgoing.kind is Kind.DIRECT
        for spot in [await self._direct_spot(to)] if direct else await self._spots(to):
            there = await parts(self._api, spot, outgoing.id, drawn)
            if len(there) == len(drawn):
                return await self._with_thread(outgoing, MessageRef(spot.place, there[0]))
        return None

    def address(self, ref: MessageRef) -> str:
        """Return where a browser shows a message, or a place; empty for direct ones, commands."""
        place, message = ref.place, ref.message
        if not place.workspace or message.startswith(inbound.COMMAND):
            return ""
        channel = place.thread or place.channel
        match inbound.decode(place.handle):
            case Below(Way.REPLY | Way.THREAD, question):
                channel, message = place.channel, message or question
            case Below(Way.WITHIN, question):
                message = message or question
            case _ if place.thread and not self._api.knows_thread(place.thread):
                # The message that the conversation began with.
                channel, message = place.channel, message or place.thread
        where = ("https://discord.com/channels", place.workspace, channel, message)
        return "/".join(filter(None, where))

    async def called(self, person: str) -> str:
        """Return what a person is called, best on the organisers' server; empty: nobody knows."""
        if self._organisers is not None:
            with suppress(Gone, NotAllowed), translated():
                channel = await self._api.described(self._organisers)
                return (await channel.guild.fetch_member(int(person))).display_name
        try:
            with translated():
                return (await self._api.signed_in.fetch_user(int(person))).display_name
        except Gone:
            return ""

    async def organises(self, person: str) -> bool:
        """Whether somebody has the role that may answer, or sees the organisers' channel, now.

        Raises:
            PlatformError: Discord couldn't be asked.
        """
        if self._organisers is None:
            return False
        # Where the bot may not see it, it can't ask who does.
        channel = await self._api.described(self._organisers)
        try:
            with translated():
                member = await channel.guild.fetch_member(int(person))
        except Gone:
            return False
        if self._organiser_role is not None:
            return member.get_role(int(self._organiser_role)) is not None
        return channel.permissions_for(member).view_channel

    async def _deliver(self, outgoing: Outgoing, drawn: tuple[Drawn, ...]) -> MessageRef:
        match outgoing.kind:
            case Kind.THREAD:
                return await self._post(outgoing.to, outgoing.id, drawn)
            case Kind.PRIVATE:
                return await self._whisper(outgoing.to, outgoing.id, drawn)
            case Kind.DIRECT:
                spot = await self._direct_spot(outgoing.to)
                return await self._post_parts(spot, outgoing.id, drawn)
            case Kind.EDIT:
                return await self._edit(outgoing, drawn)
            case _:
                assert_never(outgoing.kind)

    async def _post(self, to: Place, card: str, drawn: tuple[Drawn, ...]) -> MessageRef:
        """Post for everybody, in the way that the place wants it."""
        wanted = inbound.decode(to.handle)
        if isinstance(wanted, Interaction):
            return await self._answer(wanted, to, card, drawn)
        if isinstance(wanted, Below) and wanted.way is Way.THREAD:
            try:
                name = await self._name(to.channel, wanted.message)
                await self._open_thread(to.channel, wanted.message, name)
                return await self._post_parts(Spot(to), card, drawn)
            except NotAllowed as refusal:
                log.info("no thread, so a reply", problem=str(refusal))
        spots = await self._spots(to)
        try:
            return await self._post_parts(spots[-1], card, drawn)
        except Undrawable:
            raise
        except (Gone, NotAllowed) as refusal:
            if spots[:-1] != (_on_card(to),):
                raise
            log.info("the thread can't be used, so a reply", problem=str(refusal))
            return await self._post_parts(_on_card(to), card, drawn)

    async def _answer(
        self, interaction: Interaction, to: Place, card: str, drawn: tuple[Drawn, ...]
    ) -> MessageRef:
        """Answer a command for everybody: in place of "thinking", else by a message of its own."""
        (spot,) = await self._spots(to)
        first = await self._fulfil(interaction, drawn[0])
        if first is not None and len(drawn) == 1:
            return MessageRef(spot.place, first)
        there = {} if first is None else {0: first}
        try:
            return await self._post_parts(spot, card, drawn, there or None)
        except NotAllowed:
            # The answers to a command need no permission in the channel, while its token is good.
            for number in range(len(there), len(drawn)):
                payload = drawn[number].payload()
                there[number] = await self._api.follow(interaction, payload, private=False)
            return MessageRef(spot.place, there[0])

    async def _fulfil(self, interaction: Interaction, message: Drawn) -> str | None:
        """Put a message in the place of "thinking"; None where nothing is awaited (any more)."""
        if not interaction.awaited:
            return None
        try:
            return await self._api.fulfil(interaction, message.payload())
        except Undrawable:
            raise
        except Gone as late:
            log.info("too late for the promised answer", problem=str(late))
            return None

    async def _post_parts(
        self,
        spot: Spot,
        card: str,
        drawn: tuple[Drawn, ...],
        there: Mapping[int, str] | None = None,
    ) -> MessageRef:
        """Post the parts in order, each further one as a reply to the first.

        Args:
            spot: Where.
            card: The card's id; the nonces come from it.
            drawn: The parts.
            there: What was posted already, by position; None: look, if there are several parts.
        """
        if there is None:
            there = await parts(self._api, spot, card, drawn) if len(drawn) > 1 else {}
        ids = dict(there)
        for number, message in enumerate(drawn):
            if number not in ids:
                above = spot.reply_to if number == 0 else ids[0]
                mark = nonce(card, number)
                # A further part, by which it is known, rings nobody.
                ids[number] = await self._api.post(
                    spot.channel, message.payload(), mark, above, silent=number > 0
                )
        return MessageRef(spot.place, ids[0])

    async def _with_thread(self, outgoing: Outgoing, sent: MessageRef) -> MessageRef:
        """Open the thread on a card that others will reply to; else they reply to the card."""
        if outgoing.opens and outgoing.kind is not Kind.EDIT and sent.place.thread is None:
            try:
                await self._open_thread(sent.place.channel, sent.message, outgoing.opens)
            except NotAllowed as refusal:
                log.info("no thread on a card", problem=str(refusal))
        return sent

    async def _open_thread(self, channel: str, message: str, name: str) -> None:
        """See that there is a thread on a message."""
        try:
            await self._api.open_thread(channel, message, name)
        except Refused as refusal:
            if refusal.code == UNKNOWN_MESSAGE:
                raise
            if refusal.code != HAS_THREAD:
                raise NotAllowed(PLATFORM, Text("discord.threads")) from refusal

    async def _name(self, channel: str, message: str) -> str:
        """Return what to name the thread on a message; nothing where it can't be read."""
        try:
            asked = await self._api.message(channel, message)
        except NotAllowed as refusal:
            log.info("can't read the question to name its thread", problem=str(refusal))
            return ""
        return first_line(str(asked.get("content", "")))

    async def _whisper(self, to: Place, card: str, drawn: tuple[Drawn, ...]) -> MessageRef:
        """Show a card to one person only: by the interaction, else by a direct message."""
        interaction = inbound.decode(to.handle)
        if isinstance(interaction, Interaction):
            try:
                there = await self._api.original(interaction) if interaction.awaited else {}
                # A second line for the same form doesn't take the first one's place.
                awaited = int(str(there.get("flags", 0))) & LOADING
                first = await self._fulfil(interaction, drawn[0]) if awaited else None
                for message in drawn if first is None else drawn[1:]:
                    payload = message.payload()
                    sent = await self._api.follow(interaction, payload, private=True)
                    first = first or sent
                return MessageRef(to, first or "")
            except Undrawable:
                raise
            except Gone as late:
                log.info("too late, so a direct message", problem=str(late))
        return await self._post_parts(await self._direct_spot(to), card, drawn)

    async def _direct_spot(self, to: Place) -> Spot:
        channel = await self._api.direct_channel(to.private_to or "")
        return Spot(Place(PLATFORM, "", channel, private_to=to.private_to))

    async def _edit(self, outgoing: Outgoing, drawn: tuple[Drawn, ...]) -> MessageRef:
        """Put a card in the place of another, each part in the place of one; what is over goes."""
        to, first = outgoing.to, outgoing.edits or ""
        channel = Spot(to).channel
        there = await card_of(self._api, channel, first)
        for number, message in enumerate(drawn):
            if number < len(there):
                await self._api.edit(channel, there[number], message.payload())
            else:
                mark = nonce(outgoing.id, number)
                await self._api.post(channel, message.payload(), mark, first, silent=True)
        for over in there[len(drawn) :]:
            await self._api.delete(channel, over)
        if outgoing.opens:
            with suppress(Refused, NotAllowed):  # there is no thread, or it is locked
                await self._api.rename_thread(first, outgoing.opens)
        return MessageRef(to, first)

    async def _spots(self, to: Place) -> tuple[Spot, ...]:
        """Return where a card for a place may stand; the last is where it goes by itself.

        A place's thread may be a message that has no thread: the conversation of who replies to it.
        """
        match inbound.decode(to.handle):
            case Below(Way.THREAD, message):
                return Spot(to), Spot(replace(to, thread=None), message)
            case Below(Way.REPLY, message):
                return (Spot(replace(to, thread=None), message),)
            case Below(message=message):
                return (Spot(to, message),)
            case Interaction() | None as wanted:
                if to.thread is not None and not await self._api.has_thread(to.thread):
                    return (_on_card(to),)
                if wanted is not None:
                    return (Spot(to, wanted.on or None),)
                among_organisers = to.thread is not None and to.channel == self._organisers
                return *((_on_card(to),) if among_organisers else ()), Spot(to)


def _on_card(to: Place) -> Spot:
    """Return where a card replies to the message that a thread is on, or would be."""
    return Spot(replace(to, thread=None), to.thread)


def _drawn(outgoing: Outgoing) -> tuple[Drawn, ...]:
    """Draw a card; the first answer to a command that everybody sees shows the question too."""
    match inbound.decode(outgoing.to.handle):
        case Interaction(asked=asked) if outgoing.kind is Kind.THREAD:
            return messages(outgoing.card, asked)
    return messages(outgoing.card)
