"""The revisions of packs, in SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, bindparam, func, select

from bot.errors import Conflict
from bot.revisions import Author, Kind, Revision
from storage.database import Statements
from storage.tables import pack_revisions, pack_texts

_OF_PACK = select(pack_revisions).where(pack_revisions.c.pack == bindparam("of"))
_LATEST = _OF_PACK.order_by(pack_revisions.c.number.desc()).limit(1)
_ONE = _OF_PACK.where(pack_revisions.c.number == bindparam("wanted"))
_HIGHEST = select(func.max(pack_revisions.c.number)).where(pack_revisions.c.pack == bindparam("of"))
_PAGE = (
    _OF_PACK.where(pack_revisions.c.number < bindparam("end"))
    .order_by(pack_revisions.c.number.desc())
    .limit(bindparam("most"))
)
_TEXTS = select(pack_texts).where(pack_texts.c.digest.in_(bindparam("digests", expanding=True)))

_ABOVE_ALL = 2**31 - 1


class SqlRevisions:
    """See `bot.ports_studio.Revisions`."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    async def add(self, revision: Revision, texts: Mapping[str, str]) -> None:
        """Store a revision and those of its texts that may be new."""
        for name, text in texts.items():
            await self._statements.insert_new(pack_texts, {"digest": name, "text": text})
        if not await self._statements.insert_new(pack_revisions, _row(revision)):
            raise Conflict(f"the pack {revision.pack!r} has a revision {revision.number} already")

    async def latest(self, pack: str) -> Revision | None:
        """The revision with the highest number."""
        return _revision(await self._statements.row(_LATEST, {"of": pack}))

    async def latest_number(self, pack: str) -> int:
        """Its number alone, 0 if there is none."""
        row = await self._statements.row(_HIGHEST, {"of": pack})
        return 0 if row is None or row[0] is None else int(row[0])

    async def get(self, pack: str, number: int) -> Revision | None:
        """By number."""
        return _revision(await self._statements.row(_ONE, {"of": pack, "wanted": number}))

    async def list(self, pack: str, before: int | None, limit: int) -> Sequence[Revision]:
        """Latest first."""
        values = {"of": pack, "end": _ABOVE_ALL if before is None else before, "most": limit}
        rows = await self._statements.rows(_PAGE, values)
        return [revision for revision in map(_revision, rows) if revision is not None]

    async def texts(self, digests: Sequence[str]) -> Mapping[str, str]:
        """The texts with these digests."""
        rows = await self._statements.rows(_TEXTS, {"digests": list(digests)}) if digests else []
        return {row.digest: row.text for row in rows}


def _row(revision: Revision) -> dict[str, Any]:
    return {
        "pack": revision.pack,
        "number": revision.number,
        "at": revision.at,
        "author": revision.author.id,
        "author_name": revision.author.name,
        "message": revision.message,
        "kind": revision.kind.value,
        "parent": revision.parent,
        "undoes": revision.undoes,
        "files": dict(revision.files),
    }


def _revision(row: Row[Any] | None) -> Revision | None:
    if row is None:
        return None
    return Revision(
        pack=row.pack,
        number=row.number,
        at=row.at,
        author=Author(row.author, row.author_name),
        message=row.message,
        kind=Kind(row.kind),
        files=row.files,
        parent=row.parent,
        undoes=row.undoes,
    )
