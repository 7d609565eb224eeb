"""The shapes of what Slack sends, as far as the bot reads them. Other fields are ignored."""

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType, field


class Said(Struct):
    """A message, in an event of its own or within another."""

    ts: str = ""
    user: str | None = None
    text: str | None = None
    thread_ts: str | None = None
    bot_id: str | None = None
    subtype: str | None = None
    blocks: object = None  # nested to any depth; read by ``written``


class MessageEvent(Said, kw_only=True):
    """``message`` in all its subtypes, and ``app_mention``."""

    type: str
    channel: str = ""
    deleted_ts: str = ""
    message: Said | None = None
    previous_message: Said | None = None


class Authorization(Struct):
    """For whom an event is delivered."""

    team_id: str | None = None
    user_id: str | None = None


class Typed(Struct):
    """An event or a view of which only the type is known."""

    type: str
    callback_id: str = ""


class Delivery(Struct):
    """An Events API payload with a message inside."""

    event: MessageEvent
    team_id: str = ""
    authorizations: tuple[Authorization, ...] = ()


class JoinEvent(Struct):
    """Somebody joined a channel."""

    user: str
    channel: str


class JoinDelivery(Struct):
    """An Events API payload for who joined a channel."""

    event: JoinEvent
    authorizations: tuple[Authorization, ...] = ()


class HomeEvent(Struct):
    """Somebody opened one of the app's tabs."""

    user: str
    tab: str = "home"


class HomeDelivery(Struct):
    """An Events API payload for an opened tab."""

    event: HomeEvent


class Id(Struct):
    """A thing of which the id is enough."""

    id: str = ""


class User(Struct):
    """Who acted."""

    id: str
    name: str = ""
    username: str = ""


class Command(Struct):
    """A slash command."""

    user_id: str
    channel_id: str
    trigger_id: str
    response_url: str
    text: str = ""
    team_id: str = ""
    user_name: str = ""


class Shortcut(Struct):
    """A message shortcut: somebody chose the bot's entry in a message's menu."""

    trigger_id: str
    response_url: str
    user: User
    channel: Id
    message: Said
    team: Id | None = None


class PressedButton(Struct):
    """The button itself."""

    action_id: str
    value: str = ""


class Envelope(Struct):
    """What bolt relies on, unchecked, until a listener is found; null is no object to it."""

    type: str = ""
    event: Typed | UnsetType = UNSET
    actions: Annotated[tuple[PressedButton, ...], Meta(min_length=1)] | UnsetType = UNSET
    view: Typed | UnsetType = UNSET
    command: str | UnsetType = UNSET
    callback_id: str | UnsetType = UNSET
    action_id: str | UnsetType = UNSET
    message: dict[str, object] | UnsetType = UNSET
    authorizations: tuple[dict[str, object], ...] | None = None


class Container(Struct):
    """The message that carries the button."""

    type: str = ""
    message_ts: str = ""
    thread_ts: str | None = None
    is_ephemeral: bool = False


class Actions(Struct):
    """A press of a button in a message, the Home tab or a modal."""

    trigger_id: str
    user: User
    actions: tuple[PressedButton, ...]
    container: Container
    channel: Id | None = None
    message: Said | None = None
    team: Id | None = None
    response_url: str | None = None


class Option(Struct):
    """One of several to choose from."""

    value: str = ""


class Input(Struct):
    """What was typed or chosen."""

    value: str | None = None
    selected_option: Option | None = None


class Suggestion(Struct):
    """Somebody types into a field that is completed."""

    value: str = ""


class Inputs(Struct):
    """What was filled in, by block and action."""

    values: dict[str, dict[str, Input]] = field(default_factory=dict)


class View(Struct):
    """A submitted modal."""

    id: str
    private_metadata: str = ""
    state: Inputs = field(default_factory=Inputs)


class Submission(Struct):
    """Somebody sent a modal."""

    user: User
    view: View


class Metadata(Struct):
    """What an app wrote into its message, for itself."""

    event_type: str = ""
    event_payload: dict[str, object] = field(default_factory=dict)


class Posted(Struct):
    """A message of a thread or a channel, as it is read back."""

    ts: str
    metadata: Metadata | None = None


class Cursor(Struct):
    """Where the next page begins."""

    next_cursor: str = ""


class Posts(Struct):
    """One page of a thread or a channel."""

    messages: tuple[Posted, ...] = ()
    response_metadata: Cursor | None = None


class Channel(Struct):
    """A channel, as far as it matters to the bot."""

    name: str = ""
    creator: str = ""
    is_member: bool = False
    is_archived: bool = False
    is_read_only: bool = False


class ChannelInfo(Struct):
    """The answer of ``conversations.info``."""

    channel: Channel


class Opened(Struct):
    """The answer of ``conversations.open``."""

    channel: Id


class Members(Struct):
    """One page of those who are in a channel."""

    members: tuple[str, ...] = ()
    response_metadata: Cursor | None = None


class GroupMembers(Struct):
    """The answer of ``usergroups.users.list``."""

    users: tuple[str, ...] = ()


class Profile(Struct):
    """What somebody is called."""

    display_name: str = ""
    real_name: str = ""


class Member(Struct):
    """Somebody in the workspace, and their roles there."""

    profile: Profile = field(default_factory=Profile)
    is_admin: bool = False
    is_owner: bool = False
    is_primary_owner: bool = False


class MemberInfo(Struct):
    """The answer of ``users.info``."""

    user: Member
