"""A desk that only notes what it is told, for tests of what the Slack adapter tells it."""

from dataclasses import replace

from bot.desk.browsing import TalkPage
from bot.desk.desk import Desk, StoreError
from bot.desk.wording import FormCard, Wording
from bot.domain.card import Card
from bot.domain.entry import Entry
from bot.domain.inbound import Form, MessageRef, Person, Place, Press, Question
from bot.telemetry.health import Health

ENTRY = Entry(
    "kawahara-1", "河原", "LLM の評価", "合成データは使っていますか", "はい、使いました。"
)


class RecordingDesk(Desk):
    """Notes what comes in, once for each key; ``broken`` lets every write fail."""

    def __init__(self) -> None:
        self.items: list[Question | Press | Form] = []
        self.keys: set[str] = set()
        self.edits: list[tuple[str, str]] = []
        self.deletions: list[str] = []
        self.watched: set[str] = set()
        self.broken = False
        self.wording = Wording("ja")
        self.reported = Health()
        self.talks = (TalkPage("LLM の評価", "河原 先生", (ENTRY,)),)

    async def receive(self, item: Question | Press | Form) -> bool:
        self._write()
        key = item.ref.key if isinstance(item, Question) else item.id
        new = key not in self.keys
        self.keys.add(key)
        if new:
            self.items.append(item)
        return new

    async def edited(self, ref: MessageRef, text: str) -> None:
        self._write()
        self.edits.append((ref.message, text))

    async def deleted(self, ref: MessageRef) -> None:
        self._write()
        self.deletions.append(ref.message)

    async def watches(self, place: Place) -> bool:
        return place.channel in self.watched

    async def set_watch(self, place: Place, on: bool, by: Person) -> Card:
        self._write()
        self.watched ^= {place.channel} if on != (place.channel in self.watched) else set()
        return self.wording.line("watch.on" if on else "watch.off")

    async def form(self, ask: str, text: str = "") -> FormCard:
        self._write()
        return replace(self.wording.form(text), text="合成データは使っていますか")

    def browse(self) -> tuple[TalkPage, ...]:
        return self.talks

    def entry_card(self, entry_id: str) -> Card | None:
        return self.wording.entry(ENTRY) if entry_id == ENTRY.id else None

    def say(self, key: str, **values: str) -> str:
        return self.wording.say(key, **values)

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
