"""A desk that only notes what it is told, for tests of what an adapter tells it."""

import asyncio

from bot.desk.desk import Desk, StoreError
from bot.domain.card import Card, Pages, Sheet
from bot.domain.entry import Entry
from bot.domain.inbound import Form, MessageRef, Obstacle, Person, Place, Press, Question
from bot.telemetry import EventLogger, Health
from bot.wording import Wording

ENTRY = Entry(
    "kawahara-1", "河原", "LLM の評価", "合成データは使っていますか", "はい、使いました。"
)


class FaultFinder:
    """Finds no fault with any form."""

    def fault(self, form: Form) -> None:
        return None


class RecordingDesk(Desk):
    """Notes what comes in, once for each key; edits and deletions by the question's key.

    ``broken`` lets every write fail; ``takes`` lets it last that many seconds.
    """

    def __init__(self) -> None:
        self.items: list[Question | Press | Form] = []
        self.keys: set[str] = set()
        self.edits: list[tuple[str, str]] = []
        self.deletions: list[str] = []
        self.watched: set[str] = set()
        self.threads: set[str | None] = set()
        self.reached: list[tuple[str, str]] = []
        self.forgotten: list[str] = []
        self.broken = False
        self.takes = 0.0
        self.entries: tuple[Entry, ...] = (ENTRY,)
        self.reported = Health()
        self._wording = Wording("ja")
        self._log = EventLogger("faqbot.desk")
        self._publishing = FaultFinder()  # type: ignore[assignment]

    async def receive(self, item: Question | Press | Form) -> bool:
        await asyncio.sleep(self.takes)
        self._write()
        key = item.ref.key if isinstance(item, Question) else item.id
        new = key not in self.keys
        self.keys.add(key)
        if new:
            self.items.append(item)
        return new

    async def edited(self, ref: MessageRef, text: str) -> None:
        self._write()
        self.edits.append((ref.key, text))

    async def deleted(self, ref: MessageRef) -> None:
        self._write()
        self.deletions.append(ref.key)

    async def watches(self, place: Place) -> bool:
        return place.channel in self.watched

    async def reachable(self, platform: str, channel: str) -> None:
        self._write()
        self.reached.append((platform, channel))

    async def hears(self, question: Question) -> bool:
        place = question.ref.place
        return await self.watches(place) or place.thread in self.threads

    async def forget(self, member: str) -> None:
        self._write()
        self.forgotten.append(member)

    async def switch(
        self, place: Place, on: bool | None, by: Person, obstacle: Obstacle | None = None
    ) -> Card:
        if on is None or obstacle is not None:
            return await super().switch(place, on, by, obstacle)
        if self.broken:
            return self._wording.line("error.not_saved")
        self.watched ^= {place.channel} if on != (place.channel in self.watched) else set()
        return self._wording.line("watch.on" if on else "watch.off")

    def browse(self, number: int = 0) -> Pages:
        return self._wording.pages(self.entries, number)

    def complete(self, text: str, limit: int) -> tuple[Entry, ...]:
        return tuple(each for each in self.entries if text in each.question)[:limit]

    def find(self, entry_id: str) -> Entry | None:
        return next((each for each in self.entries if each.id == entry_id), None)

    def show(self, entry_id: str) -> Sheet:
        return self._wording.sheet(self.find(entry_id))

    def say(self, key: str, **values: str) -> str:
        return self._wording.say(key, **values)

    def health(self) -> Health:
        return self.reported

    def ok(self, component: str) -> bool | None:
        """Return how a component reported itself last; None before its first report."""
        return next((c.ok for c in self.reported.components if c.name == component), None)

    def problem(self, component: str) -> str:
        return next(c.message for c in self.reported.components if c.name == component)

    def _write(self) -> None:
        if self.broken:
            raise StoreError("The database is locked.", "Wait, or end what holds it.")

    async def _sheet(self, press: Press) -> Sheet:
        return self._wording.form(press.about, "" if self.broken else "合成データは使っていますか")
