"""What comes in from a platform: a question, a press of a button, a submitted form."""

from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Place:
    """Where something was said and where the reply belongs.

    Attributes:
        platform: ``slack``, ``discord`` or ``console``.
        workspace: The platform's id of the team or guild; empty in a Discord direct message.
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
        entry: The id of the entry that the asker picked from a completion; None where they typed.
    """

    ref: MessageRef
    asker: Person
    text: str = field(repr=False)
    addressed: bool = True
    entry: str | None = None


class Action(StrEnum):
    """What a button does. The values are part of stored messages: never rename one."""

    USEFUL = "useful"
    WRONG = "wrong"
    RETRACT = "retract"
    CHOOSE = "choose"
    NONE_OF_THESE = "none"
    ASK_LECTURER = "lecturer"
    SHARE = "share"
    SEARCH_AGAIN = "again"


@dataclass(frozen=True, slots=True)
class Press:
    """Somebody pressed a button.

    Attributes:
        id: The platform's id of this interaction: the dedupe key.
        action: What the button does.
        ask: The ask that the button belongs to.
        argument: What the button carries besides, such as an entry's id.
        by: Who pressed it.
        on: The message that carries the button.
    """

    id: str
    action: Action
    ask: str
    argument: str
    by: Person
    on: MessageRef


@dataclass(frozen=True, slots=True)
class Form:
    """Somebody sent the form that asks the lecturers.

    Attributes:
        id: The platform's id of this interaction: the dedupe key.
        ask: The ask that the form was opened from; empty where there was none.
        text: The question as the asker left it in the form.
        by: Who sent it.
        where: The place to confirm at.
    """

    id: str
    ask: str
    text: str = field(repr=False)
    by: Person
    where: Place
