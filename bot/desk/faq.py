"""What the desk needs of the search."""

from typing import Protocol

from bot.domain.entry import Entry
from bot.domain.reply import Reply
from bot.domain.retrieval import Ranking


class Faq(Protocol):
    """The entries and the search in them. Synchronous; safe to use from several threads."""

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All entries, in order."""
        ...

    def reply(self, text: str, addressed: bool) -> tuple[Reply, Ranking]:
        """Decide what to say to a question, and from what."""
        ...

    def entry(self, entry_id: str) -> Entry | None:
        """Return an entry by its id; None where there is none."""
        ...

    def complete(self, text: str, limit: int) -> tuple[Entry, ...]:
        """Return entries that fit what is being typed."""
        ...
