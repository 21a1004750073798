"""What several modules of commands need."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console as Terminal

from bot.pack import Pack
from bot.pack_reader import find_pack, read_pack
from bot.settings import Settings

# Without `emoji=False` the place `en.yml:100:` would have a hundred-points sign for its line.
err = Terminal(stderr=True, highlight=False, soft_wrap=True, emoji=False)


def opened_pack(settings: Settings) -> Pack:
    """The pack that the settings name."""
    return read_pack(find_pack(settings.pack, pack_folders()))


def pack_folders() -> list[Path]:
    """Where packs are looked for by name: beside the working folder, in the checkout, and in the package."""
    here = Path(__file__).parent
    return [Path("packs"), here.parent / "packs", here / "packs"]
