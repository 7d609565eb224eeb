"""The desk: what the platforms' adapters call. Every method runs on the event loop, unblocked."""

from collections.abc import Mapping

from bot.desk.browsing import TalkPage
from bot.desk.wording import FormCard
from bot.domain.card import Card
from bot.domain.entry import Entry
from bot.domain.inbound import Form, MessageRef, Person, Place, Press, Question
from bot.domain.ports import Platform
from bot.store.errors import StoreError
from bot.telemetry.health import Health

__all__ = ["Desk", "StoreError"]


class Desk:
    """The conversation, behind one door."""

    async def receive(self, item: Question | Press | Form) -> bool:
        """Commit what came in; a worker answers it later.

        Returns:
            False where it was seen before.

        Raises:
            StoreError: It couldn't be committed: don't acknowledge it.
        """
        raise NotImplementedError

    async def edited(self, ref: MessageRef, text: str) -> None:
        """Take the new words of an edited message."""
        raise NotImplementedError

    async def deleted(self, ref: MessageRef) -> None:
        """Close the question of a deleted message."""
        raise NotImplementedError

    async def watches(self, place: Place) -> bool:
        """Whether questions there are answered without a mention; from memory."""
        raise NotImplementedError

    async def set_watch(self, place: Place, on: bool, by: Person) -> Card:
        """Watch a channel or leave it; return the confirmation to show."""
        raise NotImplementedError

    async def form(self, ask: str, text: str = "") -> FormCard:
        """Return the form that asks the lecturers, with the ask's question filled in."""
        raise NotImplementedError

    def browse(self) -> tuple[TalkPage, ...]:
        """Return the talks in order, with their entries."""
        raise NotImplementedError

    def entry_card(self, entry_id: str) -> Card | None:
        """Show one entry; None where there is no such entry."""
        raise NotImplementedError

    def complete(self, text: str, limit: int) -> tuple[Entry, ...]:
        """Complete what is being typed; nothing typed yet: what is asked most."""
        raise NotImplementedError

    def say(self, key: str, **values: str) -> str:
        """Return a sentence or label of ``texts/{ja,en}.toml``, such as ``error.not_saved``."""
        raise NotImplementedError

    async def run(self, platforms: Mapping[str, Platform]) -> None:
        """Answer and post until cancelled; then finish or hand back within 10 s."""
        raise NotImplementedError

    def health(self) -> Health:
        """Return which parts work; the platforms report into it too."""
        raise NotImplementedError
