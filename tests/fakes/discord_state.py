"""The fake Discord's memory: channels, messages, interactions; and what it refuses to keep."""

import asyncio
import itertools
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

APP = BOT = "1000000000000000001"
BOT_ROLE, ORGANISERS_ROLE = "1000000000000000009", "1000000000000000008"
GUILD, OTHER_GUILD = "2000000000000000001", "2000000000004194305"
"""Divided into two shards, the first is in shard 1 and the other in shard 0."""
GENERAL, WATCHED, ORGANISERS, FORUM, ELSEWHERE = (
    f"300000000000000000{number}" for number in range(1, 6)
)
TOKEN = "fake.discord.token"
EPHEMERAL, LOADING, SILENT = 1 << 6, 1 << 7, 1 << 12
MANAGE_CHANNELS, VIEW_CHANNEL = 1 << 4, 1 << 10
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
    def pinged(self) -> str | None:
        """Who is notified of it: mentioned in the words and allowed to be."""
        allowed = self.allowed_mentions.get("users", [])
        return next((each for each in allowed if f"<@{each}>" in self.content), None)

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
    overwrites: list[Json] = field(default_factory=list)

    def hide_from_others(self, *roles: str) -> None:
        """Let only the bot and those with a role see it."""
        seen = [{"id": each, "type": 0, "allow": str(VIEW_CHANNEL), "deny": "0"}
                for each in (BOT_ROLE, *roles)]  # fmt: skip
        hidden = {"id": self.guild, "type": 0, "allow": "0", "deny": str(VIEW_CHANNEL)}
        self.overwrites = [hidden, *seen]


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
        until: What it waits for besides, if anything.
        body: In place of Discord's usual one.
    """

    status: int
    code: int = 0
    after: bool = False
    wait: float = 0.0
    until: asyncio.Event | None = None
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
        shut: Channels that the bot can't use (any more): the status and code that it is told.
        refused: Payloads of the bot's that Discord would refuse as malformed.
    """

    channels: dict[str, Channel] = field(default_factory=dict)
    posts: list[Post] = field(default_factory=list)
    interactions: dict[str, Interaction] = field(default_factory=dict)
    nonces: dict[tuple[str, str], str] = field(default_factory=dict)
    denied: set[str] = field(default_factory=set)
    shut: dict[str, tuple[int, int]] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    faults: dict[str, deque[Fault]] = field(default_factory=dict)
    keeps_nonces: bool = True

    def __post_init__(self) -> None:
        for id_, kind, name in (
            (GENERAL, 0, "general"), (WATCHED, 0, "watched"), (ORGANISERS, 0, "organisers"),
            (FORUM, 15, "forum"),
        ):  # fmt: skip
            self.channels[id_] = Channel(id_, kind, name)
        self.channels[ORGANISERS].hide_from_others(ORGANISERS_ROLE)
        self.channels[ELSEWHERE] = Channel(ELSEWHERE, 0, "elsewhere", guild=OTHER_GUILD)

    def channel(self, id_: str) -> Channel:
        if id_ not in self.channels:
            raise Refusal(404, 10003, "Unknown Channel")
        found = self.channels[id_]
        for each in (id_, found.parent):
            if each in self.shut:
                raise Refusal(*self.shut[each])
        return found

    def post(self, channel: str, id_: str) -> Post:
        self.channel(channel)
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

    def check(self, payload: Json, *, form: bool = False) -> None:
        """Refuse what Discord refuses of a message, or of a form."""
        for fault in form_faults(payload) if form else message_faults(payload):
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


def message_faults(payload: Json) -> Iterator[str]:
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
    inside = [each for row in rows for each in row["components"]]
    yield from _id_faults(inside)
    for each in inside:
        if each["type"] == 2 and not 0 < units(each["label"]) <= 80:
            yield "label"
        if each["type"] == 3:
            yield from _select_faults(each)
    pinged = payload.get("allowed_mentions", {})
    if pinged.get("users") and "users" in pinged.get("parse", ()):
        yield "allowed mentions: users twice"
    if not all(each.isdecimal() for each in pinged.get("users", ())):
        yield "allowed mentions: no id"


def form_faults(form: Json) -> Iterator[str]:
    """Say what Discord refuses of a modal."""
    labels = form["components"]
    if not 0 < units(form["title"]) <= 45:
        yield "title"
    if not 0 < len(labels) <= 5:
        yield "fields"
    if any(each["type"] != 18 or not 0 < units(each["label"]) <= 45 for each in labels):
        yield "field label"
    if any(not 0 < units(each.get("description", "?")) <= 100 for each in labels):
        yield "field description"
    fields = [each["component"] for each in labels]
    yield from _id_faults([form, *fields])
    for each in fields:
        match each["type"]:
            case 3:
                yield from _select_faults(each)
                if each["required"] and each.get("min_values") == 0:
                    yield "required, but nothing need be chosen"
            case 4:
                most = each.get("max_length", 4000)
                if each["style"] not in (1, 2) or not 0 < most <= 4000 or "label" in each:
                    yield "text input"
                if units(each.get("value", "")) > most:
                    yield "value"
            case other:
                yield f"component {other}"


def _id_faults(parts: list[Json]) -> Iterator[str]:
    ids = [each["custom_id"] for each in parts]
    if len(set(ids)) != len(ids) or any(not 0 < len(each) <= 100 for each in ids):
        yield "custom ids"


def _select_faults(select: Json) -> Iterator[str]:
    options = select["options"]
    if not 0 < len(options) <= 25:
        yield "options"
    values = [each["value"] for each in options]
    if len(set(values)) != len(values):
        yield "two options of one value"
    if sum(each.get("default", False) for each in options) > select.get("max_values", 1):
        yield "too many defaults"
    for each in options:
        if not 0 < units(each["label"]) <= 100 or not 0 < units(each["value"]) <= 100:
            yield "option"
        if units(each.get("description", "")) > 100:
            yield "option description"
