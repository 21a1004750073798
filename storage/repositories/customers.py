"""People and their identities, in SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Row, bindparam, select, update

from bot.conversation import Customer
from bot.errors import Conflict
from bot.messages import Sender
from storage.codec import clean, copy
from storage.database import Statements
from storage.identities import bring_up_to_date
from storage.tables import customers, identities
from storage.tables.search import entry_row, search_entries

_CUSTOMER = (
    select(
        customers.c.id,
        customers.c.name,
        customers.c.created_at,
        identities.c.channel,
        identities.c.sender,
        identities.c.name.label("sender_name"),
        identities.c.locale,
    )
    .join(identities, identities.c.customer_id == customers.c.id)
    .order_by(identities.c.channel, identities.c.sender)
)
_asked = customers.alias("asked")
_shown = customers.alias("shown")
_SHOWN = (
    select(
        _asked.c.id.label("asked"),
        _shown.c.id,
        _shown.c.name,
        _shown.c.created_at,
        customers.c.name.label("own_name"),
        identities.c.channel,
        identities.c.sender,
        identities.c.name.label("sender_name"),
        identities.c.locale,
    )
    .select_from(_asked)
    .join(_shown, _shown.c.id == _asked.c.profile_id)
    .join(customers, customers.c.profile_id == _shown.c.id)
    .join(identities, identities.c.customer_id == customers.c.id)
    .where(_asked.c.id.in_(bindparam("wanted", expanding=True)))
    .order_by(identities.c.channel, identities.c.sender)
)
"""People as they are shown, with the identities of all their profiles."""
_this = identities.alias("this")
_BY_IDENTITY = _CUSTOMER.join(_this, _this.c.customer_id == customers.c.id).where(
    _this.c.channel == bindparam("platform"), _this.c.sender == bindparam("person")
)
_UPDATE = update(identities).where(
    identities.c.channel == bindparam("platform"), identities.c.sender == bindparam("person")
)
_RENAME = update(customers).where(customers.c.id == bindparam("customer"))

_REINDEX = update(search_entries).where(search_entries.c.customer_id == bindparam("customer"))


class SqlCustomers:
    """See `bot.ports.Customers`."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    async def resolve(self, channel: str, sender: Sender, at: datetime) -> Customer:
        """The customer behind an identity."""
        channel, sender = clean(channel), copy(sender)
        identity = {"platform": channel, "person": sender.id}
        known = _customer(await self._statements.rows(_BY_IDENTITY, identity))
        if known is None:
            return await self._add(Customer(uuid4().hex, sender.name, at, ((channel, replace(sender, vouched=True)),)))
        customer = bring_up_to_date(known, channel, sender)
        if customer.identities != known.identities:
            now = next(known for name, known in customer.identities if (name, known.id) == (channel, sender.id))
            await self._statements.change(_UPDATE, {**identity, "name": now.name, "locale": now.locale})
        if customer.name != known.name:
            await self._statements.change(_RENAME, {"customer": customer.id, "name": customer.name})
            await self._index(customer)
        return customer

    async def get(self, customer: str) -> Customer | None:
        """By id."""
        return (await self.many([customer])).get(customer)

    async def many(self, customers: Sequence[str]) -> Mapping[str, Customer]:
        """Those of these ids that there are."""
        rows = await self._statements.rows(_SHOWN, {"wanted": list(customers)}) if customers else []
        by_id: dict[str, list[Row[Any]]] = {}
        for row in rows:
            by_id.setdefault(row.asked, []).append(row)
        return {asked: _person(own) for asked, own in by_id.items()}

    async def _add(self, customer: Customer) -> Customer:
        [(channel, sender)] = customer.identities
        row = {
            "channel": channel,
            "sender": sender.id,
            "customer_id": customer.id,
            "name": sender.name,
            "locale": sender.locale,
        }
        # The identity first: of two transactions that meet the same new person, the second learns it here.
        if not await self._statements.insert_new(identities, row):
            raise Conflict(f"{sender.id!r} on {channel} has just become known")
        values = {
            "id": customer.id,
            "name": customer.name,
            "created_at": customer.created_at,
            "profile_id": customer.id,
        }
        await self._statements.insert(customers, [values])
        await self._index(customer)
        return customer

    async def _index(self, customer: Customer) -> None:
        row = entry_row(self._statements.dialect, customer.name or "", customer_id=customer.id)
        if not await self._statements.insert_new(search_entries, row):
            await self._statements.change(_REINDEX, {"customer": customer.id, "terms": row["terms"]})


def _customer(rows: Sequence[Row[Any]]) -> Customer | None:
    if not rows:
        return None
    identities = tuple((row.channel, Sender(row.sender, row.sender_name, row.locale)) for row in rows)
    return Customer(rows[0].id, rows[0].name, rows[0].created_at, identities)


def _person(rows: Sequence[Row[Any]]) -> Customer:
    """From rows of `_SHOWN`; who has no name of their own is called as one of the other profiles."""
    identities = tuple((row.channel, Sender(row.sender, row.sender_name, row.locale)) for row in rows)
    name = rows[0].name or next((row.own_name for row in rows if row.own_name), None)
    return Customer(rows[0].id, name, rows[0].created_at, identities)
