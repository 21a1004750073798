"""The revisions of packs, in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.errors import Conflict
from bot.revisions import Revision
from storage.codec import copy
from storage.memory.state import State


class MemoryRevisions:
    """See `bot.ports_studio.Revisions`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def add(self, revision: Revision, texts: Mapping[str, str]) -> None:
        """Store a revision and those of its texts that may be new."""
        key = (revision.pack, revision.number)
        if key in self._state.revisions:
            raise Conflict(f"the pack {revision.pack!r} has a revision {revision.number} already")
        self._state.revisions[key] = copy(revision)
        for name, text in texts.items():
            self._state.pack_texts.setdefault(name, text)

    async def latest(self, pack: str) -> Revision | None:
        """The revision with the highest number."""
        return self._state.revisions.get((pack, await self.latest_number(pack)))

    async def latest_number(self, pack: str) -> int:
        """Its number alone, 0 if there is none."""
        return max((number for name, number in self._state.revisions if name == pack), default=0)

    async def get(self, pack: str, number: int) -> Revision | None:
        """By number."""
        return self._state.revisions.get((pack, number))

    async def list(self, pack: str, before: int | None, limit: int) -> Sequence[Revision]:
        """Latest first."""
        found = [
            revision
            for (name, number), revision in self._state.revisions.items()
            if name == pack and (before is None or number < before)
        ]
        return sorted(found, key=lambda revision: revision.number, reverse=True)[:limit]

    async def texts(self, digests: Sequence[str]) -> Mapping[str, str]:
        """The texts with these digests."""
        return {name: self._state.pack_texts[name] for name in digests if name in self._state.pack_texts}
