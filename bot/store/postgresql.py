"""Connections to PostgreSQL that wait for no answer for ever, and hear what others change."""

import math
import time
from collections.abc import Callable
from threading import Event
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy import Engine, ExceptionContext, create_engine, event, make_url
from sqlalchemy.pool import PoolProxiedConnection

from bot.domain.backoff import Backoff
from bot.store import schema
from bot.store.errors import READ_ONLY
from bot.store.schema import BEGAN, CHANNEL, NEWS, News
from bot.telemetry import EventLogger

BEGINNING = 3.0
"""Seconds within which a transaction's first answer must come: whoever has used the connection
before may find it dead, and a new one is quicker than an answer that late."""
ANSWER = 10.0
"""Seconds within which each later answer must come."""
TRANSACTION = 10.0
"""Seconds within which a transaction that members wait for must be committed."""

STILL_THERE = 10.0
"""Seconds after which a connection that only listens is tried: nobody else would find it dead."""
HEARING = 1.0
"""Seconds after which who listens sees that it is to stop."""

_CLIENT = {
    "connect_timeout": 5,
    "client_encoding": "utf8",  # else the server's own, which may know no Japanese, or none at all
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
"""What holds where the address doesn't say otherwise."""
_SERVER = {
    # A little less than what is waited for: so the server has time to say why.
    "statement_timeout": 9_000,
    "lock_timeout": 9_000,
    # What a lost connection had locked is free again before a new one waits for it in vain.
    "idle_in_transaction_session_timeout": 10_000,
    "tcp_keepalives_idle": 10,
    "tcp_keepalives_interval": 5,
    "tcp_keepalives_count": 3,
}


class Connection(psycopg.Connection[Any]):
    """A connection that is closed when its server keeps silent.

    TCP notices a silent server after a quarter of an hour, and never where something on the way
    still acknowledges for it.

    Attributes:
        within: Seconds within which a transaction must be committed.
    """

    within = math.inf
    _until = math.inf

    def begin(self) -> float:
        """Begin a transaction and return the server's clock: both at once, to wait only once."""
        beginning = "BEGIN; " if self.autocommit else ""  # else psycopg sends one by itself
        answers = self.execute(beginning + schema.CLOCK["postgresql"])
        while answers.nextset():
            pass
        ((began,),) = answers
        return float(began)

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """Wait for an answer, no longer than there is time for.

        Args:
            gen: What sends and receives.
            interval: Seconds between two looks whether the process was interrupted.
            timeout: Seconds for which the caller wants to wait, for what need not come.

        Raises:
            psycopg.OperationalError: None came in time; the connection is closed.
        """
        if timeout is not None:
            return super().wait(gen, max(interval, timeout), timeout)
        began = time.monotonic()
        if self.pgconn.transaction_status == TransactionStatus.IDLE:
            self._until = began + self.within
            patience = BEGINNING
        else:
            patience = max(min(ANSWER, self._until - began), 0.0)
        try:
            return super().wait(gen, interval, patience)
        except psycopg.OperationalError as error:
            if self.closed or time.monotonic() < began + patience:
                raise
            self.close()
            raise psycopg.OperationalError(f"no answer within {patience:.0f} s") from error


def engine(url: str, within: float = math.inf) -> Engine:
    """Return what connects to a server.

    Args:
        url: ``postgresql+psycopg://…``.
        within: Seconds within which each transaction must be committed.
    """
    # One for what is waited for, and one for the rest: see ``Database.beside``.
    made = create_engine(url, pool_size=2, max_overflow=0, hide_parameters=True)

    @event.listens_for(made, "do_connect")
    def connect(_: object, __: object, given: list[Any], more: dict[str, Any]) -> Connection:
        # Who serves has no need of what psycopg can add to BEGIN.
        connection = _connect(*given, **more, autocommit=math.isfinite(within))
        connection.within = within
        return connection

    def begin(dbapi_connection: PoolProxiedConnection) -> None:
        connection = dbapi_connection.driver_connection
        assert isinstance(connection, Connection)
        dbapi_connection.info[BEGAN] = connection.begin()

    made.dialect.do_begin = begin  # type: ignore[method-assign]

    @event.listens_for(made, "handle_error")
    def leave(context: ExceptionContext) -> None:
        # Another server may stand behind the address by now, and this one only be read.
        if getattr(context.original_exception, "sqlstate", None) == READ_ONLY:
            context.is_disconnect = True

    return made


def listen(url: str, origin: str, heard: Callable[[News | None], None], stop: Event) -> None:
    """Listen until told to stop; it takes up to ``HEARING`` seconds to see that.

    Args:
        url: ``postgresql+psycopg://…``.
        origin: Whose own news aren't passed on.
        heard: Called with what was told; with all there may be once it listens, as something may
            have been told before; with None when it can't.
        stop: When to stop.
    """
    log = EventLogger("faqbot.store")
    address = make_url(url)
    given, more = address.get_dialect()().create_connect_args(address)
    waits = Backoff(0.5, 10.0)
    while not stop.is_set():
        try:
            with _connect(*given, **more, autocommit=True) as connection:
                connection.execute(f"LISTEN {CHANNEL}")
                heard(NEWS)
                waits.reset()
                _hear(connection, origin, heard, stop)
        except Exception as error:  # noqa: BLE001  # the thread's root: whatever it is, try again
            log.warning("can't hear of changes", problem=type(error).__name__)
            heard(None)
            stop.wait(waits.next())


def _hear(
    connection: Connection, origin: str, heard: Callable[[News | None], None], stop: Event
) -> None:
    tried = time.monotonic()
    while not stop.is_set():
        for each in connection.notifies(timeout=HEARING):
            sender, _, news = each.payload.partition(" ")  # empty, if it isn't one of us who tells
            if sender != origin:
                heard(frozenset(news.split()))
        if time.monotonic() - tried > STILL_THERE:
            connection.execute("SELECT 1")
            tried = time.monotonic()


def _connect(*given: Any, autocommit: bool = False, **more: Any) -> Connection:
    connection = Connection.connect(*given, autocommit=True, **{**_CLIENT, **more})
    # Not by the option "options" of a connection: PgBouncer refuses who has one.
    limits = (
        f"SET {name} = {value}"
        for name, value in _SERVER.items()
        if name not in more.get("options", "")
    )
    try:
        connection.execute("; ".join(limits))
        connection.autocommit = autocommit
    except psycopg.Error:
        connection.close()
        raise
    return connection
