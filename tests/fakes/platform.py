"""A chat platform in memory: it keeps what was posted, and fails when it is told to."""

import asyncio
from collections import deque
from dataclasses import dataclass, replace

from bot.domain.card import Card, Kind, Outgoing
from bot.domain.inbound import Circle, MessageRef, Place
from bot.domain.ports import NotAllowed, PlatformError, Unreachable


@dataclass(frozen=True, slots=True)
class Posted:
    """One message on the platform."""

    id: str
    outgoing: str
    place: Place
    card: Card
    kind: Kind


class MemoryPlatform:
    """Implements ``Platform``.

    Attributes:
        name: As in ``Place.platform``.
        posted: What members see, oldest first; an edit takes the place of what it edits.
        faults: What the next sends do instead of working: raise before anything took effect.
        cuts: How many of the next sends take effect without an answer.
        delay: Seconds that each send takes.
        hangs: How many of the next sends never return and never take effect.
        names: What people are called, by id.
        organisers: The ids of those in the organisers' channel.
        closed: Channels in which nothing can be posted; ``direct``: nor by direct message.
        late: Seconds after which each of the next sends takes effect though it failed at once.
    """

    def __init__(self, name: str = "memory") -> None:
        self.name = name
        self.whispers = self.overhears = True
        self.room = 3000
        self.circle = Circle.CHANNEL
        self.posted: list[Posted] = []
        self.faults: deque[BaseException] = deque()
        self.cuts = 0
        self.hangs = 0
        self.late: deque[float] = deque()
        self.delay = 0.0
        self.sends = 0
        self.names: dict[str, str] = {}
        self.organisers: set[str] = set()
        self.closed: set[str] = set()

    async def send(self, outgoing: Outgoing) -> MessageRef:
        self.sends += 1
        if self.hangs:
            self.hangs -= 1
            await asyncio.Event().wait()
        await asyncio.sleep(self.delay)
        if self.faults:
            raise self.faults.popleft()
        channel = "direct" if outgoing.kind is Kind.DIRECT else outgoing.to.channel
        if channel in self.closed:
            raise NotAllowed(self.name, "an invitation to the channel")
        if self.late:
            asyncio.get_running_loop().call_later(self.late.popleft(), self._post, outgoing)
            raise Unreachable(self.name, "The connection was cut.")
        ref = self._edit(outgoing) if outgoing.kind is Kind.EDIT else self._post(outgoing)
        if self.cuts:
            self.cuts -= 1
            raise Unreachable(self.name, "The connection was cut.")
        return ref

    async def find(self, outgoing: Outgoing) -> MessageRef | None:
        found = next((each for each in self.posted if each.outgoing == outgoing.id), None)
        return MessageRef(found.place, found.id) if found else None

    def address(self, ref: MessageRef) -> str:
        return f"https://{self.name}.example/{ref.place.channel}/{ref.message}"

    async def called(self, person: str) -> str:
        return self.names.get(person, "")

    async def organises(self, person: str) -> bool:
        if self.faults:
            raise self.faults.popleft()
        return person in self.organisers

    def whisper(self, place: Place, card: Card) -> None:
        """Show a card to one person at once, as an answer to what they did."""
        id_ = f"m{len(self.posted) + 1}"
        self.posted.append(Posted(id_, "", place, card, Kind.PRIVATE))

    def _post(self, outgoing: Outgoing) -> MessageRef:
        posted = Posted(
            f"m{len(self.posted) + 1}", outgoing.id, outgoing.to, outgoing.card, outgoing.kind
        )
        self.posted.append(posted)
        return MessageRef(outgoing.to, posted.id)

    def _edit(self, outgoing: Outgoing) -> MessageRef:
        for at, each in enumerate(self.posted):
            if each.id == outgoing.edits:
                self.posted[at] = replace(each, card=outgoing.card, outgoing=outgoing.id)
                return MessageRef(each.place, each.id)
        raise PlatformError(self.name, f"There is no message {outgoing.edits}.")
