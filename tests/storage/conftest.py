"""Every store, to run one contract over; and databases of their own for the tests of a single one."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import pytest

from bot.ports import Store
from storage.memory import MemoryStore
from storage.sql import migrate_sync, open_store
from storage.tables import metadata
from tests.missing import missing

SERVER = os.environ.get("TEST_DATABASE_URL", "postgresql://postgres@127.0.0.1:5432/test")


def execute(*statements: str) -> None:
    """Run statements on the server, outside of what is tested."""

    async def run() -> None:
        connection = await asyncpg.connect(SERVER, timeout=5)
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    asyncio.run(run())


@contextmanager
def own_schema() -> Iterator[str]:
    """The URL of an empty schema, dropped afterwards."""
    name = f"babeldesk_test_{secrets.token_hex(6)}"
    execute(f"CREATE SCHEMA {name}")
    try:
        yield f"{SERVER}{'&' if '?' in SERVER else '?'}search_path={name}"
    finally:
        execute(f"DROP SCHEMA {name} CASCADE")


@pytest.fixture(scope="session")
def server() -> None:
    """A PostgreSQL server; without one its tests are skipped, except where nobody would notice."""
    try:
        execute("SELECT 1")
    except (OSError, asyncpg.PostgresError) as error:
        reason = f"no PostgreSQL server to test with (TEST_DATABASE_URL): {error}"
        missing(reason)


@pytest.fixture(scope="session")
def shared_postgres(server: None) -> Iterator[str]:
    """The URL of tables that all tests of this session use, one after another."""
    with own_schema() as url:
        migrate_sync(url)
        yield url


@pytest.fixture
def postgres_url(shared_postgres: str) -> str:
    """The URL of up-to-date, empty tables in PostgreSQL."""
    schema = shared_postgres.rpartition("=")[2]
    tables = [f"{schema}.{table.name}" for table in metadata.sorted_tables if table.name != "heartbeat"]
    execute(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY")
    return shared_postgres


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of a SQLite database that does not exist yet."""
    return f"sqlite:///{tmp_path / 'data' / 'babeldesk.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def sql_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database, of each kind."""
    url: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def bare_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a database without tables, of each kind."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_url")
        return
    request.getfixturevalue("server")
    with own_schema() as url:
        yield url


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def open_any(request: pytest.FixtureRequest) -> Callable[[], object]:
    """Opens an empty store, of each kind."""
    if request.param == "memory":
        return MemoryStore
    url = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    return lambda: open_store(url)


@pytest.fixture
async def store(open_any: Callable[[], object]) -> AsyncIterator[Store]:
    """An empty store, of each kind."""
    opened = open_any()
    if isinstance(opened, MemoryStore):
        yield opened
        return
    async with opened as sql_store:  # type: ignore[attr-defined]
        yield sql_store


@pytest.fixture
async def sql_store(sql_url: str) -> AsyncIterator[Store]:
    """An empty store in a database, of each kind."""
    async with open_store(sql_url) as opened:
        yield opened
