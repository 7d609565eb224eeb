"""A desk that only notes what it is told, for tests of what the Discord adapter tells it."""

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

    def complete(self, text: str, limit: int) -> tuple[Entry, ...]:
        return tuple(each for each in self.entries if text in each.question)[:limit]
