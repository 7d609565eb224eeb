"""The fake Discord's gateway: sessions, heartbeats, resuming, and the ways it ends."""

import contextlib
import itertools
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from aiohttp import WSMsgType, web

from tests.fakes.discord_api import channel_json, user
from tests.fakes.discord_state import (
    APP,
    BOT,
    BOT_ROLE,
    GUILD,
    ORGANISERS_ROLE,
    OTHER_GUILD,
    Json,
    World,
)
from tests.fakes.waiting import HANG, until

CONTENT = 1 << 15
"""The intent for the words of messages."""
ADMINISTRATOR = 1 << 3


@dataclass
class Session:
    """What was sent to one session, to send it again after a resume.

    Attributes:
        shard: Its number, and how many there are.
        socket: Its connection; None: it is broken, and may be resumed.
    """

    id: str
    intents: int
    shard: tuple[int, int]
    socket: web.WebSocketResponse | None = None
    events: list[Json] = field(default_factory=list)

    def hears(self, data: Json) -> bool:
        """Whether an event is for it: of its servers, or, in the first shard, of none."""
        number, of = self.shard
        return (int(data.get("guild_id") or 0) >> 22) % of == number


class Gateway:
    """Serves one bot, in as many shards and processes as it likes.

    Attributes:
        granted: Privileged intents that the bot may ask for.
        acks: Answer heartbeats.
        interval: Seconds between two heartbeats.
        permissions: What everybody may do, and the bot's role; administrators see everything.
        refuses: A close code to answer the next IDENTIFY with.
        forgets: Resuming fails: the session is gone.
        ends: What is done with each connection as soon as the bot has signed in or resumed.
        connections: When each was made, by the monotonic clock.
        identifies, resumes: How often each happened.
        shards: How many it recommends.
        pause: Seconds between two sign-ins of shards that may not sign in at once; whoever is
            earlier is told that its session is invalid.
        at_once: How many shards may.
        left: How many sign-ins the day has left.
        reset_after: Seconds until there are more.
        early: How often somebody was earlier.
    """

    def __init__(self, world: World, url: Callable[[], str]) -> None:
        self._world = world
        self._url = url
        self._ids = itertools.count(1)
        self.granted = CONTENT
        self.acks = True
        self.interval = 30.0
        self.permissions = (1 << 47) - 1 & ~ADMINISTRATOR
        self.refuses: int | None = None
        self.forgets = False
        self.frozen = False
        self.ends: Callable[[], Awaitable[None]] | None = None
        self.connections: list[float] = []
        self.identifies = self.resumes = 0
        self.shards, self.at_once, self.pause = 1, 1, 0.0
        self.left, self.reset_after, self.early = 1000, 0.0, 0
        self._identified: dict[int, float] = {}
        self.sessions: dict[str, Session] = {}

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        self.connections.append(time.monotonic())
        socket = web.WebSocketResponse(heartbeat=None)
        await socket.prepare(request)
        interval = int(self.interval * 1000)
        await socket.send_json({"op": 10, "d": {"heartbeat_interval": interval}})
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                break
            given = json.loads(message.data)
            match given["op"]:
                case 1 if self.acks and not self.frozen:
                    await socket.send_json({"op": 11})
                case 2:
                    await self._identify(socket, given["d"])
                case 6:
                    await self._resume(socket, given["d"])
            if self.ends is not None and given["op"] in (2, 6):
                await self.ends()
        for session in self.sessions.values():
            if session.socket is socket:
                session.socket = None
        return socket

    def described(self) -> Json:
        """Return where it is, and how it wants to be used."""
        limit = {"total": 1000, "remaining": self.left, "reset_after": 1000 * self.reset_after,
                 "max_concurrency": self.at_once}  # fmt: skip
        return {"url": self._url(), "shards": self.shards, "session_start_limit": limit}

    async def dispatch(self, kind: str, data: Json) -> None:
        """Send an event; a session that isn't connected gets it when it resumes."""
        for session in tuple(self.sessions.values()):
            if session.hears(data) and not self.forgets:
                await self._send(session, kind, data)

    async def _send(self, session: Session, kind: str, data: Json) -> None:
        hidden = kind == "MESSAGE_CREATE" and not session.intents & CONTENT
        if hidden and not _may_read(data):
            data = data | {"content": "", "embeds": [], "components": []}
        event = {"op": 0, "t": kind, "s": len(session.events) + 1, "d": data}
        session.events.append(event)
        if session.socket is not None and not self.frozen:
            # A bot that was killed is told of nothing; it hears it when it resumes.
            with contextlib.suppress(ConnectionError):
                await session.socket.send_json(event)

    async def close(self, code: int) -> None:
        """End every connection."""
        for socket in self._break():
            await socket.close(code=code)

    async def op(self, code: int, data: object = None) -> None:
        """Send an operation, such as 7 (reconnect) or 9 (session invalid)."""
        for session in self.connected_sessions:
            assert session.socket is not None
            await session.socket.send_json({"op": code, "d": data})

    def reset(self) -> None:
        """Cut every connection without a word."""
        for socket in self._break():
            transport = socket._req.transport if socket._req else None
            if transport is not None:
                transport.abort()

    def drop(self) -> None:
        """Forget all connections: the bot was killed, or will be."""
        self._break()

    async def connected(self, seconds: float = HANG) -> None:
        """Wait until a bot is connected."""
        await until(lambda: self.connected_sessions, seconds)

    @property
    def connected_sessions(self) -> list[Session]:
        return [each for each in self.sessions.values() if each.socket is not None]

    def _break(self) -> list[web.WebSocketResponse]:
        """Take every session its connection away; return the connections."""
        broken = [each.socket for each in self.connected_sessions if each.socket is not None]
        for session in self.sessions.values():
            session.socket = None
        return broken

    async def _identify(self, socket: web.WebSocketResponse, given: Json) -> None:
        self.identifies += 1
        self.left -= 1
        number, of = given.get("shard", (0, 1))
        now, bucket = time.monotonic(), number % self.at_once
        if now - self._identified.get(bucket, -self.pause) < self.pause:
            self.early += 1
            await socket.send_json({"op": 9, "d": False})
            return
        self._identified[bucket] = now
        if self.refuses is not None:
            await socket.close(code=self.refuses)
            return
        if given["intents"] & CONTENT & ~self.granted:
            await socket.close(code=4014)
            return
        # Whoever signs in anew resumes no other session of that shard any more.
        for id_, each in tuple(self.sessions.items()):
            if each.socket is None and each.shard == (number, of):
                del self.sessions[id_]
        session = Session(f"session-{next(self._ids)}", given["intents"], (number, of))
        self.sessions[session.id] = session
        self.forgets = False
        guilds = [each for each in (GUILD, OTHER_GUILD) if session.hears({"guild_id": each})]
        await self._send(session, "READY", {
            "v": 10, "user": user(BOT), "session_id": session.id, "resume_gateway_url": self._url(),
            "guilds": [{"id": each, "unavailable": True} for each in guilds],
            "application": {"id": APP, "flags": 0}, "shard": [number, of],
        })  # fmt: skip
        for guild in guilds:
            await self._send(session, "GUILD_CREATE", self.guild(guild))
        await self._attach(session, socket, 0)

    async def _resume(self, socket: web.WebSocketResponse, given: Json) -> None:
        self.resumes += 1
        session = self.sessions.get(given["session_id"])
        if session is None or self.forgets:
            self.forgets = False
            await socket.send_json({"op": 9, "d": False})
            return
        await self._send(session, "RESUMED", {})
        await self._attach(session, socket, given["seq"])

    async def _attach(self, session: Session, socket: web.WebSocketResponse, seq: int) -> None:
        """Send all that a session missed, in order; from then on each event as it comes."""
        while seq < len(session.events):
            await socket.send_json(session.events[seq])
            seq += 1
        session.socket = socket

    def guild(self, guild: str) -> Json:
        channels = [c for c in self._world.channels.values() if c.guild == guild]
        lasts = {c.id: self._last_message(c.id) for c in channels}
        as_json = [channel_json(c) | {"last_message_id": lasts[c.id]} for c in channels]
        return {
            "id": guild, "name": "symposium", "owner_id": "1", "roles": [
                _role(guild, "@everyone", {}, self.permissions),
                _role(BOT_ROLE, "FAQ", {"bot_id": BOT}, self.permissions),
                _role(ORGANISERS_ROLE, "運営", {}, 0),
                _role("777", "係", {}, 0),
            ],
            "channels": [c for c in as_json if not c["parent_id"]],
            "threads": [c for c in as_json if c["parent_id"]],
            "members": [{"user": user(BOT), "roles": [BOT_ROLE], "joined_at": None, "flags": 0,
                         "deaf": False, "mute": False}],
            "member_count": 3, "large": False, "unavailable": False, "emojis": [], "features": [],
            "verification_level": 0, "default_message_notifications": 0, "system_channel_flags": 0,
            "explicit_content_filter": 0, "mfa_level": 0, "premium_tier": 0, "nsfw_level": 0,
            "preferred_locale": "ja", "afk_timeout": 0, "premium_progress_bar_enabled": False,
            "voice_states": [], "presences": [], "stage_instances": [], "stickers": [],
            "guild_scheduled_events": [],
        }  # fmt: skip

    def _last_message(self, channel: str) -> str | None:
        ids = [post.id for post in self._world.posts if post.channel == channel]
        return ids[-1] if ids else None


def _may_read(message: Json) -> bool:
    """Whether a bot reads a message's words without the intent."""
    mentioned = any(each["id"] == BOT for each in message["mentions"])
    role = BOT_ROLE in message["mention_roles"]
    return mentioned or role or "guild_id" not in message or message["author"]["id"] == BOT


def _role(id_: str, name: str, tags: Json, permissions: int) -> Json:
    return {"id": id_, "name": name, "color": 0, "hoist": False, "position": 0, "managed": True,
            "permissions": str(permissions), "mentionable": False, "tags": tags,
            "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
            "flags": 0, "icon": None, "unicode_emoji": None}  # fmt: skip
