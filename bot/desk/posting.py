"""Cards on their way into the outbox, each for a purpose that is served once."""

import secrets
import threading
import time
from dataclasses import replace

from bot.domain.card import Card, Kind, Outgoing
from bot.domain.inbound import MessageRef, Person, Place
from bot.store import Transaction

CARD = "card:"
"""What the purpose of a card that brings a question to the organisers begins with."""
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_RANDOM_BITS = 80
_lock = threading.Lock()
_last = 0


def new_id() -> str:
    """Make an id such as ``01kb6f0v9r0000000000000000``: 48 bits of milliseconds, 80 random bits.

    It never repeats. Within a process each is greater than the one before, also when the clock is
    put back.
    """
    global _last  # the process has one clock
    fresh = (time.time_ns() // 1_000_000 << _RANDOM_BITS) | secrets.randbits(_RANDOM_BITS)
    with _lock:
        _last = number = max(fresh, _last + 1)
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(125, -1, -5))


def post(tx: Transaction, to: Place, card: Card, *, once: str, ask: str = "") -> bool:
    """Post where a reply belongs; return False where that was done before.

    Args:
        tx: The transaction.
        to: Where.
        card: What.
        once: The purpose; nothing is posted for it twice.
        ask: The ask that the card belongs to: its end takes the card along.
    """
    kind = Kind.PRIVATE if to.private_to else Kind.THREAD
    return tx.outbox.add(Outgoing(new_id(), to, card, kind), ask=ask, once=once)


def whisper(tx: Transaction, to: Place, person: Person, card: Card, *, once: str) -> bool:
    """Post so that only one person sees it; return False where that was done before."""
    return post(tx, replace(to, private_to=person.id), card, once=once)


def edit(
    tx: Transaction, message: MessageRef, card: Card, *, once: str, ask: str = "", opens: str = ""
) -> bool:
    """Put a card in the place of a posted one; return False where that was done before.

    Args:
        tx: The transaction.
        message: Where the posted one stands.
        card: What.
        once: The purpose; nothing is edited for it twice.
        ask: The ask that the card belongs to.
        opens: What a thread on it is called from now on; empty: as before.
    """
    outgoing = Outgoing(
        new_id(), message.place, card, Kind.EDIT, edits=message.message, opens=opens
    )
    return tx.outbox.add(outgoing, ask=ask, once=once)
