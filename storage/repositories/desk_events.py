"""What agents did in threads on another platform, in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, null, or_, select, update

from bot.desk_values import DeskEvent, DeskReply, OwedReply, StoredEvent
from storage.codec import from_document, to_document
from storage.database import Statements
from storage.tables import is_
from storage.tables.desk import desk_events

_WAITING = is_(desk_events.c.status, "waiting")
_OWING = is_(desk_events.c.status, "owing")
_OF_THREAD = select(desk_events).where(
    desk_events.c.channel == bindparam("where"), desk_events.c.thread == bindparam("root")
)
_HEAD = _OF_THREAD.where(_WAITING).order_by(desk_events.c.seq).limit(1)
_OWED = _OF_THREAD.where(_OWING).order_by(desk_events.c.due_at, desk_events.c.seq).limit(1)
_THREADS = (
    select(desk_events.c.thread)
    .where(desk_events.c.channel == bindparam("where"), or_(_WAITING, _OWING))
    .group_by(desk_events.c.thread)
    .order_by(func.min(desk_events.c.seq))
    .limit(bindparam("most"))
)
_THIS = update(desk_events).where(desk_events.c.seq == bindparam("row"))
_DONE = _THIS.where(_WAITING).values(
    finished_at=bindparam("now"), conversation_id=bindparam("conversation"), entry=bindparam("number")
)
_SETTLE = _DONE.values(status="done", body=null())
_OWE = _DONE.values(status="owing", due_at=bindparam("now"), attempts=0, reply=bindparam("answer"))
_TRY_AGAIN = _THIS.where(_WAITING).values(attempts=desk_events.c.attempts + 1, error=bindparam("reason"))
_TOLD = _THIS.where(_OWING).values(
    status="done", body=null(), reply=null(), error=bindparam("reason"), finished_at=bindparam("now")
)
_PUT_OFF = _THIS.where(_OWING).values(
    attempts=desk_events.c.attempts + 1, error=bindparam("reason"), due_at=bindparam("due")
)
_WRITTEN = (
    select(desk_events.c.entry)
    .where(
        desk_events.c.conversation_id == bindparam("conversation"),
        desk_events.c.entry.is_not(None),
        desk_events.c.entry > bindparam("last"),
        desk_events.c.channel == bindparam("where"),
    )
    .order_by(desk_events.c.entry)
)


class SqlDeskEvents:
    """See `bot.ports_desk.DeskEvents`."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    async def add(self, event: DeskEvent, at: datetime) -> bool:
        """Store an event; False for a repeat."""
        row = {
            "channel": event.channel,
            "event": event.id,
            "thread": event.thread,
            "received_at": at,
            "body": to_document(event),
        }
        return await self._statements.insert_new(desk_events, row)

    async def head(self, channel: str, thread: str) -> StoredEvent | None:
        """The oldest that waits."""
        row = await self._statements.row(_HEAD, {"where": channel, "root": thread})
        return None if row is None else StoredEvent(row.seq, from_document(DeskEvent, row.body), row.attempts)

    async def waiting(self, channel: str, limit: int) -> Sequence[str]:
        """Threads with something to do."""
        return [row.thread for row in await self._statements.rows(_THREADS, {"where": channel, "most": limit})]

    async def done(
        self, seq: int, at: datetime, reply: DeskReply | None = None, wrote: tuple[str, int] | None = None
    ) -> bool:
        """It was acted on."""
        conversation, number = wrote or (None, None)
        values: dict[str, Any] = {"row": seq, "now": at, "conversation": conversation, "number": number}
        if reply is None:
            return await self._statements.change(_SETTLE, values) > 0
        return await self._statements.change(_OWE, {**values, "answer": to_document(reply)}) > 0

    async def failed(self, seq: int, error: str) -> None:
        """It is to be tried again."""
        await self._statements.change(_TRY_AGAIN, {"row": seq, "reason": error})

    async def owed(self, channel: str, thread: str) -> OwedReply | None:
        """The reply to be told first."""
        row = await self._statements.row(_OWED, {"where": channel, "root": thread})
        if row is None:
            return None
        event, reply = from_document(DeskEvent, row.body), from_document(DeskReply, row.reply)
        return OwedReply(row.seq, event, reply, row.attempts, row.due_at)

    async def told(self, seq: int, at: datetime, error: str | None = None) -> None:
        """A reply was told."""
        await self._statements.change(_TOLD, {"row": seq, "now": at, "reason": error})

    async def put_off(self, seq: int, due_at: datetime, error: str) -> None:
        """A reply is to be tried again."""
        await self._statements.change(_PUT_OFF, {"row": seq, "due": due_at, "reason": error})

    async def written(self, channel: str, conversation: str, after: int) -> Sequence[int]:
        """Entries that were written in threads."""
        values = {"where": channel, "conversation": conversation, "last": after}
        return [row.entry for row in await self._statements.rows(_WRITTEN, values)]
