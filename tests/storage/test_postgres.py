from __future__ import annotations

import asyncio
import secrets
import socket
from collections.abc import AsyncIterator, Iterator
from urllib.parse import urlsplit, urlunsplit

import pytest
from sqlalchemy import text

from bot.errors import BabeldeskError, ConfigurationError, Conflict, InvalidInput, StorageUnavailable
from bot.ports import Store
from storage import postgres
from storage.sql import SqlStore, open_store
from tests.storage.conftest import SERVER, execute
from tests.storage.samples import HERE, NOON, THERE, inbound, outbound, stored_conversation

NOBODY = "postgresql://desk:open-sesame@127.0.0.1:{port}/desk"


@pytest.fixture
def port() -> Iterator[int]:
    """A port of this machine at which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


@pytest.fixture
def application() -> str:
    """The name by which the server knows this test's connections."""
    return f"test-{secrets.token_hex(6)}"


@pytest.fixture
async def store(postgres_url: str, application: str) -> AsyncIterator[SqlStore]:
    """A store in PostgreSQL."""
    async with open_store(f"{postgres_url}&application_name={application}") as opened:
        yield opened


async def kill_connections(application: str) -> None:
    """End a test's connections as a server that restarts does."""
    gone = (
        "DO $$ BEGIN FOR _ IN 1..200 LOOP "
        f"EXIT WHEN NOT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = '{application}'); "
        "PERFORM pg_sleep(0.01); PERFORM pg_stat_clear_snapshot(); END LOOP; END $$"
    )
    kill = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '{application}'"
    await asyncio.to_thread(execute, kill, gone)


async def write_something(store: Store) -> None:
    async with store.unit() as unit:
        assert await unit.inbox.add(inbound("lost"), NOON)
        await unit.outbox.add([outbound(THERE)], NOON)


async def test_a_connection_that_is_lost_within_a_unit_is_told_and_nothing_of_it_stays(
    store: SqlStore, application: str
) -> None:
    async def cut_off() -> None:
        async with store.unit() as unit:
            assert await unit.inbox.add(inbound("lost"), NOON)
            await kill_connections(application)
            await unit.outbox.add([outbound(THERE)], NOON)

    with pytest.raises(StorageUnavailable, match="the database"):
        await cut_off()
    async with store.unit(write=False) as unit:
        assert await unit.inbox.count() == 0
        assert await unit.outbox.head(THERE) is None
    await write_something(store)


async def test_a_connection_that_is_lost_before_the_commit_is_told_and_nothing_of_it_stays(
    store: SqlStore, application: str
) -> None:
    async def cut_off() -> None:
        async with store.unit() as unit:
            assert await unit.inbox.add(inbound("lost"), NOON)
            await kill_connections(application)

    with pytest.raises(StorageUnavailable, match="the database"):
        await cut_off()
    async with store.unit(write=False) as unit:
        assert await unit.inbox.count() == 0
    await write_something(store)


async def test_a_connection_that_is_lost_while_the_unit_fails_hides_nothing(store: SqlStore, application: str) -> None:
    async def cut_off() -> None:
        async with store.unit() as unit:
            await unit.inbox.add(inbound("lost"), NOON)
            await kill_connections(application)
            raise LookupError("the true reason")

    with pytest.raises(LookupError, match="the true reason"):
        await cut_off()
    await write_something(store)


async def test_connections_that_were_lost_while_nobody_used_them_are_replaced_unnoticed(
    store: SqlStore, application: str
) -> None:
    async def ping() -> None:
        for _ in range(3):
            try:
                await store.ping()
            except Conflict:
                continue

    await asyncio.gather(*(ping() for _ in range(5)))
    await kill_connections(application)
    await asyncio.sleep(0)  # the loop hears that the server hung up
    await store.ping()
    await write_something(store)


async def test_a_server_that_is_not_there_is_told_without_the_password(port: int) -> None:
    with pytest.raises(StorageUnavailable, match=f"127.0.0.1:{port}/desk") as caught:
        async with open_store(NOBODY.format(port=port)):
            pytest.fail("it was opened")
    assert "open-sesame" not in str(caught.value)


async def test_a_host_that_nobody_knows_is_told() -> None:
    with pytest.raises(StorageUnavailable, match=r"no-such-host\.invalid/desk: .+"):
        async with open_store("postgresql://desk@no-such-host.invalid/desk"):
            pytest.fail("it was opened")


async def test_a_server_that_does_not_answer_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "CONNECT_TIMEOUT", 0.05)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        with pytest.raises(StorageUnavailable, match="does not answer in time"):
            async with open_store(NOBODY.format(port=silent.getsockname()[1])):
                pytest.fail("it was opened")


