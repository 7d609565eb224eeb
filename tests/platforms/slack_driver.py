"""The conformance table's driver for Slack: the real adapter against a Slack on loopback."""

import asyncio
from collections.abc import Collection
from pathlib import Path

from adapters.slack.app import Timing
from bot.desk.desk import Desk
from bot.domain.ports import Platform
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_api import BOT, Fault, Json, Said
from tests.platforms.chat import AMONG_ORGANISERS, MEMBERS, Chat, Shown
from tests.platforms.slack_bench import FAST, serving

CHANNEL, WATCHED, ORGANISERS = "C0GENERAL", "C0WATCHED", "C0ORGANISERS"
PEOPLE = {"明美": "U0AKEMI", "健太": "U0KENTA", "講師": "U0KOUSHI", "運営": "U0UNEI"}
CALLS = {"@健太": "<@U0KENTA>", "@係": "<!subteam^S0STAFF|@staff>", "@全員": "<!channel>",
         "@FAQ": f"<@{BOT}>"}  # fmt: skip
NAMES = {user: name for name, user in PEOPLE.items()}


class SlackChat(Chat):
    """The real adapter against a Slack on loopback."""

    name, browsing = "slack", "「ホーム」タブ"
    organisers, watched = ORGANISERS, (WATCHED,)

    def __init__(self, fake: FakeSlack, folder: Path, timing: Timing = FAST) -> None:
        super().__init__(folder)
        self._fake = fake
        self._timing = timing
        self._opened: dict[str, Json] = {}
        fake.names = NAMES
        fake.members[ORGANISERS] = [PEOPLE["講師"], PEOPLE["運営"]]

    async def serves(self, desk: Desk, organisers: str | None) -> Platform:
        self.desk = desk
        serves = serving(self._fake, desk, self._timing, organisers=organisers)
        return (await self._ends.enter_async_context(serves)).platform

    async def stop(self) -> None:
        await super().stop()
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

    async def organiser_presses(
        self, who: str, label: str, *, about: str = "", argument: str = ""
    ) -> dict[str, str] | None:
        await self.settled()
        said = self._newest(label, (ORGANISERS,), PEOPLE[who])
        views = len(self._fake.views)
        forged = {}
        if about or argument:
            before = said.carried(label).partition(":")
            forged["value"] = f"{about or before[0]}:{argument or before[2]}"
        assert (await self._fake.presses(PEOPLE[who], said, label, **forged)).acked
        if len(self._fake.views) == views:
            return None
        self._opened[who] = view = self._fake.views[-1]
        return _filled_in(view)

    async def organisers_press(self, label: str, *who: str) -> None:
        await self.settled()
        said = self._newest(label, (ORGANISERS,))
        done = (self._fake.presses(PEOPLE[each], said, label) for each in who)
        assert all(each.acked for each in await asyncio.gather(*done))

    async def organiser_submits(self, who: str, **fields: str) -> str:
        view = self._opened[who]
        elements = {each["block_id"]: each["element"] for each in view["blocks"]}
        filled = {**_filled_in(view), **fields}
        for name, value in tuple(filled.items()):
            # What isn't among the choices is typed below them.
            options = elements[name].get("options", ())
            if options and value not in (each["value"] for each in options):
                typed, text = f"{name}:typed", filled.pop(name)
                if elements[typed]["type"] == "external_select":
                    offered = await self._fake.types(PEOPLE[who], view, typed, text)
                    text = offered[0]["value"] if offered else ""
                filled[typed] = text
        sent = await self._fake.submits(PEOPLE[who], view, **filled)
        assert sent.acked
        return "\n".join(sent.response.get("errors", {}).values())

    async def organiser_replies(self, who: str, text: str, *, mention: bool = False) -> None:
        card = next(
            each
            for each in reversed(self._fake.messages)
            if (each.channel, each.user, each.thread) == (ORGANISERS, BOT, None)
            and each.only_for is None
        )
        self._last = await self._fake.says(
            PEOPLE[who], f"<@{BOT}> {text}" if mention else text, channel=ORGANISERS, thread=card.ts
        )

    async def organiser_edits(self, text: str) -> None:
        await self._fake.edits(self._last, text)

    async def forgets(self, who: str) -> None:
        await self._fake.opens_home(PEOPLE[who])
        assert (await self._fake.presses_at_home(PEOPLE[who], "home:forget")).acked

    async def leaves_organisers(self, who: str) -> None:
        self._fake.members[ORGANISERS].remove(PEOPLE[who])

    async def shuts(self, *, direct: bool = False) -> None:
        self._fake.archived.add(CHANNEL)
        if direct:
            self._fake.fail("conversations.open", Fault(error="user_disabled"), times=9)

    async def shuts_organisers(self) -> None:
        self._fake.outside.add(ORGANISERS)

    async def invites_to_organisers(self) -> None:
        await self._fake.joins(BOT, ORGANISERS)

    async def _say(self, who: str, text: str, channel: str, thread: str | None) -> str:
        # A thread of the other channel stands for the same conversation there.
        for call, written in CALLS.items():
            text = text.replace(call, written)
        place = next((s.channel for s in self._fake.messages if s.ts == thread), channel)
        self._last = await self._fake.says(PEOPLE[who], text, channel=place, thread=thread)
        return thread or self._last.ts

    def standing(self, where: str) -> tuple[Shown, ...]:
        channels: Collection[str] = (CHANNEL, WATCHED)
        if where == AMONG_ORGANISERS:
            channels = (ORGANISERS,)
        elif where != MEMBERS:
            channels = (f"D{PEOPLE[where][1:]}",)
        return shown([said for said in self._fake.messages if said.channel in channels])

    def _newest(self, label: str, channels: tuple[str, ...] = (), seen_by: str = "") -> Said:
        return next(
            said
            for said in reversed(self._fake.messages)
            if not said.deleted
            and any(b.startswith(label[:70]) for b in said.buttons)
            and (not channels or said.channel in channels)
            and (not seen_by or said.only_for in (None, seen_by))
        )


def _filled_in(view: Json) -> dict[str, str]:
    """Return what a modal's fields hold before anybody touches them, by name."""
    filled: dict[str, str] = {}
    for block in view["blocks"]:
        if block["type"] == "input":
            element = block["element"]
            value = element.get("initial_value") or element.get("initial_option", {}).get("value")
            name = block["block_id"].removesuffix(":typed")
            filled[name] = filled.get(name) or value or ""
    return filled


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
            pinged=NAMES[parts[0].pinged] if parts[0].pinged else None,
        )
        for parts in cards.values()
    )
