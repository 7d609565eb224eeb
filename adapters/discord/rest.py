"""The bot's own requests to Discord: messages and threads, by discord.py's HTTP client.

That client knows Discord's rate limits, and repeats a request that met a server fault; a nonce
keeps a repeated message from being posted twice. Only the outbox repeats anything else.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import discord
from discord.http import Route

from adapters.common.split import split
from adapters.discord import limits
from adapters.discord.errors import (
    BANNED_WAIT,
    NotSent,
    Refused,
    not_connected,
    translated,
)
from adapters.discord.render import Json

_PAGE = 100
_ARCHIVE_AFTER = 1440
"""Minutes without a message after which Discord folds a thread away."""


class Rest:
    """Speaks for the client that is signed in now."""

    def __init__(self) -> None:
        self._client: discord.Client | None = None
        self._banned_until = 0.0

    def use(self, client: discord.Client | None) -> None:
        """Speak for this client from now on; for none, nothing is sent."""
        self._client = client

    @property
    def me(self) -> str:
        """The bot's id.

        Raises:
            RateLimited: It isn't signed in: nothing can be sent yet.
        """
        user = self._signed_in().user
        if user is None:
            raise not_connected()
        return str(user.id)

    async def has_thread(self, thread: str) -> bool:
        """Whether there is a thread of this id; a message may have one of its own id."""
        if isinstance(self._signed_in().get_channel(int(thread)), discord.Thread):
            return True
        try:
            await self._request(Route("GET", "/channels/{channel_id}", channel_id=thread))
        except Refused:
            return False
        return True

    async def post(self, channel: str, message: Json, nonce: str, reply_to: str | None) -> str:
        """Post a message; return its id. The same nonce doesn't post twice within minutes."""
        payload = {**message, "nonce": nonce, "enforce_nonce": True}
        if reply_to is not None:
            payload["message_reference"] = {"message_id": reply_to, "fail_if_not_exists": False}
        route = Route("POST", "/channels/{channel_id}/messages", channel_id=channel)
        return str((await self._request(route, payload))["id"])

    async def edit(self, channel: str, message: str, payload: Json) -> None:
        """Change a message of the bot's."""
        await self._request(_message("PATCH", channel, message), payload)

    async def delete(self, channel: str, message: str) -> None:
        """Delete a message of the bot's."""
        await self._request(_message("DELETE", channel, message))

    async def message(self, channel: str, message: str) -> Json:
        """Read a message."""
        found: Json = await self._request(_message("GET", channel, message))
        return found

    async def history(self, channel: str, after: str | None) -> AsyncIterator[Json]:
        """Read the messages after one, oldest first; or the latest hundred."""
        route = Route("GET", "/channels/{channel_id}/messages", channel_id=channel)
        while True:
            window = {"after": after} if after is not None else {}
            page: list[Json] = await self._request(route, params={"limit": _PAGE, **window})
            for each in sorted(page, key=lambda each: int(str(each["id"]))):
                yield each
            if after is None or len(page) < _PAGE:
                return
            after = max((str(each["id"]) for each in page), key=int)

    async def open_thread(self, channel: str, message: str, name: str) -> None:
        """Make the thread on a message; it gets the message's id."""
        route = Route("POST", "/channels/{channel_id}/messages/{message_id}/threads",
                      channel_id=channel, message_id=message)  # fmt: skip
        payload: Json = {"name": thread_name(name), "auto_archive_duration": _ARCHIVE_AFTER}
        await self._request(route, payload)

    async def unarchive(self, thread: str) -> None:
        """Open a thread that was folded away."""
        route = Route("PATCH", "/channels/{channel_id}", channel_id=thread)
        await self._request(route, {"archived": False})

    async def direct_channel(self, person: str) -> str:
        """Return the channel of the direct messages with somebody."""
        payload: Json = {"recipient_id": person}
        return str((await self._request(Route("POST", "/users/@me/channels"), payload))["id"])

    async def _request(
        self, route: Route, payload: Json | None = None, params: Json | None = None
    ) -> Any:
        client = self._signed_in()
        now = asyncio.get_running_loop().time()
        if now < self._banned_until:
            raise NotSent("Discord refused every request.", "The bot waits.",
                          self._banned_until - now)  # fmt: skip
        given: dict[str, Any] = {}
        if payload is not None:
            given["json"] = payload
        if params is not None:
            given["params"] = params
        try:
            with translated():
                return await client.http.request(route, **given)
        except NotSent as error:
            if error.retry_after >= BANNED_WAIT:
                self._banned_until = now + error.retry_after
            raise

    def _signed_in(self) -> discord.Client:
        if self._client is None:
            raise not_connected()
        return self._client


def thread_name(text: str) -> str:
    """Return the beginning of a text as the name of a thread, which can't be empty."""
    return next(iter(split(text, limits.THREAD_NAME)), "FAQ").strip() or "FAQ"


def _message(method: str, channel: str, message: str) -> Route:
    path = "/channels/{channel_id}/messages/{message_id}"
    return Route(method, path, channel_id=channel, message_id=message)
