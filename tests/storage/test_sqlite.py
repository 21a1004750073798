from __future__ import annotations

import resource
import shutil
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest

from bot.errors import ConfigurationError, StorageUnavailable
from bot.messages import Author
from bot.ports import Store, UnitOfWork
from storage import sqlite
from storage.sql import SqlStore, open_store
from tests.storage.samples import HERE, NOON, THERE, inbound, message, outbound, stored_conversation

LARGE = "x" * 1_000_000


@pytest.fixture
def path(sqlite_url: str) -> Path:
    return Path(sqlite_url.removeprefix("sqlite:///"))


@pytest.fixture
async def store(sqlite_url: str) -> AsyncIterator[SqlStore]:
    """A store in a SQLite file."""
    async with open_store(sqlite_url) as opened:
        yield opened


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    """A file that is no database."""
    file = tmp_path / "letter.db"
    file.write_text("a letter to my aunt " * 100)
    return file


def contents(file: Path) -> bytes:
    return file.read_bytes()


async def pragma(store: SqlStore, words: str) -> None:
    """Tell the connection that writes something."""
    async with store._database.transaction(write=True) as statements:
        await statements._connection.exec_driver_sql(f"PRAGMA {words}")


@asynccontextmanager
async def full_disk(store: SqlStore) -> AsyncIterator[None]:
    """Within it, the file cannot grow: SQLite does as it does on a full disk."""
    await pragma(store, "max_page_count = 1")  # which means as many as there are
    try:
        yield
    finally:
        await pragma(store, "max_page_count = 4294967294")


@asynccontextmanager
async def failing_disk(store: SqlStore) -> AsyncIterator[None]:
    """Within it, the system refuses to write the log any longer: it fails only when the transaction commits."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (512 * 1024, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def write_a_lot(unit: UnitOfWork, conversation: str) -> None:
    await unit.inbox.add(inbound("small", THERE), NOON)
    await unit.outbox.add([outbound(THERE)], NOON)
    await unit.messages.append([message(conversation, 1, LARGE, Author.CUSTOMER)])


@pytest.mark.parametrize("trouble", [full_disk, failing_disk], ids=["full", "failing"])
async def test_a_disk_that_takes_no_more_is_told_and_nothing_of_the_transaction_stays(
    store: SqlStore, trouble: type
) -> None:
    before = await stored_conversation(store)
    async with trouble(store):
        for _ in range(3):
            with pytest.raises(StorageUnavailable, match="disk"):
                async with store.unit() as unit:
                    await write_a_lot(unit, before.id)
        async with store.unit(write=False) as unit:
            assert await unit.conversations.get(before.id) == before, "what is stored can still be read"
            assert await unit.messages.after(before.id, 0) == []
            assert await unit.inbox.count() == 0
            assert await unit.outbox.head(THERE) is None
    async with store.unit() as unit:
        await write_a_lot(unit, before.id)
        assert await unit.inbox.waiting(10) == [THERE.key], "it works again when there is room"
    async with store.unit(write=False) as unit:
        assert [entry.text for entry in await unit.messages.after(before.id, 0)] == [LARGE]


async def test_a_store_that_cannot_write_does_not_answer_a_ping_as_if_all_were_well(store: SqlStore) -> None:
    await pragma(store, "query_only = ON")
    with pytest.raises(StorageUnavailable, match="cannot be written"):
        await store.ping()


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Another process that does not stop writing."""
    other = sqlite3.connect(path, isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")
    finally:
        other.close()


async def test_another_process_that_keeps_writing_is_told_and_keeps_no_reader_waiting(
    sqlite_url: str, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT", 0.05)
    async with open_store(sqlite_url) as store:
        with writing(path):
            with pytest.raises(StorageUnavailable, match="another process keeps writing"):
                async with store.unit() as unit:
                    await unit.inbox.add(inbound(), NOON)
            async with store.unit(write=False) as unit:
                assert await unit.inbox.count() == 0
        async with store.unit() as unit:
            assert await unit.inbox.add(inbound(), NOON)


async def test_a_file_that_was_copied_away_and_opened_again_still_knows_every_event(
    sqlite_url: str, path: Path, tmp_path: Path
) -> None:
    async with open_store(sqlite_url) as store, store.unit() as unit:
        assert await unit.inbox.add(inbound("e1"), NOON)
        row = await unit.inbox.head(HERE.key)
        assert row is not None
        await unit.inbox.done(row.seq, NOON)
        assert await unit.inbox.add(inbound("e2"), NOON)
    assert not list(path.parent.glob("*-wal")), "a closed database is the one file"
    moved = shutil.move(path, tmp_path / "moved.db")
    async with open_store(f"sqlite:///{moved}") as store, store.unit() as unit:
        assert not await unit.inbox.add(inbound("e1"), NOON)
        assert not await unit.inbox.add(inbound("e2"), NOON)
        waiting = await unit.inbox.head(HERE.key)
        assert waiting is not None
        assert waiting.inbound == inbound("e2")


async def test_what_is_committed_outlives_a_process_that_is_never_closed(
    store: Store, path: Path, tmp_path: Path
) -> None:
    async with store.unit() as unit:
        assert await unit.inbox.add(inbound("e1"), NOON)
    # As the files lie there now, a killed process would have left them.
    left = tmp_path / "left"
    left.mkdir()
    for file in path.parent.iterdir():
        (left / file.name).write_bytes(file.read_bytes())
    async with open_store(f"sqlite:///{left / path.name}") as found, found.unit() as unit:
        assert not await unit.inbox.add(inbound("e1"), NOON)
        assert await unit.inbox.head(HERE.key) is not None


async def test_what_is_committed_is_synced(store: SqlStore) -> None:
    async with store._database.transaction(write=True) as statements:
        settings = {
            name: (await statements._connection.exec_driver_sql(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


async def test_a_file_that_is_no_database_is_refused_and_left_alone(letter: Path) -> None:
    before = contents(letter)
    with pytest.raises(ConfigurationError, match="no database"):
        async with open_store(f"sqlite:///{letter}"):
            pytest.fail("it was opened")
    assert contents(letter) == before


async def test_a_place_that_cannot_hold_a_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageUnavailable, match=r"Not a directory|File exists"):
        async with open_store(f"sqlite:///{tmp_path / 'file' / 'babeldesk.db'}"):
            pytest.fail("it was opened")
    (tmp_path / "folder.db").mkdir()
    with pytest.raises(StorageUnavailable, match="cannot be opened"):
        async with open_store(f"sqlite:///{tmp_path / 'folder.db'}"):
            pytest.fail("it was opened")


@pytest.mark.parametrize(
    "url", ["sqlite://", "sqlite:///", "sqlite:///:memory:", "mysql://localhost/desk", "desk.db", ""]
)
async def test_a_url_that_names_no_usable_database_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match="DATABASE_URL"):
        async with open_store(url):
            pytest.fail("it was opened")


async def test_a_path_may_have_spaces_and_any_script(tmp_path: Path) -> None:
    async with open_store(f"sqlite+aiosqlite:///{tmp_path}/My%20Desk/데스크.db") as store:
        await store.ping()
    assert (tmp_path / "My Desk" / "데스크.db").is_file()
