"""The fake Discord's memory: channels, messages, interactions; and what it refuses to keep."""

import itertools
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

APP = BOT = "1000000000000000001"
BOT_ROLE = "1000000000000000009"
GUILD, OTHER_GUILD = "2000000000000000001", "2000000000000000002"
GENERAL, WATCHED, ORGANISERS, FORUM, ELSEWHERE = (
    f"300000000000000000{number}" for number in range(1, 6)
)
TOKEN = "fake.discord.token"
EPHEMERAL, LOADING = 1 << 6, 1 << 7
MANAGE_CHANNELS = 1 << 4
_EPOCH = 1420070400000
_counter = itertools.count(1)


def snowflake(at: float | None = None) -> str:
    """Return an id made now, greater than every one before it."""
    ms = int((time.time() if at is None else at) * 1000) - _EPOCH
    return str(ms << 22 | next(_counter) % (1 << 22))


@dataclass
class Post:
    """A message, as the client shows it."""

    id: str
    channel: str
    author: str
    content: str = ""
    embeds: list[Json] = field(default_factory=list)
    components: list[Json] = field(default_factory=list)
    reply_to: str | None = None
    pings: bool = True
    flags: int = 0
    only_for: str | None = None
    nonce: str | None = None
    deleted: bool = False
    edited: bool = False
    is_bot: bool = False
    type: int = 0
    webhook: str | None = None
    allowed_mentions: Json = field(default_factory=dict)

    @property
    def buttons(self) -> list[str]:
        return [b["label"] for row in self.components for b in row["components"] if b["type"] == 2]

    def custom_id(self, label: str) -> str:
        """Return the id of the first button whose label begins so."""
        return next(b["custom_id"] for row in self.components for b in row["components"]
                    if b.get("label", "").startswith(label))  # fmt: skip

    @property
    def words(self) -> str:
        """Everything that is read, from top to bottom, without the escapes."""
        return "\n".join(shown(text) for text in _texts(self))


@dataclass
class Channel:
    """A channel, forum, thread or direct message."""

    id: str
    type: int
    name: str = ""
    parent: str | None = None
    guild: str = GUILD
    recipient: str | None = None
    archived: bool = False
    locked: bool = False
    starter: bool = True


@dataclass
class Interaction:
    """What is known of an interaction."""

    id: str
    token: str
    channel: str
    user: str
    on: str | None = None
    answered: int | None = None
    original: str | None = None
    ephemeral: bool = False
    data: Json = field(default_factory=dict)
    expired: bool = False


@dataclass
class Fault:
    """What a request meets instead of its answer.

    Attributes:
        status: The HTTP status; 0: the connection is cut; below: nothing goes wrong.
        code: Discord's own.
        after: The request takes effect all the same.
        wait: Seconds until it is answered.
        body: In place of Discord's usual one.
    """

    status: int
    code: int = 0
    after: bool = False
    wait: float = 0.0
    headers: dict[str, str] = field(default_factory=dict)
    body: Json | None = None


