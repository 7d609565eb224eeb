"""The fake Slack's state and its Web API. Every payload is judged as Slack judges it."""

import asyncio
import itertools
import json
import re
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.fakes.slack_judge import message_error, view_faults

TEAM, BOT, BOT_ID, APP = "T0EVENT", "U0FAQBOT", "B0FAQBOT", "A0FAQBOT"
BOT_TOKEN, APP_TOKEN, SECRET = "xoxb-fake", "xapp-fake", "0123456789abcdef0123456789abcdef"
SCOPES = (
    "app_mentions:read,channels:history,channels:read,chat:write,commands,groups:history,"
    "groups:read,im:history,im:write,mpim:history,usergroups:read,users:read"
)
NEEDED = {
    "chat.postMessage": "chat:write",
    "chat.postEphemeral": "chat:write",
    "chat.update": "chat:write",
    "chat.delete": "chat:write",
    "conversations.replies": "channels:history",
    "conversations.history": "channels:history",
    "conversations.info": "channels:read",
    "conversations.members": "channels:read",
    "conversations.open": "im:write",
    "usergroups.users.list": "usergroups:read",
    "users.info": "users:read",
}
Json = dict[str, Any]


@dataclass
class Said:
    """A message as a client shows it."""

    ts: str
    channel: str
    user: str
    text: str
    thread: str | None = None
    blocks: list[Json] = field(default_factory=list)
    metadata: Json | None = None
    only_for: str | None = None
    deleted: bool = False
    response_url: str | None = None

    @property
    def words(self) -> str:
        """Everything that is read, buttons aside."""
        return "".join(_words(self.blocks)) or self.text

    @property
    def pinged(self) -> str | None:
        """Who is notified of it: mentioned in the blocks and in the words for them alike."""
        users = [e["user_id"] for b in self.blocks if b["type"] == "rich_text"
                 for g in b["elements"] for e in g["elements"] if e["type"] == "user"]  # fmt: skip
        assert [f"<@{each}>" for each in users] == re.findall(r"<[@!][^>]+>", self.text)
        return users[0] if users else None

    def carried(self, label: str) -> str:
        """Return the value of the button whose label begins so."""
        found = (e for b in self.blocks if b["type"] == "actions" for e in b["elements"])
        return next(e["value"] for e in found if e["text"]["text"].startswith(label))

    @property
    def buttons(self) -> list[str]:
        return [e["text"]["text"] for b in self.blocks if b["type"] == "actions"
                for e in b["elements"]]  # fmt: skip


@dataclass
class Fault:
    """How one call of the Web API fails."""

    error: str | None = None
    status: int = 200
    retry_after: str | None = None
    cut: bool = False
    after_effect: bool = False
    delay: float = 0.0


