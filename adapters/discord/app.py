"""Discord, put together: signed in, its shards shared with other processes, each kept connected."""

import asyncio
import time
from typing import Self

import aiohttp

from adapters.common.supervise import Supervisor
from adapters.discord import DiscordSettings, gateway
from adapters.discord.api import Api
from adapters.discord.errors import ContentRefused, Fatal, NotSent
from adapters.discord.gateway import LONGEST_WAIT, Timing
from adapters.discord.leasing import Leasing
from adapters.discord.listeners import Listeners
from adapters.discord.outbound import DiscordPlatform
from bot.desk.desk import Desk, Share
from bot.domain.backoff import Backoff
from bot.telemetry import EventLogger
from bot.texts import Text

LINK = "discord"
WATCHING = "discord_watch"
SHARDS = "discord_shards"
TWICE = "discord_token"
"""Names of the components that are reported to health."""
REQUEST_LIMIT = 10.0
"""Seconds that one request may take; after that its fate is unknown."""

_STRANGER = 3600.0
"""Seconds for which it is reported that another process answered, too."""
_PATIENCE = 20.0
"""Seconds to wait until a new sign-in shows what Discord gives."""


class Discord:
    """The Discord side of the bot. Use it as a context: within it ``platform`` can post.

    It posts and answers whether it serves a shard or not: that takes no connection to the gateway.

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
        timing: Timing | None = None,
    ) -> None:
        """Take settings with a token; nothing is opened yet.

        Args:
            settings: The section ``discord``.
            desk: What is told.
            alone: Discord is the only platform: nothing goes on without it.
            timing: How long is waited.
        """
        self._settings = settings
        self._desk = desk
        self._alone = alone
        self._timing = timing or Timing()
        self._health = desk.health()
        self._supervisor = Supervisor(
            LINK,
            self._health,
            Backoff(self._timing.wait, LONGEST_WAIT),
            fatal=Fatal if alone else (),
        )
        self._refusal: ContentRefused | None = None
        self._words_wanted: asyncio.Future[bool] | None = None
        self._unserved_since: float | None = None
        self._stands_by = False
        self._log = EventLogger("faqbot.discord")

    async def __aenter__(self) -> Self:
        gateway.prepare(self._settings.api_url)
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=REQUEST_LIMIT))
        self._api = Api(self._session)
        self.platform = DiscordPlatform(
            self._api, self._settings.organisers, self._settings.organiser_role
        )
        self._listeners = Listeners(self._desk, self._api, self._settings, self._gain_words)
        # Organisers reply below cards without calling the bot.
        self._leasing = Leasing(
            self._settings, self._desk, self._api, self.platform, self._listeners, self._timing,
            content=bool(self._settings.watch or self._settings.organisers),
        )  # fmt: skip
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._sign_out()
        await self._session.close()

    async def run(self) -> None:
        """Receive until cancelled.

        Raises:
            Fatal: Discord refuses the bot for good, and it is alone.
        """
        await self._supervisor.keep(self._serve)

    async def _serve(self) -> None:
        """Sign in, and serve shards until that fails.

        Raises:
            PlatformError: It couldn't sign in, or was turned away.
        """
        await self._sign_in()
        if not self._leasing.of:
            self._leasing.of = await self._api.recommended()
        tasks = [asyncio.create_task(each) for each in (self._leasing.keep(), self._watch())]
        stopping = False
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            stopping = True
            raise
        finally:
            for each in tasks:
                each.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
            await self._leasing.give_back()
            if not stopping:  # what is under way can still be posted
                await self._sign_out()
        for error in ended:
            if isinstance(error, Exception):
                raise error

    async def _sign_in(self) -> None:
        """Sign in to post, without any shard."""
        await self._sign_out()
        client = gateway.Connection(content=False, timing=self._timing)
        try:
            await client.sign_in(self._settings.token)
        except BaseException:
            await client.close()
            raise
        self._api.client = client
        flags = client.application_flags
        granted = flags.gateway_message_content or flags.gateway_message_content_limited
        self.platform.overhears = self._leasing.content and granted  # until a shard is served here

    async def _sign_out(self) -> None:
        """Sign out: nothing is posted any more."""
        client, self._api.client = self._api.client, None
        if client is not None:
            await client.close()

    async def _watch(self) -> None:
        """Look after the shards that are served here.

        Raises:
            PlatformError: One was turned away.
        """
        while True:
            for number, (shard, task) in tuple(self._leasing.served.items()):
                if task.done():
                    await self._ended(task)
                elif shard.is_over:
                    self._log.warning("the lease on a shard ran out", shard=number)
                    await self._leasing.leave(number)
                elif shard.is_cut_off and not self._desk.sharing.alone:
                    # Another process may reach it.
                    raise NotSent(Text("discord.down"), "", self._timing.patience)
                else:
                    await shard.look_after()
            if await self._wants_content():
                self._leasing.content = True
                await self._leasing.restart()
            self._report()
            await asyncio.sleep(self._timing.look)

    async def _ended(self, task: asyncio.Task[None]) -> None:
        """Raise what ended a shard; where Discord keeps messages from the bot, go on without."""
        try:
            task.result()
        except ContentRefused as refusal:
            if self._alone and self._settings.watch:
                raise
            # Commands and mentions need no such permission.
            self._leasing.content, self._refusal = False, refusal
            if not self._words_are_given(False) and self._settings.watch:
                self._health.report(WATCHING, False, refusal)
        await self._leasing.restart()

    async def _wants_content(self) -> bool:
        """Whether the bot must sign in anew to read messages that don't mention it."""
        if self._leasing.content or self._words_wanted is not None:
            return not self._leasing.content
        watched = [await shard.has_new_watched() for shard in self._leasing.shards]
        if any(watched) and self._refusal is not None:
            self._health.report(WATCHING, False, self._refusal)
        return any(watched) and self._refusal is None

    async def _gain_words(self) -> bool | None:
        """Sign in anew with the words of messages, unless that is so already.

        Only an attempt tells whether Discord gives them.

        Returns:
            Whether it does; None where that isn't known in time.
        """
        if self._leasing.content:
            return True
        if self._words_wanted is None:
            self._words_wanted = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(_PATIENCE):
                return await asyncio.shield(self._words_wanted)
        except TimeoutError:
            return None

    def _words_are_given(self, given: bool) -> bool:
        """Tell who wants the words; return whether somebody does."""
        wanted, self._words_wanted = self._words_wanted, None
        if wanted is not None:
            wanted.set_result(given)
        return wanted is not None

    def _report(self) -> None:
        """Report how the shards are that are served here, or that none is."""
        shards, share = self._leasing.shards, self._leasing.share
        if share is None:
            return
        self._report_unserved(share)
        self._report_stranger()
        trouble = next(filter(None, (shard.trouble for shard in shards)), None)
        if not shards and time.monotonic() >= share.until:
            self._supervisor.down(Text("discord.no_lease"))
        elif trouble is not None:
            self._supervisor.down(trouble)
        elif share.of != self._leasing.of:
            said = Text("discord.divided", own=str(self._leasing.of), others=str(share.of))
            self._health.report(LINK, False, said)
        elif not share.held:
            self._health.report(LINK, True, Text("discord.stands_by"))
            if not self._stands_by:
                self._log.info("standing by: other processes serve the shards", of=share.of)
        elif shards and all(shard.is_up for shard in shards):
            if self._leasing.content:
                self._health.report(WATCHING, True)
                self._words_are_given(True)
            self._supervisor.up()
        self._stands_by = not share.held

    def _report_stranger(self) -> None:
        """Report whether somebody answers with the same token from another database."""
        seen = self._listeners.stranger
        if seen is None:
            return
        if time.monotonic() - seen < _STRANGER:
            self._health.report(TWICE, False, Text("discord.twice"))
        else:
            self._health.report(TWICE, True)
            self._listeners.stranger = None

    def _report_unserved(self, share: Share) -> None:
        """Report shards that no process serves: where each is told which ones are its own."""
        if self._desk.sharing.alone:
            return
        missing = set(range(share.of)) - share.held.keys() - share.others
        now = time.monotonic()
        if not missing:
            if self._unserved_since is not None:
                self._health.report(SHARDS, True)
            self._unserved_since = None
        elif self._unserved_since is None:
            self._unserved_since = now
        elif now - self._unserved_since >= 2 * self._settings.lease:
            numbers = ", ".join(map(str, sorted(missing)))
            self._health.report(SHARDS, False, Text("discord.unserved", shards=numbers))
