"""Run the migrations on the connection that the caller opened; there is no command line."""

from alembic import context

from bot.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # SQLite rolls DDL back as well once BEGIN was said, which the caller did.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
