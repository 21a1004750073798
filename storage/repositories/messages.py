"""The history of conversations, in SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, select, tuple_, update

from bot.messages import Author, Delivery, DeliveryState, Message
from storage.codec import clean, from_document, to_document
from storage.database import Statements
from storage.tables import conversations, messages, outbox
from storage.tables.search import entry_row, search_entries

_COLUMNS = frozenset({"id", "conversation", "seq", "author", "at", "text", "internal", "reference", "delivery"})

ENTRIES = select(messages, outbox.c.status, outbox.c.attempts, outbox.c.error).outerjoin(
    outbox, outbox.c.message_id == messages.c.id
)
"""Entries with their delivery."""
_AFTER = (
    ENTRIES.where(messages.c.conversation_id == bindparam("conversation"), messages.c.seq > bindparam("last"))
    .order_by(messages.c.seq)
    .limit(bindparam("most"))
)
_shown = messages.alias("shown")
_LAST_SHOWN = (
    select(_shown.c.seq)
    .where(_shown.c.conversation_id == conversations.c.id, _shown.c.internal.is_(False))
    .order_by(_shown.c.seq.desc())
    .limit(1)
    .scalar_subquery()
)
_LATEST = ENTRIES.join(
    conversations, (messages.c.conversation_id == conversations.c.id) & (messages.c.seq == _LAST_SHOWN)
).where(conversations.c.id.in_(bindparam("wanted", expanding=True)))
_REFERRED = (
    ENTRIES.where(
        messages.c.conversation_id == bindparam("conversation"),
        messages.c.reference == bindparam("platform"),
        messages.c.author == Author.CUSTOMER.value,
    )
    .order_by(messages.c.seq.desc())
    .limit(1)
)
_REINDEX = update(search_entries).where(
    search_entries.c.conversation_id == bindparam("conversation"), search_entries.c.seq == bindparam("place")
)
_AMEND = update(messages).where(messages.c.id == bindparam("message"))


class SqlMessages:
    """See `bot.ports.Messages`."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    async def append(self, messages_: Sequence[Message]) -> None:
        """Store new entries."""
        rows = [
            {
                "conversation_id": message.conversation,
                "seq": message.seq,
                "id": message.id,
                "author": message.author.value,
                "at": message.at,
                "text": message.text,
                "internal": message.internal,
                "reference": message.reference,
                "details": _details(message),
            }
            for message in messages_
        ]
        await self._statements.insert(messages, rows)
        dialect = self._statements.dialect
        indexed = [entry_row(dialect, m.text, conversation_id=m.conversation, seq=m.seq) for m in messages_ if m.text]
        await self._statements.insert(search_entries, indexed)

    async def after(self, conversation: str, seq: int, limit: int = 500) -> Sequence[Message]:
        """Entries with a larger `seq`, in order, with their delivery."""
        values = {"conversation": conversation, "last": seq, "most": limit}
        return [message_of(row) for row in await self._statements.rows(_AFTER, values)]

    async def latest(self, conversations: Sequence[str]) -> Mapping[str, Message]:
        """The last entry that is not internal, of each."""
        if not conversations:
            return {}
        rows = await self._statements.rows(_LATEST, {"wanted": list(conversations)})
        return {row.conversation_id: message_of(row) for row in rows}

    async def entries(self, places: Sequence[tuple[str, int]]) -> Mapping[tuple[str, int], Message]:
        """Entries by conversation and `seq`."""
        if not places:
            return {}
        query = ENTRIES.where(tuple_(messages.c.conversation_id, messages.c.seq).in_(places))
        return {(row.conversation_id, row.seq): message_of(row) for row in await self._statements.rows(query)}

    async def amend(self, conversation: str, reference: str, text: str, at: datetime) -> Message | None:
        """Change the text of the customer's entry with this platform reference."""
        row = await self._statements.row(_REFERRED, {"conversation": conversation, "platform": reference})
        if row is None:
            return None
        message = replace(message_of(row), text=clean(text), edited_at=at)
        change = {"text": message.text, "details": _details(message)}
        await self._statements.change(_AMEND, {"message": message.id, **change})
        await self._index(message)
        return message

    async def _index(self, message: Message) -> None:
        row = entry_row(self._statements.dialect, message.text, conversation_id=message.conversation, seq=message.seq)
        if not await self._statements.insert_new(search_entries, row):
            values = {"conversation": message.conversation, "place": message.seq, "terms": row["terms"]}
            await self._statements.change(_REINDEX, values)


def _details(message: Message) -> dict[str, Any]:
    return to_document(message, leave_out=_COLUMNS)


def message_of(row: Row[Any]) -> Message:
    """A row of `ENTRIES` as a value."""
    delivery = None if row.status is None else Delivery(DeliveryState(row.status), row.attempts, row.error)
    return from_document(
        Message,
        {
            **row.details,
            "id": row.id,
            "conversation": row.conversation_id,
            "seq": row.seq,
            "author": row.author,
            "at": row.at,
            "text": row.text,
            "internal": row.internal,
            "reference": row.reference,
            "delivery": delivery,
        },
    )
