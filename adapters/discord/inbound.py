"""What Discord sends, as questions, presses and forms. Pure: an event in, a border type out.

Of what people send by commands, buttons and forms, the shapes hold as much as the bot reads. How
Discord wants something to be answered travels with its place through the core, unread by it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum

import discord
import msgspec

from adapters.common import filled_in
from adapters.discord.errors import PLATFORM
from adapters.discord.render import BUTTON
from adapters.discord.views import FORM, PAGE, QUESTION_FIELD
from adapters.discord.written import Calls, names, plain, replied_to, seen
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


class Way(StrEnum):
    """Where to reply to a message."""

    REPLY = "reply"
    """In the channel."""
    WITHIN = "within"
    """In the thread or forum post that it stands in."""
    THREAD = "thread"
    """In the thread on it, which is made where it isn't there yet."""


@dataclass(frozen=True, slots=True)
class Below:
    """Reply to a message."""

    way: Way
    message: str


@dataclass(frozen=True, slots=True)
class Interaction:
    """Answer an interaction; its token is good for 15 minutes.

    Attributes:
        application: The bot's application.
        token: Lets one answer in the bot's name.
        awaited: Discord shows that the bot is thinking, until its first answer.
        asked: The question, to be shown above an answer for everybody: Discord shows others that
            a command was used, but not its words. As good as the token: for one answer only.
        on: The message that everybody sees and whose button was pressed; what follows replies to
            it. Empty elsewhere.
    """

    application: str
    token: str = field(repr=False)
    awaited: bool
    asked: str = field(default="", repr=False)
    on: str = ""


Handle = Below | Interaction


def encode(handle: Handle) -> str:
    """Write a handle as the text that ``Place.handle`` holds."""
    match handle:
        case Below(way, message):
            return f"{way}:{message}"
        case Interaction(application, token, True, asked):
            return f"awaited:{application}:{token}:{asked}"
        case Interaction(application, token, _, _, on):
            return f"pressed:{application}:{token}:{on}"


def decode(text: str | None) -> Handle | None:
    """Read a handle; None where there is none, or one that this version doesn't know."""
    match (text or "").split(":", 3):
        case [Way.REPLY | Way.WITHIN | Way.THREAD as way, message]:
            return Below(Way(way), message)
        case ["awaited", application, token, asked]:
            return Interaction(application, token, True, asked)
        case ["pressed", application, token, on]:
            return Interaction(application, token, False, on=on)
        case _:
            return None


class Option(msgspec.Struct):
    """One option of a slash command."""

    name: str
    value: str | int | float | bool | None = None
    focused: bool = False


class TargetMessage(msgspec.Struct):
    """The message that a message command was chosen on."""

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


def place(guild: int | None, channel: object) -> Place:
    """Read where a channel is, as far as it is known: a thread is within the one it belongs to."""
    number = str(getattr(channel, "id", ""))
    if isinstance(channel, discord.Thread):
        return Place(PLATFORM, str(guild or ""), str(channel.parent_id), number)
    return Place(PLATFORM, str(guild or ""), number)


def post_title(channel: object) -> str:
    """Return the title of a forum post; empty where a channel is none."""
    if isinstance(channel, discord.Thread) and isinstance(channel.parent, discord.ForumChannel):
        return channel.name
    return ""


def is_spoken(message: discord.Message) -> bool:
    """Whether a person wrote it."""
    by_person = not message.author.bot and message.webhook_id is None
    return by_person and message.type in _SPOKEN


def question(
    message: discord.Message,
    channel: object,
    calls: Calls = Calls.BOT,
    *,
    watched: bool = False,
    organising: bool = False,
    me: int = 0,
) -> Question:
    """Read a message as a question.

    Args:
        message: What a person wrote.
        channel: Where it stands, as far as that is known.
        calls: Whom it calls.
        watched: What is overheard there is answered in a thread of its own.
        organising: It stands in the organisers' channel: what replies there, with a mention of
            the bot or without, belongs to what it replies to. It may become an answer, and so
            keeps whom and what it names.
        me: The bot's id: who calls it names nobody.
    """
    at = place(message.guild.id if message.guild else None, channel)
    own, way = str(message.id), Way.REPLY
    addressed, answered = calls in (Calls.BOT, Calls.BOT_BELOW), replied_to(message)
    # Without a thread, the message stands for the conversation that replies to it make up: who
    # replies to their own message goes on in it, and organisers below a question's card.
    thread = at.thread or (own if at.workspace else None)
    if at.thread is not None:
        way = Way.WITHIN
    elif not addressed and watched:
        way = Way.THREAD
    elif message.reference is not None and (
        organising or not addressed or (answered is not None and answered.author == message.author)
    ):
        thread = str(message.reference.message_id)
    at = replace(at, thread=thread, handle=encode(Below(way, own)))
    known = names(message, me, people=organising)
    text = (seen if organising else plain)(message.content, known)
    title = post_title(channel)
    if title and at.thread == own:
        text = f"{plain(title)}\n{text}".strip()
    asker = Person(str(message.author.id), message.author.display_name)
    return Question(MessageRef(at, own), asker, text, addressed, calls is Calls.BOT_BELOW)


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
        at = replace(at, channel=at.thread or at.channel, thread=given.target_id)
    at = replace(at, private_to=private_to, handle=encode(wanted))
    # No message, but told from all messages.
    ref = MessageRef(at, f"{COMMAND}{interaction.id}")
    return Question(ref, person(interaction), text, entry=entry.id if entry else None)


def is_private(given: Command) -> bool:
    """Whether only who sent a command shall see the answer."""
    return given.on_message or bool(given.option(PRIVATE_OPTION))


def press(interaction: discord.Interaction, given: Component) -> Press:
    """Read a press of a button; of one that isn't the bot's (any more), an unknown one."""
    action, about, argument = _carried(given.custom_id)
    on = interaction.message
    private = on is not None and on.flags.ephemeral
    wanted = answer(interaction, awaited=False, on=str(on.id) if on and not private else "")
    private_to = str(interaction.user.id) if private else None
    at = replace(place_of(interaction), private_to=private_to, handle=encode(wanted))
    ref = MessageRef(at, str(on.id) if on else "")
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
    by = person(interaction)
    at = replace(place_of(interaction), private_to=by.id, handle=encode(answer(interaction)))
    return Form(_key(interaction), kind, about, fields, by, at)


def place_of(interaction: discord.Interaction) -> Place:
    """Return where an interaction happened."""
    channel = interaction.channel or discord.Object(interaction.channel_id or 0)
    return place(interaction.guild_id, channel)


def answer(
    interaction: discord.Interaction, *, awaited: bool = True, asked: str = "", on: str = ""
) -> Interaction:
    """Return how an interaction is answered; see ``Interaction``."""
    application = str(interaction.application_id)
    return Interaction(application, interaction.token, awaited, asked, on)


def _key(interaction: discord.Interaction) -> str:
    return f"{PLATFORM}:{interaction.id}"


def person(interaction: discord.Interaction) -> Person:
    """Return who acted."""
    return Person(str(interaction.user.id), interaction.user.display_name)
