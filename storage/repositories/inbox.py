"""Events as they came, in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, func, null, select, update

from bot.errors import Conflict
from bot.messages import Inbound
from bot.ports import FailedTurn, Received
from storage.codec import from_document, to_document
from storage.database import Statements
from storage.tables import inbox, is_

_WAITING = is_(inbox.c.status, "waiting")

_HEAD = (
    select(inbox.c.seq, inbox.c.body, inbox.c.attempts)
    .where(_WAITING, inbox.c.key == bindparam("address"))
    .order_by(inbox.c.seq)
    .limit(1)
)
_KEYS = (
    select(inbox.c.key).where(_WAITING).group_by(inbox.c.key).order_by(func.min(inbox.c.seq)).limit(bindparam("most"))
)
_LATEST = (
    select(inbox.c.received_at).where(inbox.c.channel == bindparam("platform")).order_by(inbox.c.seq.desc()).limit(1)
)
_COUNT = select(func.count()).select_from(inbox).where(_WAITING)
_FAILURES = (
    select(inbox.c.seq, inbox.c.body, inbox.c.error, inbox.c.finished_at)
    .where(is_(inbox.c.status, "failed"))
    .order_by(inbox.c.finished_at.desc(), inbox.c.seq.desc())
    .limit(bindparam("most"))
)
_THIS = update(inbox).where(inbox.c.seq == bindparam("row"), _WAITING)
_DONE = _THIS.values(status="done", finished_at=bindparam("now"), body=null())
_TRY_AGAIN = _THIS.values(attempts=inbox.c.attempts + 1, error=bindparam("reason"))
_GIVE_UP = _TRY_AGAIN.values(status="failed", finished_at=bindparam("now"))


class SqlInbox:
    """See `bot.ports.Inbox`."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    async def add(self, inbound: Inbound, at: datetime) -> bool:
        """Store an event; False for a repeat."""
        row = {
            "channel": inbound.address.channel,
            "event": inbound.id,
            "key": inbound.address.key,
            "received_at": at,
            "body": to_document(inbound),
        }
        return await self._statements.insert_new(inbox, row)

    async def head(self, key: str) -> Received | None:
        """The oldest waiting event of an address."""
        row = await self._statements.row(_HEAD, {"address": key})
        return None if row is None else Received(row.seq, from_document(Inbound, row.body), row.attempts)

    async def waiting(self, limit: int) -> Sequence[str]:
        """The keys of addresses with events waiting, oldest first."""
        return [row.key for row in await self._statements.rows(_KEYS, {"most": limit})]

    async def done(self, seq: int, at: datetime) -> None:
        """The event has had its turn."""
        if not await self._statements.change(_DONE, {"row": seq, "now": at}):
            raise Conflict(f"event {seq} is not waiting any more")

    async def failed(self, seq: int, error: str, at: datetime, *, final: bool) -> None:
        """The turn failed."""
        values = {"row": seq, "reason": error}
        changed = (
            await self._statements.change(_GIVE_UP, {**values, "now": at})
            if final
            else (await self._statements.change(_TRY_AGAIN, values))
        )
        if not changed:
            raise Conflict(f"event {seq} is not waiting any more")

    async def failures(self, limit: int) -> Sequence[FailedTurn]:
        """Events that were given up, latest first."""
        return [
            FailedTurn(row.seq, from_document(Inbound, row.body), row.error, row.finished_at)
            for row in await self._statements.rows(_FAILURES, {"most": limit})
        ]

    async def count(self) -> int:
        """How many events are waiting."""
        [[count]] = await self._statements.rows(_COUNT)
        return int(count)

    async def latest(self, channel: str) -> datetime | None:
        """When the last event of a channel came."""
        row = await self._statements.row(_LATEST, {"platform": channel})
        return None if row is None else row.received_at
