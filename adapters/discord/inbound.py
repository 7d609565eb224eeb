"""What Discord sends, as questions, presses and forms. Pure: an event in, a border type out."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import discord

from adapters.discord import handle, payloads
from adapters.discord.errors import PLATFORM
from adapters.discord.render import BUTTON, FORM, PAGE, QUESTION_FIELD
from bot.domain import text as gate
from bot.domain.entry import Entry
from bot.domain.inbound import (
    QUESTION,
    Action,
    Form,
    FormKind,
    MessageRef,
    Person,
    Place,
    Press,
    Question,
)

ENTRY = "entry:"
"""What the value of a completed question starts with; the entry's id follows."""
TEXT_OPTION, PRIVATE_OPTION = "question", "private"
"""Names of the options of ``/faq``."""

# What people write themselves; every other type is Discord's or an application's.
_SPOKEN = frozenset({discord.MessageType.default, discord.MessageType.reply})
_MENTION = re.compile(
    r"<@[!&]?\d+>|<a?:\w+:\d+>|<t:-?\d+(?::\w)?>|<#\d+>|<id:\w+>|(?<!\w)@(?:everyone|here)(?!\w)"
)
_CALLED = re.compile(r"<@(!|&)?(\d+)>")
_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]+`", re.DOTALL)
_COMMAND_MENTION = re.compile(r"<(/[^:<>]+):\d+>")
_FIRST_LINE = re.compile(r"\S[^\n]*")


@dataclass(frozen=True, slots=True)
class Location:
    """The channel of an event, as Discord nests channels.

    Attributes:
        guild: Id of the server; empty in a direct message.
        channel: Id of the channel or forum; of a thread, the one that it belongs to.
        thread: Id of the thread or forum post; None outside of one.
        title: The forum post's title; empty elsewhere.
    """

    guild: str
    channel: str
    thread: str | None = None
    title: str = field(default="", repr=False)

    def place(self, wanted: handle.Handle | None = None, *, private_to: str | None = None) -> Place:
        """Return it as a place, with how it wants to be answered."""
        text = handle.encode(wanted) if wanted is not None else None
        return Place(PLATFORM, self.guild, self.channel, self.thread, private_to, text)


def location(guild: int | None, channel: object) -> Location:
    """Read a channel, as far as it is known."""
    number = str(getattr(channel, "id", ""))
    if isinstance(channel, discord.Thread):
        forum = isinstance(channel.parent, discord.ForumChannel)
        title = channel.name if forum else ""
        return Location(str(guild or ""), str(channel.parent_id), number, title)
    return Location(str(guild or ""), number)


def is_spoken(message: discord.Message) -> bool:
    """Whether a person wrote it."""
    by_person = not message.author.bot and message.webhook_id is None
    return by_person and message.type in _SPOKEN


def is_addressed(message: discord.Message, me: int, role: int | None) -> bool:
    """Whether it is for the bot: written to it, or with a mention of it or of its own role.

    A reply to the bot pings it too, but says who is meant only by a mention.
    """
    mentions = (f"<@{me}>", f"<@!{me}>", f"<@&{role}>")
    return message.guild is None or any(each in message.content for each in mentions)


def is_to_others(message: discord.Message, me: int, role: int | None) -> bool:
    """Whether it calls another person or role, or replies to what another person said.

    Who calls everybody (@everyone, @here) asks everybody; to go on below one's own message, or the
    bot's, is no call either.
    """
    own = {me, message.author.id}
    for kind, called in _CALLED.findall(_CODE.sub(" ", message.content)):
        if int(called) != role if kind == "&" else int(called) not in own:
            return True
    if message.type is not discord.MessageType.reply:
        return False
    # Of a message that is gone nobody knows whose it was.
    answered = message.reference.resolved if message.reference else None
    return not isinstance(answered, discord.Message) or answered.author.id not in own


def question(message: discord.Message, at: Location, *, addressed: bool) -> Question:
    """Read a message as a question.

    Args:
        message: What a person wrote.
        at: Location it stands.
        addressed: It is for the bot; what is overheard in a channel is answered in a thread.
    """
    own = str(message.id)
    wanted: handle.Handle
    if at.thread is not None:
        wanted = handle.ReplyWithin(own)
    elif addressed:
        wanted = handle.ReplyTo(own)
    else:
        wanted = handle.ThreadOn(own)
    # Without a thread, the message stands for the conversation that replies to it make up.
    thread = at.thread or (own if at.guild else None)
    place = Place(PLATFORM, at.guild, at.channel, thread, handle=handle.encode(wanted))
    text = plain(message.content)
    if at.title and at.thread == own:
        text = f"{plain(at.title)}\n{text}".strip()
    asker = Person(str(message.author.id), message.author.display_name)
    return Question(MessageRef(place, own), asker, text, addressed)


def command(
    interaction: discord.Interaction,
    given: payloads.Command,
    find: Callable[[str], Entry | None],
    *,
    awaited: bool = True,
) -> Question:
    """Read ``/faq``, or the command on somebody's message.

    Args:
        interaction: What was sent.
        given: What it holds.
        find: Finds an entry by its id: the one that a completion stands for.
        awaited: Discord took the promise of an answer; else it comes as a message of its own.
    """
    private_to = str(interaction.user.id) if is_private(given) else None
    entry = None
    if given.on_message:
        target = given.resolved.messages.get(given.target_id)
        text = target.content if target else ""
    else:
        text = str(given.option(TEXT_OPTION) or "")
        entry = find(text.removeprefix(ENTRY)) if text.startswith(ENTRY) else None
    text = plain(text) if entry is None else entry.question
    wanted = answer(interaction, awaited=True, asked="" if private_to else gate.clean(text))
    place = place_of(interaction).place(wanted if awaited else None, private_to=private_to)
    ref = MessageRef(place, str(interaction.id))
    return Question(ref, person(interaction), text, entry=entry.id if entry else None)


def is_private(given: payloads.Command) -> bool:
    """Whether only who sent a command shall see the answer."""
    return given.on_message or bool(given.option(PRIVATE_OPTION))


def press(interaction: discord.Interaction, given: payloads.Component) -> Press:
    """Read a press of a button; of one that isn't the bot's (any more), an unknown one."""
    start, _, rest = given.custom_id.partition(":")
    name, _, carried = rest.partition(":")
    about, _, argument = carried.partition(":")
    action = Action(name) if start == BUTTON and about else Action.UNKNOWN
    on = interaction.message
    private = on is not None and on.flags.ephemeral
    place = place_of(interaction).place(
        answer(interaction, awaited=False),
        private_to=str(interaction.user.id) if private else None,
    )
    ref = MessageRef(place, str(on.id) if on else "")
    return Press(_key(interaction), action, about, argument, person(interaction), ref)


def page_of(custom_id: str) -> int:
    """Read which page of the list a button leads to; the first where that isn't readable."""
    number = custom_id.removeprefix(f"{PAGE}:")
    return int(number) if number.isascii() and number.isdecimal() and len(number) < 7 else 0


def form(interaction: discord.Interaction, given: payloads.Submission) -> Form | None:
    """Read a form that was sent; None where it isn't one of the bot's (any more)."""
    start, _, rest = given.custom_id.partition(f"{FORM}:")
    name, _, about = rest.rpartition(":")
    try:
        kind = FormKind(name or FormKind.QUESTION)
    except ValueError:
        return None
    if start or given.custom_id == FORM:
        return None
    fields = given.fields
    if kind is FormKind.QUESTION:
        fields = {QUESTION: fields.get(QUESTION_FIELD, "").strip()}
    place = place_of(interaction).place(answer(interaction), private_to=str(interaction.user.id))
    return Form(_key(interaction), kind, about, fields, person(interaction), place)


def plain(text: str) -> str:
    """Return what a person wrote without Discord's markup for mentions, emoji and dates."""
    return _COMMAND_MENTION.sub(r"\1", _MENTION.sub(" ", text)).strip()


def first_line(text: str) -> str:
    """Return the first line that says something; what a thread is named after."""
    found = _FIRST_LINE.search(gate.clean(plain(text)))
    return found[0].strip() if found else ""


def place_of(interaction: discord.Interaction) -> Location:
    """Return where an interaction happened."""
    channel = interaction.channel or discord.Object(interaction.channel_id or 0)
    return location(interaction.guild_id, channel)


def answer(
    interaction: discord.Interaction, *, awaited: bool = True, asked: str = ""
) -> handle.Interaction:
    """Return how an interaction is answered."""
    return handle.Interaction(str(interaction.application_id), interaction.token, awaited, asked)


def _key(interaction: discord.Interaction) -> str:
    return f"{PLATFORM}:{interaction.id}"


def person(interaction: discord.Interaction) -> Person:
    """Return who acted."""
    return Person(str(interaction.user.id), interaction.user.display_name)
