"""What Slack sends, as questions, presses and forms. Pure: a payload in, a border type out."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from adapters.common import Malformed, filled_in, read
from adapters.slack import payloads
from adapters.slack.written import CODE, NOBODY, Names, plain, written
from bot.domain.inbound import (
    Action,
    Form,
    FormKind,
    MessageRef,
    Person,
    Place,
    Press,
    Question,
)

PLATFORM = "slack"
BUTTON = "faq"
"""What the ids of the bot's buttons start with; ``faq:<action>:<position>``."""
FORM = "faq:form"
"""The callback id of every form."""

# What people write themselves; every other subtype is Slack's or a bot's.
_SPOKEN = frozenset({None, "thread_broadcast", "file_share", "me_message"})
_SLACKBOT = "USLACKBOT"
DIRECT = "D"
"""What the ids of direct messages to the bot start with."""
_CALLED = re.compile(r"<(?:@(\w+)|!subteam\^)")
_SWITCH = re.compile(r"watch(?:\s+(\w{1,3}))?", re.IGNORECASE)
"""Of any short word it is the switch: ``watch of`` is no question."""


@dataclass(frozen=True, slots=True)
class Edited:
    """Somebody changed the words of a message."""

    ref: MessageRef
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Deleted:
    """Somebody deleted a message."""

    ref: MessageRef


@dataclass(frozen=True, slots=True)
class Switch:
    """``/faq watch on`` or ``off``; ``on`` is None where neither was written."""

    place: Place
    by: Person
    on: bool | None


class Origin(msgspec.Struct, frozen=True, omit_defaults=True, rename={"about": "ask"}):
    """What a form carries along: what it is about, and where its button was pressed.

    A form may be opened by one version and sent to another: only add what can be left out.
    """

    about: str
    workspace: str
    channel: str
    thread: str | None = None
    handle: str | None = None
    kind: FormKind = FormKind.QUESTION


def message(
    body: Mapping[str, object], names: Names = NOBODY
) -> Question | Edited | Deleted | None:
    """Read a message, its change or its deletion.

    Args:
        body: What was sent.
        names: What a reader sees of whom and what it mentions; without a name, that goes.

    Returns:
        None where no person wrote it, or it was said to other people by a mention.
    """
    delivery = read(body, payloads.Delivery)
    event = delivery.event
    if event.type not in ("app_mention", "message"):
        return None
    whose = delivery.authorizations[0] if delivery.authorizations else payloads.Authorization()
    # In a shared channel, team_id is the sender's; the authorization is always the bot's own.
    workspace = whose.team_id or delivery.team_id
    if not event.channel or not event.ts:
        raise Malformed("$.event lacks its channel or ts")
    before, now = event.previous_message, event.message
    if event.subtype == "message_deleted" and event.deleted_ts:
        return Deleted(_ref(workspace, event, before or event, event.deleted_ts))
    if event.subtype == "message_changed" and now is not None and now.subtype == "tombstone":
        # A deleted message that has a thread leaves a stone in its place.
        return Deleted(_ref(workspace, event, now, now.ts))
    if event.subtype == "message_changed" and now is not None and _is_spoken(now):
        # The preview of a link is a change too, but not of the words.
        if before is not None and before.text == now.text:
            return None
        return Edited(
            _ref(workspace, event, now, now.ts), written(now.text or "", now.blocks, names)
        )
    if not _is_spoken(event):
        return None
    text = event.text or ""
    me = whose.user_id
    called = {each[1] or each[0] for each in _CALLED.finditer(CODE.sub(" ", text))}
    # Within code a mention calls nobody, whatever Slack makes of it.
    quoted = me not in called and f"<@{me}" in text
    addressed = (
        event.channel.startswith(DIRECT)
        or me in called
        or (event.type == "app_mention" and not quoted)
    )
    if not addressed and called - {event.user}:
        return None  # it is theirs; who calls everybody (@channel) asks everybody
    asker = Person(event.user or "")
    ref = _ref(workspace, event, event, event.ts)
    return Question(ref, asker, written(text, event.blocks, names), addressed)


def joined(body: Mapping[str, object]) -> str | None:
    """Return the channel that the bot itself was invited to; None where somebody else joined."""
    delivery = read(body, payloads.JoinDelivery)
    mine = any(each.user_id == delivery.event.user for each in delivery.authorizations)
    return delivery.event.channel if mine else None


