"""The week's digest for the organisers: what was asked, what wasn't answered, wordings to add."""

import asyncio
import time as clock
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from bot.desk.offload import STOPPING, Offload
from bot.desk.posting import post
from bot.domain.ask import Proposal
from bot.domain.inbound import Place
from bot.domain.ports import Faq
from bot.domain.text import one_line, question_key
from bot.settings import LearningSettings
from bot.store import Asked, Transaction
from bot.telemetry import Health
from bot.texts import Text
from bot.usage import ANSWERED, UNANSWERED, fate, unanswered
from bot.wording import CANDIDATE_LIMIT, Organising, Wording

WEEK = 7 * 86_400.0
EVERY = 60.0
"""Seconds between two looks at the clock."""
LATE = timedelta(days=1)
"""A digest that couldn't be posted so long is left out: the next one comes in a week."""
MOST = 5
"""Questions, and entries, that are named."""
GLIMPSE = 60
"""As much of a question as reminds an organiser of it, in UTF-16 units."""
PROPOSED = 3
"""Wordings that are proposed in one digest."""


class Digest:
    """Posts the digest when its time has come.

    Args:
        faq: The entries and the search in them.
        wording: The words.
        offload: Leads to the store, and off the event loop.
        settings: When the digest comes.
        organisers: The organisers' channel on each platform that has one: the first gets it.
        health: Where it is said that it couldn't be made.
    """

    def __init__(
        self,
        faq: Faq,
        wording: Wording,
        offload: Offload,
        settings: LearningSettings,
        organisers: Mapping[str, Place],
        health: Health,
    ) -> None:
        self._faq = faq
        self._say = wording.say
        self._words = Organising(wording)
        self._offload = offload
        self._weekly = settings.weekly
        self._to = next(iter(organisers.values()), None)
        self._health = health

    async def run(self) -> None:
        """Look at the clock until cancelled; returns at once where there is no digest."""
        while self._weekly is not None and self._to is not None:
            try:
                await self.look(datetime.now())
                self._health.report("digest", True)
            except STOPPING:
                raise
            except BaseException as error:  # noqa: BLE001  # no reason to leave questions unanswered
                self._health.report("digest", False, Text("health.fails"), raised=error)
            await asyncio.sleep(EVERY)

    async def look(self, now: datetime) -> bool:
        """Post the digest if it is due and wasn't posted; return whether it was.

        Args:
            now: By the clock of where the bot runs.

        Raises:
            StoreError: It couldn't be committed.
        """
        if self._weekly is None or self._to is None:
            return False
        weekday, at = self._weekly
        day = now.date() - timedelta(days=(now.weekday() - weekday) % 7)
        due = datetime.combine(day, at)
        if not due <= now < due + LATE:
            return False
        once = f"digest:{due:%G-%V}"
        asked, proposals, shown = await self._offload.store(
            lambda tx: (tx.history.asked(2 * 7), tx.proposals.open(), tx.asks.shown())
        )
        lines = await self._offload.compute(self._lines, asked, shown, clock.time())
        return await self._offload.store(lambda tx: self._post(tx, once, lines, proposals))

    def _post(
        self, tx: Transaction, once: str, lines: Sequence[str], proposals: Sequence[Proposal]
    ) -> bool:
        assert self._to is not None
        known = [
            (each, entry)
            for each in proposals
            if (entry := self._faq.entry(each.entry))
            and question_key(each.words) not in map(question_key, entry.wordings)
        ]
        return post(tx, self._to, self._words.digest(lines, known[:PROPOSED]), once=once)

    def _lines(
        self, asked: Sequence[Asked], shown: Mapping[str, int], now: float
    ) -> tuple[str, ...]:
        """Say what the week brought.

        Args:
            asked: What was asked in the last two weeks.
            shown: How often each entry was ever the answer.
            now: In seconds since 1970.
        """
        week = [one for one in asked if one.at >= now - WEEK]
        before = [one for one in asked if one.at < now - WEEK]
        say = self._say
        lines = [
            say("digest.share", asked=str(len(week)), now=_share(week), before=_share(before))
            if week
            else say("digest.quiet")
        ]
        gathered = unanswered(week, self._faq.gather)
        open_ = [line for line in gathered if line.wordings and not line.done]
        if open_:
            items = [say("digest.unanswered")]
            for line in open_[:MOST]:
                words = one_line(line.wordings[0], CANDIDATE_LIMIT)
                items.append(say("digest.asked", words=words, times=str(line.times)))
            lines.append("\n".join(items))
        never = [entry for entry in self._faq.entries if entry.id not in shown]
        if never:
            named = (one_line(each.question, GLIMPSE) for each in never[:MOST])
            some = "\n".join(f"・{each}" for each in named)
            lines.append(say("digest.never", count=str(len(never)), some=some))
        return tuple(lines)


def _share(asked: Sequence[Asked]) -> str:
    """Return which share was answered of what an answer was looked for; – where that is none."""
    fates = [fate(one) for one in asked]
    answered = sum(each in ANSWERED for each in fates)
    searched = answered + sum(each in UNANSWERED for each in fates)
    return f"{answered / searched:.0%}" if searched else "–"
