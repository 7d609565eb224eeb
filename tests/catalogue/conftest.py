"""What is published in chat, on SQLite and on PostgreSQL."""

from tests.store.conftest import database, url

__all__ = ["database", "url"]
