"""PostgreSQL: several processes on several machines share one database."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from importlib import import_module
from typing import Any
from urllib.parse import parse_qs, urlsplit

from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError, DisconnectionError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from bot.errors import BabeldeskError, ConfigurationError, Conflict, InvalidInput, Retryable, StorageUnavailable
from storage.codec import from_json, to_json
from storage.database import Statements, explained, transaction

POOL_SIZE = 10
CONNECT_TIMEOUT = 10.0
COMMAND_TIMEOUT = 60.0
"""Seconds."""

_SERVER_SETTINGS = {
    "application_name": "babeldesk",
    "statement_timeout": "30s",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "60s",
    "jit": "off",
}
"""What the connections ask of the server, unless the URL says otherwise."""

_MIGRATION_LOCK = 0x62616265
"""The key of the advisory lock that migrations take turns by."""


class PostgresDatabase:
    """A database on a server, by its URL as libpq writes it (`sslmode`, several hosts and the like included).

    Raises:
        ConfigurationError: the driver is not installed.
    """

    def __init__(self, url: str) -> None:
        try:
            self._driver: Any = import_module("asyncpg")
        except ImportError as error:
            raise ConfigurationError(
                "DATABASE_URL: PostgreSQL needs its driver: pip install 'babeldesk[postgres]'"
            ) from error
        parts = urlsplit(url)
        self._name = f"{parts.netloc}{parts.path}".rpartition("@")[2]
        self._url = url
        given = parse_qs(parts.query)
        self._settings = {name: value for name, value in _SERVER_SETTINGS.items() if name not in given}
        self._engine = create_async_engine(
            "postgresql+asyncpg://",
            async_creator=self._connect,
            isolation_level="READ COMMITTED",
            pool_size=POOL_SIZE,
            pool_use_lifo=True,
            json_serializer=to_json,
            json_deserializer=from_json,
        )
        self._reader = self._engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

        # The driver sees at once when the server hangs up. So a connection that was lost while it lay in the pool is
        # replaced without asking the server each time whether it is still there.
        @event.listens_for(self._engine.sync_engine, "checkout")
        def _checked_out(connection: Any, _record: object, _proxy: object) -> None:
            if connection.driver_connection.is_closed():
                raise DisconnectionError

    @asynccontextmanager
    async def transaction(self, *, write: bool) -> AsyncIterator[Statements]:
        """A transaction. See `Database.transaction`."""
        engine = self._engine if write else self._reader
        async with transaction(engine, self._explain, write=write) as statements:
            yield statements

    @asynccontextmanager
    async def migration(self) -> AsyncIterator[AsyncConnection]:
        """A transaction under an advisory lock. See `Database.migration`."""
        with explained(self._explain):
            async with self._engine.begin() as connection:
                # A migration may take its time, and so may the process that is waited for.
                await connection.execute(text("SET LOCAL lock_timeout = 0"))
                await connection.execute(text("SET LOCAL statement_timeout = 0"))
                await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
                yield connection

    async def aclose(self) -> None:
        """Close all connections."""
        await self._engine.dispose()

    async def _connect(self) -> Any:
        # Versions of SQLAlchemy differ in whether they translate what the driver raises here.
        where = f"the database {self._name}"
        try:
            return await self._driver.connect(
                self._url,
                server_settings=self._settings,
                timeout=CONNECT_TIMEOUT,
                command_timeout=COMMAND_TIMEOUT,
            )
        except self._driver.PostgresError as error:
            meaning = _meaning(error.sqlstate or "")
            # Nothing was asked yet, so what does not fit can only be a setting.
            raise (meaning if meaning and issubclass(meaning, Retryable) else ConfigurationError)(
                f"{where}: {error}"
            ) from error
        except self._driver.InternalClientError as error:  # such as a standby where a primary is wanted
            raise StorageUnavailable(f"{where}: {error}") from error
        except self._driver.ClientConfigurationError as error:
            raise ConfigurationError(f"DATABASE_URL: {error}") from error
        except ValueError:  # whose words, and whose cause, might quote a password
            raise ConfigurationError(
                "DATABASE_URL: it cannot be read; is the port a number, and is every special character of the "
                "password written as %XX?"
            ) from None

    def _explain(self, error: Exception) -> BabeldeskError | None:
        return explain(error, self._name)


_MEANINGS: Mapping[str, type[BabeldeskError]] = {
    "40001": Conflict,  # serialisation failure
    "40P01": Conflict,  # deadlock
    "55P03": Conflict,  # lock not available in time
    "23505": Conflict,  # unique violation
    "08": StorageUnavailable,  # connection
    "53": StorageUnavailable,  # disk, memory or connections run short
    "57": StorageUnavailable,  # shut down, cancelled, timed out
    "58": StorageUnavailable,  # the server's disk
    "55000": StorageUnavailable,  # not in a state to do it, such as a database that takes no connections for now
    "25006": StorageUnavailable,  # a server that only reads, as a standby does
    "25P03": StorageUnavailable,  # idle in a transaction for too long
    "XX": StorageUnavailable,  # internal, corrupted
    "28": ConfigurationError,  # authorisation
    "3D": ConfigurationError,  # no such database
    "3F": ConfigurationError,  # no such schema
    "42501": ConfigurationError,  # privilege
    "42704": ConfigurationError,  # a setting that the server does not know
    "42P01": ConfigurationError,  # no such table
    "42703": ConfigurationError,  # no such column
    "22": InvalidInput,  # data
    "23": InvalidInput,  # integrity
    "54": InvalidInput,  # limits
}
"""By SQLSTATE or its class (https://www.postgresql.org/docs/current/errcodes-appendix.html); the longer one wins."""

_NOT_MIGRATED = {"42P01", "42703"}


def explain(error: Exception, name: str) -> BabeldeskError | None:
    """What an exception means, or None for one that only a mistake in this package can raise."""
    where = f"the database {name}"
    if isinstance(error, PoolTimeout):
        return StorageUnavailable(f"{where}: all connections are taken")
    if isinstance(error, OSError):  # connection refused, unknown host, and every time-out
        return StorageUnavailable(f"{where}: {error.strerror or str(error) or 'it does not answer in time'}")
    if not isinstance(error, StatementError):
        return None
    state = getattr(error.orig, "sqlstate", None) or ""
    meaning = _meaning(state)
    if meaning is None and isinstance(error, DBAPIError) and error.connection_invalidated:
        meaning = StorageUnavailable
    if meaning is None and isinstance(error.orig, ValueError):
        meaning = InvalidInput
    hint = "; run `babeldesk db upgrade`" if state in _NOT_MIGRATED else ""
    return None if meaning is None else meaning(f"{where}: {error.orig}{hint}")


def _meaning(state: str) -> type[BabeldeskError] | None:
    return _MEANINGS.get(state) or _MEANINGS.get(state[:2])
