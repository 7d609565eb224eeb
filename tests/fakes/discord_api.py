"""The fake Discord's REST API. Every payload is judged as Discord judges it."""

import asyncio
import json
import re
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from aiohttp import web

from tests.fakes.discord_state import (
    APP,
    BOT,
    EPHEMERAL,
    LOADING,
    TOKEN,
    Channel,
    Fault,
    Interaction,
    Json,
    Post,
    Refusal,
    World,
    snowflake,
)

Handler = Callable[..., Json | list[Json] | None]
_ID = r"(\d+)"
_ROUTES: list[tuple[str, re.Pattern[str], str]] = []


def route(method: str, template: str) -> Callable[[Handler], Handler]:
    def register(handler: Handler) -> Handler:
        pattern = re.compile(template.replace("{id}", _ID).replace("{token}", r"([\w.-]+)"))
        _ROUTES.append((method, pattern, handler.__name__))
        return handler

    return register


class Api:
    """Answers requests.

    Attributes:
        requests: ``METHOD path`` of each, in order.
        commands: What was registered, by server; "": everywhere.
        asked: When each request came, by the monotonic clock.
        down: Cut every connection.
        names: What people of the server are called, by id.
        nicks: What they are called on the server instead, by id.
        roles: Which roles they have, by id.
        lag: Seconds until the answer to what took effect already.
        flags: The application's: which intents it was granted.
        guilds: Describes a server, by its id.
    """

    def __init__(self, world: World, gateway: Callable[[], Json]) -> None:
        self.world = world
        self._gateway = gateway
        self.requests: list[str] = []
        self.bodies: list[Json] = []
        self.asked: list[float] = []
        self.commands: dict[str, list[Json]] = {}
        self.token = TOKEN
        self.on_post: Callable[[Post], None] = lambda post: None
        self.down = False
        self.names: dict[str, str] = {}
        self.nicks: dict[str, str] = {}
        self.roles: dict[str, list[str]] = {}
        self.lag: Callable[[], float] = lambda: 0.0
        self.flags: Callable[[], int] = lambda: 0
        self.guilds: Callable[[str], Json] = lambda _: {}

    def fail(self, request: str, *faults: Fault) -> None:
        """Let the next requests that match ``METHOD pattern`` meet faults."""
        self.world.faults.setdefault(request, deque()).extend(faults)

    async def handle(self, request: web.Request) -> web.Response:
        self.asked.append(time.monotonic())
        if self.down:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        path = request.path.removeprefix("/api/v10")
        body = json.loads(await request.read() or b"{}")
        line = f"{request.method} {path}"
        self.requests.append(line)
        self.bodies.append(body if isinstance(body, dict) else {"commands": body})
        fault = self._fault(line)
        if fault is not None:
            await asyncio.sleep(fault.wait)
            if fault.until is not None:
                await fault.until.wait()
            if fault.after:
                self._answer(request, path, body)
            if fault.status == 0:
                assert request.transport is not None
                request.transport.abort()
                return web.Response()
            if fault.status > 0:
                given = fault.body or {"code": fault.code, "message": "fault"}
                return _json(given, fault.status, fault.headers)
        status, answer = self._answer(request, path, body)
        await asyncio.sleep(self.lag())
        if status == 204:
            return web.Response(status=204)
        return _json(answer, status)

    def _fault(self, line: str) -> Fault | None:
        for pattern, queue in self.world.faults.items():
            if queue and re.search(pattern, line):
                return queue.popleft()
        return None

    def _answer(self, request: web.Request, path: str, body: Any) -> tuple[int, Any]:
        anyone = path.startswith(("/interactions/", "/webhooks/"))
        if not anyone and request.headers.get("Authorization") != f"Bot {self.token}":
            return 401, {"code": 0, "message": "401: Unauthorized"}
        for method, pattern, name in _ROUTES:
            found = pattern.fullmatch(path)
            if found and method == request.method:
                try:
                    answer = getattr(self, name)(*found.groups(), body=body, query=request.query)
                except Refusal as refusal:
                    refused = {"code": refusal.code, "message": str(refusal)}
                    return refusal.status, refused
                return (204, None) if answer is None else (200, answer)
        return 404, {"code": 0, "message": "404: Not Found"}

    @route("GET", "/users/@me")
    def me(self, **_: Any) -> Json:
        return user(BOT)

    @route("GET", "/oauth2/applications/@me")
    def application(self, **_: Any) -> Json:
        return {"id": APP, "name": "FAQ", "icon": None, "description": "", "bot_public": True,
                "bot_require_code_grant": False, "verify_key": "0", "flags": self.flags(),
                "owner": user(snowflake()), "rpc_origins": [], "team": None}  # fmt: skip

    @route("GET", "/gateway/bot")
    def gateway(self, **_: Any) -> Json:
        return self._gateway()

    @route("PUT", "/applications/{id}/commands")
    def global_commands(self, _: str, body: list[Json], **__: Any) -> list[Json]:
        self.commands[""] = body
        return []

    @route("PUT", "/applications/{id}/guilds/{id}/commands")
    def guild_commands(self, _: str, guild: str, body: list[Json], **__: Any) -> list[Json]:
        self.commands[guild] = body
        return []

    @route("GET", "/users/{id}")
    def get_user(self, id_: str, **_: Any) -> Json:
        if id_ not in self.names:
            raise Refusal(404, 10013, "Unknown User")
        return user(id_, self.names[id_])

    @route("GET", "/guilds/{id}")
    def guild(self, id_: str, **_: Any) -> Json:
        return self.guilds(id_)

    @route("GET", "/guilds/{id}/members/{id}")
    def member(self, guild: str, id_: str, **_: Any) -> Json:
        if id_ not in self.names:
            raise Refusal(404, 10007, "Unknown Member")
        return {"user": user(id_, self.names[id_]), "nick": self.nicks.get(id_), "flags": 0,
                "roles": self.roles.get(id_, []), "joined_at": None, "deaf": False,
                "mute": False}  # fmt: skip

    @route("GET", "/channels/{id}")
    def get_channel(self, id_: str, **_: Any) -> Json:
        return channel_json(self.world.channel(id_))

    @route("PATCH", "/channels/{id}")
    def patch_channel(self, id_: str, body: Json, **_: Any) -> Json:
        channel = self.world.channel(id_)
        if channel.locked:
            raise Refusal(403, 50013)
        if channel.archived and body.get("archived") is not False:
            raise Refusal(400, 50083)
        channel.archived = body.get("archived", channel.archived)
        channel.name = body.get("name", channel.name)
        return channel_json(channel)

    @route("POST", "/users/@me/channels")
    def direct(self, body: Json, **_: Any) -> Json:
        return channel_json(self.world.direct(body["recipient_id"]))

    @route("POST", "/channels/{id}/messages")
    def create(self, id_: str, body: Json, **_: Any) -> Json:
        world, channel = self.world, self.world.channel(id_)
        is_thread = channel.parent is not None
        if channel.type == 15:
            raise Refusal(400, 50008, "Cannot send messages in a forum")
        if channel.recipient and "dm" in world.denied:
            raise Refusal(403, 50007)
        if not channel.recipient and ("send in threads" if is_thread else "send") in world.denied:
            raise Refusal(403, 50013)
        if not channel.starter:
            raise Refusal(403, 40058)
        if channel.archived:
            raise Refusal(400, 50083 if not channel.locked else 160005)
        world.check(body)
        known = world.nonces.get((id_, body.get("nonce", "")))
        if known and body.get("enforce_nonce"):
            return message_json(world, world.post(id_, known))
        above = (body.get("message_reference") or {}).get("message_id")
        post = self._keep(id_, body, reply_to=above, only_for=channel.recipient,
                          flags=body.get("flags", 0))  # fmt: skip
        if "nonce" in body:
            world.nonces[id_, body["nonce"]] = post.id
        return message_json(world, post)

    @route("GET", "/channels/{id}/messages")
    def history(self, id_: str, query: Any, **_: Any) -> list[Json]:
        self.world.channel(id_)
        found = [p for p in self.world.posts
                 if p.channel == id_ and not p.deleted and not p.flags & EPHEMERAL]  # fmt: skip
        limit = int(query.get("limit", 50))
        if "after" in query:
            found = [p for p in found if int(p.id) > int(query["after"])][:limit]
        if "before" in query:
            found = [p for p in found if int(p.id) < int(query["before"])]
        return [message_json(self.world, p) for p in reversed(found[-limit:])]

    @route("GET", "/channels/{id}/messages/{id}")
    def get_message(self, channel: str, id_: str, **_: Any) -> Json:
        return message_json(self.world, self.world.post(channel, id_))

    @route("PATCH", "/channels/{id}/messages/{id}")
    def edit(self, channel: str, id_: str, body: Json, **_: Any) -> Json:
        return self._change(self.world.post(channel, id_), body)

    @route("DELETE", "/channels/{id}/messages/{id}")
    def delete(self, channel: str, id_: str, **_: Any) -> None:
        self.world.post(channel, id_).deleted = True

    @route("POST", "/channels/{id}/messages/{id}/threads")
    def thread(self, channel: str, id_: str, body: Json, **_: Any) -> Json:
        self.world.post(channel, id_)
        if "threads" in self.world.denied:
            raise Refusal(403, 50013)
        if id_ in self.world.channels:
            raise Refusal(400, 160004)
        made = Channel(id_, 11, body["name"], parent=channel)
        self.world.channels[id_] = made
        return channel_json(made)

    @route("POST", "/interactions/{id}/{token}/callback")
    def call_back(self, id_: str, token: str, body: Json, **_: Any) -> None:
        found = self.world.interactions.get(token)
        if found is None or found.expired or found.id != id_:
            raise Refusal(404, 10062)
        if found.answered is not None:
            raise Refusal(400, 40060)
        kind, data = body["type"], body.get("data") or {}
        if kind in (4, 7, 9):
            self.world.check(data, form=kind == 9)
        found.answered, found.data = kind, data
        found.ephemeral = bool(data.get("flags", 0) & EPHEMERAL)
        if kind in (6, 7):
            found.original = found.on
        if kind == 7 and found.on:
            self._change(self.world.post(found.channel, found.on), data)
        elif kind in (4, 5):
            only_for = found.user if found.ephemeral else None
            flags = (LOADING if kind == 5 else 0) | (EPHEMERAL if found.ephemeral else 0)
            post = self._keep(found.channel, data, only_for=only_for, flags=flags)
            found.original = post.id

    @route("GET", "/webhooks/{id}/{token}/messages/@original")
    def original(self, _: str, token: str, **__: Any) -> Json:
        return message_json(self.world, self._original(token))

    @route("PATCH", "/webhooks/{id}/{token}/messages/@original")
    def fulfil(self, _: str, token: str, body: Json, **__: Any) -> Json:
        self.world.check(body)
        post = self._original(token)
        post.flags &= ~LOADING
        return self._change(post, body)

    @route("POST", "/webhooks/{id}/{token}")
    def follow(self, _: str, token: str, body: Json, **__: Any) -> Json:
        found = self._live(token)
        self.world.check(body)
        private = bool(body.get("flags", 0) & EPHEMERAL)
        post = self._keep(found.channel, body, only_for=found.user if private else None,
                          flags=EPHEMERAL if private else 0)  # fmt: skip
        return message_json(self.world, post)

    @route("PATCH", "/webhooks/{id}/{token}/messages/{id}")
    def edit_follow(self, _: str, token: str, id_: str, body: Json, **__: Any) -> Json:
        return self._change(self.world.post(self._live(token).channel, id_), body)

    def _live(self, token: str) -> Interaction:
        found = self.world.interactions.get(token)
        if found is None or found.expired:
            raise Refusal(401, 50027)
        if found.answered is None:
            raise Refusal(404, 10015)
        return found

    def _original(self, token: str) -> Post:
        found = self._live(token)
        if found.original is None:
            raise Refusal(404, 10008)
        return self.world.post(found.channel, found.original)

    def _keep(self, channel: str, body: Json, **values: Any) -> Post:
        post = Post(snowflake(), channel, BOT, body.get("content") or "", body.get("embeds") or [],
                    body.get("components") or [], nonce=body.get("nonce"), is_bot=True,
                    allowed_mentions=body.get("allowed_mentions", {}), **values)  # fmt: skip
        self.world.add(post)
        self.on_post(post)
        return post

    def _change(self, post: Post, body: Json) -> Json:
        if self.world.channels[post.channel].archived:
            raise Refusal(400, 50083)
        self.world.check(body)
        post.content = body.get("content") or ""
        post.embeds = body.get("embeds") or []
        post.components = body.get("components") or []
        post.edited = True
        return message_json(self.world, post)


