"""What the store says that must be answered without asking it: at each message, at each key."""

from collections.abc import Mapping

from bot.store.database import Transaction


class Memory:
    """A copy of small tables; loaded at the start and again from time to time.

    Attributes:
        switched: Channels that members switched, and whether they are watched.
        asked: How often each entry was the answer, by entry id.
    """

    def __init__(self) -> None:
        self.switched: Mapping[str, bool] = {}
        self.asked: Mapping[str, int] = {}

    def load(self, tx: Transaction) -> None:
        """Read the tables: what this process wrote, and other replicas."""
        self.switched = tx.watches.all()
        self.asked = tx.asks.shown()