async def test_a_store_whose_server_went_away_says_so_and_works_when_it_is_back(
    postgres_url: str, application: str, monkeypatch: pytest.MonkeyPatch, port: int
) -> None:
    async with open_store(f"{postgres_url}&application_name={application}") as store:
        database = store._database
        assert isinstance(database, postgres.PostgresDatabase)
        await store.ping()
        with monkeypatch.context() as away:
            away.setattr(database, "_url", NOBODY.format(port=port))
            await kill_connections(application)
            for write in (True, False):
                with pytest.raises(StorageUnavailable):
                    async with store.unit(write=write):
                        pytest.fail("it has no server")
            with pytest.raises(StorageUnavailable):
                await store.ping()
        await store.ping()
        await write_something(store)


def with_parts(**parts: str) -> str:
    return urlunsplit(urlsplit(SERVER)._replace(**parts))


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (with_parts(path="/no_such_database"), "no_such_database"),
        (with_parts(query="no_such_setting=1"), "no_such_setting"),
        (with_parts(query="statement_timeout=soon"), "statement_timeout"),
    ],
    ids=["an unknown database", "an unknown setting", "a setting without sense"],
)
async def test_a_url_that_the_server_refuses_is_a_mistake_in_the_configuration(
    server: None, url: str, said: str
) -> None:
    with pytest.raises(ConfigurationError, match=said):
        async with open_store(url):
            pytest.fail("it was opened")


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://desk:open-sesame@localhost:54x2/desk",
        "postgresql://desk:open/sesame@localhost/desk",
        "postgresql://desk:open-sesame@localhost/desk?sslmode=perhaps",
    ],
)
async def test_a_url_that_cannot_be_read_is_a_mistake_in_the_configuration_and_not_repeated(url: str) -> None:
    with pytest.raises(ConfigurationError, match="DATABASE_URL") as caught:
        async with open_store(url):
            pytest.fail("it was opened")
    assert "open" not in str(caught.value)
    assert "sesame" not in str(caught.value)


SERVER_ERRORS: dict[str, tuple[str, type[BabeldeskError]]] = {
    "a full disk": ("53100", StorageUnavailable),
    "too many connections": ("53300", StorageUnavailable),
    "a shutdown": ("57P01", StorageUnavailable),
    "a statement that took too long": ("57014", StorageUnavailable),
    "a broken disk": ("58030", StorageUnavailable),
    "a server that only reads": ("25006", StorageUnavailable),
    "a database that takes no connections for now": ("55000", StorageUnavailable),
    "damaged data": ("XX001", StorageUnavailable),
    "a serialisation failure": ("40001", Conflict),
    "a deadlock": ("40P01", Conflict),
    "a lock that is not to be had": ("55P03", Conflict),
    "a repeated key": ("23505", Conflict),
    "a reference to nothing": ("23503", InvalidInput),
    "a missing privilege": ("42501", ConfigurationError),
}


@pytest.mark.parametrize("what", SERVER_ERRORS)
async def test_what_the_server_reports_has_its_meaning_and_takes_the_unit_back(store: SqlStore, what: str) -> None:
    state, meaning = SERVER_ERRORS[what]

    async def fail() -> None:
        async with store._database.transaction(write=True) as statements:
            await statements.change(text("UPDATE heartbeat SET at = '2001-01-01Z'"))
            await statements.change(text(f"DO $$ BEGIN RAISE SQLSTATE '{state}' USING MESSAGE = 'so it is'; END $$"))

    with pytest.raises(meaning, match="so it is") as caught:
        await fail()
    assert type(caught.value) is meaning
    async with store._database.transaction(write=False) as statements:
        assert not await statements.rows(text("SELECT 1 FROM heartbeat WHERE at = '2001-01-01Z'"))
    await write_something(store)


async def test_two_stores_share_a_queue_and_only_one_of_them_finishes_an_event(store: Store, postgres_url: str) -> None:
    await stored_conversation(store)
    async with open_store(postgres_url) as other:
        async with store.unit() as unit:
            assert await unit.inbox.add(inbound(), NOON)
        async with other.unit() as unit:
            assert not await unit.inbox.add(inbound(), NOON)
            row = await unit.inbox.head(HERE.key)
            assert row is not None

        async def finish(one: Store) -> bool:
            try:
                async with one.unit() as unit:
                    await unit.inbox.done(row.seq, NOON)
            except Conflict:
                return False
            return True

        assert sorted(await asyncio.gather(finish(store), finish(other))) == [False, True]


async def test_more_units_at_once_than_connections_all_have_their_turn(store: SqlStore) -> None:
    async def add(number: int) -> None:
        async with store.unit() as unit:
            assert await unit.inbox.add(inbound(f"e{number}"), NOON)

    await asyncio.gather(*map(add, range(5 * postgres.POOL_SIZE)))
    async with store.unit(write=False) as unit:
        assert await unit.inbox.count() == 5 * postgres.POOL_SIZE
