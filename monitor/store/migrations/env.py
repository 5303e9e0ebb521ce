"""Alembic's entry: runs on the connection that it is handed, inside that connection's transaction."""

from __future__ import annotations

from alembic import context

from monitor.store.schema import VERSION_TABLE, metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    render_as_batch=True,  # SQLite can't alter a column; the batch copies the table
    transactional_ddl=True,
)
context.run_migrations()
