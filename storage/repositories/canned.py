"""Replies that agents insert by shortcut, in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, bindparam, delete, select, update

from bot.errors import Conflict
from bot.ports_inbox import CannedReply
from storage.database import Statements
from storage.tables import canned_replies

_c = canned_replies.c
_BY_ID = select(canned_replies).where(_c.id == bindparam("reply"))
_OF = select(canned_replies).where(_c.owner.in_(bindparam("owners", expanding=True)))
_SAVE = update(canned_replies).where(_c.id == bindparam("reply"), _c.version == bindparam("expected"))
_REMOVE = delete(canned_replies).where(_c.id == bindparam("reply"))


class SqlCannedReplies:
    """See `bot.ports_inbox.CannedReplies`."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    async def add(self, reply: CannedReply) -> None:
        """Store a new one."""
        row = {"id": reply.id, "owner": reply.owner or "", **_changing(reply)}
        if not await self._statements.insert_new(canned_replies, row):
            raise Conflict(f"there is a reply {reply.shortcut!r} already")

    async def get(self, reply: str) -> CannedReply | None:
        """By id."""
        row = await self._statements.row(_BY_ID, {"reply": reply})
        return None if row is None else _reply(row)

    async def save(self, reply: CannedReply) -> None:
        """Store a change."""
        values = {"reply": reply.id, "expected": reply.version - 1, **_changing(reply)}
        if not await self._statements.change(_SAVE, values):
            raise Conflict(f"the reply {reply.shortcut!r} was changed in the meantime")

    async def remove(self, reply: str) -> bool:
        """Forget one."""
        return await self._statements.change(_REMOVE, {"reply": reply}) > 0

    async def of(self, user: str) -> Sequence[CannedReply]:
        """A user's own and the shared ones, by shortcut."""
        found = [_reply(row) for row in await self._statements.rows(_OF, {"owners": ["", user]})]
        return sorted(found, key=lambda reply: (reply.shortcut, reply.owner or ""))


def _changing(reply: CannedReply) -> dict[str, Any]:
    return {"shortcut": reply.shortcut, "texts": dict(reply.texts), "version": reply.version}


def _reply(row: Row[Any]) -> CannedReply:
    return CannedReply(row.id, row.shortcut, row.texts, row.owner or None, row.version)
