"""Brings the tables of a database to the shape that this code expects, one revision after another.

To change a table: change `storage/tables.py`, and add a revision to `versions/` that does the same to a database with
data in it. A test compares the two on both databases.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from bot.errors import ConfigurationError
from storage.database import Database


async def upgrade(database: Database) -> None:
    """Make or change the tables. Several processes may do this at once: one works, the others wait.

    Raises:
        ConfigurationError: the database was written by a newer version.
        StorageUnavailable: it cannot be reached or opened.
    """
    async with database.migration() as connection:
        await connection.run_sync(_upgrade)


async def check(database: Database) -> None:
    """Only look whether the tables are up to date.

    Raises:
        ConfigurationError: they are not.
        StorageUnavailable: the database cannot be reached or opened.
    """
    async with database.migration() as connection:
        if await connection.run_sync(_revision) != _scripts().get_current_head():
            raise ConfigurationError("the database is older than this Babeldesk: run `babeldesk db upgrade`")


def _upgrade(connection: Connection) -> None:
    if _revision(connection) != _scripts().get_current_head():
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _revision(connection: Connection) -> str | None:
    revision = MigrationContext.configure(connection).get_current_revision()
    if revision is not None and revision not in {script.revision for script in _scripts().walk_revisions()}:
        raise ConfigurationError(
            f"the database has revision {revision!r}, which this Babeldesk does not know: a newer one wrote it. "
            "Install that, or restore a backup from before"
        )
    return revision


def _config() -> Config:
    config = Config()
    # Alembic reads its options with interpolation, where a percent sign must be doubled.
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


@cache
def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())
