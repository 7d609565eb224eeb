"""What Discord sends, as questions, presses and forms. Pure: an event in, a border type out.

Of what people send by commands, buttons and forms, the shapes hold as much as the bot reads.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import discord
import msgspec

from adapters.common import filled_in
from adapters.discord import handle
from adapters.discord.errors import PLATFORM
from adapters.discord.render import BUTTON
from adapters.discord.views import FORM, PAGE, QUESTION_FIELD
from adapters.discord.written import CODE, names, plain, seen
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

COMMAND = "command-"
"""What stands before the interaction's id where a command, and no message, asks."""

MESSAGE_COMMAND = 3

# What people write themselves; every other type is Discord's or an application's.
_SPOKEN = frozenset({discord.MessageType.default, discord.MessageType.reply})
_CALLED = re.compile(r"<@(!|&)?(\d+)>")


class Option(msgspec.Struct):
    """One option of a slash command."""

    name: str
    value: str | int | float | bool | None = None
    focused: bool = False


class TargetMessage(msgspec.Struct):
    """The message that a message command was chosen on."""

    id: str
    content: str = ""


class Resolved(msgspec.Struct):
    """What the ids in a command stand for."""

    messages: dict[str, TargetMessage] = msgspec.field(default_factory=dict)


class Command(msgspec.Struct):
    """A slash command or a message command."""

    name: str
    type: int = 1
    options: tuple[Option, ...] = ()
    target_id: str = ""
    resolved: Resolved = msgspec.field(default_factory=Resolved)

    @property
    def on_message(self) -> bool:
        """Whether it was chosen in a message's menu."""
        return self.type == MESSAGE_COMMAND

    def option(self, name: str) -> str | int | float | bool | None:
        """Return an option's value; None where it wasn't given."""
        return next((each.value for each in self.options if each.name == name), None)


class Component(msgspec.Struct):
    """A button or a menu that was used."""

    custom_id: str
    values: tuple[str, ...] = ()


class Input(msgspec.Struct):
    """What was typed into a field, or chosen in one."""

    custom_id: str = ""
    value: str = ""
    values: tuple[str, ...] = ()


class Row(msgspec.Struct):
    """A line of a form: Discord wraps a field in a label, or in a row."""

    component: Input | None = None
    components: tuple[Input, ...] = ()


class Submission(msgspec.Struct):
    """A form that was sent."""

    custom_id: str
    components: tuple[Row, ...] = ()

    @property
    def fields(self) -> dict[str, str]:
        """What its fields hold, by their names, in order."""
        inputs = (each for row in self.components for each in (row.component, *row.components))
        return filled_in(
            (each.custom_id, each.value or next(iter(each.values), ""))
            for each in inputs
            if each is not None
        )


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


def calls(message: discord.Message, me: int, role: int | None) -> bool:
    """Whether it is put to the bot: written to it alone, or with a mention of it or its own role.

    What stands in code is no mention, and isn't in the message's own list. That list holds who is
    replied to as well, so it must be written too.
    """
    users, roles = _called(message)
    return message.guild is None or me in users or role in roles


def replies_to(message: discord.Message, author: int) -> bool:
    """Whether it replies to what somebody said, as far as that is known."""
    answered = message.reference.resolved if message.reference else None
    replies = message.type is discord.MessageType.reply
    return replies and isinstance(answered, discord.Message) and answered.author.id == author


def is_to_others(
    message: discord.Message, me: int, role: int | None, *, organising: bool = False
) -> bool:
    """Whether it calls another person or role, or replies to what another one said.

    Who calls everybody (@everyone, @here) asks everybody; to go on below one's own message, or the
    bot's, is no call either. Among organisers, who was called by a message answers by replying.
    """
    users, roles = _called(message)
    if users - {me, message.author.id} or roles - {role}:
        return True
    answered = message.reference.resolved if message.reference else None
    if message.type is not discord.MessageType.reply:
        return False
    if not isinstance(answered, discord.Message):
        return True  # of a message that is gone nobody knows whose it was
    asked = organising and message.author in answered.mentions
    return answered.author.id not in (me, message.author.id) and not asked


