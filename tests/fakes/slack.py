"""A Slack on loopback: its Web API, Socket Mode with one-time tickets, and delivery with retries.

People act by ``says``, ``commands``, ``presses`` and so on; what the bot did is in ``messages``,
``views`` and ``homes``. Every payload is judged as Slack judges it. Trouble is made by ``fail``
(the Web API), ``freeze``, ``reset`` and ``disconnect`` (the socket), ``down`` and ``revoked``.
"""

import asyncio
import time
from collections.abc import Iterator
from typing import Any

from tests.fakes import waiting
from tests.fakes.slack_api import APP, BOT, TEAM, Json, Said
from tests.fakes.slack_judge import message_error, option_faults
from tests.fakes.slack_transport import Delivered, Transport


class FakeSlack(Transport):
    """One workspace with one app, and the people in it."""

    until = staticmethod(waiting.until)

    async def says(
        self,
        user: str,
        text: str,
        *,
        channel: str = "C0GENERAL",
        thread: str | None = None,
        order: str = "mention first",
        outside: Json | None = None,
        **extra: Any,
    ) -> Said:
        """Let somebody write; a mention of the bot is delivered twice, as Slack does."""
        said = self.add(Said(self.ts(), channel, user, text, thread))
        events = [{"type": "message", "channel_type": _channel_type(channel)}]
        if f"<@{BOT}>" in text and not channel.startswith("D"):
            events.insert(0 if order == "mention first" else 1, {"type": "app_mention"})
        inner = {**self._inner(said), "channel": channel, "event_ts": said.ts, **extra}
        await asyncio.gather(*(self.event({**inner, **each}, outside=outside) for each in events))
        return said

    async def edits(self, said: Said, text: str) -> Delivered:
        before = self._inner(said)
        said.text = text
        return await self._changed(said, "message_changed", message=self._inner(said),
                                   previous_message=before)  # fmt: skip

    async def deletes(self, said: Said) -> Delivered:
        said.deleted = True
        return await self._changed(said, "message_deleted", previous_message=self._inner(said),
                                   deleted_ts=said.ts)  # fmt: skip

    async def commands(self, user: str, text: str, *, channel: str = "C0GENERAL") -> Delivered:
        """Let somebody write ``/faq …``; an answer in the acknowledgement is shown to them."""
        body = {
            "team_id": TEAM, "team_domain": "event", "channel_id": channel, "user_id": user,
            "user_name": self.names.get(user, user.lower()), "command": "/faq", "text": text,
            "response_url": self.handle(channel, user, None), "trigger_id": self._trigger(),
        }  # fmt: skip
        delivered = await self._deliver("slash_commands", body)
        if delivered.response.get("text"):
            self._judge("ack", message_error(delivered.response))
            self.add(Said(self.ts(), channel, BOT, delivered.response["text"], None,
                           delivered.response.get("blocks", []), only_for=user))  # fmt: skip
        return delivered

    async def uses_shortcut(self, user: str, said: Said) -> Delivered:
        body = self._interaction("message_action", user) | {
            "callback_id": "faq_answer",
            "message_ts": said.ts,
            "message": self._inner(said),
            "channel": {"id": said.channel, "name": "general"},
            "response_url": self.handle(said.channel, user, None),
        }
        return await self._deliver("interactive", body)

    async def presses(self, user: str, said: Said, label: str, **change: str) -> Delivered:
        """Let somebody press a message's button, by its label."""
        button = next(b for b in _buttons(said.blocks) if b["text"]["text"].startswith(label))
        container = {
            "type": "message", "message_ts": said.ts, "channel_id": said.channel,
            "is_ephemeral": said.only_for is not None,
        }  # fmt: skip
        if said.thread:
            container["thread_ts"] = said.thread
        body = self._interaction("block_actions", user) | {
            "container": container,
            "channel": {"id": said.channel, "name": "general"},
            "actions": [{**button, "action_ts": self.ts(), "block_id": "b1", **change}],
            "response_url": self.handle(said.channel, user, said.ts),
        }
        if said.only_for is None:
            body["message"] = self._inner(said)
        return await self._deliver("interactive", body)

    async def presses_at_home(self, user: str, action_id: str, value: str = "") -> Delivered:
        buttons = _buttons(self.homes[user]["blocks"])
        button = next((b for b in buttons if b["action_id"].startswith(action_id)), {})
        body = self._interaction("block_actions", user) | {
            "container": {"type": "view", "view_id": "V0HOME"},
            "view": {"id": "V0HOME", "team_id": TEAM, "type": "home"},
            "actions": [{"type": "button", "action_id": action_id, **button, "block_id": "b1"}],
        }
        if value:
            body["actions"][0]["value"] = value
        return await self._deliver("interactive", body)

    async def joins(self, user: str, channel: str) -> Delivered:
        """Let somebody be in a channel from now on, or the bot."""
        if user == BOT:
            self.outside.discard(channel)
        return await self.event({"type": "member_joined_channel", "user": user, "channel": channel,
                                 "channel_type": channel[0], "event_ts": self.ts()})  # fmt: skip

    async def opens_home(self, user: str, tab: str = "home") -> Delivered:
        return await self.event({"type": "app_home_opened", "user": user, "channel": "D0" + user,
                                 "tab": tab, "event_ts": self.ts()})  # fmt: skip

    async def submits(
        self, user: str, view: Json, text: str | None = None, **filled: str
    ) -> Delivered:
        """Let somebody send a modal; an error at a field keeps it open.

        Args:
            text: What is typed into the one field of most modals.
            filled: What is typed, or chosen, in each field of another, by its block.
        """
        values: Json = {"question": {"text": {"type": "plain_text_input", "value": text}}}
        if filled:
            elements = {each["block_id"]: each["element"] for each in view["blocks"]}
            values = {name: _filled(each, filled.get(name)) for name, each in elements.items()}
        body = self._interaction("view_submission", user)
        body["view"] = {**view, "state": {"values": values}}
        return await self._deliver("interactive", body)

    async def types(self, user: str, view: Json, block: str, text: str) -> list[Json]:
        """Let somebody type into a field that the bot completes; return what it offers."""
        element = next(each["element"] for each in view["blocks"] if each["block_id"] == block)
        body = self._interaction("block_suggestion", user) | {
            "action_id": element["action_id"], "block_id": block, "value": text, "view": view,
            "container": {"type": "view", "view_id": view["id"]},
        }  # fmt: skip
        delivered = await self._deliver("interactive", body)
        options: list[Json] = delivered.response["options"]
        self._judge("options", ", ".join(option_faults(options)))
        return options

    async def again(self) -> Delivered:
        """Deliver the last event once more, as when its acknowledgement got lost."""
        return await self._deliver("events_api", self._last_event)

    async def event(
        self, event: Json, *, event_id: str | None = None, outside: Json | None = None
    ) -> Delivered:
        """Deliver an event, again and again until it is acknowledged or the retries are over."""
        body = {
            "token": "X", "team_id": TEAM, "api_app_id": APP, "type": "event_callback",
            "event": event, "event_id": event_id or f"Ev{next(self._ids)}",
            "event_time": int(time.time()), "is_ext_shared_channel": False,
            "authorizations": [{"enterprise_id": None, "team_id": TEAM, "user_id": BOT,
                                "is_bot": True, "is_enterprise_install": False}],
            **(outside or {}),
        }  # fmt: skip
        self._last_event = body
        return await self._deliver("events_api", body, retries=len(self.retry_waits))

    def replies(self, thread: str | None = None, *, channel: str = "C0GENERAL") -> list[Said]:
        """Return what the bot posted for all to see, in a thread or anywhere in a channel."""
        return [s for s in self.messages if s.user == BOT and s.channel == channel
                and s.only_for is None and not s.deleted
                and (thread is None or s.thread == thread)]  # fmt: skip

    def private(self, user: str) -> list[Said]:
        """Return what only one person was shown."""
        return [s for s in self.messages if s.user == BOT and s.only_for == user]

    def _interaction(self, kind: str, user: str) -> Json:
        return {
            "type": kind, "api_app_id": APP, "token": "X", "trigger_id": self._trigger(),
            "user": {"id": user, "name": self.names.get(user, user.lower()), "team_id": TEAM},
            "team": {"id": TEAM, "domain": "event"},
        }  # fmt: skip

    async def _changed(self, said: Said, subtype: str, **parts: Any) -> Delivered:
        ts = self.ts()
        return await self.event({
            "type": "message", "subtype": subtype, "channel": said.channel, "hidden": True,
            "ts": ts, "event_ts": ts, "channel_type": _channel_type(said.channel), **parts,
        })  # fmt: skip


def _filled(element: Json, value: str | None) -> Json:
    """Return what Slack tells of a field; of one that nobody touched, what it held."""
    if element["type"] == "external_select":
        option = {"value": value} if value else None
        return {element["action_id"]: {"type": "external_select", "selected_option": option}}
    if element["type"] == "static_select":
        before = element.get("initial_option")
        chosen = next((e for e in element["options"] if e["value"] == value), before)
        return {element["action_id"]: {"type": "static_select", "selected_option": chosen}}
    typed = element.get("initial_value") if value is None else value
    return {element["action_id"]: {"type": "plain_text_input", "value": typed or None}}


def _channel_type(channel: str) -> str:
    return {"D": "im", "G": "group"}.get(channel[0], "channel")


def _buttons(blocks: list[Json]) -> Iterator[Json]:
    for block in blocks:
        yield from (e for e in block.get("elements", []) if e.get("type") == "button")
        if "accessory" in block:
            yield block["accessory"]
