"""What Slack sends, as questions, presses and forms. Pure: a payload in, a border type out."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from adapters.slack import payloads
from adapters.slack.payloads import Malformed, read
from bot.domain import text as gate
from bot.domain.inbound import Action, Form, MessageRef, Person, Place, Press, Question

PLATFORM = "slack"
BUTTON = "faq"
"""What the ids of the bot's buttons start with; ``faq:<action>:<position>``."""
FORM = "faq:form"
"""The callback id of the form that asks the lecturers."""

# What people write themselves; every other subtype is Slack's or a bot's.
_SPOKEN = frozenset({None, "thread_broadcast", "file_share", "me_message"})
_SLACKBOT = "USLACKBOT"
_SPECIAL = re.compile(r"<([^<>]+)>")
_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]+`", re.DOTALL)
_CALLED = re.compile(r"<(?:@(\w+)|!subteam\^)")
_SWITCH = re.compile(r"watch(?:\s+(on|off))?", re.IGNORECASE)


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

    on: bool | None


class Origin(msgspec.Struct, frozen=True):
    """What the form carries along: the ask, and where its button was pressed."""

    ask: str
    workspace: str
    channel: str
    thread: str | None = None
    handle: str | None = None


def message(body: Mapping[str, object]) -> Question | Edited | Deleted | None:
    """Read a message, its change or its deletion.

    Returns:
        None where no person wrote it, or it was said to other people by a mention.
    """
    delivery = read(body, payloads.Delivery)
    if delivery.event.type not in ("app_mention", "message"):
        return None
    event = read(body, payloads.MessageDelivery).event
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
        return Edited(_ref(workspace, event, now, now.ts), plain(now.text or ""))
    if not _is_spoken(event):
        return None
    text = event.text or ""
    addressed = (
        delivery.event.type == "app_mention"
        or _is_direct(event)
        or (whose.user_id is not None and f"<@{whose.user_id}" in text)
    )
    if not addressed and _is_to_others(text, event.user):
        return None
    asker = Person(event.user or "")
    ref = _ref(workspace, event, event, event.ts)
    return Question(ref, asker, plain(text), addressed)


def command(body: Mapping[str, object]) -> Question:
    """Read ``/faq`` and what was written behind it."""
    given = read(body, payloads.Command)
    place = Place(
        PLATFORM,
        given.team_id,
        given.channel_id,
        private_to=given.user_id,
        handle=given.response_url,
    )
    asker = Person(given.user_id, given.user_name)
    return Question(MessageRef(place, given.trigger_id), asker, plain(given.text))


def command_text(body: Mapping[str, object]) -> str:
    """Return what was written behind ``/faq``."""
    return read(body, payloads.Command).text.strip()


def switch(text: str) -> Switch | None:
    """Read a command that switches watching; None where it is a question."""
    found = _SWITCH.fullmatch(text)
    if found is None:
        return None
    return Switch(None if found[1] is None else found[1].lower() == "on")


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
    return Question(ref, _person(given.user), plain(given.message.text or ""))


def press(body: Mapping[str, object]) -> Press | None:
    """Read a press of a button; None where it isn't one that works (any more)."""
    given = read(body, payloads.Actions)
    action = _action(given)
    if action is None or action is Action.ASK_LECTURER:
        return None
    ask, _, argument = given.actions[0].value.partition(":")
    on = MessageRef(_place(given), given.container.message_ts)
    return Press(given.trigger_id, action, ask, argument, _person(given.user), on)


def origin(body: Mapping[str, object]) -> Origin:
    """Read where the button that opens the form was pressed."""
    given = read(body, payloads.Actions)
    place = _place(given)
    ask = given.actions[0].value.partition(":")[0] if given.actions else ""
    return Origin(ask, place.workspace, place.channel, place.thread, place.handle)


def form(body: Mapping[str, object]) -> Form | None:
    """Read the form that asks the lecturers; None where it is another modal, or empty."""
    given = read(body, payloads.Submission)
    if given.view.callback_id != FORM:
        return None
    text = gate.clean(_typed(given.view)).strip()
    if gate.is_blank(text):
        return None
    try:
        carried = msgspec.json.decode(given.view.private_metadata, type=Origin)
    except msgspec.DecodeError:
        raise Malformed("view.private_metadata isn't the bot's") from None
    where = Place(
        PLATFORM,
        carried.workspace,
        carried.channel,
        carried.thread,
        private_to=given.user.id,
        handle=carried.handle,
    )
    # One view is sent once, however often the button was clicked.
    return Form.of_question(given.view.id, carried.ask, text, _person(given.user), where)


def field_block(body: Mapping[str, object]) -> str:
    """Return the id of the form's block that was typed into."""
    return next(iter(read(body, payloads.Submission).view.state.values), "")


def plain(text: str) -> str:
    """Return what a person wrote without Slack's markup.

    Mentions of people and groups go; channels and links keep their name.

    Args:
        text: A message's text, such as ``<@U0BOT> <#C1|faq> &amp; <https://a.jp|here>``.
    """
    bare = _SPECIAL.sub(_name, text)
    for entity, char in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        bare = bare.replace(entity, char)
    return gate.clean(bare).strip()


def _name(special: re.Match[str]) -> str:
    """Return what stays of ``<…>``: a label, an address, or a blank where it was a mention."""
    target, _, label = special[1].partition("|")
    if target.startswith("@") or (target.startswith("!") and not target.startswith("!date")):
        return " "
    return f"#{label}" if target.startswith("#") else label or target


def _is_spoken(said: payloads.Message) -> bool:
    """Whether a person wrote it."""
    by_person = said.user not in (None, "", _SLACKBOT) and said.bot_id is None
    return by_person and said.subtype in _SPOKEN


def _is_to_others(text: str, author: str | None) -> bool:
    """Whether it calls somebody or a group; who calls everybody (@channel) asks everybody."""
    return any(called[1] != author for called in _CALLED.finditer(_CODE.sub(" ", text)))


def _is_direct(event: payloads.MessageEvent) -> bool:
    return event.channel_type == "im" or event.channel.startswith("D")


def _ref(
    workspace: str, event: payloads.MessageEvent, said: payloads.Message, ts: str
) -> MessageRef:
    """Return a message's place; the reply belongs in its thread, or in a direct message itself."""
    thread = said.thread_ts or (None if _is_direct(event) else ts)
    return MessageRef(Place(PLATFORM, workspace, event.channel, thread), ts)


def _action(given: payloads.Actions) -> Action | None:
    if not given.actions or not given.actions[0].value or not given.container.message_ts:
        return None
    start, _, rest = given.actions[0].action_id.partition(":")
    if start != BUTTON:
        return None
    try:
        return Action(rest.partition(":")[0])
    except ValueError:
        return None


def _place(given: payloads.Actions) -> Place:
    """Return where the button's message stands, and for whom."""
    thread = given.container.thread_ts or (given.message.thread_ts if given.message else None)
    return Place(
        PLATFORM,
        given.team.id if given.team else "",
        given.channel.id if given.channel else "",
        thread,
        private_to=given.user.id if given.container.is_ephemeral else None,
        handle=_handle(given.response_url, thread) if given.response_url else None,
    )


def _handle(response_url: str, thread: str | None) -> str:
    """Return where to answer in private, with the thread that what is shown belongs in.

    Only a thread that there is: in one yet to begin, Slack shows nobody a private message.
    """
    return f"{response_url}#{thread}" if thread else response_url


def _person(user: payloads.User) -> Person:
    return Person(user.id, user.name or user.username)


def _typed(view: payloads.View) -> str:
    fields = (each for block in view.state.values.values() for each in block.values())
    return next((each.value or "" for each in fields), "")
