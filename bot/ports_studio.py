"""What teaching the bot needs from the outside, as small Protocols."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from bot.revisions import Revision


class Revisions(Protocol):
    """The revisions of packs; the texts are kept once each, by their digests."""

    async def add(self, revision: Revision, texts: Mapping[str, str]) -> None:
        """Store a revision and those of its texts (by digest) that may be new.

        Raises:
            Conflict: there is a revision of this number already.
        """
        ...

    async def latest(self, pack: str) -> Revision | None:
        """The revision with the highest number: the current one."""
        ...

    async def latest_number(self, pack: str) -> int:
        """Its number alone, 0 if there is none."""
        ...

    async def get(self, pack: str, number: int) -> Revision | None:
        """By number."""
        ...

    async def list(self, pack: str, before: int | None, limit: int) -> Sequence[Revision]:
        """Latest first; `before` pages by number."""
        ...

    async def texts(self, digests: Sequence[str]) -> Mapping[str, str]:
        """The texts with these digests."""
        ...


class PackFolders(Protocol):
    """Folders that hold the files of a revision, for those who read files: training, and the model that serves."""

    def keep(self, pack: str, digest: str, texts: Mapping[str, str]) -> Path:
        """A folder with these texts; made if it is not there. Blocks.

        Raises:
            StorageUnavailable: it cannot be written.
        """
        ...
