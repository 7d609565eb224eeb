"""The conformance table's driver for Slack: the real adapter against a Slack on loopback."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from adapters.slack.supervise import Timing
from bot.bootstrap import build
from bot.desk.desk import Desk
from bot.settings import CoreSettings
from tests.fakes.faq import FAQ
from tests.fakes.search import PairSearch
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_api import BOT, Said
from tests.platforms.chat import Shown
from tests.platforms.slack_bench import FAST, serving

CHANNEL, WATCHED, ORGANISERS = "C0GENERAL", "C0WATCHED", "C0ORGANISERS"
PEOPLE = {"明美": "U0AKEMI", "健太": "U0KENTA"}
CALLS = {"@健太": "<@U0KENTA>", "@係": "<!subteam^S0STAFF|@staff>", "@全員": "<!channel>",
         "@FAQ": f"<@{BOT}>"}  # fmt: skip
NAMES = {user: name for name, user in PEOPLE.items()}


class SlackChat:
    """Implements ``Chat``."""

    browsing = "「ホーム」タブ"

    def __init__(self, fake: FakeSlack, folder: Path, timing: Timing = FAST) -> None:
        self._fake = fake
        self._timing = timing
        self._url = f"sqlite:///{folder / 'faqbot.db'}"
        self._ends = contextlib.AsyncExitStack()
        fake.names = NAMES

    async def start(self, *, answering: bool = True) -> None:
        self._desk = await self._ends.enter_async_context(a_desk(self._url))
        slack = await self._ends.enter_async_context(serving(self._fake, self._desk, self._timing))
        if answering:
            running = asyncio.create_task(self._desk.run({"slack": slack.platform}))
            self._ends.push_async_callback(cancel, running)

    async def stop(self) -> None:
        await self._ends.aclose()
        assert self._fake.refused == []

    async def says(self, who: str, text: str, *, thread: str | None = None) -> str:
        return await self._say(who, f"<@{BOT}> {text}", CHANNEL, thread)

    async def overhears(self, who: str, text: str, *, thread: str | None = None) -> str:
        return await self._say(who, text, WATCHED, thread)

    async def points_at(self, who: str, by: str, text: str) -> str:
        said = await self._fake.says(PEOPLE[by], text, channel=CHANNEL)
        await self._fake.uses_shortcut(PEOPLE[who], said)
        return said.ts

    async def commands(self, who: str, text: str) -> None:
        await self._fake.commands(PEOPLE[who], text, channel=CHANNEL)

    async def presses(self, who: str, label: str) -> None:
        said = self._newest(label)
        assert (await self._fake.presses(PEOPLE[who], said, label[:70])).acked

    async def submits(self, who: str, text: str | None = None) -> str:
        await self.presses(who, "講師に聞く")
        view = self._fake.views[-1]
        filled: str = view["blocks"][0]["element"].get("initial_value", "")
        await self._fake.submits(PEOPLE[who], view, filled if text is None else text)
        return filled

    async def redelivers(self) -> None:
        assert (await self._fake.again()).acked

    async def edits(self, text: str) -> None:
        await self._fake.edits(self._last, f"<@{BOT}> {text}")

    async def deletes(self) -> None:
        await self._fake.deletes(self._last)

    async def restarts(self, *, before_replying_to: tuple[str, str] | None = None) -> None:
        await self.stop()
        if before_replying_to is not None:
            await self.start(answering=False)
            await self.says(*before_replying_to)
            await self.stop()
        await self.start()

    async def sees(self) -> tuple[Shown, ...]:
        await self._settled()
        return shown([s for s in self._fake.messages if s.channel in (CHANNEL, WATCHED)])

    async def organisers_see(self) -> tuple[Shown, ...]:
        await self._settled()
        return shown([s for s in self._fake.messages if s.channel == ORGANISERS])

    async def _say(self, who: str, text: str, channel: str, thread: str | None) -> str:
        # A thread of the other channel stands for the same conversation there.
        for call, written in CALLS.items():
            text = text.replace(call, written)
        place = next((s.channel for s in self._fake.messages if s.ts == thread), channel)
        self._last = await self._fake.says(PEOPLE[who], text, channel=place, thread=thread)
        return thread or self._last.ts

    def _newest(self, label: str) -> Said:
        return next(
            said
            for said in reversed(self._fake.messages)
            if not said.deleted and any(b.startswith(label[:70]) for b in said.buttons)
        )

    async def _settled(self) -> None:
        """Wait until both queues are empty: what was received is then answered and posted."""
        while await self._desk.waiting():  # noqa: ASYNC110  # nothing rings when both are empty
            await asyncio.sleep(0.005)


@contextlib.asynccontextmanager
async def a_desk(url: str, **change: float) -> AsyncIterator[Desk]:
    desk = build(
        PairSearch(FAQ),
        CoreSettings(database_url=url),
        organisers={"slack": ORGANISERS},
        watched={"slack": (WATCHED,)},
        **change,
    )
    try:
        yield desk
    finally:
        desk.close()


async def cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait([task])


def shown(messages: list[Said]) -> tuple[Shown, ...]:
    """Return the bot's replies, the parts of a long one joined."""
    cards: dict[str, list[Said]] = {}
    for said in messages:
        if said.user == BOT and not said.deleted:
            card = said.metadata["event_payload"]["id"] if said.metadata else said.ts
            cards.setdefault(card, []).append(said)
    return tuple(
        Shown(
            text="".join(part.words for part in parts),
            buttons=tuple(parts[-1].buttons),
            thread=parts[0].thread or "",
            only_for=NAMES[parts[0].only_for] if parts[0].only_for else None,
        )
        for parts in cards.values()
    )
