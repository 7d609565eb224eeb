"""A desk that only notes what it is told, for tests of what the Discord adapter tells it."""

import json
import math
import time
from collections.abc import Collection, Mapping

from bot.desk.desk import Share, StoreError
from bot.desk.offload import Sharing
from tests.platforms import slack_desk


class MemorySharing(Sharing):
    """Shares with nobody, and keeps what was left as long as the test likes.

    Attributes:
        alone: False: as if somebody might come; the leases end.
        down: The database doesn't answer.
        of: Into how many shards others divide it; 0: there are none.
        fence: The number of every lease.
        held: Which shards the bot holds.
    """

    def __init__(self, heard: float = 0.0, *, alone: bool = True, of: int = 0) -> None:
        self.alone = alone
        self.down = False
        self.of = of
        self.fence = 1
        self.held: set[int] = set()
        self.notes = {0: json.dumps({"heard": heard})} if heard else {}

    @property
    def heard(self) -> float:
        """When the bot heard Discord last, by its own notes."""
        return float(json.loads(self.notes.get(0, "{}")).get("heard", 0.0))

    async def share(
        self,
        what: str,
        seconds: float,
        of: int,
        wanted: Collection[int] | None = None,
        notes: Mapping[int, str] | None = None,
    ) -> Share:
        if self.down:
            raise StoreError("The database doesn't answer.")
        if self.of not in (0, of):
            return Share(self.of, {}, frozenset(range(self.of)), {})
        self.notes |= notes or {}
        held = dict.fromkeys(range(of) if wanted is None else wanted, self.fence)
        self.held = set(held)
        until = math.inf if self.alone else time.monotonic() + seconds
        return Share(of, held, frozenset(), dict.fromkeys(held, "") | self.notes, until)

    async def knows(self, ask: str) -> bool:
        return True

    async def turn(self, what: str, seconds: float) -> None:
        return


class RecordingDesk(slack_desk.RecordingDesk):
    """Shares with other processes, too."""

    def __init__(self, sharing: Sharing | None = None) -> None:
        super().__init__()
        self.sharing = sharing or MemorySharing()
