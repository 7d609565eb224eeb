"""What the parts of the store share: a connection with the database's time, and row claims."""

from dataclasses import dataclass

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Double,
    Insert,
    Table,
    bindparam,
    or_,
)


@dataclass(frozen=True, slots=True)
class Session:
    """One open transaction.

    Attributes:
        connection: Inside the transaction.
        now: The database's clock when it began, in seconds since 1970: leases of several
            replicas must not depend on each one's own clock.
    """

    connection: Connection
    now: float

    def insert_new(self, table: Table, **values: object) -> bool:
        """Insert a row unless one of its unique keys is taken; return whether it was inserted."""
        # Each dialect has its own insert; importing the other one would slow every start.
        statement: Insert
        if self.connection.dialect.name == "postgresql":
            from sqlalchemy.dialects.postgresql import insert as insert_postgresql

            statement = insert_postgresql(table).values(**values).on_conflict_do_nothing()
        else:
            from sqlalchemy.dialects.sqlite import insert as insert_sqlite

            statement = insert_sqlite(table).values(**values).on_conflict_do_nothing()
        # psycopg's count is thrown away for an INSERT unless it is asked for.
        counted = statement.execution_options(preserve_rowcount=True)
        return self.connection.execute(counted).rowcount == 1


NOW: BindParameter[float] = bindparam("now", type_=Double())
"""The session's time in a statement that is built once: to build it takes longer than to run it."""


def passed(moment: ColumnElement[float], span: ColumnElement[float] | float) -> ColumnElement[bool]:
    """Whether a moment set ``span`` seconds ahead has come.

    A moment further ahead than its span was set before the clock was put back: it counts as come,
    or its row would wait for as long as the clock was wrong.
    """
    return or_(moment <= NOW, moment > NOW + span + 1.0)
