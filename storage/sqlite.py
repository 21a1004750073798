"""SQLite: one file, no server, one writer at a time and any number of readers beside it."""

from __future__ import annotations

import asyncio
import fcntl
import os
import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import URL, event
from sqlalchemy.engine import Connection
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.errors import BabeldeskError, ConfigurationError, Conflict, InvalidInput, StorageUnavailable
from storage.codec import from_json, to_json
from storage.database import Statements, explained, transaction

READERS = 4
BUSY_TIMEOUT = 5.0
"""Seconds to wait for another process that is writing."""

# FULL syncs the log at every commit: what was acknowledged survives a power cut. See docs/decisions/0002-storage.md
# for what it costs.
_PRAGMAS = (
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA journal_size_limit = 67108864",
)


class SqliteDatabase:
    """A database file; made, with its folder, if it is not there.

    Writers take turns on a connection of their own. Readers have others, and see what was committed when they began.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        # The log (WAL) lets readers read while somebody writes. The file remembers it, so only the first switch locks.
        self._writer = self._engine("BEGIN IMMEDIATE", "PRAGMA journal_mode = WAL", size=1)
        self._reader = self._engine("BEGIN", "PRAGMA query_only = ON", size=READERS)
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def transaction(self, *, write: bool) -> AsyncIterator[Statements]:
        """A transaction. See `Database.transaction`."""
        if not write:
            async with transaction(self._reader, self._explain, write=False) as statements:
                yield statements
            return
        async with self._turn, transaction(self._writer, self._explain, write=True) as statements:
            yield statements

    @asynccontextmanager
    async def migration(self) -> AsyncIterator[AsyncConnection]:
        """A transaction under a lock on a file beside the database. See `Database.migration`."""
        with explained(self._explain):
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock = os.open(f"{self._path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            with explained(self._explain):
                await asyncio.to_thread(fcntl.flock, lock, fcntl.LOCK_EX)
                async with self._turn, self._writer.begin() as connection:
                    yield connection
        finally:
            os.close(lock)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._reader.dispose()
        await self._writer.dispose()

    def _engine(self, begin: str, *pragmas: str, size: int) -> AsyncEngine:
        engine = create_async_engine(
            URL.create("sqlite+aiosqlite", database=str(self._path)),
            connect_args={"isolation_level": None, "timeout": BUSY_TIMEOUT},
            pool_size=size,
            max_overflow=0,
            pool_use_lifo=True,
            json_serializer=to_json,
            json_deserializer=from_json,
        )

        # The driver's own idea of when to begin a transaction leaves reads outside of them.
        @event.listens_for(engine.sync_engine, "begin")
        def _begin(connection: Connection) -> None:
            connection.exec_driver_sql(begin)

        @event.listens_for(engine.sync_engine, "connect")
        def _connected(connection: DBAPIConnection, _record: object) -> None:
            try:
                cursor = connection.cursor()
                for pragma in (*_PRAGMAS, *pragmas):
                    cursor.execute(pragma)
                cursor.close()
            except BaseException:
                # It is in no pool yet, and its thread would keep the process from ending.
                connection.close()
                raise

        return engine

    def _explain(self, error: Exception) -> BabeldeskError | None:
        return explain(error, self._path)


_MEANINGS: Mapping[int, tuple[type[BabeldeskError], str]] = {
    sqlite3.SQLITE_CONSTRAINT_UNIQUE: (Conflict, "it is stored already"),
    sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY: (Conflict, "it is stored already"),
    sqlite3.SQLITE_CONSTRAINT: (InvalidInput, "it does not fit the rest"),
    sqlite3.SQLITE_TOOBIG: (InvalidInput, "it is too big"),
    sqlite3.SQLITE_BUSY: (StorageUnavailable, "another process keeps writing"),
    sqlite3.SQLITE_LOCKED: (StorageUnavailable, "it is locked"),
    sqlite3.SQLITE_NOMEM: (StorageUnavailable, "memory is short"),
    sqlite3.SQLITE_READONLY: (StorageUnavailable, "it cannot be written"),
    sqlite3.SQLITE_IOERR: (StorageUnavailable, "the disk does not read or write"),
    sqlite3.SQLITE_CORRUPT: (StorageUnavailable, "the file is damaged"),
    sqlite3.SQLITE_FULL: (StorageUnavailable, "the disk is full"),
    sqlite3.SQLITE_CANTOPEN: (StorageUnavailable, "it cannot be opened"),
    sqlite3.SQLITE_NOTADB: (ConfigurationError, "this is no database of SQLite"),
}
"""By the driver's result code (https://www.sqlite.org/rescode.html); an extended code wins over its primary one."""


def explain(error: Exception, path: Path) -> BabeldeskError | None:
    """What an exception means, or None for one that only a mistake in this package can raise."""
    where = f"the database {path}"
    if isinstance(error, PoolTimeout):
        return StorageUnavailable(f"{where}: all connections are taken")
    if isinstance(error, OSError):
        return StorageUnavailable(f"{where}: {error.strerror or error}")
    cause = error.orig if isinstance(error, StatementError) else None
    if isinstance(cause, ValueError):
        return InvalidInput(f"{where}: {cause}")
    code = getattr(cause, "sqlite_errorcode", sqlite3.SQLITE_OK)
    meaning = _MEANINGS.get(code) or _MEANINGS.get(code & 0xFF)
    if meaning is not None:
        kind, what = meaning
        return kind(f"{where}: {what} ({cause})")
    if str(cause).startswith(("no such table", "no such column")):
        return ConfigurationError(f"{where}: {cause}; run `babeldesk db upgrade`")
    return None
