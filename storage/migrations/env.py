"""What Alembic runs: the revisions, within the transaction and on the connection that `storage.migrations` gives."""

from __future__ import annotations

from alembic import context

from storage.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, transactional_ddl=True)
context.run_migrations()
