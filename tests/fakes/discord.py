"""A Discord on loopback: its gateway, its REST API, and what people do in it."""

import itertools
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from tests.fakes import waiting
from tests.fakes.discord_api import Api, channel_json, message_json, user
from tests.fakes.discord_gateway import Gateway
from tests.fakes.discord_state import (
    APP,
    BOT,
    EPHEMERAL,
    FORUM,
    GENERAL,
    GUILD,
    MANAGE_CHANNELS,
    SILENT,
    Channel,
    Fault,
    Interaction,
    Json,
    Post,
    World,
    snowflake,
    units,
)

GRANTED = 1 << 19
"""The application's flag for the words of messages."""


class FakeDiscord:
    """One Discord with one server, for one bot."""

    until = staticmethod(waiting.until)

    def __init__(self) -> None:
        self.world = World()
        self.api = Api(self.world, lambda: self.gateway.described())
        self.gateway = Gateway(self.world, lambda: self.gateway_url)
        self.api.guilds = self.gateway.guild
        # Of a bot in few servers, a granted intent is told with another flag.
        self.api.flags = lambda: GRANTED if self.gateway.granted else 0
        self.people: dict[str, str] = {}
        self._tokens = itertools.count(1)

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/gateway", self.gateway.handle)
        app.router.add_get("/gateway/", self.gateway.handle)
        app.router.add_route("*", "/api/v10/{tail:.*}", self.api.handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._runner.cleanup()

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/api/v10"

    @property
    def gateway_url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/gateway"

    def person(self, name: str) -> str:
        """Return somebody's id."""
        if name not in self.people:
            self.people[name] = snowflake()
            self.api.names[self.people[name]] = name
        return self.people[name]

    async def says(self, who: str, text: str, channel: str = GENERAL, **values: Any) -> Post:
        """Let somebody write a message; ``@FAQ`` mentions the bot."""
        text = text.replace("@FAQ", f"<@{BOT}>")
        given = {"id": snowflake(), "author": self.person(who), **values}
        post = self.world.add(Post(channel=channel, content=text, **given))
        await self.deliver(post)
        return post

    async def deliver(self, post: Post, kind: str = "MESSAGE_CREATE") -> None:
        """Tell the bot about a message."""
        await self.gateway.dispatch(kind, self._event(post))

    async def edits(self, post: Post, text: str) -> None:
        post.content, post.edited = text.replace("@FAQ", f"<@{BOT}>"), True
        await self.deliver(post, "MESSAGE_UPDATE")

    async def deletes(self, post: Post) -> None:
        post.deleted = True
        where = self._place(post.channel)
        await self.gateway.dispatch("MESSAGE_DELETE", {"id": post.id, **where})

    async def opens_post(self, who: str, title: str, text: str, order: str = "thread first",
                         **values: Any) -> Post:  # fmt: skip
        """Open a forum post: Discord tells of the thread and of its first message."""
        id_ = snowflake()
        thread = Channel(id_, 11, title, parent=FORUM, starter=False)
        self.world.channels[id_] = thread
        post = Post(id_, id_, self.person(who), text, **values)
        if order == "message first":
            await self._starts(thread, post)
        await self.gateway.dispatch("THREAD_CREATE", channel_json(thread) | {"newly_created": True})
        if order == "thread first":
            await self._starts(thread, post)
        elif order == "message unseen":
            self.world.add(post)
            thread.starter = True
        return post

    async def _starts(self, thread: Channel, post: Post) -> None:
        self.world.add(post)
        thread.starter = True
        await self.deliver(post)

    async def commands(self, who: str, text: str, *, name: str = "faq", private: bool = False,
                       channel: str = GENERAL, **values: Any) -> Interaction:  # fmt: skip
        """Let somebody send ``/faq``."""
        options: list[Json] = [{"name": "question", "type": 3, "value": text}]
        if private:
            options.append({"name": "private", "type": 5, "value": True})
        data = {"id": snowflake(), "name": name, "type": 1, "options": options}
        return await self.interacts(who, 2, data, channel, **values)

    async def types(self, who: str, text: str, channel: str = GENERAL) -> list[Json]:
        """Let somebody type a question; return what is offered."""
        options = [{"name": "question", "type": 3, "value": text, "focused": True}]
        data = {"id": snowflake(), "name": "faq", "type": 1, "options": options}
        sent = await self.interacts(who, 4, data, channel)
        await self.until(lambda: sent.answered)
        return list(sent.data["choices"])

    async def chooses_on(self, who: str, post: Post) -> Interaction:
        """Let somebody choose the bot's command in a message's menu."""
        resolved = {"messages": {post.id: message_json(self.world, post)}}
        data = {"id": snowflake(), "name": "FAQで答える", "type": 3, "target_id": post.id,
                "resolved": resolved}  # fmt: skip
        return await self.interacts(who, 2, data, post.channel)

    async def presses(self, who: str, post: Post, label: str, **values: Any) -> Interaction:
        """Let somebody press a button, by its label or its id."""
        custom_id = values.pop("custom_id", None) or post.custom_id(label)
        data = {"custom_id": custom_id, "component_type": 2}
        return await self.interacts(who, 3, data, post.channel, on=post, **values)

    async def selects(self, who: str, post: Post, custom_id: str, value: str) -> Interaction:
        data = {"custom_id": custom_id, "component_type": 3, "values": [value]}
        return await self.interacts(who, 3, data, post.channel, on=post)

    async def submits(self, who: str, form: Interaction, text: str | dict[str, str],
                      **values: Any) -> Interaction:  # fmt: skip
        """Let somebody send a form that was opened for them: its one field's text, or by name."""
        given = {"text": text} if isinstance(text, str) else text
        fields = [_filled(each["component"], given) for each in form.data["components"]]
        data = {"custom_id": values.pop("custom_id", None) or form.data["custom_id"],
                "components": [{"type": 18, "id": n, "component": each}
                               for n, each in enumerate(fields)]}  # fmt: skip
        on = next((p for p in self.world.posts if p.id == form.on), None)
        return await self.interacts(who, 5, data, form.channel, on=on, **values)

    async def interacts(
        self, who: str, kind: int, data: Json, channel: str = GENERAL, *, on: Post | None = None,
        manages: bool = False, expired: bool = False,
    ) -> Interaction:  # fmt: skip
        person = self.person(who)
        token = f"interaction-token-{next(self._tokens)}"
        made = Interaction(snowflake(), token, channel, person, on.id if on else None,
                           expired=expired)  # fmt: skip
        self.world.interactions[token] = made
        payload: Json = {
            "id": made.id, "application_id": APP, "type": kind, "data": data, "token": token,
            "version": 1, "attachment_size_limit": 1000, "locale": "ja", "entitlements": [],
            "authorizing_integration_owners": {}, "app_permissions": "0", **self._place(channel),
            "channel": channel_json(self.world.channels[channel]),
        }  # fmt: skip
        if "guild_id" in payload:
            permissions = MANAGE_CHANNELS if manages else 0
            payload["member"] = self._member(who) | {"permissions": str(permissions)}
        else:
            payload["user"] = user(person, who)
        if on is not None:
            payload["message"] = message_json(self.world, on)
        await self.gateway.dispatch("INTERACTION_CREATE", payload)
        return made

    def replies(self, channel: str | None = None) -> list[Post]:
        """Return what the bot says for all to see, in one channel or anywhere."""
        public = (p for p in self.world.posts if p.author == BOT and not p.deleted
                  and p.only_for is None and not p.flags & ~SILENT)  # fmt: skip
        return [p for p in public if channel in (None, p.channel)]

    def private(self, who: str) -> list[Post]:
        """Return what only one person is shown, by interactions or by direct message."""
        known = EPHEMERAL | SILENT
        return [p for p in self.world.posts if p.author == BOT and not p.flags & ~known
                and p.only_for == self.person(who)]  # fmt: skip

    def _event(self, post: Post) -> Json:
        event = message_json(self.world, post) | self._place(post.channel)
        member = {"member": {"roles": [], "flags": 0}}
        for each in event["mentions"]:
            each |= user(each["id"], self.api.names.get(each["id"], "")) | member
        name = self.api.names.get(post.author, "")
        event["author"] |= {"username": name or "x", "global_name": name or None}
        if "guild_id" in event and not post.webhook:
            event["member"] = {"roles": [], "joined_at": None, "flags": 0, "deaf": False,
                               "mute": False}  # fmt: skip
        return event

    def _place(self, channel: str) -> Json:
        guild = self.world.channels[channel].guild
        return {"channel_id": channel, **({"guild_id": guild} if guild else {})}

    def _member(self, who: str) -> Json:
        id_ = self.person(who)
        return {"user": user(id_, who), "roles": self.api.roles.get(id_, []), "joined_at": None,
                "flags": 0, "deaf": False, "mute": False, "nick": None, "avatar": None,
                "premium_since": None, "pending": False}  # fmt: skip


def filled_in(form: Interaction) -> dict[str, str]:
    """Return what a form's fields hold before anybody touches them, by their ids."""
    inside = (each["component"] for each in form.data["components"])
    return {each["custom_id"]: _value(each) for each in inside}


def _value(field: Json) -> str:
    chosen = (each["value"] for each in field.get("options", ()) if each.get("default"))
    return str(field.get("value", "") or next(chosen, ""))


def _filled(field: Json, given: dict[str, str]) -> Json:
    """Fill in a field as the client lets one: or keep what is in it."""
    value, name = given.get(field["custom_id"], _value(field)), field["custom_id"]
    assert value or not field.get("required", True), f"{name} must be filled in"
    made = {"type": field["type"], "custom_id": name, "id": 9}
    if field["type"] == 4:
        assert units(value) <= field["max_length"]
        return made | {"value": value}
    assert not value or value in [each["value"] for each in field["options"]]
    return made | {"values": [value] if value else []}


__all__ = ["GUILD", "FakeDiscord", "Fault"]
