"""What Alembic runs: the revisions, within the transaction and on the connection that `storage.migrations` gives."""

from __future__ import annotations

from alembic import context

import storage.desk_tables
import storage.search_tables
import storage.training_tables  # noqa: F401 - all belong to the metadata
from storage.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, transactional_ddl=True)
context.run_migrations()
