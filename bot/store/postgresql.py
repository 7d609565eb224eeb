"""Connections to PostgreSQL that wait for no answer for ever."""

import math
import time
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy import Engine, create_engine, event

BEGINNING = 3.0
"""Seconds within which a transaction's first answer must come: whoever has used the connection
before may find it dead, and a new one is quicker than an answer that late."""
ANSWER = 10.0
"""Seconds within which each later answer must come."""
TRANSACTION = 10.0
"""Seconds within which a transaction that members wait for must be committed."""

_CLIENT = {
    "connect_timeout": 5,
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

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """Wait for an answer, no longer than there is time for.

        Args:
            gen: What sends and receives.
            interval: Seconds between two looks for a signal.
            timeout: Seconds that the caller is ready to wait; who says so knows what then.

        Raises:
            psycopg.OperationalError: None came in time; the connection is closed.
        """
        if timeout is not None:
            return super().wait(gen, interval, timeout)
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
    made = create_engine(url, pool_size=1, max_overflow=0, hide_parameters=True)

    @event.listens_for(made, "do_connect")
    def connect(_: object, __: object, given: list[Any], more: dict[str, Any]) -> Connection:
        settings = " ".join(f"-c {name}={value}" for name, value in _SERVER.items())
        options = f"{settings} {more.pop('options', '')}".rstrip()
        connection = Connection.connect(*given, **{**_CLIENT, **more}, options=options)
        connection.within = within
        return connection

    return made
