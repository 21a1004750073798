"""Conversations as people work through them, in SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, select, tuple_

from bot.conversation import Conversation, Owner
from bot.inbox_values import Narrowed, Place, Rank, Sort, View, Wanted
from storage.database import Statements
from storage.repositories.conversations import conversation_of
from storage.tables import conversation_tags, conversations

_c = conversations.c
_PLACES = {Sort.WAITING: (_c.rank, _c.since, _c.id), Sort.LATEST: (_c.updated_at, _c.id)}


class SqlListing:
    """See `bot.ports_inbox.Listing`."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    async def page(self, wanted: Wanted) -> Sequence[Conversation]:
        """Those that come after a place, in order."""
        query = select(conversations).where(*_of_view(wanted.view, wanted.user), *narrowing(wanted.narrowed))
        query = sorted_from(query, wanted.sort, wanted.after).limit(wanted.limit)
        return [conversation_of(row) for row in await self._statements.rows(query)]

    async def counts(self, user: str, narrowed: Narrowed) -> Mapping[View, int]:
        """How many conversations are in each view."""
        kept = narrowing(narrowed)
        # Grouped in the order of an index that holds all that is asked for here.
        groups = select(_c.owner, _c.rank, func.count().label("n")).where(*kept).group_by(_c.owner, _c.rank)
        mine = select(func.count().label("n")).where(*_of_view(View.MINE, user), *kept)
        counted = {(row.owner, row.rank): row.n for row in await self._statements.rows(groups)}
        own = await self._statements.row(mine)

        def of(owner: Owner) -> int:
            return sum(n for (who, _), n in counted.items() if who == owner)

        return {
            View.MINE: own.n if own is not None else 0,
            View.UNASSIGNED: of(Owner.QUEUE) - counted.get((Owner.QUEUE.value, Rank.SNOOZED.value), 0),
            View.TAKEN: of(Owner.AGENT),
            View.WAITING_FOR_CUSTOMER: counted.get((Owner.AGENT.value, Rank.IDLE.value), 0),
            View.BOT: of(Owner.BOT),
            View.CLOSED: of(Owner.CLOSED),
            View.ALL: sum(counted.values()),
        }


def sorted_from(query: Select[Any], sort: Sort, after: Place | None) -> Select[Any]:
    """A query of conversations in order, from a place on."""
    columns = _PLACES[sort]
    if after is not None:
        values = (after.rank, after.at, after.conversation) if sort is Sort.WAITING else (after.at, after.conversation)
        place = tuple_(*(literal(v, c.type) for v, c in zip(values, columns, strict=True)))
        query = query.where(tuple_(*columns) > place if sort is Sort.WAITING else tuple_(*columns) < place)
    return query.order_by(*(c.asc() if sort is Sort.WAITING else c.desc() for c in columns))


def narrowing(narrowed: Narrowed) -> list[ColumnElement[bool]]:
    """The conditions of filters."""
    pairs = (
        (_c.channel, narrowed.channels),
        (_c.language, narrowed.languages),
        (_c.intent, narrowed.intents),
        (_c.sentiment, narrowed.sentiments),
        (_c.agent, narrowed.agents),
        (_c.customer_id, narrowed.customers),
    )
    conditions: list[ColumnElement[bool]] = [column.in_(values) for column, values in pairs if values]
    if narrowed.tags:
        tagged = select(conversation_tags.c.conversation_id).where(conversation_tags.c.tag.in_(narrowed.tags))
        conditions.append(_c.id.in_(tagged))
    return conditions


def _of_view(view: View, user: str) -> list[ColumnElement[bool]]:  # noqa: PLR0911 - a table of views
    match view:
        case View.MINE:
            return [_c.agent == user, _c.owner == Owner.AGENT.value]
        case View.UNASSIGNED:
            return [_c.owner == Owner.QUEUE.value, _c.rank < Rank.SNOOZED.value]
        case View.TAKEN:
            return [_c.owner == Owner.AGENT.value]
        case View.WAITING_FOR_CUSTOMER:
            return [_c.owner == Owner.AGENT.value, _c.rank == Rank.IDLE.value]
        case View.BOT:
            return [_c.owner == Owner.BOT.value]
        case View.CLOSED:
            return [_c.owner == Owner.CLOSED.value]
        case View.ALL:
            return []
