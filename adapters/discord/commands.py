"""The commands that the bot registers: only when they changed, as Discord limits it."""

import asyncio
import hashlib
import json
from collections.abc import Sequence
from importlib import resources
from typing import Any

import discord
from discord.http import Route

from adapters.discord.errors import translated
from adapters.discord.state import State
from bot.domain.ports import PlatformError
from bot.telemetry.log import EventLogger

RETRY = 600.0
"""Seconds between two tries to register."""

Commands = Sequence[dict[str, Any]]


def commands() -> Commands:
    """Read ``commands.yaml``."""
    import yaml  # 7 ms: time enough while Discord is being connected

    text = (resources.files("adapters.discord") / "commands.yaml").read_text(encoding="utf-8")
    loaded: Commands = yaml.safe_load(text)
    return loaded


class Registration:
    """Registers the commands in the servers that are served, or everywhere.

    Args:
        guilds: Ids of the servers; there commands appear at once. Empty: everywhere.
        state: Remembers what was registered.
    """

    def __init__(self, guilds: tuple[str, ...], state: State) -> None:
        self._guilds = guilds or ("",)
        self._state = state
        self._log = EventLogger("faqbot.discord")

    async def run(self, client: discord.Client) -> None:
        """Register where something changed; where that fails, try again later."""
        own = commands()
        wanted: dict[str, Commands] = dict.fromkeys(self._guilds, own)
        # Where the bot served before it has no commands any more.
        wanted |= {guild: () for guild in self._state.registered if guild not in wanted}
        while True:
            done = [await self._register(client, *each) for each in wanted.items()]
            if all(done):
                return
            await asyncio.sleep(RETRY)

    async def _register(self, client: discord.Client, guild: str, wanted: Commands) -> bool:
        """Register at one place; return False where it failed."""
        application = str(client.application_id)
        mark = _hash([application, *wanted])
        if self._state.registered.get(guild) == mark:
            return True
        path = "/applications/{application_id}" + ("/guilds/{guild_id}" if guild else "")
        ids = {"guild_id": guild} if guild else {}
        route = Route("PUT", f"{path}/commands", application_id=application, **ids)
        try:
            with translated():
                await client.http.request(route, json=list(wanted))
        except PlatformError as error:
            self._log.error("commands not registered", guild=guild, problem=str(error))
            return False
        self._log.info("commands registered", guild=guild or "everywhere")
        await self._state.register(guild, mark)
        return True


def _hash(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