def command(body: Mapping[str, object]) -> Question | Switch:
    """Read ``/faq`` and what was written behind it."""
    given = read(body, payloads.Command)
    by = Person(given.user_id, given.user_name)
    switch = _SWITCH.fullmatch(given.text.strip())
    if switch is not None:
        place = Place(PLATFORM, given.team_id, given.channel_id)
        return Switch(place, by, {"on": True, "off": False}.get((switch[1] or "").lower()))
    place = Place(
        PLATFORM,
        given.team_id,
        given.channel_id,
        private_to=given.user_id,
        handle=given.response_url,
    )
    return Question(MessageRef(place, given.trigger_id), by, plain(given.text))


def shortcut(body: Mapping[str, object]) -> Question:
    """Read the shortcut on somebody's message: its words are the question of who chose it."""
    given = read(body, payloads.Shortcut)
    place = Place(
        PLATFORM,
        given.team.id if given.team else "",
        given.channel.id,
        thread=given.message.thread_ts or given.message.ts,
        private_to=given.user.id,
        handle=_handle(given.response_url, given.message.thread_ts),
    )
    # Not the message's own id: whoever wrote it may have asked the bot already.
    ref = MessageRef(place, given.trigger_id)
    words = written(given.message.text or "", given.message.blocks)
    return Question(ref, _person(given.user), words)


def press(body: Mapping[str, object]) -> Press:
    """Read a press of a button; where it isn't one that works (any more), of an unknown action."""
    given = read(body, payloads.Actions)
    thread = given.container.thread_ts or (given.message.thread_ts if given.message else None)
    channel = given.channel.id if given.channel else ""
    private = given.container.is_ephemeral
    # What comes of it belongs below the message, as a reply to a question does.
    begins = None if private or channel.startswith(DIRECT) else given.container.message_ts
    place = Place(
        PLATFORM,
        given.team.id if given.team else "",
        channel,
        thread or begins or None,
        private_to=given.user.id if private else None,
        handle=_handle(given.response_url, thread) if given.response_url else None,
    )
    button = given.actions[0] if given.actions else payloads.PressedButton("")
    start, _, rest = button.action_id.partition(":")
    on = MessageRef(place, given.container.message_ts)
    ours = start == BUTTON and button.value and on.message
    action = Action(rest.partition(":")[0]) if ours else Action.UNKNOWN
    about, _, argument = button.value.partition(":")
    return Press(given.trigger_id, action, about, argument, _person(given.user), on)


def form(given: payloads.Submission) -> Form | None:
    """Read a form; None where it is one that another version of the bot opened."""
    try:
        carried = msgspec.json.decode(given.view.private_metadata, type=Origin)
    except msgspec.DecodeError:
        return None
    where = Place(
        PLATFORM,
        carried.workspace,
        carried.channel,
        carried.thread,
        private_to=given.user.id,
        handle=carried.handle,
    )
    fields = filled_in(
        (block, each.value or (each.selected_option.value if each.selected_option else ""))
        for block, inputs in given.view.state.values.items()
        for each in inputs.values()
    )
    # One view is sent once, however often the button was clicked.
    by = _person(given.user)
    return Form(given.view.id, carried.kind, carried.about, fields, by, where)


def _is_spoken(said: payloads.Said) -> bool:
    """Whether a person wrote it."""
    by_person = said.user not in (None, "", _SLACKBOT) and said.bot_id is None
    return by_person and said.subtype in _SPOKEN


def _ref(workspace: str, event: payloads.MessageEvent, said: payloads.Said, ts: str) -> MessageRef:
    """Return a message's place; the reply belongs in its thread, or in a direct message itself."""
    thread = said.thread_ts or (None if event.channel.startswith(DIRECT) else ts)
    return MessageRef(Place(PLATFORM, workspace, event.channel, thread), ts)


def _handle(response_url: str, thread: str | None) -> str:
    """Return where to answer in private, with the thread that what is shown belongs in.

    Only a thread that there is: in one yet to begin, Slack shows nobody a private message.
    """
    return f"{response_url}#{thread}" if thread else response_url


def _person(user: payloads.User) -> Person:
    return Person(user.id, user.name or user.username)
