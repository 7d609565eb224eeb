"""What comes in from a platform: a question, a press of a button, a submitted form."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import assert_never

from bot.domain.text import clean

LONGEST = 20_000
"""Characters of a text that are kept at most; the search reads far fewer."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something was said and where the reply belongs.

    Attributes:
        platform: The platform's name, such as ``slack``.
        workspace: The platform's id of the team or guild; empty where there is none.
        channel: The platform's id of the channel.
        thread: The platform's id of the thread; None where the channel itself is meant.
        private_to: The id of the only person who may see it; None where everybody may.
        handle: What the platform needs to answer in private (response_url, interaction token).
            Opaque to the core and never logged.
    """

    platform: str
    workspace: str
    channel: str
    thread: str | None = None
    private_to: str | None = None
    handle: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class MessageRef:
    """One message at one place."""

    place: Place
    message: str

    @property
    def key(self) -> str:
        """The dedupe key: a mention and its message event, or a redelivery, share it."""
        place = self.place
        return f"{place.platform}:{place.workspace}:{place.channel}:{self.message}"

    @property
    def conversation(self) -> str:
        """Names the thread that it is in, or the one that a reply to it would open."""
        place = self.place
        within = place.thread or self.message
        return f"{place.platform}:{place.workspace}:{place.channel}:{within}"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody on a platform, by the platform's id."""

    id: str
    name: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody said that may want a reply, with the platform's mention markup taken off.

    Attributes:
        ref: The message; its key identifies the question.
        asker: Who said it.
        text: The words. Links, code and emoji may still be in it: the analysis takes them out.
        addressed: The bot was mentioned, commanded or written to; False where it was overheard.
        reply: It replies to a message of the bot's without calling it: what asks nothing is none of
            the bot's business.
        entry: The id of the entry that the asker picked from a completion; None where they typed.
    """

    ref: MessageRef
    asker: Person
    text: str = field(repr=False)
    addressed: bool = True
    reply: bool = False
    entry: str | None = None


class Action(StrEnum):
    """What a button does. The values are part of stored messages: never rename one.

    What isn't a value, as of a button of a newer version, is ``UNKNOWN``.
    """

    USEFUL = "useful"
    WRONG = "wrong"
    RETRACT = "retract"
    CHOOSE = "choose"
    NONE_OF_THESE = "none"
    ASK_LECTURER = "lecturer"
    SHARE = "share"
    SEARCH_AGAIN = "again"
    # For organisers, on cards of their channel.
    ANSWER = "answer"
    USE_REPLY = "reply"
    ADD_WORDING = "wording"
    CLOSE = "close"
    EDIT = "edit"
    PUBLISH = "publish"
    PUBLISH_ANYWAY = "anyway"
    DISCARD = "discard"
    WITHDRAW = "withdraw"
    ADD_PROPOSAL = "proposal"
    UNKNOWN = "unknown"

    @classmethod
    def _missing_(cls, value: object) -> "Action":
        return cls.UNKNOWN

    @property
    def opens_a_form(self) -> bool:
        """Whether a press brings a form to fill in, where the platform has forms."""
        return self in _FORMS

    @property
    def is_organisers(self) -> bool:
        """Whether only those who may answer may press it."""
        return self in _ORGANISERS


_ORGANISERS_FORMS = frozenset(
    (Action.ANSWER, Action.USE_REPLY, Action.ADD_WORDING, Action.CLOSE, Action.EDIT)
)
_FORMS = _ORGANISERS_FORMS | {Action.ASK_LECTURER}
_ORGANISERS = _ORGANISERS_FORMS | {
    Action.PUBLISH,
    Action.PUBLISH_ANYWAY,
    Action.DISCARD,
    Action.WITHDRAW,
    Action.ADD_PROPOSAL,
}


@dataclass(frozen=True, slots=True)
class Press:
    """Somebody pressed a button.

    Attributes:
        id: The platform's id of this interaction: the dedupe key.
        action: What the button does.
        about: The id of the ask, or, for organisers, of the escalation that it belongs to.
        argument: What the button carries besides, such as an entry's id.
        by: Who pressed it.
        on: The message that carries the button.
    """

    id: str
    action: Action
    about: str
    argument: str
    by: Person
    on: MessageRef


class FormKind(StrEnum):
    """What a form is for. The values are part of open forms: never rename one."""

    QUESTION = "question"
    """A question for the lecturers; its one field is ``QUESTION``."""
    ANSWER = "answer"
    """A lecturer's answer to a question."""
    WORDING = "wording"
    """A question that becomes a further wording of an entry."""
    CLOSING = "closing"
    """A question that nobody will answer, and why."""


QUESTION = "question"
"""The name of the field that holds a question."""


@dataclass(frozen=True, slots=True)
class Form:
    """Somebody sent a form.

    Attributes:
        id: The platform's id of this interaction: the dedupe key.
        kind: What it is for.
        about: The id of the ask, or, for organisers, of the escalation that it was opened from;
            empty where there was none.
        fields: What was filled in, by the field's name.
        by: Who sent it.
        where: The place to confirm at.
    """

    id: str
    kind: FormKind
    about: str
    fields: Mapping[str, str] = field(repr=False)
    by: Person
    where: Place

    @classmethod
    def of_question(cls, id: str, about: str, text: str, by: Person, where: Place) -> "Form":
        """Return the form that asks the lecturers ``text``."""
        return cls(id, FormKind.QUESTION, about, {QUESTION: text}, by, where)

    @property
    def text(self) -> str:
        """The question; empty where the form has none."""
        return self.fields.get(QUESTION, "")


class Obstacle(StrEnum):
    """Why a channel can't be watched, or left, by who asks. The value ends the text's key."""

    NOT_ALLOWED = "not_allowed"
    """Who asks doesn't manage the channel."""
    NOT_A_MEMBER = "not_a_member"
    """The bot isn't in the channel, or may not read there."""
    NO_INTENT = "no_intent"
    """The bot isn't given what is said without a mention of it."""
    UNCLEAR = "unclear"
    """The platform couldn't be asked."""


class Circle(StrEnum):
    """Who may answer for the lecturers. The value ends the text's key."""

    CHANNEL = "channel"
    """Who is in the organisers' channel."""
    GROUP = "group"
    """Who is in a user group."""
    ROLE = "role"
    """Who has a role."""


class Trouble(StrEnum):
    """What goes wrong before a worker has anything to do with it. The value is the text's key."""

    NOT_SAVED = "error.not_saved"
    FAILED = "error.failed"
    NOT_OPENED = "error.not_opened"
    """A form couldn't be shown in time."""
    NOT_HERE = "error.not_here"
    """This server isn't served."""
    UNKNOWN_BUTTON = "error.unknown_button"


def gated(item: Question | Press | Form) -> Question | Press | Form:
    """Let every text through the one gate, and none be without end."""
    match item:
        case Question():
            return replace(item, text=kept(item.text), asker=_named(item.asker))
        case Form():
            fields = {name: kept(text) for name, text in item.fields.items()}
            return replace(item, fields=fields, by=_named(item.by))
        case Press():
            return replace(item, by=_named(item.by))
        case _:
            assert_never(item)


def kept(text: str) -> str:
    """Return what is kept of a text."""
    return clean(text)[:LONGEST]


def _named(person: Person) -> Person:
    return replace(person, name=clean(person.name))
