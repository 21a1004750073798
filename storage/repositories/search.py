"""Full-text search, in SQL: FTS5 or `tsquery`, by the terms of `bot.searching`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Text,
    bindparam,
    cast,
    func,
    literal_column,
    null,
    select,
    text,
    tuple_,
    union_all,
)
from sqlalchemy.dialects.postgresql import TSQUERY

from bot.inbox_values import Narrowed, Place, Sort
from bot.messages import Message
from bot.ports_inbox import Hit
from bot.searching import Phrase
from storage.database import Statements
from storage.repositories.conversations import conversation_of
from storage.repositories.listing import narrowing, sorted_from
from storage.repositories.messages import ENTRIES, message_of
from storage.search_tables import INDEX, question, search_entries
from storage.tables import conversations, customers, messages


class SqlSearch:
    """See `bot.ports_inbox.Search`."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    async def find(
        self, phrases: Sequence[Phrase], narrowed: Narrowed, after: Place | None = None, limit: int = 50
    ) -> Sequence[Hit]:
        """Conversations in which one entry, or the customer's name, has all phrases."""
        if not phrases:
            return []
        dialect = self._statements.dialect
        has_all = _matches(dialect)
        said = select(search_entries.c.conversation_id, search_entries.c.seq).where(
            has_all, search_entries.c.conversation_id.is_not(None)
        )
        own, every_own = customers.alias("own"), customers.alias("every_own")
        named = (
            select(conversations.c.id, cast(null(), Integer))
            # A person is found by the names of all their profiles.
            .join(own, own.c.id == conversations.c.customer_id)
            .join(every_own, every_own.c.profile_id == own.c.profile_id)
            .join(search_entries, search_entries.c.customer_id == every_own.c.id)
            .where(has_all)
        )
        every = union_all(said, named).subquery("every_hit")
        hits = (
            select(every.c.conversation_id, func.max(every.c.seq).label("latest"), func.count(every.c.seq).label("n"))
            .group_by(every.c.conversation_id)
            .subquery("hits")
        )
        query = select(conversations, hits.c.latest, hits.c.n).join(hits, hits.c.conversation_id == conversations.c.id)
        query = sorted_from(query.where(*narrowing(narrowed)), Sort.LATEST, after).limit(limit)
        rows = await self._statements.rows(query, {"question": question(phrases, dialect)})
        entries = await self._entries([(row.id, row.latest) for row in rows if row.latest is not None])
        return [Hit(conversation_of(row), entries.get(row.id), row.n) for row in rows]

    async def _entries(self, places: Sequence[tuple[str, int]]) -> Mapping[str, Message]:
        if not places:
            return {}
        query = ENTRIES.where(tuple_(messages.c.conversation_id, messages.c.seq).in_(places))
        return {row.conversation_id: message_of(row) for row in await self._statements.rows(query)}


def _matches(dialect: str) -> ColumnElement[bool]:
    """Entries that answer the parameter `question`."""
    if dialect == "sqlite":
        rows: Select[Any] = (
            select(literal_column("rowid")).select_from(text(INDEX)).where(text(f"{INDEX} MATCH :question"))
        )
        return search_entries.c.id.in_(rows)
    return search_entries.c.terms.op("@@")(cast(bindparam("question", type_=Text), TSQUERY))
