"""One model for the whole session, one database of each kind, and a server of its own for every scenario."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import yaml

from adapters.console import make_user
from bot.clock import SystemClock
from bot.conversation import Role
from bot.pack import Pack
from bot.pack_reader import WEEKDAYS, read_pack
from nlu.serving import Opened, open_model
from nlu.training.run import train_pack
from nlu.weights.fetch import fetch
from storage.sql import open_store
from storage.tables import metadata
from tests.console.rig import PASSWORD
from tests.missing import missing
from tests.scenarios.rig import House, OpenHouse, OwnSettings, Platform, Shop

pytest.register_assert_rewrite("tests.scenarios.scenarios")

ECOMMERCE = Path(__file__).parents[2] / "packs" / "ecommerce"
SERVER = os.environ.get("TEST_DATABASE_URL", "postgresql://postgres@127.0.0.1:5432/postgres")
KEPT = {"users", "heartbeat"}
"""Tables that stay as they are from one scenario to the next."""


TRAINING_SECONDS = 600
"""The first scenario waits for the training of the whole pack, which takes two cores two minutes and a busy one ten."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.timeout(TRAINING_SECONDS))


# --- the packs and the model ------------------------------------------------------------------------------------------


def _copied(folder: Path, working_hours: dict[str, Any] | None) -> Pack:
    """The shop's pack with other working hours; with none, somebody is always there."""
    shutil.copytree(ECOMMERCE, folder)
    file = folder / "pack.yml"
    head = yaml.safe_load(file.read_text("utf-8"))
    head.pop("working_hours", None)
    if working_hours is not None:
        head["working_hours"] = working_hours
    file.write_text(yaml.safe_dump(head, allow_unicode=True), "utf-8")
    return read_pack(folder)


@pytest.fixture(scope="session")
def opening() -> datetime:
    """When people are back, in a shop that has just closed for three days."""
    return (datetime.now(UTC) + timedelta(days=3)).replace(hour=9, minute=30, second=0, microsecond=0)


@pytest.fixture(scope="session")
def closed_pack(tmp_path_factory: pytest.TempPathFactory, opening: datetime) -> Pack:
    """The pack of a shop where nobody is."""
    hours = {"timezone": "UTC", "days": {WEEKDAYS[opening.weekday()]: ["09:30-18:00"]}}
    return _copied(tmp_path_factory.mktemp("closed") / "ecommerce", hours)


@pytest.fixture(scope="session")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    """The pack of a shop where somebody always is."""
    return _copied(tmp_path_factory.mktemp("open") / "ecommerce", None)


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory, pack: Pack) -> Path:
    """A data folder with the pretrained models, fetched on first use, and the pack's model, trained here."""
    fetched = Path(os.environ.get("BABELDESK_DATA_DIR", "data")).absolute()
    fetch(fetched)
    folder = tmp_path_factory.mktemp("data")
    (folder / "models").symlink_to(fetched / "models")
    (folder / "cache").mkdir()
    for file in (fetched / "cache").glob("*.npz"):
        # A file that is written anew takes the link's place, and the folder that people work with stays as it is.
        (folder / "cache" / file.name).symlink_to(file)
    train_pack(OwnSettings(data_dir=folder, encoder_threads=2), pack)
    return folder


@pytest.fixture(scope="session")
def opened(trained: Path, pack: Pack) -> Opened:
    """The encoder and the pack's model, opened once."""
    settings = OwnSettings()
    model, problem = open_model(trained, source=settings.encoder, threads=2, pack=pack)
    assert problem is None
    return model


# --- the databases ----------------------------------------------------------------------------------------------------


async def _furnish(url: str) -> None:
    """Make the tables, and the people who work here."""
    async with open_store(url) as store:
        for name, role in (("kim", Role.AGENT), ("lee", Role.AGENT), ("root", Role.ADMIN)):
            await make_user(store, SystemClock(), name=name, display_name=name.title(), role=role, password=PASSWORD)


def _execute(url: str, *statements: str) -> None:
    async def run() -> None:
        connection = await asyncpg.connect(url, timeout=5)
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    asyncio.run(run())


@pytest.fixture(scope="session")
def sqlite_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A furnished SQLite database, to be copied."""
    file = tmp_path_factory.mktemp("sqlite") / "babeldesk.db"
    asyncio.run(_furnish(f"sqlite:///{file}"))
    return file


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a furnished PostgreSQL database, made for this session and dropped after it."""
    name = f"babeldesk_scenarios_{secrets.token_hex(6)}"
    try:
        _execute(SERVER, f"CREATE DATABASE {name}")
    except (OSError, asyncpg.PostgresError) as error:
        reason = f"no PostgreSQL server to run the scenarios on (TEST_DATABASE_URL): {error}"
        missing(reason)
    address, _, query = SERVER.partition("?")
    url = f"{address.rpartition('/')[0]}/{name}{'?' + query if query else ''}"
    try:
        asyncio.run(_furnish(url))
        yield url
    finally:
        _execute(SERVER, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of each kind without customers."""
    if request.param == "sqlite":
        file: Path = request.getfixturevalue("sqlite_file")
        shutil.copy(file, tmp_path / "babeldesk.db")
        return f"sqlite:///{tmp_path / 'babeldesk.db'}"
    url: str = request.getfixturevalue("postgres")
    emptied = [table.name for table in metadata.sorted_tables if table.name not in KEPT]
    _execute(url, f"TRUNCATE {', '.join(emptied)} RESTART IDENTITY")
    return url


# --- the servers ------------------------------------------------------------------------------------------------------


@pytest.fixture
def open_house(database_url: str, tmp_path: Path, opened: Opened, pack: Pack, closed_pack: Pack) -> OpenHouse:
    """Opens a running server with one platform; when it is left, nothing may have been given up."""

    @asynccontextmanager
    async def open_one(platform: Any, *, closed: bool = False) -> AsyncIterator[House]:
        async with AsyncExitStack() as stack:
            shop = await stack.enter_async_context(Shop())
            plays: Platform = await stack.enter_async_context(platform)
            settings = OwnSettings(
                port=0,
                data_dir=tmp_path / "data",
                database_url=database_url,
                actions_url=shop.url,
                **plays.settings(),
            )
            used = closed_pack if closed else pack
            house = House(settings=settings, pack=used, opened=opened, platform=plays, shop=shop)
            stack.push_async_callback(house.aclose)
            await house.start()
            yield house
            await house.quiet()
            await house.nothing_failed()

    return open_one
