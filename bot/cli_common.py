"""What several modules of commands need."""

from __future__ import annotations

import asyncio
from pathlib import Path

from rich.console import Console as Terminal

from bot.clock import SystemClock
from bot.errors import ConfigurationError, PackError, StorageUnavailable
from bot.pack import Pack
from bot.pack_reader import find_pack, read_pack
from bot.revisions import Kind
from bot.settings import DATABASE, Settings

# Without `emoji=False` the place `en.yml:100:` would have a hundred-points sign for its line.
err = Terminal(stderr=True, highlight=False, soft_wrap=True, emoji=False)


def opened_pack(settings: Settings) -> Pack:
    """The pack that the settings name, as it was changed last in the console; else as it is in its folder."""
    seed = seed_pack(settings)
    return asyncio.run(_changed(settings, seed)) if _has_database(settings) else seed


def seed_pack(settings: Settings) -> Pack:
    """The pack that the settings name, as it is in its folder."""
    return read_pack(find_pack(settings.pack, pack_folders()))


def _has_database(settings: Settings) -> bool:
    return settings.database_url is not None or (settings.data_dir / DATABASE).is_file()


async def _changed(settings: Settings, seed: Pack) -> Pack:
    """The current revision, if somebody has made one; the database is only read."""
    from bot.workspace import Workspace
    from nlu.pack_checks import wrong_entities
    from storage.pack_folders import DiskPackFolders
    from storage.sql import open_store

    try:
        async with open_store(settings.database, upgrade=False) as store:
            async with store.unit(write=False) as unit:
                latest = await unit.revisions.latest(seed.name)
            if latest is None or latest.kind is Kind.SEED:
                return seed
            folders = DiskPackFolders(settings.data_dir / "packs")
            workspace = Workspace(seed=seed, store=store, folders=folders, clock=SystemClock(), checks=[wrong_entities])
            return (await workspace.open()).pack
    except (ConfigurationError, StorageUnavailable) as error:
        if isinstance(error, PackError):
            raise
        err.print(f"{error}; the pack is taken as it is in {seed.folder}", markup=False)
        return seed


def pack_folders() -> list[Path]:
    """Where packs are looked for by name: beside the working folder, in the checkout, and in the package."""
    here = Path(__file__).parent
    return [Path("packs"), here.parent / "packs", here / "packs"]