def question(
    message: discord.Message,
    at: Location,
    *,
    addressed: bool = True,
    reply: bool = False,
    watched: bool = False,
    organising: bool = False,
    me: int = 0,
) -> Question:
    """Read a message as a question.

    Args:
        message: What a person wrote.
        at: Where it stands.
        addressed: It is for the bot.
        reply: It is so only because it replies to a message of the bot's.
        watched: What is overheard there is answered in a thread of its own.
        organising: It stands in the organisers' channel: what replies there, with a mention of
            the bot or without, belongs to what it replies to. It may become an answer, and so
            keeps whom and what it names.
        me: The bot's id: who calls it names nobody.
    """
    own = str(message.id)
    wanted: handle.Handle = handle.ReplyTo(own)
    # Without a thread, the message stands for the conversation that replies to it make up: who
    # replies to their own message goes on in it, and organisers below a question's card.
    thread = at.thread or (own if at.guild else None)
    if at.thread is not None:
        wanted = handle.ReplyWithin(own)
    elif not addressed and watched:
        wanted = handle.ThreadOn(own)
    elif message.reference is not None and (
        organising or not addressed or replies_to(message, message.author.id)
    ):
        thread = str(message.reference.message_id)
    place = Place(PLATFORM, at.guild, at.channel, thread, handle=handle.encode(wanted))
    known = names(message, me, people=organising)
    text = (seen if organising else plain)(message.content, known)
    if at.title and at.thread == own:
        text = f"{plain(at.title)}\n{text}".strip()
    asker = Person(str(message.author.id), message.author.display_name)
    return Question(MessageRef(place, own), asker, text, addressed, reply)


def command(
    interaction: discord.Interaction,
    given: Command,
    find: Callable[[str], Entry | None],
) -> Question:
    """Read ``/faq``, or the command on somebody's message.

    Args:
        interaction: What was sent.
        given: What it holds.
        find: Finds an entry by its id: the one that a completion stands for.
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
    at = place_of(interaction)
    if given.on_message:  # it belongs to that message, within a thread too
        at = Location(at.guild, at.thread or at.channel, given.target_id)
    place = at.place(wanted, private_to=private_to)
    # No message, but told from all messages.
    ref = MessageRef(place, f"{COMMAND}{interaction.id}")
    return Question(ref, person(interaction), text, entry=entry.id if entry else None)


def is_private(given: Command) -> bool:
    """Whether only who sent a command shall see the answer."""
    return given.on_message or bool(given.option(PRIVATE_OPTION))


def press(interaction: discord.Interaction, given: Component) -> Press:
    """Read a press of a button; of one that isn't the bot's (any more), an unknown one."""
    action, about, argument = _carried(given.custom_id)
    on = interaction.message
    private = on is not None and on.flags.ephemeral
    place = place_of(interaction).place(
        answer(interaction, awaited=False, on=str(on.id) if on and not private else ""),
        private_to=str(interaction.user.id) if private else None,
    )
    ref = MessageRef(place, str(on.id) if on else "")
    return Press(_key(interaction), action, about, argument, person(interaction), ref)


def ask_of(message: discord.Message) -> str:
    """Return the id of the ask that the buttons of a message of the bot's are about, or nothing."""
    rows = (each for each in message.components if isinstance(each, discord.ActionRow))
    for each in (child for row in rows for child in row.children):
        action, about, _ = _carried(getattr(each, "custom_id", None) or "")
        if action is not Action.UNKNOWN and not action.is_organisers:
            return about
    return ""


def _carried(custom_id: str) -> tuple[Action, str, str]:
    """Read a button's id: what it does, what it is about, and what else it carries."""
    start, _, rest = custom_id.partition(":")
    name, _, carried = rest.partition(":")
    about, _, argument = carried.partition(":")
    return Action(name) if start == BUTTON and about else Action.UNKNOWN, about, argument


def page_of(custom_id: str) -> int:
    """Read which page of the list a button leads to; the first where that isn't readable."""
    number = custom_id.removeprefix(f"{PAGE}:")
    return int(number) if number.isascii() and number.isdecimal() and len(number) < 7 else 0


def form(interaction: discord.Interaction, given: Submission) -> Form | None:
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


def place_of(interaction: discord.Interaction) -> Location:
    """Return where an interaction happened."""
    channel = interaction.channel or discord.Object(interaction.channel_id or 0)
    return location(interaction.guild_id, channel)


def answer(
    interaction: discord.Interaction, *, awaited: bool = True, asked: str = "", on: str = ""
) -> handle.Interaction:
    """Return how an interaction is answered; see ``handle.Interaction``."""
    application = str(interaction.application_id)
    return handle.Interaction(application, interaction.token, awaited, asked, on)


def _called(message: discord.Message) -> tuple[set[int], set[int]]:
    """Return the ids of the people and of the roles that a message mentions."""
    written = _CALLED.findall(CODE.sub(" ", message.content))
    users = {int(number) for kind, number in written if kind != "&"}
    roles = {int(number) for kind, number in written if kind == "&"}
    # What is escaped is written, but isn't in the message's own lists.
    return (
        users & {each.id for each in message.mentions},
        roles & {each.id for each in message.role_mentions},
    )


def _key(interaction: discord.Interaction) -> str:
    return f"{PLATFORM}:{interaction.id}"


def person(interaction: discord.Interaction) -> Person:
    """Return who acted."""
    return Person(str(interaction.user.id), interaction.user.display_name)
