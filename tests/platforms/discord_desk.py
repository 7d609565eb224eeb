"""A desk that only notes what it is told, for tests of what the Discord adapter tells it."""

from dataclasses import replace

from bot.desk.wording import FormCard
from bot.domain.entry import Entry
from bot.domain.inbound import MessageRef
from tests.platforms import slack_desk


class RecordingDesk(slack_desk.RecordingDesk):
    """Notes edits and deletions by their question's key, and completes what is typed."""

    async def edited(self, ref: MessageRef, text: str) -> None:
        self._write()
        self.edits.append((ref.key, text))

    async def deleted(self, ref: MessageRef) -> None:
        self._write()
        self.deletions.append(ref.key)

    async def form(self, ask: str, text: str = "") -> FormCard:
        if not ask:
            return replace(self.wording.form(text), text="")
        self._write()
        return await super().form(ask, text)

    def complete(self, text: str, limit: int) -> tuple[Entry, ...]:
        entries = tuple(entry for talk in self.talks for entry in talk.entries)
        return tuple(each for each in entries if text in each.question)[:limit]
