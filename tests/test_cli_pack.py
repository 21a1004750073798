"""Commands work with the pack as it was changed last in the console."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot import pack_edit
from bot.app_studio import open_workspace
from bot.cli_common import opened_pack, seed_pack
from bot.revisions import Author
from bot.settings import Settings
from storage.sql import open_store
from tests.nlu import small_shop as shop


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data", pack=str(shop.write_pack(tmp_path / "pack")))


def change(settings: Settings, means: str | None) -> None:
    """A server's start and, with a meaning, an admin's change."""

    async def run() -> None:
        settings.data_dir.mkdir(exist_ok=True)
        async with open_store(settings.database) as store:
            workspace = await open_workspace(settings, seed_pack(settings), store)
            if means is not None:
                await workspace.change(
                    lambda now: pack_edit.put_meaning(now, "fraud", means, [], None), Author("u", "Kim"), "changes"
                )

    asyncio.run(run())


def test_without_a_change_the_folder_counts(settings: Settings) -> None:
    assert opened_pack(settings).folder == Path(settings.pack)
    change(settings, None)

    assert opened_pack(settings).folder == Path(settings.pack)


def test_a_change_in_the_console_counts_for_commands(settings: Settings) -> None:
    change(settings, "tells of fraud")

    pack = opened_pack(settings)

    assert pack.intents["fraud"].means == "tells of fraud"
    assert (pack.folder / "nlu" / "en.yml").read_bytes() == (Path(settings.pack) / "nlu" / "en.yml").read_bytes()
    assert "tells of fraud" not in (Path(settings.pack) / "intents.yml").read_text()


def test_a_database_that_cannot_be_reached_is_told_and_the_folder_counts(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    away = settings.model_copy(update={"database_url": SecretStr("postgresql://nobody@127.0.0.1:1/nothing")})

    assert opened_pack(away).folder == Path(settings.pack)
    assert "the pack is taken as it is in" in capsys.readouterr().err.replace("\n", " ")
