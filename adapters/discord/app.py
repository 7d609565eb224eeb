"""Discord, put together: its client, its listeners, and how it is served."""

from pathlib import Path
from types import TracebackType
from typing import Self

import aiohttp
from discord.http import Route

from adapters.discord import quiet
from adapters.discord.answers import Answers
from adapters.discord.backlog import Backlog
from adapters.discord.commands import Registration
from adapters.discord.listeners import Listeners
from adapters.discord.outbound import DiscordPlatform
from adapters.discord.rest import Rest
from adapters.discord.settings import DiscordSettings
from adapters.discord.state import State
from adapters.discord.supervise import Link, Timing
from bot.desk.desk import Desk

REQUEST_LIMIT = 10.0
"""Seconds that one request may take; after that its fate is unknown."""
STATE_FILE = Path("var/discord.json")


class Discord:
    """The Discord side of the bot. Use it as a context: within it ``platform`` can post.

    Attributes:
        platform: What the desk posts by.
        handler: None: Discord sends nothing over HTTP.
    """

    platform: DiscordPlatform
    handler = None

    def __init__(
        self,
        settings: DiscordSettings,
        desk: Desk,
        *,
        alone: bool = False,
        state: Path = STATE_FILE,
        timing: Timing | None = None,
    ) -> None:
        """Take settings with a token; nothing is opened yet.

        Args:
            settings: The section ``discord``.
            desk: What is told.
            alone: Discord is the only platform: nothing goes on without it.
            state: A small file of what is remembered across restarts.
            timing: How long the watchdog waits.
        """
        self._settings = settings
        self._desk = desk
        self._alone = alone
        self._state = State(state)
        self._timing = timing or Timing()

    async def __aenter__(self) -> Self:
        settings = self._settings
        assert settings.token is not None
        quiet.library()
        Route.BASE = settings.api_url
        await self._state.load()
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=REQUEST_LIMIT))
        rest, answers = Rest(), Answers(self._session)
        self.platform = DiscordPlatform(rest, answers)
        listeners = Listeners(
            self._desk, answers, rest, settings.guilds, lambda: self._link.watch_changed()
        )
        self._link = Link(
            settings.token,
            watches=bool(settings.watch),
            listeners=listeners,
            rest=rest,
            registration=Registration(settings.guilds, self._state),
            backlog=Backlog(self._desk, listeners),
            state=self._state,
            health=self._desk.health(),
            timing=self._timing,
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._link.close()
        await self._session.close()

    async def run(self) -> None:
        """Receive until cancelled.

        Raises:
            Fatal: Discord refuses the bot for good, and it is alone.
        """
        await self._link.run(alone=self._alone)