class Refusal(Exception):
    """Discord refuses: a status and its own code."""

    def __init__(self, status: int, code: int, message: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.code = code


@dataclass
class World:
    """Everything that the fake keeps.

    Attributes:
        denied: What the bot may not do: send, threads, send in threads, dm.
        refused: Payloads of the bot's that Discord would refuse as malformed.
    """

    channels: dict[str, Channel] = field(default_factory=dict)
    posts: list[Post] = field(default_factory=list)
    interactions: dict[str, Interaction] = field(default_factory=dict)
    nonces: dict[tuple[str, str], str] = field(default_factory=dict)
    denied: set[str] = field(default_factory=set)
    refused: list[str] = field(default_factory=list)
    faults: dict[str, deque[Fault]] = field(default_factory=dict)
    keeps_nonces: bool = True

    def __post_init__(self) -> None:
        for id_, kind, name in (
            (GENERAL, 0, "general"), (WATCHED, 0, "watched"), (ORGANISERS, 0, "organisers"),
            (FORUM, 15, "forum"),
        ):  # fmt: skip
            self.channels[id_] = Channel(id_, kind, name)
        self.channels[ELSEWHERE] = Channel(ELSEWHERE, 0, "elsewhere", guild=OTHER_GUILD)

    def channel(self, id_: str) -> Channel:
        if id_ not in self.channels:
            raise Refusal(404, 10003, "Unknown Channel")
        return self.channels[id_]

    def post(self, channel: str, id_: str) -> Post:
        for each in self.posts:
            if each.id == id_ and each.channel == channel and not each.deleted:
                return each
        raise Refusal(404, 10008, "Unknown Message")

    def add(self, post: Post) -> Post:
        self.posts.append(post)
        return post

    def direct(self, user: str) -> Channel:
        for each in self.channels.values():
            if each.recipient == user:
                return each
        made = Channel(snowflake(), 1, recipient=user, guild="")
        self.channels[made.id] = made
        return made

    def check(self, payload: Json) -> None:
        """Refuse what Discord refuses."""
        for fault in _faults(payload):
            self.refused.append(fault)
            raise Refusal(400, 50035, fault)


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def shown(text: str) -> str:
    """Return a text as the client shows it: without escapes and the brackets of links."""
    out, at = "", 0
    while at < len(text):
        if text[at] == "\\" and at + 1 < len(text) and not text[at + 1].isalnum():
            out, at = out + text[at + 1], at + 2
        elif text.startswith(("<http://", "<https://"), at):
            end = text.index(">", at)
            out, at = out + text[at + 1 : end], end + 1
        else:
            out, at = out + text[at], at + 1
    return out.removeprefix("-# ")


def _texts(post: Post) -> Iterator[str]:
    if post.content:
        yield post.content
    for embed in post.embeds:
        if "author" in embed:
            yield embed["author"]["name"]
        yield from (embed[k] for k in ("title", "description") if k in embed)
        yield from (f["value"] for f in embed.get("fields", []))
        if "footer" in embed:
            yield embed["footer"]["text"]


def _faults(payload: Json) -> Iterator[str]:
    embeds, rows = payload.get("embeds") or [], payload.get("components") or []
    if not (payload.get("content") or embeds or rows):
        yield "empty message"
    if units(payload.get("content") or "") > 2000:
        yield "content > 2000"
    if len(embeds) > 10:
        yield "embeds > 10"
    total = 0
    for embed in embeds:
        limits = [("description", 4096), ("title", 256)]
        sizes = [(k, units(embed[k]), most) for k, most in limits if k in embed]
        if "author" in embed:
            sizes.append(("author", units(embed["author"]["name"]), 256))
        if "footer" in embed:
            sizes.append(("footer", units(embed["footer"]["text"]), 2048))
        for each in embed.get("fields", []):
            sizes.append(("field name", units(each["name"]), 256))
            sizes.append(("field value", units(each["value"]), 1024))
        yield from (f"{name}: {size}" for name, size, most in sizes if not 0 < size <= most)
        total += sum(size for _, size, _ in sizes)
        if not sizes:
            yield "empty embed"
    if total > 6000:
        yield "embeds > 6000"
    if len(rows) > 5 or any(not 0 < len(row["components"]) <= 5 for row in rows):
        yield "rows"
    ids = [c["custom_id"] for row in rows for c in row["components"]]
    if len(set(ids)) != len(ids) or any(not 0 < len(each) <= 100 for each in ids):
        yield "custom ids"
    for row in rows:
        for each in row["components"]:
            if each["type"] == 2 and not 0 < units(each["label"]) <= 80:
                yield "label"
            if each["type"] == 3 and not 0 < len(each["options"]) <= 25:
                yield "options"
            for option in each.get("options", []):
                if not 0 < units(option["label"]) <= 100 or len(option["value"]) > 100:
                    yield "option"
