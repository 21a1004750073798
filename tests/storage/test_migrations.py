from __future__ import annotations

import asyncio
import re
import sys
from asyncio.subprocess import PIPE
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TypeVar

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, MetaData, Table, delete, text

from bot.errors import ConfigurationError
from bot.outcomes import Outcome
from storage.sql import migrate, open_database, open_store
from storage.tables import metadata
from storage.tables.search import INDEX
from tests.desk import live, pour
from tests.storage.conftest import own_schema
from tests.storage.samples import HERE, NOON, inbound

ROOT = Path(__file__).parents[2]
MIGRATE = """
import sys
from storage.sql import migrate_sync
print("ready", flush=True)
sys.stdin.readline()
migrate_sync(sys.argv[1])
"""

T = TypeVar("T")


@pytest.fixture
def second_bare_url(bare_url: str, tmp_path: Path) -> Iterator[str]:
    """The URL of another database without tables, of the same kind."""
    if bare_url.startswith("sqlite"):
        yield f"sqlite:///{tmp_path / 'second.db'}"
        return
    with own_schema() as url:
        yield url


async def look(url: str, do: Callable[[Connection], T]) -> T:
    """What a function finds in the database, or does to it."""
    database = open_database(url)
    try:
        async with database.migration() as connection:
            return await connection.run_sync(do)
    finally:
        await database.aclose()


def differences(connection: Connection) -> list[object]:
    """What Alembic would have to change to make the database as `storage.tables` says."""
    # The search's index is made of tables of its own, which no metadata describes.
    options = {
        "compare_type": True,
        "compare_server_default": True,
        "include_name": lambda name, kind, _: not (kind == "table" and name.startswith(INDEX)),
        # It indexes a type that only PostgreSQL has.
        "include_object": lambda _, name, *__: connection.dialect.name != "sqlite" or name != "ix_search_entries_terms",
    }
    return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))


def definitions(connection: Connection) -> set[str]:
    """All that makes up the tables in the database's own words, with what Alembic does not compare."""
    return (in_sqlite if connection.dialect.name == "sqlite" else in_postgresql)(connection)


def in_sqlite(connection: Connection) -> set[str]:
    rows = connection.exec_driver_sql("SELECT tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    return {
        f"{row.tbl_name}: {' '.join(line.split()).rstrip(',')}"
        for row in rows
        if row.tbl_name != "alembic_version"
        # A column that was added later stands behind the constraints, on the line of the last bracket.
        for line in _SEPARATORS.split(row.sql.strip().removesuffix(")"))
        if line.strip()
    }


_SEPARATORS = re.compile(r"\n|, (?=[a-z_]+ [A-Z]+)")
"""SQLite keeps the words of a table, and writes a column that was added later on the last one's line."""


def in_postgresql(connection: Connection) -> set[str]:
    rows = [
        *connection.exec_driver_sql("SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = current_schema()"),
        *connection.exec_driver_sql(
            "SELECT relname, conname || ' ' || pg_get_constraintdef(pg_constraint.oid) "
            "FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid "
            "WHERE connamespace = current_schema()::regnamespace"
        ),
        *connection.exec_driver_sql(
            "SELECT table_name, concat_ws(' ', column_name, data_type, is_nullable, column_default) "
            "FROM information_schema.columns WHERE table_schema = current_schema()"
        ),
    ]
    return {
        f"{table}: {re.sub(r'babeldesk_test_[0-9a-f]+[.]', '', definition)}"
        for table, definition in rows
        if table != "alembic_version"
    }


async def check_it_works(url: str) -> None:
    """It has all tables and the one heartbeat, and can be written."""
    assert await look(url, differences) == []
    assert await look(url, lambda one: one.execute(text("SELECT count(*) FROM heartbeat")).scalar_one()) == 1
    async with open_store(url, upgrade=False) as store:
        await store.ping()
        async with store.unit() as unit:
            assert await unit.inbox.add(inbound(), NOON)


async def test_the_migrations_make_the_tables_that_the_code_describes(bare_url: str) -> None:
    await migrate(bare_url)
    assert await look(bare_url, differences) == []


