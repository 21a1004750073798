"""Conversations by id and by address, in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, bindparam, select, update

from bot.conversation import Conversation
from bot.errors import Conflict
from bot.inbox_values import rank, since
from bot.messages import Address
from bot.ports import ConversationFilter
from storage.codec import from_document, to_document
from storage.database import Statements
from storage.tables import conversations

_COLUMNS = frozenset({"id", "address", "customer", "created_at", "updated_at", "owner", "agent", "version"})

_BY_ID = select(conversations).where(conversations.c.id == bindparam("conversation"))
_BY_ADDRESS = select(conversations).where(
    conversations.c.channel == bindparam("channel"), conversations.c.address == bindparam("address")
)
_SAVE = update(conversations).where(
    conversations.c.id == bindparam("conversation"), conversations.c.version == bindparam("expected")
)


class SqlConversations:
    """See `bot.ports.Conversations`."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    async def get(self, conversation: str) -> Conversation | None:
        """By id."""
        row = await self._statements.row(_BY_ID, {"conversation": conversation})
        return None if row is None else conversation_of(row)

    async def at(self, address: Address) -> Conversation | None:
        """By address."""
        row = await self._statements.row(_BY_ADDRESS, {"channel": address.channel, "address": address.conversation})
        return None if row is None else conversation_of(row)

    async def add(self, conversation: Conversation) -> None:
        """Store a new one."""
        row = {
            "id": conversation.id,
            "channel": conversation.address.channel,
            "address": conversation.address.conversation,
            "customer_id": conversation.customer,
            "created_at": conversation.created_at,
            **_changing(conversation),
        }
        if not await self._statements.insert_new(conversations, row):
            raise Conflict(f"there is a conversation at {conversation.address.key!r} already")

    async def save(self, conversation: Conversation) -> None:
        """Store a change."""
        values = {"conversation": conversation.id, "expected": conversation.version - 1, **_changing(conversation)}
        if not await self._statements.change(_SAVE, values):
            raise Conflict(f"conversation {conversation.id!r} was changed in the meantime")

    async def list(self, wanted: ConversationFilter) -> Sequence[Conversation]:
        """Latest change first."""
        query = select(conversations)
        if wanted.owners is not None:
            query = query.where(conversations.c.owner.in_([owner.value for owner in wanted.owners]))
        if wanted.agent is not None:
            query = query.where(conversations.c.agent == wanted.agent)
        if wanted.before is not None:
            query = query.where(conversations.c.updated_at < wanted.before)
        query = query.order_by(conversations.c.updated_at.desc(), conversations.c.id.desc()).limit(wanted.limit)
        return [conversation_of(row) for row in await self._statements.rows(query)]


def _changing(conversation: Conversation) -> dict[str, Any]:
    """The columns that a change may touch; the address, the customer and the beginning stay."""
    return {
        "updated_at": conversation.updated_at,
        "owner": conversation.owner.value,
        "agent": conversation.agent,
        "version": conversation.version,
        "state": to_document(conversation, leave_out=_COLUMNS),
        "language": conversation.language,
        "intent": conversation.intent,
        "sentiment": conversation.sentiment,
        "rank": rank(conversation),
        "since": since(conversation),
    }


def conversation_of(row: Row[Any]) -> Conversation:
    """A row of `conversations` as a value."""
    return from_document(
        Conversation,
        {
            **row.state,
            "id": row.id,
            "address": Address(row.channel, row.address),
            "customer": row.customer_id,
            "created_at": row.created_at,
            "updated_at": row.updated_at,
            "owner": row.owner,
            "agent": row.agent,
            "version": row.version,
        },
    )
