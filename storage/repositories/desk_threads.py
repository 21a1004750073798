"""Handoffs' threads on another platform, in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, exists, false, null, or_, select, update

from bot.conversation import Handoff
from bot.desk_values import DeskThread
from bot.errors import Conflict
from storage.codec import from_document, to_document
from storage.database import Statements
from storage.repositories.handoffs import handoff_of
from storage.tables import handoffs
from storage.tables.desk import desk_threads

_COLUMNS = frozenset({"handoff", "channel", "conversation", "opened_at", "root", "done"})

_THREADED = exists().where(desk_threads.c.handoff_id == handoffs.c.id, desk_threads.c.channel == bindparam("where"))
_MISSING = (
    select(handoffs)
    .where(handoffs.c.state.in_(["waiting", "claimed"]), ~_THREADED)
    .order_by(handoffs.c.opened_at, handoffs.c.id)
    .limit(bindparam("most"))
)
_IN_CHANNEL = select(desk_threads).where(desk_threads.c.channel == bindparam("where"))
_AT = _IN_CHANNEL.where(desk_threads.c.root == bindparam("first"))
_BY_HANDOFF = _IN_CHANNEL.where(desk_threads.c.handoff_id == bindparam("handoff"))
_OPEN = (
    _IN_CHANNEL.where(desk_threads.c.done.is_(false()))
    .order_by(desk_threads.c.opened_at, desk_threads.c.handoff_id)
    .limit(bindparam("most"))
)
_THIS = update(desk_threads).where(
    desk_threads.c.handoff_id == bindparam("handoff"), desk_threads.c.channel == bindparam("where")
)
_TAKE = _THIS.where(
    desk_threads.c.done.is_(false()),
    or_(desk_threads.c.held_until.is_(None), desk_threads.c.held_until <= bindparam("now")),
).values(held_by=bindparam("holder"), held_until=bindparam("until"))
_MINE = _THIS.where(desk_threads.c.held_by == bindparam("holder"))
_RELEASE = _MINE.values(held_by=null(), held_until=null())


class SqlDeskThreads:
    """See `bot.ports_desk.DeskThreads`."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    async def missing(self, channel: str, limit: int = 200) -> Sequence[Handoff]:
        """Open handoffs without a thread in a channel."""
        rows = await self._statements.rows(_MISSING, {"where": channel, "most": limit})
        return [handoff_of(row) for row in rows]

    async def add(self, thread: DeskThread) -> bool:
        """Store a new one."""
        row = {
            "handoff_id": thread.handoff,
            "channel": thread.channel,
            "conversation_id": thread.conversation,
            "opened_at": thread.opened_at,
            **_changing(thread),
        }
        return await self._statements.insert_new(desk_threads, row)

    async def at(self, channel: str, root: str) -> DeskThread | None:
        """By its first message."""
        row = await self._statements.row(_AT, {"where": channel, "first": root})
        return None if row is None else _thread(row)

    async def open(self, channel: str, limit: int = 1_000) -> Sequence[DeskThread]:
        """Those that are not done."""
        return [_thread(row) for row in await self._statements.rows(_OPEN, {"where": channel, "most": limit})]

    async def take(self, thread: DeskThread, holder: str, at: datetime, until: datetime) -> DeskThread | None:
        """Hold a thread that nobody holds."""
        key = {"handoff": thread.handoff, "where": thread.channel}
        before = await self._statements.row(_BY_HANDOFF, key)
        if before is None or not await self._statements.change(
            _TAKE, {**key, "holder": holder, "now": at, "until": until}
        ):
            return None
        row = await self._statements.row(_BY_HANDOFF, key)
        if row is None:
            return None
        # Whoever held it until now may have taken and released it again since `before` was read: doubt costs a look.
        return replace(_thread(row), unsure=True) if before.held_by is not None else _thread(row)

    async def save(self, thread: DeskThread, holder: str, until: datetime) -> None:
        """Store a change, and go on holding."""
        key = {"handoff": thread.handoff, "where": thread.channel, "holder": holder}
        if not await self._statements.change(_MINE.values(**_changing(thread), held_until=until), key):
            raise Conflict(f"the thread of handoff {thread.handoff!r} is held by somebody else")

    async def release(self, thread: DeskThread, holder: str) -> None:
        """Hold it no longer."""
        key = {"handoff": thread.handoff, "where": thread.channel, "holder": holder}
        await self._statements.change(_RELEASE, key)


def _changing(thread: DeskThread) -> dict[str, Any]:
    return {"root": thread.root, "done": thread.done, "state": to_document(thread, leave_out=_COLUMNS)}


def _thread(row: Row[Any]) -> DeskThread:
    columns = {
        "handoff": row.handoff_id,
        "channel": row.channel,
        "conversation": row.conversation_id,
        "opened_at": row.opened_at,
        "root": row.root,
        "done": row.done,
    }
    return from_document(DeskThread, {**row.state, **columns})
