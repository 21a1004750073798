"""Requests for a human, in SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, bindparam, select, update

from bot.conversation import Handoff, HandoffState
from bot.errors import Conflict
from storage.codec import from_document, to_document
from storage.database import Statements
from storage.tables import handoffs

_COLUMNS = frozenset({"id", "conversation", "state", "opened_at"})

_BY_ID = select(handoffs).where(handoffs.c.id == bindparam("handoff"))
_MANY = select(handoffs).where(handoffs.c.id.in_(bindparam("wanted", expanding=True)))
_LIST = (
    select(handoffs)
    .where(handoffs.c.state.in_(bindparam("states", expanding=True)))
    .order_by(handoffs.c.opened_at, handoffs.c.id)
    .limit(bindparam("most"))
)
_SAVE = update(handoffs).where(handoffs.c.id == bindparam("handoff"), handoffs.c.state == bindparam("expected"))


class SqlHandoffs:
    """See `bot.ports.Handoffs`."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    async def add(self, handoff: Handoff) -> None:
        """Store a new one."""
        row = {
            "id": handoff.id,
            "conversation_id": handoff.conversation,
            "opened_at": handoff.opened_at,
            **_changing(handoff),
        }
        if not await self._statements.insert_new(handoffs, row):
            raise Conflict(f"there is a handoff {handoff.id!r} already")

    async def get(self, handoff: str) -> Handoff | None:
        """By id."""
        row = await self._statements.row(_BY_ID, {"handoff": handoff})
        return None if row is None else handoff_of(row)

    async def many(self, handoffs: Sequence[str]) -> Mapping[str, Handoff]:
        """Those of these ids that there are."""
        rows = await self._statements.rows(_MANY, {"wanted": list(handoffs)}) if handoffs else []
        return {row.id: handoff_of(row) for row in rows}

    async def save(self, handoff: Handoff, expected: HandoffState) -> None:
        """Store a change to a handoff that is in the `expected` state."""
        values = {"handoff": handoff.id, "expected": expected.value, **_changing(handoff)}
        if not await self._statements.change(_SAVE, values):
            raise Conflict(f"handoff {handoff.id!r} is not {expected} any more")

    async def list(self, states: Sequence[HandoffState], limit: int = 200) -> Sequence[Handoff]:
        """Longest waiting first."""
        values = {"states": [state.value for state in states], "most": limit}
        return [handoff_of(row) for row in await self._statements.rows(_LIST, values)]


def _changing(handoff: Handoff) -> dict[str, Any]:
    return {"state": handoff.state.value, "details": to_document(handoff, leave_out=_COLUMNS)}


def handoff_of(row: Row[Any]) -> Handoff:
    """A row as a value."""
    columns = {"id": row.id, "conversation": row.conversation_id, "state": row.state, "opened_at": row.opened_at}
    return from_document(Handoff, {**row.details, **columns})
