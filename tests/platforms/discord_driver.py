"""The conformance table's driver for Discord: the real adapter and a Discord on loopback."""

import asyncio
import functools
from pathlib import Path

from bot.desk.desk import Desk
from bot.domain.ports import Platform
from tests.fakes.discord import FakeDiscord, filled_in
from tests.fakes.discord_api import channel_json
from tests.fakes.discord_state import (
    BOT,
    FORUM,
    GENERAL,
    LOADING,
    ORGANISERS,
    ORGANISERS_ROLE,
    SILENT,
    WATCHED,
    Interaction,
    Post,
)
from tests.platforms.chat import AMONG_ORGANISERS, MEMBERS, Chat, Shown
from tests.platforms.discord_bench import serving, settled

FORM = 9
"""How an interaction is answered by a form."""


class DiscordChat(Chat):
    """The real adapter against a Discord on loopback."""

    name, browsing, organisers = "discord", "/faq-list", ORGANISERS

    def __init__(
        self, folder: Path, fake: FakeDiscord, *, watched: tuple[str, ...] = (WATCHED, FORUM)
    ) -> None:
        super().__init__(folder)
        self.watched = watched
        self._fake = fake
        self._last: Post | None = None
        self._opened: dict[str, Interaction] = {}
        for each in ("講師", "運営"):
            fake.api.roles[fake.person(each)] = [ORGANISERS_ROLE]

    async def serves(self, desk: Desk, organisers: str | None) -> Platform:
        self.desk = desk
        discord, _ = await self._ends.enter_async_context(
            serving(self._fake, desk, watch=self.watched, organisers=organisers)
        )
        return discord.platform

    async def stop(self) -> None:
        await super().stop()
        assert self._fake.world.refused == []

    async def says(self, who: str, text: str, *, thread: str | None = None) -> str:
        return await self._say(who, f"@FAQ {text}", thread or GENERAL, thread)

    async def overhears(self, who: str, text: str, *, thread: str | None = None) -> str:
        return await self._say(who, text, thread or WATCHED, thread)

    async def points_at(self, who: str, by: str, text: str) -> str:
        said = await self._fake.says(by, text)
        sent = await self._fake.chooses_on(who, said)
        await self._fake.until(lambda: sent.answered)
        return said.id

    async def commands(self, who: str, text: str) -> None:
        sent = await self._fake.commands(who, text, private=True)
        await self._fake.until(lambda: sent.answered)

    async def presses(self, who: str, label: str) -> None:
        sent = await self._fake.presses(who, self._find(label), label)
        await self._fake.until(lambda: sent.answered)

    async def submits(self, who: str, text: str | None = None) -> str:
        opened = await self._fake.presses(who, self._find("講師に聞く"), "講師に聞く")
        await self._fake.until(lambda: opened.answered)
        filled: str = opened.data["components"][0]["component"].get("value", "")
        sent = await self._fake.submits(who, opened, filled if text is None else text)
        await self._fake.until(lambda: sent.answered)
        return filled

    async def redelivers(self) -> None:
        await self._fake.deliver(self._question)

    async def edits(self, text: str) -> None:
        await self._fake.edits(self._question, f"@FAQ {text}")

    async def deletes(self) -> None:
        await self._fake.deletes(self._question)

    async def organiser_presses(
        self, who: str, label: str, *, about: str = "", argument: str = ""
    ) -> dict[str, str] | None:
        await self.settled()
        post = self._find(label, who)
        start, action, *carried = post.custom_id(label).split(":")
        forged = ":".join((start, action, about or carried[0], argument or carried[1]))
        sent = await self._fake.presses(who, post, label, custom_id=forged)
        await self._fake.until(lambda: sent.answered)
        if sent.answered != FORM:
            return None
        self._opened[who] = sent
        return filled_in(sent)

    async def organisers_press(self, label: str, *who: str) -> None:
        await self.settled()
        post = self._find(label, who[0])
        sent = await asyncio.gather(*(self._fake.presses(each, post, label) for each in who))
        await self._fake.until(lambda: all(each.answered for each in sent))

    async def organiser_submits(self, who: str, **fields: str) -> str:
        form = self._opened[who]
        filled = {**filled_in(form), **fields}
        for each in form.data["components"]:
            field = each["component"]
            name, options = field["custom_id"], field.get("options", ())
            if options and filled[name] not in [each["value"] for each in options]:
                # What isn't among the choices is typed below them.
                filled[f"{name}:typed"] = filled.pop(name)
                filled[name] = ""
        sent = await self._fake.submits(who, form, filled)
        await self._fake.until(lambda: sent.answered)
        await settled(self._fake)
        said = next((each for each in self._posts() if each.id == sent.original), None)
        return said.words if said is not None and "見つかりません" in said.words else ""

    async def organiser_replies(self, who: str, text: str, *, mention: bool = False) -> None:
        card = next(
            each for each in reversed(self._posts())
            if each.channel == ORGANISERS and each.only_for is None and not each.reply_to
        )  # fmt: skip
        text = f"@FAQ {text}" if mention else text
        self._last = await self._fake.says(who, text, card.id)

    async def organiser_edits(self, text: str) -> None:
        await self._fake.edits(self._question, text)

    async def forgets(self, who: str) -> None:
        sent = await self._fake.commands(who, "", name="faq-privacy")
        await self._fake.until(lambda: sent.answered)
        for label in ("自分のデータを消す", "消す"):
            shown = next(each for each in self._posts() if each.id == sent.original)
            pressed = await self._fake.presses(who, shown, label)
            await self._fake.until(functools.partial(_is_answered, pressed))
        await self._fake.until(lambda: not shown.buttons)

    async def leaves_organisers(self, who: str) -> None:
        del self._fake.api.roles[self._fake.person(who)]

    async def shuts(self, *, direct: bool = False) -> None:
        self._fake.world.shut[GENERAL] = (404, 10003)
        if direct:
            self._fake.world.denied.add("dm")

    async def shuts_organisers(self) -> None:
        self._fake.world.shut[ORGANISERS] = (403, 50001)

    async def invites_to_organisers(self) -> None:
        del self._fake.world.shut[ORGANISERS]
        channel = channel_json(self._fake.world.channels[ORGANISERS])
        await self._fake.gateway.dispatch("CHANNEL_UPDATE", channel)

    @property
    def _question(self) -> Post:
        assert self._last is not None
        return self._last

    async def _say(self, who: str, text: str, channel: str, thread: str | None) -> str:
        calls = {"@健太": f"<@{self._fake.person('健太')}>", "@係": "<@&777>", "@全員": "@everyone"}
        for call, written in calls.items():
            text = text.replace(call, written)
        if channel in self._fake.world.channels:
            self._last = await self._fake.says(who, text, channel)
        else:
            # Below a message without a thread one goes on by replying to it.
            self._last = await self._fake.says(who, text, GENERAL, reply_to=channel)
        return thread or self._last.id

    def _posts(self) -> list[Post]:
        own = (each for each in self._fake.world.posts if each.author == BOT)
        return [each for each in own if not each.deleted and not each.flags & LOADING]

    def _where(self, post: Post) -> str:
        """Return the organisers' channel, who gets it by direct message, or nothing elsewhere."""
        channel = self._fake.world.channels[post.channel]
        if channel.recipient:
            return channel.recipient
        return ORGANISERS if ORGANISERS in (channel.id, channel.parent) else ""

    def _find(self, label: str, organiser: str = "") -> Post:
        return next(
            post for post in reversed(self._posts())
            if any(each.startswith(label) for each in post.buttons)
            and (not organiser or self._where(post) == ORGANISERS)
            and (not organiser or post.only_for in (None, self._fake.person(organiser)))
        )  # fmt: skip

    def standing(self, where: str) -> tuple[Shown, ...]:
        channel = {MEMBERS: "", AMONG_ORGANISERS: ORGANISERS}.get(where)
        channel = self._fake.person(where) if channel is None else channel
        return self._shown([each for each in self._posts() if self._where(each) == channel])

    async def taken(self) -> None:
        await settled(self._fake)

    def _shown(self, posts: list[Post]) -> tuple[Shown, ...]:
        """Return cards; the further parts of a long one reply to its first."""
        names = {id_: name for name, id_ in self._fake.people.items()}
        shown: dict[str, Shown] = {}
        for post in posts:
            first = post.reply_to if post.flags & SILENT else post.id
            before = shown.get(first or "", Shown(""))
            in_thread = self._fake.world.channels[post.channel].parent is not None
            shown[first or ""] = Shown(
                text="\n".join(filter(None, (before.text, post.words))),
                buttons=(*before.buttons, *post.buttons),
                thread=before.thread or (post.channel if in_thread else self._first(post)),
                only_for=names.get(post.only_for or ""),
                pinged=before.pinged or names.get(post.pinged or ""),
            )
        return tuple(shown.values())

    def _first(self, post: Post) -> str:
        """Return the message that a conversation of replies began with."""
        above = {each.id: each.reply_to for each in self._fake.world.posts}
        first = post.reply_to or ""
        while above.get(first):
            first = above[first] or ""
        return first


def _is_answered(interaction: Interaction) -> bool:
    return interaction.answered is not None