def _json(body: Any, status: int, headers: dict[str, str] | None = None) -> web.Response:
    """Answer as Discord does: without a character set, or the client doesn't read it."""
    given = {"Content-Type": "application/json", **(headers or {})}
    return web.Response(body=json.dumps(body).encode(), status=status, headers=given)


def user(id_: str, name: str = "") -> Json:
    return {"id": id_, "username": name or f"u{id_[-4:]}", "discriminator": "0", "avatar": None,
            "global_name": name or None, "bot": id_ == BOT, "public_flags": 0}  # fmt: skip


def channel_json(channel: Channel) -> Json:
    base: Json = {"id": channel.id, "type": channel.type, "name": channel.name}
    if channel.recipient:
        return base | {"recipients": [user(channel.recipient)], "last_message_id": None}
    base |= {"guild_id": channel.guild, "position": 0,
             "permission_overwrites": channel.overwrites,
             "parent_id": channel.parent, "topic": None, "nsfw": False, "last_message_id": None,
             "rate_limit_per_user": 0}  # fmt: skip
    if channel.parent:
        base |= {"owner_id": BOT, "message_count": 1, "member_count": 1,
                 "thread_metadata": {"archived": channel.archived, "auto_archive_duration": 1440,
                                     "archive_timestamp": "2026-01-01T00:00:00+00:00",
                                     "locked": channel.locked}}  # fmt: skip
    if channel.type == 15:
        base |= {"available_tags": [], "flags": 0, "default_forum_layout": 0,
                 "default_sort_order": None, "default_reaction_emoji": None}  # fmt: skip
    return base


