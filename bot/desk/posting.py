"""Cards on their way into the outbox."""

from dataclasses import replace

from bot.desk.ids import Ids
from bot.domain.card import Card, Kind, Outgoing
from bot.domain.inbound import MessageRef, Person, Place
from bot.store.database import Transaction


class Posting:
    """Writes cards into the outbox, each for a purpose that is served once."""

    def __init__(self, ids: Ids) -> None:
        self._ids = ids

    def post(self, tx: Transaction, to: Place, card: Card, *, ask: str, once: str) -> bool:
        """Post where the reply belongs; return False where it was posted before."""
        kind = Kind.PRIVATE if to.private_to else Kind.THREAD
        return tx.outbox.add(Outgoing(self._ids(), to, card, kind), ask=ask, once=once)

    def whisper(
        self, tx: Transaction, to: Place, person: Person, card: Card, *, ask: str, once: str
    ) -> bool:
        """Post so that only one person sees it; return False where it was posted before."""
        return self.post(tx, replace(to, private_to=person.id), card, ask=ask, once=once)

    def edit(
        self, tx: Transaction, message: MessageRef, card: Card, *, ask: str, once: str
    ) -> bool:
        """Put a card in the place of a posted one; return False where it was done before."""
        outgoing = Outgoing(self._ids(), message.place, card, Kind.EDIT, edits=message.message)
        return tx.outbox.add(outgoing, ask=ask, once=once)
