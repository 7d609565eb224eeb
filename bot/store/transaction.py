"""Everything that is stored, within one transaction; and what concerns all of it."""

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from sqlalchemy import and_, delete, exists, func, literal_column, or_, select, update

from bot.domain.ask import Escalation, Outcome, Vote
from bot.domain.inbound import Person, Place
from bot.store.asks import Asks
from bot.store.codec import decode_place, encode_place
from bot.store.escalations import Escalations
from bot.store.history import History
from bot.store.inbox import Inbox
from bot.store.learning import Drafts, Proposals
from bot.store.leases import Leases
from bot.store.outbox import Outbox, channel_of
from bot.store.schema import (
    DAY,
    Part,
    Session,
    asks,
    changes,
    drafts,
    escalations,
    inbox,
    outbox,
    proposals,
    ratings,
    watches,
)
from bot.store.sqlite_file import drop_backups

KEYS = 8 * DAY
"""Redeliveries come within minutes, backups of a queue within days: keys stay a week and a day."""
ANSWERED = DAY
"""An answered question keeps its words for a day: 「違う」 may still send them to a lecturer."""

ROOM = 16_384
"""Bytes."""
_PROBE = "probe:"

_CHANGES = select(changes.c.what, changes.c.number)


class Watches(Part):
    """Channels that members switched watching on or off for, within one transaction."""

    def set(self, place: Place, on: bool, by: Person) -> None:
        """Watch a channel, or leave it."""
        channel = channel_of(place)
        self._execute(delete(watches).where(watches.c.channel == channel))
        self._session.insert_new(
            watches,
            channel=channel,
            watched=on,
            changed_by=by.id,
            changed_at=self._session.now,
        )
        self._session.changed("watches")

    def all(self) -> Mapping[str, bool]:
        """Return every channel that was ever switched, and how it stands."""
        rows = self._execute(select(watches.c.channel, watches.c.watched))
        return {row.channel: row.watched for row in rows}


class Transaction:
    """Everything that is stored: all that is done with it is committed, or nothing."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._execute = session.connection.execute
        self.inbox = Inbox(session)
        self.asks = Asks(session)
        self.outbox = Outbox(session)
        self.escalations = Escalations(session)
        self.drafts = Drafts(session)
        self.proposals = Proposals(session)
        self.history = History(session)
        self.watches = Watches(session)
        self.leases = Leases(session)

    def release(self, owner: str) -> None:
        """Hand back whatever a process had claimed."""
        self.inbox.release(owner)
        self.outbox.release(owner)
        self.leases.release(owner)

    def reclaim(self) -> None:
        """Free whatever was claimed: for who knows that no other process is alive."""
        self.inbox.reclaim()
        self.outbox.reclaim()
        self.leases.reclaim()

    def fill(self) -> None:
        """Write what needs as much room as a few questions: where that is committed, others are."""
        key, words = f"{_PROBE}{os.urandom(8).hex()}", os.urandom(ROOM // 2).hex()
        now = self._session.now
        self._session.insert_new(
            inbox, key=key, kind="probe", payload=words, received_at=now, done_at=now
        )

    def clear(self) -> None:
        """Take away what ``fill`` wrote."""
        probes = inbox.c.key.startswith(_PROBE) & inbox.c.done_at.is_not(None)
        self._execute(delete(inbox).where(probes))

    def changes(self) -> Mapping[str, int]:
        """Return how often what every process keeps a copy of has changed, by what it is."""
        rows = self._execute(_CHANGES)
        return {row.what: row.number for row in rows}

    def purge(self, days: int) -> tuple[Escalation, ...]:
        """Forget what isn't needed any more: members' words and ids, old keys and copies.

        Args:
            days: How long unanswered questions keep their words and the asker's id.

        Returns:
            The escalations that nobody answered in that time; they are closed now.
        """
        now = self._session.now
        doubted = exists().where(ratings.c.ask == asks.c.id, ratings.c.value == Vote.WRONG)
        settled = or_(
            asks.c.entry.is_not(None), asks.c.outcome.in_((Outcome.HELP, Outcome.LIMITED))
        )
        self._execute(
            update(asks)
            .where(asks.c.text.is_not(None))
            .where(and_(settled, ~doubted, asks.c.created_at < now - ANSWERED))
            .values(text=None)
        )
        old = asks.c.created_at < now - days * DAY
        # Word for word as the index has it: a parameter would keep both stores from using it.
        kept = or_(asks.c.text.is_not(None), asks.c.asker != literal_column("''"))
        self._execute(update(asks).where(old, kept).values(text=None, asker=""))
        self._execute(delete(inbox).where(inbox.c.done_at < now - KEYS))
        self._execute(delete(outbox).where(outbox.c.done_at < now - max(KEYS, days * DAY)))
        self.drafts.purge(days)
        self.proposals.purge(days)
        if self._session.connection.dialect.name == "sqlite":
            file = Path(self._session.connection.engine.url.database or "")
            drop_backups(file, now - days * DAY)
        return self.escalations.purge(days)

    def about(self, member: str) -> Mapping[str, int]:
        """Count what is stored about a member, by the platform's id.

        Returns:
            How many rows, by what they are; ``published``: where ``forget`` leaves who they are
            unless it is told to take that too.
        """
        count = self._session.connection.scalar
        shown = or_(*(drafts.c[who] == member for who in ("author", "replied", "approver")))
        wrote = or_(drafts.c.author == member, drafts.c.replied == member)
        public = drafts.c.published_at.is_not(None)
        theirs = proposals.c.ask.in_(select(asks.c.id).where(asks.c.asker == member))
        which = {
            "asks": (asks, asks.c.asker == member),
            "escalations": (escalations, escalations.c.member == member),
            "ratings": (ratings, ratings.c.member == member),
            "proposals": (proposals, and_(theirs, proposals.c.words.is_not(None))),
            "drafts": (drafts, and_(wrote, ~public)),
            "published": (drafts, and_(shown, public)),
        }
        counts = {
            name: count(select(func.count()).select_from(table).where(rows)) or 0
            for name, (table, rows) in which.items()
        }
        settled = (
            select(func.count()).where(column == member)
            for column in (escalations.c.changed_by, proposals.c.changed_by, watches.c.changed_by)
        )
        return {
            **counts,
            "settled": sum(count(each) or 0 for each in settled),
            "waiting": self.inbox.count_of(member),
        }

    def forget(self, member: str, *, names: bool = False) -> tuple[Escalation, ...]:
        """Remove what a member wrote and who they are from every table; figures stay.

        Args:
            member: The platform's id of the member.
            names: Also who they are, where they published something; that itself stays.

        Returns:
            The escalations that changed: their cards must not show the member's words, posted or
            still waiting.
        """
        self.inbox.forget(member)
        theirs = outbox.c.ask.in_(select(asks.c.id).where(asks.c.asker == member))
        self.outbox.forget(member, theirs)
        self.proposals.forget(member)
        self.drafts.forget(member, names=names)
        changed = self.escalations.forget(member)
        for row in self._execute(
            select(asks.c.id, asks.c.place).where(asks.c.asker == member)
        ).all():
            place = encode_place(replace(decode_place(row.place), private_to=None))
            values = {"asker": "", "text": None, "place": place}
            self._execute(update(asks).where(asks.c.id == row.id).values(values))
        self._execute(delete(ratings).where(ratings.c.member == member))
        self._execute(update(watches).where(watches.c.changed_by == member).values(changed_by=""))
        return changed
