"""Channels that members switched watching on or off for."""

from collections.abc import Mapping

from sqlalchemy import delete, select

from bot.domain.inbound import Person, Place
from bot.store.outbox import channel_of
from bot.store.schema import watches
from bot.store.tables import Session


class Watches:
    """Watched channels within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def set(self, place: Place, on: bool, by: Person) -> None:
        """Watch a channel, or leave it."""
        channel = channel_of(place)
        self._session.connection.execute(delete(watches).where(watches.c.channel == channel))
        self._session.insert_new(
            watches,
            channel=channel,
            watched=on,
            changed_by=by.id,
            changed_at=self._session.now,
        )

    def all(self) -> Mapping[str, bool]:
        """Return every channel that was ever switched, and how it stands."""
        rows = self._session.connection.execute(select(watches.c.channel, watches.c.watched))
        return {row.channel: row.watched for row in rows}
