"""Full-text search, in SQL: FTS5 or `tsquery`, by the terms of `bot.searching`."""

from __future__ import annotations

from collections.abc import Sequence
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
    union,
    union_all,
)
from sqlalchemy.dialects.postgresql import TSQUERY

from bot.inbox_values import Narrowed, Place, Sort
from bot.ports_inbox import FoundCustomer, Hit
from bot.searching import Phrase, parse_id, parse_question
from storage.database import Statements
from storage.repositories.conversations import conversation_of
from storage.repositories.customers import SqlCustomers
from storage.repositories.listing import narrowing, sorted_from
from storage.repositories.messages import SqlMessages
from storage.tables import conversations, customers, identities
from storage.tables.search import INDEX, question, search_entries


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
        e = search_entries.c
        # Looked up once: what is found by a common word is a good part of all that was ever said.
        found = select(e.conversation_id, e.seq, e.customer_id).where(_matches(dialect)).cte("found")
        said = select(found.c.conversation_id, found.c.seq).where(found.c.conversation_id.is_not(None))
        own, every_own = customers.alias("own"), customers.alias("every_own")
        named = (
            select(conversations.c.id, cast(null(), Integer))
            # A person is found by the names of all their profiles.
            .join(own, own.c.id == conversations.c.customer_id)
            .join(every_own, every_own.c.profile_id == own.c.profile_id)
            .join(found, found.c.customer_id == every_own.c.id)
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
        places = [(row.id, row.latest) for row in rows if row.latest is not None]
        entries = await SqlMessages(self._statements).entries(places)
        return [Hit(conversation_of(row), entries.get((row.id, row.latest)), row.n) for row in rows]

    async def people(self, wanted: str, limit: int = 20) -> Sequence[FoundCustomer]:
        """Customers by name or id."""
        phrases, prefix = parse_question(wanted), parse_id(wanted)
        asked = [select(identities.c.customer_id).where(identities.c.sender == wanted.strip())]
        if phrases:
            asked.append(
                select(search_entries.c.customer_id).where(
                    _matches(self._statements.dialect), search_entries.c.customer_id.is_not(None)
                )
            )
        if prefix is not None:
            # Ids are hexadecimal, and in every database's order of letters `g` comes after all of these.
            asked.append(select(customers.c.id).where(customers.c.id >= prefix, customers.c.id < f"{prefix}g"))
        meant, own, every = union(*asked).subquery("meant"), customers.alias("own"), customers.alias("every_own")
        shown = select(own.c.profile_id).where(own.c.id.in_(select(meant.c.customer_id)))
        latest = func.max(conversations.c.updated_at)
        query = (
            select(every.c.profile_id, func.count(conversations.c.id).label("n"), latest.label("latest"))
            .outerjoin(conversations, conversations.c.customer_id == every.c.id)
            .where(every.c.profile_id.in_(shown))
            .group_by(every.c.profile_id)
            .order_by(latest.desc().nulls_last(), every.c.profile_id)
            .limit(limit)
        )
        values = {"question": question(phrases, self._statements.dialect)} if phrases else {}
        rows = await self._statements.rows(query, values)
        people = await SqlCustomers(self._statements).many([row.profile_id for row in rows])
        return [FoundCustomer(people[row.profile_id], row.n, row.latest) for row in rows]


def _matches(dialect: str) -> ColumnElement[bool]:
    """Entries that answer the parameter `question`."""
    if dialect == "sqlite":
        rows: Select[Any] = (
            select(literal_column("rowid")).select_from(text(INDEX)).where(text(f"{INDEX} MATCH :question"))
        )
        return search_entries.c.id.in_(rows)
    return search_entries.c.terms.op("@@")(cast(bindparam("question", type_=Text), TSQUERY))
