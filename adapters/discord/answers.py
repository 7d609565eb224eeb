"""Discord's endpoints for interactions: at once, in place of "thinking", and afterwards."""

import asyncio
from collections.abc import Mapping
from typing import Any

import aiohttp
import discord
from discord.http import Route
from discord.webhook.async_ import async_context

from adapters.discord.errors import translated
from adapters.discord.handle import Interaction
from adapters.discord.render import Json

_MESSAGE, _LATER, _LATER_ON_BUTTON, _UPDATE, _CHOICES, _FORM = 4, 5, 6, 7, 8, 9
EPHEMERAL = 1 << 6
LOADING = 1 << 7

AT_ONCE = 2.5
"""Seconds for the first answer: Discord waits three."""


class Answers:
    """Answers interactions. They need no permission in the channel and no connection."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def defer(self, to: discord.Interaction, *, private: bool) -> None:
        """Promise an answer: Discord shows that the bot is thinking."""
        await self._call_back(to, _LATER, {"flags": EPHEMERAL if private else 0})

    async def acknowledge(self, to: discord.Interaction) -> None:
        """Take a press; nothing is shown yet."""
        await self._call_back(to, _LATER_ON_BUTTON)

    async def say(self, to: discord.Interaction, message: Json) -> None:
        """Answer at once, for the one who asked only."""
        await self._call_back(to, _MESSAGE, {**message, "flags": EPHEMERAL})

    async def update(self, to: discord.Interaction, message: Json) -> None:
        """Put another message in the place of the one whose button was pressed."""
        await self._call_back(to, _UPDATE, message)

    async def complete(self, to: discord.Interaction, choices: list[Json]) -> None:
        """Offer completions."""
        await self._call_back(to, _CHOICES, {"choices": choices})

    async def open(self, to: discord.Interaction, form: Json) -> None:
        """Open a form."""
        await self._call_back(to, _FORM, form)

    async def original(self, handle: Interaction) -> Mapping[str, Any]:
        """Return the answer as it is now; ``LOADING`` among its flags: it is still awaited.

        Raises:
            Gone: The token is over, or nothing was promised.
        """
        path = "/webhooks/{webhook_id}/{webhook_token}/messages/@original"
        return await self._request("GET", path, handle)

    async def fulfil(self, handle: Interaction, message: Json) -> str:
        """Put a message in the place of "thinking"; return its id."""
        path = "/webhooks/{webhook_id}/{webhook_token}/messages/@original"
        return str((await self._request("PATCH", path, handle, message))["id"])

    async def follow(self, handle: Interaction, message: Json, *, private: bool) -> str:
        """Send a further message; return its id."""
        path = "/webhooks/{webhook_id}/{webhook_token}"
        payload = {**message, "flags": EPHEMERAL if private else 0}
        return str((await self._request("POST", path, handle, payload))["id"])

    async def edit(self, handle: Interaction, message: str, payload: Json) -> None:
        """Change a message that answers the interaction."""
        path = f"/webhooks/{{webhook_id}}/{{webhook_token}}/messages/{message}"
        await self._request("PATCH", path, handle, payload)

    async def _request(
        self, method: str, path: str, handle: Interaction, payload: Json | None = None
    ) -> Mapping[str, Any]:
        route = Route(method, path, webhook_id=handle.application, webhook_token=handle.token)
        with translated():
            data: Mapping[str, Any] = await async_context.get().request(
                route, self._session, payload=payload, params={"wait": "true"}
            )
        return data

    async def _call_back(
        self, to: discord.Interaction, kind: int, data: Json | None = None
    ) -> None:
        route = Route("POST", "/interactions/{webhook_id}/{webhook_token}/callback",
                      webhook_id=to.id, webhook_token=to.token)  # fmt: skip
        payload: Json = {"type": kind} if data is None else {"type": kind, "data": data}
        with translated():
            async with asyncio.timeout(AT_ONCE):
                await async_context.get().request(route, self._session, payload=payload)
