"""What is published in chat, on SQLite and on PostgreSQL."""

from tests.store.conftest import database, replicated_url, server, url

__all__ = ["database", "replicated_url", "server", "url"]
