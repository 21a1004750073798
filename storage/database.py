"""A database as the repositories see it: transactions that run statements, and fail with Babeldesk's own errors."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, suppress
from functools import cache
from typing import Any, Protocol

from sqlalchemy import Executable, Insert, Row, Table, insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.errors import BabeldeskError

Explain = Callable[[Exception], BabeldeskError | None]
"""What an exception of a database's driver means, or None if it means nothing known."""

Values = Mapping[str, Any]


class Statements:
    """Runs statements within one transaction.

    Every method raises `StorageUnavailable`, `Conflict` or `InvalidInput`, as the database's `Explain` says.
    """

    def __init__(self, connection: AsyncConnection, explain: Explain, *, write: bool) -> None:
        self._connection = connection
        self._explain = explain
        self._write = write
        self._failure: BabeldeskError | None = None

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._connection.dialect.name

    async def rows(self, statement: Executable, values: Values | None = None) -> Sequence[Row[Any]]:
        """All rows of a query."""
        with self._guarded():
            return (await self._connection.execute(statement, values)).all()

    async def row(self, statement: Executable, values: Values | None = None) -> Row[Any] | None:
        """The first row of a query, if there is one."""
        with self._guarded():
            return (await self._connection.execute(statement, values)).first()

    async def change(self, statement: Executable, values: Values | None = None) -> int:
        """How many rows a statement changed."""
        self._check_may_write()
        with self._guarded():
            return (await self._connection.execute(statement, values)).rowcount

    async def insert(self, table: Table, rows: Sequence[Values]) -> None:
        """Add rows, in this order. All must have the same columns."""
        self._check_may_write()
        if rows:
            with self._guarded():
                await self._connection.execute(_insert(table), rows)

    async def insert_new(self, table: Table, row: Values) -> bool:
        """Add a row unless one with the same key is there; whether it was added. Never breaks the transaction."""
        return await self.change(_insert_or_skip(self.dialect, table), row) > 0

    def check(self) -> None:
        """Raise what went wrong in this transaction, should its user have gone on regardless."""
        if self._failure is not None:
            raise self._failure

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        # A failed statement can end the transaction in the database's eyes; what came next would then commit alone.
        self.check()
        try:
            with explained(self._explain):
                yield
        except BabeldeskError as error:
            self._failure = error
            raise

    def _check_may_write(self) -> None:
        if not self._write:
            raise TypeError("this unit of work only reads: ask for one that writes")


class Database(Protocol):
    """SQLite or PostgreSQL."""

    def transaction(self, *, write: bool) -> AbstractAsyncContextManager[Statements]:
        """A transaction, committed when its block ends and rolled back when it raises."""
        ...

    def migration(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A transaction that no other process's migration runs beside."""
        ...

    async def aclose(self) -> None:
        """Close all connections."""
        ...


@contextmanager
def explained(explain: Explain) -> Iterator[None]:
    """Raise what the database's exceptions mean."""
    try:
        yield
    except (SQLAlchemyError, OSError, ValueError) as error:
        meaning = explain(error)
        if meaning is None:
            raise
        raise meaning from error


@asynccontextmanager
async def transaction(engine: AsyncEngine, explain: Explain, *, write: bool) -> AsyncIterator[Statements]:
    """A transaction on one of the engine's connections.

    Only what the database does is explained; an exception of the block passes as it is.
    """
    with explained(explain):
        connection = await engine.connect()
    try:
        with explained(explain):
            begun = await connection.begin()
        statements = Statements(connection, explain, write=write)
        try:
            yield statements
            statements.check()
        except BaseException:
            # If even this fails, the connection is lost, and the database rolls back by itself.
            with suppress(SQLAlchemyError, OSError):
                await begun.rollback()
            raise
        try:
            with explained(explain):
                await begun.commit()
        except BaseException:
            # SQLite leaves a transaction open whose commit it refuses; it goes with its connection.
            with suppress(SQLAlchemyError, OSError):
                await connection.invalidate()
            raise
    finally:
        await connection.close()


@cache
def _insert(table: Table) -> Insert:
    return insert(table).inline()


@cache
def _insert_or_skip(dialect: str, table: Table) -> Insert:
    # The same words in both databases, and yet a construct for each.
    if dialect == "sqlite":
        return sqlite.insert(table).on_conflict_do_nothing().inline()
    return postgresql.insert(table).on_conflict_do_nothing().inline()