async def test_the_migrations_make_the_very_indexes_and_constraints_that_the_code_describes(
    bare_url: str, second_bare_url: str
) -> None:
    await migrate(bare_url)
    migrated = await look(bare_url, definitions)

    def described(connection: Connection) -> set[str]:
        metadata.create_all(connection)
        return definitions(connection)

    assert migrated == await look(second_bare_url, described)


async def test_migrating_again_changes_nothing_and_keeps_what_is_stored(bare_url: str) -> None:
    await migrate(bare_url)
    async with open_store(bare_url) as store, store.unit() as unit:
        await unit.inbox.add(inbound(), NOON)
    before = await look(bare_url, definitions)
    await migrate(bare_url)
    await migrate(bare_url)
    assert await look(bare_url, definitions) == before
    async with open_store(bare_url) as store, store.unit() as unit:
        assert not await unit.inbox.add(inbound(), NOON)
        assert (await unit.inbox.head(HERE.key)) is not None


async def test_connections_that_migrate_at_once_end_well(bare_url: str) -> None:
    await asyncio.gather(*(migrate(bare_url) for _ in range(4)))
    await check_it_works(bare_url)


async def test_processes_that_migrate_at_once_end_well(bare_url: str) -> None:
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", MIGRATE, bare_url, cwd=ROOT, stdin=PIPE, stdout=PIPE, stderr=PIPE
        )
        for _ in range(3)
    ]
    for process in processes:
        assert process.stdout is not None
        assert await process.stdout.readline() == b"ready\n"
    ends = await asyncio.gather(*(process.communicate(b"go\n") for process in processes))
    assert [process.returncode for process in processes] == [0, 0, 0], [errors.decode() for _, errors in ends]
    await check_it_works(bare_url)


async def test_a_migration_that_breaks_off_leaves_no_trace(bare_url: str) -> None:
    database = open_database(bare_url)

    def half(connection: Connection) -> None:
        metadata.create_all(connection)
        raise LookupError("in the middle")

    try:
        with pytest.raises(LookupError, match="in the middle"):
            async with database.migration() as connection:
                await connection.run_sync(half)
    finally:
        await database.aclose()
    await migrate(bare_url)
    await check_it_works(bare_url)


async def test_a_store_opened_without_upgrading_says_what_to_run(bare_url: str) -> None:
    with pytest.raises(ConfigurationError, match="babeldesk db upgrade"):
        async with open_store(bare_url, upgrade=False):
            pytest.fail("it was opened")
    await migrate(bare_url)
    async with open_store(bare_url, upgrade=False) as store:
        await store.ping()


async def test_a_database_of_a_newer_version_is_left_alone(bare_url: str) -> None:
    await migrate(bare_url)
    await look(bare_url, lambda one: one.execute(text("UPDATE alembic_version SET version_num = '9999'")))
    for upgrade in (True, False):
        with pytest.raises(ConfigurationError, match=r"'9999'.*newer"):
            async with open_store(bare_url, upgrade=upgrade):
                pytest.fail("it was opened")
    found = await look(bare_url, lambda one: one.execute(text("SELECT version_num FROM alembic_version")).scalar_one())
    assert found == "9999"


async def test_turns_of_a_past_that_knew_none_are_read_from_the_histories(sql_url: str) -> None:
    past = await live(3, events=150)
    async with open_store(sql_url) as store:
        await pour(past, store)

    def fill_again(connection: Connection) -> None:
        turns = Table("turns", MetaData(), autoload_with=connection)
        connection.execute(delete(turns))
        import_module("storage.migrations.versions.0006_turns")._fill(connection, turns)

    await look(sql_url, fill_again)
    async with open_store(sql_url) as store, store.unit(write=False) as unit:
        found = {
            (turn.conversation, turn.seq): await unit.turns.get(turn.conversation, turn.seq) for turn in past.turns
        }
    assert len(past.turns) > 50
    for turn in past.turns:
        read = found[turn.conversation, turn.seq]
        assert read is not None
        # What a flow was about to ask is not in the histories, only what it asked.
        assert read.outcome is turn.outcome or (turn.outcome, read.outcome) == (Outcome.ASKED, Outcome.ANSWERED)
        assert replace(read, outcome=turn.outcome, in_flow=turn.in_flow) == turn
    assert sum(found[t.conversation, t.seq] == t for t in past.turns) > 0.9 * len(past.turns)