class WebApi:
    """What a workspace holds, and the methods that an app may call."""

    def __init__(self) -> None:
        self.messages: list[Said] = []
        self.views: list[Json] = []
        self.homes: dict[str, Json] = {}
        self.refused: list[str] = []
        self.calls: list[tuple[str, Json]] = []
        self.archived: set[str] = set()
        self.outside: set[str] = set()
        self.read_only: set[str] = set()
        self.admins: set[str] = set()
        self.members: dict[str, list[str]] = {}
        self.groups: dict[str, list[str]] = {}
        self.names: dict[str, str] = {}
        self.scopes = SCOPES
        self.revoked = False
        self.down = False
        self.tickets: set[str] = set()
        self.port = 0
        self.port_of_bot = 0
        self.lag: Callable[[], float] = lambda: 0.0
        self._faults: dict[str, deque[Fault]] = defaultdict(deque)
        self._limited: dict[str, deque[str]] = defaultdict(deque)
        self._triggers: dict[str, float] = {}
        self._handles: dict[str, tuple[str, str, str | None, list[float]]] = {}
        self._last_ts = 0.0
        self._ids = itertools.count(1)

    def fail(self, method: str, fault: Fault, times: int = 1) -> None:
        """Let the next calls of a method fail."""
        self._faults[method].extend([fault] * times)

    def limit(self, channel: str, *, retry_after: str, times: int) -> None:
        """Let the next posts to one channel be told to wait."""
        self._limited[channel].extend([retry_after] * times)

    def mend(self, method: str) -> None:
        """Let a method work again."""
        self._faults[method].clear()

    def calls_of(self, method: str) -> list[Json]:
        """Return what a method was called with, in order."""
        return [given for called, given in self.calls if called == method]

    async def _api(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        given: Json = dict(request.query)
        if request.can_read_body:
            is_json = request.content_type == "application/json"
            form = await request.json() if is_json else await request.post()
            given |= dict(form.items())
        self.calls.append((method, given))
        fault = self._faults[method].popleft() if self._faults[method] else None
        if fault is not None:
            await asyncio.sleep(fault.delay)
            if not fault.after_effect:
                return self._broken(request, fault)
        if method == "chat.postMessage" and self._limited[given.get("channel", "")]:
            wait = self._limited[given["channel"]].popleft()
            return self._broken(request, Fault("ratelimited", status=429, retry_after=wait))
        if self.down:
            return web.Response(status=503)
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        answer = self._call(method, given, token)
        await asyncio.sleep(self.lag())
        if fault is not None:
            return self._broken(request, fault)
        return web.json_response(answer, headers={"x-oauth-scopes": self.scopes})

    def _broken(self, request: web.Request, fault: Fault) -> web.Response:
        if fault.cut and request.transport is not None:
            request.transport.abort()
        headers = {"Retry-After": fault.retry_after} if fault.retry_after else {}
        answer = {"ok": False, "error": fault.error or "fatal_error"}
        return web.json_response(answer, status=fault.status, headers=headers)

    def _call(self, method: str, given: Json, token: str) -> Json:
        wanted = APP_TOKEN if method == "apps.connections.open" else BOT_TOKEN
        if token != wanted:
            return {"ok": False, "error": "invalid_auth"}
        if self.revoked:
            return {"ok": False, "error": "token_revoked"}
        needed = NEEDED.get(method)
        if needed is not None and needed not in self.scopes.split(","):
            return {"ok": False, "error": "missing_scope", "needed": needed,
                    "provided": self.scopes}  # fmt: skip
        if given.get("channel") in self.archived and method.startswith("chat."):
            return {"ok": False, "error": "is_archived"}
        if given.get("channel") in self.outside and method != "conversations.info":
            return {"ok": False, "error": "not_in_channel"}
        answer: Json = getattr(self, "_" + method.replace(".", "_"))(given)
        return {"ok": "error" not in answer, **answer}

    def _auth_test(self, given: Json) -> Json:
        return {"url": "https://event.example/", "team": "event", "user": "faq", "team_id": TEAM,
                "user_id": BOT, "bot_id": BOT_ID, "is_enterprise_install": False}  # fmt: skip

    def _apps_connections_open(self, given: Json) -> Json:
        return {"url": self.ticket()}

    def ticket(self) -> str:
        """Return the address of a new connection; it is good for one try."""
        ticket = f"ticket{next(self._ids)}"
        self.tickets.add(ticket)
        return f"ws://127.0.0.1:{self.port}/link?ticket={ticket}"

    def _chat_postMessage(self, given: Json) -> Json:  # noqa: N802
        error = self._judge("chat.postMessage", message_error(given))
        if error:
            return {"error": error}
        said = self.add(Said(self.ts(), given["channel"], BOT, given.get("text", ""),
                              given.get("thread_ts"), given.get("blocks") or [],
                              given.get("metadata")))  # fmt: skip
        return {"channel": said.channel, "ts": said.ts, "message": self._inner(said)}

    def _chat_postEphemeral(self, given: Json) -> Json:  # noqa: N802
        error = self._judge("chat.postEphemeral", message_error(given))
        if error:
            return {"error": error}
        said = self.whisper(Said(self.ts(), given["channel"], BOT, given.get("text", ""),
                                 given.get("thread_ts"), given.get("blocks") or [],
                                 only_for=given["user"]))  # fmt: skip
        return {"message_ts": said.ts}

    def _chat_update(self, given: Json) -> Json:
        said = self._find(given["channel"], given["ts"])
        if said is None or said.user != BOT:
            return {"error": "message_not_found" if said is None else "cant_update_message"}
        error = self._judge("chat.update", message_error(given))
        if error:
            return {"error": error}
        said.text, said.blocks = given.get("text", ""), given.get("blocks") or []
        said.metadata = given.get("metadata")
        return {"channel": said.channel, "ts": said.ts, "text": said.text}

    def _chat_delete(self, given: Json) -> Json:
        said = self._find(given["channel"], given["ts"])
        if said is None:
            return {"error": "message_not_found"}
        said.deleted = True
        return {"channel": said.channel, "ts": said.ts}

    def _conversations_replies(self, given: Json) -> Json:
        root = given["ts"]
        found = [s for s in self._visible(given) if root in (s.ts, s.thread)]
        return self._page(found, given) if found else {"error": "thread_not_found"}

    def _conversations_history(self, given: Json) -> Json:
        return self._page([s for s in self._visible(given) if s.thread is None][::-1], given)

    def _conversations_info(self, given: Json) -> Json:
        return {"channel": {"id": given["channel"], "name": "general", "creator": "U0CREATOR",
                            "is_member": given["channel"] not in self.outside,
                            "is_archived": given["channel"] in self.archived,
                            "is_read_only": given["channel"] in self.read_only}}  # fmt: skip

    def _conversations_members(self, given: Json) -> Json:
        found = self.members.get(given["channel"], [])
        start, limit = int(given.get("cursor") or 0), int(given.get("limit", 100))
        more = str(start + limit) if start + limit < len(found) else ""
        return {"members": found[start : start + limit], "response_metadata": {"next_cursor": more}}

    def _conversations_open(self, given: Json) -> Json:
        return {"channel": {"id": f"D{given['users'][1:]}"}}

    def _usergroups_users_list(self, given: Json) -> Json:
        found = self.groups.get(given["usergroup"])
        return {"error": "no_such_subteam"} if found is None else {"users": found}

    def _users_info(self, given: Json) -> Json:
        user = given["user"]
        profile = {"display_name": self.names.get(user, ""), "real_name": user.lower()}
        return {"user": {"id": user, "is_admin": user in self.admins, "profile": profile}}

    def _views_open(self, given: Json) -> Json:
        opened = self._triggers.pop(given["trigger_id"], None)
        if opened is None or time.monotonic() - opened > 3.0:
            return {"error": "expired_trigger_id"}
        view = _decoded(given["view"])
        if self._judge("views.open", ", ".join(view_faults(view))):
            return {"error": "invalid_arguments"}
        view |= {"id": f"V{next(self._ids)}", "team_id": TEAM, "state": {"values": {}}}
        self.views.append(view)
        return {"view": view}

    def _views_publish(self, given: Json) -> Json:
        view = _decoded(given["view"])
        if self._judge("views.publish", ", ".join(view_faults(view))):
            return {"error": "invalid_arguments"}
        self.homes[given["user_id"]] = view
        return {"view": view}

    async def _respond(self, request: web.Request) -> web.Response:
        """Take an answer by ``response_url``: five times within thirty minutes."""
        url = str(request.url)
        fault = self._faults["response_url"].popleft() if self._faults["response_url"] else None
        if fault is not None and not fault.after_effect:
            return self._broken(request, fault)
        channel, user, original, used = self._handles.get(url, ("", "", None, [0.0] * 5))
        if len(used) >= 5:
            return web.Response(status=404, text="used_url")
        used.append(time.monotonic())
        body = await request.json()
        error = self._judge("response_url", message_error(body))
        if error:
            return web.Response(status=400, text=error)
        said = self._find(channel, original) if original and body.get("replace_original") else None
        only_for = user if body.get("response_type", "ephemeral") == "ephemeral" else None
        if said is None:
            show = self.whisper if only_for else self.add
            thread = body.get("thread_ts")
            said = show(Said(self.ts(), channel, BOT, "", thread, only_for=only_for))
        said.text, said.blocks = body.get("text", ""), body.get("blocks") or []
        return self._broken(request, fault) if fault is not None else web.Response(text="ok")

    def _judge(self, method: str, error: str | None) -> str | None:
        if error:
            self.refused.append(f"{method}: {error}")
        return error

    def ts(self) -> str:
        """Return the next message's id: the time, and never the same twice."""
        self._last_ts = max(time.time(), self._last_ts + 0.000_01)
        return f"{self._last_ts:.6f}"

    def _trigger(self) -> str:
        trigger = f"{next(self._ids)}.trigger"
        self._triggers[trigger] = time.monotonic()
        return trigger

    def handle(self, channel: str, user: str, original: str | None) -> str:
        """Return a ``response_url``; it can replace the original message, if there is one."""
        url = f"http://127.0.0.1:{self.port}/respond/{next(self._ids)}"
        self._handles[url] = (channel, user, original, [])
        return url

    def _inner(self, said: Said) -> Json:
        inner: Json = {"type": "message", "user": said.user, "ts": said.ts, "text": said.text,
                       "team": TEAM}  # fmt: skip
        if said.thread:
            inner["thread_ts"] = said.thread
        if said.user == BOT:
            inner |= {"bot_id": BOT_ID, "app_id": APP, "blocks": said.blocks}
        if said.metadata:
            inner["metadata"] = said.metadata
        return inner

    def whisper(self, said: Said) -> Said:
        """Show a message to one person; in a thread that hasn't begun, nobody sees it."""
        begun = said.thread is None or any(each.thread == said.thread for each in self.messages)
        return self.add(said) if begun else said

    def add(self, said: Said) -> Said:
        """Let a message stand in its channel, without telling the bot."""
        self.messages.append(said)
        return said

    def _find(self, channel: str, ts: str | None) -> Said | None:
        return next((s for s in self.messages if (s.channel, s.ts) == (channel, ts)
                     and not s.deleted), None)  # fmt: skip

    def _visible(self, given: Json) -> list[Said]:
        oldest, latest = float(given.get("oldest", 0)), float(given.get("latest", "inf"))
        return [s for s in self.messages if s.channel == given["channel"] and not s.deleted
                and s.only_for is None and oldest <= float(s.ts) <= latest]  # fmt: skip

    def _page(self, found: list[Said], given: Json) -> Json:
        start, limit = int(given.get("cursor") or 0), int(given.get("limit", 100))
        more = str(start + limit) if start + limit < len(found) else ""
        return {"messages": [self._inner(s) for s in found[start : start + limit]],
                "has_more": bool(more), "response_metadata": {"next_cursor": more}}  # fmt: skip


def _decoded(view: Any) -> Json:
    decoded: Json = json.loads(view) if isinstance(view, str) else dict(view)
    return decoded


def _words(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if value.get("type") == "actions":
            return
        for key, inner in value.items():
            if key in ("text", "url") and isinstance(inner, str):
                yield inner
            else:
                yield from _words(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _words(inner)