def message_json(world: World, post: Post) -> Json:
    made: Json = {
        "id": post.id, "channel_id": post.channel, "author": user(post.author),
        "content": post.content, "embeds": post.embeds, "components": post.components,
        "timestamp": "2026-01-01T00:00:00+00:00", "mention_everyone": False, "mentions": [],
        "edited_timestamp": "2026-01-01T00:01:00+00:00" if post.edited else None,
        "mention_roles": [], "attachments": [], "pinned": False, "tts": False,
        "type": post.type or (19 if post.reply_to else 0), "flags": post.flags,
    }  # fmt: skip
    made["author"]["bot"] = post.is_bot
    # What is escaped or in code calls nobody; a reply calls who is replied to.
    spoken = re.sub(r"(?<![\\`])(`+)(?!`).*?[^`]\1(?!`)", " ", post.content, flags=re.DOTALL)
    called = re.findall(r"(?<!\\)<@!?(\d+)>", spoken)
    made["mention_roles"] = re.findall(r"(?<!\\)<@&(\d+)>", spoken)
    if post.webhook:
        made["webhook_id"] = post.webhook
    if post.reply_to:
        made["message_reference"] = {"message_id": post.reply_to, "channel_id": post.channel}
        found = (p for p in reversed(world.posts) if p.id == post.reply_to and not p.deleted)
        above = next(found, None)
        # One level only: what that message replies to isn't told.
        shown = replace(above, reply_to=None, type=above.type) if above else None
        made["referenced_message"] = message_json(world, shown) if shown else None
        called += [above.author] if above and post.pings else []
    made["mentions"] = [user(each) for each in dict.fromkeys(called)]
    if post.nonce and world.keeps_nonces:
        made["nonce"] = post.nonce
    return made


Answerer = Callable[[web.Request], Awaitable[web.Response]]
