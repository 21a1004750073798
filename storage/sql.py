"""A `Store` in a SQL database: SQLite in a file, or PostgreSQL by its URL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

from sqlalchemy import update

from bot.errors import ConfigurationError
from storage import migrations
from storage.database import Database, Statements
from storage.postgres import PostgresDatabase
from storage.repositories import (
    SqlAgents,
    SqlApiTokens,
    SqlAudit,
    SqlCannedReplies,
    SqlComparisons,
    SqlConversations,
    SqlCustomers,
    SqlDeskEvents,
    SqlDeskLinks,
    SqlDeskThreads,
    SqlDues,
    SqlFigures,
    SqlHandoffs,
    SqlInbox,
    SqlListing,
    SqlMentions,
    SqlMessages,
    SqlOutbox,
    SqlProfiles,
    SqlRatings,
    SqlReadMarks,
    SqlReview,
    SqlRevisions,
    SqlSearch,
    SqlSignIns,
    SqlSkills,
    SqlTags,
    SqlTeams,
    SqlTrainingRuns,
    SqlTurns,
    SqlUsers,
)
from storage.sqlite import SqliteDatabase
from storage.tables import heartbeat

_BEAT = update(heartbeat)


class SqlUnit:
    """One transaction; see `bot.ports.UnitOfWork`."""

    def __init__(self, statements: Statements) -> None:
        self.inbox = SqlInbox(statements)
        self.conversations = SqlConversations(statements)
        self.messages = SqlMessages(statements)
        self.outbox = SqlOutbox(statements)
        self.handoffs = SqlHandoffs(statements)
        self.customers = SqlCustomers(statements)
        self.users = SqlUsers(statements)
        self.sign_ins = SqlSignIns(statements)
        self.tokens = SqlApiTokens(statements)
        self.audit = SqlAudit(statements)
        self.comparisons = SqlComparisons(statements)
        self.listing = SqlListing(statements)
        self.read_marks = SqlReadMarks(statements)
        self.tags = SqlTags(statements)
        self.mentions = SqlMentions(statements)
        self.profiles = SqlProfiles(statements)
        self.canned = SqlCannedReplies(statements)
        self.ratings = SqlRatings(statements)
        self.search = SqlSearch(statements)
        self.teams = SqlTeams(statements)
        self.skills = SqlSkills(statements)
        self.agents = SqlAgents(statements)
        self.dues = SqlDues(statements)
        self.turns = SqlTurns(statements)
        self.figures = SqlFigures(statements)
        self.review = SqlReview(statements)
        self.revisions = SqlRevisions(statements)
        self.desk_threads = SqlDeskThreads(statements)
        self.desk_events = SqlDeskEvents(statements)
        self.desk_links = SqlDeskLinks(statements)
        self.training_runs = SqlTrainingRuns(statements)


class SqlStore:
    """A `bot.ports.Store` over a database whose tables are up to date."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @asynccontextmanager
    async def unit(self, *, write: bool = True) -> AsyncIterator[SqlUnit]:
        """A transaction. See `Store.unit`."""
        async with self._database.transaction(write=write) as statements:
            yield SqlUnit(statements)

    async def ping(self) -> None:
        """Check that the database can be written, by writing."""
        async with self._database.transaction(write=True) as statements:
            await statements.change(_BEAT, {"at": datetime.now(UTC)})

    async def aclose(self) -> None:
        """Close all connections."""
        await self._database.aclose()


def open_database(url: str) -> Database:
    """The database that a URL names; nothing is connected yet.

    `sqlite:///relative.db`, `sqlite:////absolute.db`, `postgresql://user@host/name`; also with a driver's name, as in
    `sqlite+aiosqlite://`, and `postgres://`.

    Raises:
        ConfigurationError: it names no database that Babeldesk can use, or its driver is not installed.
    """
    scheme, colon, rest = url.partition("://")
    if scheme in {"sqlite", "sqlite+aiosqlite"}:
        path = unquote(urlsplit(f"sqlite://{rest}").path)[1:]
        if not path or path == ":memory:":
            raise ConfigurationError(f"DATABASE_URL: {url!r} names no file; write sqlite:///path/to/babeldesk.db")
        return SqliteDatabase(Path(path))
    if colon and scheme in {"postgres", "postgresql", "postgresql+asyncpg"}:
        return PostgresDatabase(f"postgresql://{rest}")
    raise ConfigurationError(
        f"DATABASE_URL: {scheme or 'nothing'!r} is no database that Babeldesk can use; "
        "write sqlite:///path/to/babeldesk.db or postgresql://user@host/name"
    )


async def migrate(url: str) -> None:
    """Make the tables of the database at this URL, or bring them up to date. See `storage.migrations.upgrade`."""
    database = open_database(url)
    try:
        await migrations.upgrade(database)
    finally:
        await database.aclose()


def migrate_sync(url: str) -> None:
    """Do the same where no event loop runs."""
    asyncio.run(migrate(url))


@asynccontextmanager
async def open_store(url: str, *, upgrade: bool = True) -> AsyncIterator[SqlStore]:
    """The store in the database at this URL, closed when the block ends.

    With `upgrade`, tables are first made or brought up to date; without, they must be.

    Raises:
        ConfigurationError: the URL names no usable database, or its tables are newer than this code, or, without
            `upgrade`, older.
        StorageUnavailable: the database cannot be reached or opened.
    """
    database = open_database(url)
    try:
        await (migrations.upgrade(database) if upgrade else migrations.check(database))
        yield SqlStore(database)
    finally:
        await database.aclose()
