"""The audit log, in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, or_, select

from bot.audit import Actor, Audited, AuditEntry, AuditFilter
from storage.database import Statements
from storage.tables import audit

_LATEST = select(audit).order_by(audit.c.seq.desc())


class SqlAudit:
    """See `bot.ports_access.Audit`."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    async def add(self, entry: AuditEntry) -> None:
        """Store an entry."""
        row = {
            "at": entry.at,
            "actor": entry.actor.id,
            "actor_name": entry.actor.name,
            "token": entry.actor.token,
            "action": entry.action,
            "target": entry.target,
            "before": _document(entry.before),
            "after": _document(entry.after),
        }
        await self._statements.insert(audit, [row])

    async def list(self, wanted: AuditFilter) -> Sequence[Audited]:
        """The latest first."""
        query = _LATEST.limit(wanted.limit)
        if wanted.actor is not None:
            query = query.where(audit.c.actor == wanted.actor)
        if wanted.action is not None:
            area = audit.c.action.startswith(f"{wanted.action}.", autoescape=True)
            query = query.where(or_(audit.c.action == wanted.action, area))
        if wanted.since is not None:
            query = query.where(audit.c.at >= wanted.since)
        if wanted.until is not None:
            query = query.where(audit.c.at < wanted.until)
        if wanted.before is not None:
            query = query.where(audit.c.seq < wanted.before)
        return [_audited(row) for row in await self._statements.rows(query)]


def _document(value: Any) -> Any:
    return None if value is None else dict(value)


def _audited(row: Row[Any]) -> Audited:
    actor = Actor(row.actor, row.actor_name, row.token)
    return Audited(row.seq, AuditEntry(row.at, actor, row.action, row.target, row.before, row.after))
