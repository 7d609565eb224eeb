"""The fake Slack's ways to the bot: Socket Mode with one-time tickets, HTTP, and retries."""

import asyncio
import hashlib
import hmac
import json
import time
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urlencode

import aiohttp
from aiohttp import WSMsgType, web

from tests.fakes.slack_api import APP, SECRET, Json, WebApi


@dataclass
class Delivered:
    """What became of something that was sent to the bot."""

    acked: bool = False
    attempts: int = 0
    seconds: float = 0.0
    response: Json = field(default_factory=dict)


class Transport(WebApi):
    """Delivers to the bot, and can be told to do it badly.

    Args:
        mode: ``socket`` or ``http``; the latter needs ``bot_url``.
        ack_wait: Seconds after which something is taken for not acknowledged.
    """

    def __init__(self, *, mode: str = "socket", ack_wait: float = 3.0) -> None:
        super().__init__()
        self.mode = mode
        self.ack_wait = ack_wait
        self.retry_waits: list[float] = [0.0, 0.2, 0.5]
        self.bot_url = ""
        self.link_down = False
        self.delivered: list[Delivered] = []
        self._sockets: list[web.WebSocketResponse] = []
        self._connected = asyncio.Event()
        self._transports: dict[web.WebSocketResponse, asyncio.Transport] = {}
        self._frozen: set[web.WebSocketResponse] = set()
        self._acks: dict[str, asyncio.Future[Json]] = {}

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/api/{method}", self._api)
        app.router.add_get("/link", self._link)
        app.router.add_post("/respond/{handle}", self._respond)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.port = self._runner.addresses[0][1]
        self._session = aiohttp.ClientSession()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()
        await self.reset()
        await self._runner.cleanup()

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/api/"

    async def connected(self, seconds: float = 20.0) -> None:
        """Wait until the bot has a live connection."""
        async with asyncio.timeout(seconds):
            while not self._live():
                self._connected.clear()
                await self._connected.wait()

    def freeze(self) -> None:
        """Let every connection hang: nothing is read, nothing is sent, not even a pong."""
        self._frozen.update(self._sockets)

    async def reset(self) -> None:
        """Break every connection without a word."""
        for transport in tuple(self._transports.values()):
            transport.abort()

    async def disconnect(self, reason: str, *, close: bool = True) -> None:
        """Announce the end of every connection, and end it."""
        for socket in tuple(self._live()):
            await socket.send_json({"type": "disconnect", "reason": reason,
                                    "debug_info": {"host": "fake"}})  # fmt: skip
            if close:
                await asyncio.sleep(0.1)
                await socket.close()

    async def _link(self, request: web.Request) -> web.StreamResponse:
        ticket = request.query.get("ticket", "")
        if self.link_down or ticket not in self.tickets:
            self.tickets.discard(ticket)
            return web.Response(status=408)
        self.tickets.remove(ticket)
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        self._sockets.append(socket)
        assert request.transport is not None
        self._transports[socket] = request.transport
        await socket.send_json({"type": "hello", "num_connections": len(self._live()),
                                "connection_info": {"app_id": APP}})  # fmt: skip
        self._connected.set()
        try:
            async for message in socket:
                if socket in self._frozen:
                    continue
                if message.type is WSMsgType.PING:
                    await socket.pong(message.data)
                elif message.type is WSMsgType.TEXT:
                    self._acked(json.loads(message.data))
        finally:
            self._sockets.remove(socket)
            del self._transports[socket]
            self._frozen.discard(socket)
        return socket

    def _acked(self, ack: Json) -> None:
        waiting = self._acks.get(ack["envelope_id"])
        if waiting is not None and not waiting.done():
            waiting.set_result(ack.get("payload") or {})

    def _live(self) -> list[web.WebSocketResponse]:
        return [each for each in self._sockets if not each.closed]

    async def _deliver(self, kind: str, body: Json, retries: int = 0) -> Delivered:
        """Deliver once, and again after each wait until it is acknowledged."""
        delivered = Delivered()
        self.delivered.append(delivered)
        for attempt in range(retries + 1):
            delivered.attempts += 1
            started = time.monotonic()
            try:
                async with asyncio.timeout(self.ack_wait):
                    if self.mode == "socket":
                        delivered.response = await self._by_socket(kind, body, attempt)
                    else:
                        delivered.response = await self._by_http(kind, body, attempt)
                delivered.acked = True
                delivered.seconds = time.monotonic() - started
                return delivered
            except (TimeoutError, ConnectionError, aiohttp.ClientError):
                if attempt < retries:
                    await asyncio.sleep(self.retry_waits[attempt])
        return delivered

    async def _by_socket(self, kind: str, body: Json, attempt: int) -> Json:
        await self.connected(self.ack_wait)
        envelope = f"envelope{next(self._ids)}"
        waiting: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        self._acks[envelope] = waiting
        try:
            await self._live()[-1].send_json({
                "envelope_id": envelope, "type": kind, "payload": body,
                "accepts_response_payload": kind != "events_api",
                "retry_attempt": attempt, "retry_reason": "timeout" if attempt else "",
            })  # fmt: skip
            return await waiting
        finally:
            del self._acks[envelope]

    async def _by_http(self, kind: str, body: Json, attempt: int) -> Json:
        match kind:
            case "events_api":
                text, content = json.dumps(body), "application/json"
            case "slash_commands":
                text, content = urlencode(body), "application/x-www-form-urlencoded"
            case _:
                text = urlencode({"payload": json.dumps(body)})
                content = "application/x-www-form-urlencoded"
        headers = {"Content-Type": content, **signed(text)}
        if attempt:
            headers["X-Slack-Retry-Num"] = str(attempt)
        async with self._session.post(
            self.bot_url, data=text.encode(), headers=headers
        ) as response:
            if response.status != 200:
                raise ConnectionError(response.status)
            answer = await response.text()
            return json.loads(answer) if answer.startswith("{") else {"text": answer}


def signed(text: str, at: int | None = None, secret: str = SECRET) -> dict[str, str]:
    """Return the headers that prove a body to be Slack's."""
    stamp = str(int(time.time()) if at is None else at)
    digest = hmac.new(secret.encode(), f"v0:{stamp}:{text}".encode(), hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}
