"""Customers as people, in SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, or_, select, update

from bot.errors import Conflict, InvalidInput
from bot.ports_inbox import Attribute, Merge
from storage.database import Statements
from storage.identities import below
from storage.tables import customer_attributes, customers, merges

_shown = select(customers.c.profile_id).where(customers.c.id == bindparam("customer")).scalar_subquery()
_MEMBERS = (
    select(customers.c.id, customers.c.profile_id).where(customers.c.profile_id == _shown).order_by(customers.c.id)
)
_SHOW = update(customers).where(customers.c.profile_id == bindparam("before"))
_SHOW_SOME = update(customers).where(customers.c.id.in_(bindparam("some", expanding=True)))
_MERGE = select(merges).where(merges.c.id == bindparam("merge"))
_UNDO = update(merges).where(merges.c.id == bindparam("merge"), merges.c.undone_at.is_(None))
_MERGES = (
    select(merges)
    .where(
        or_(
            merges.c.kept.in_(bindparam("some", expanding=True)),
            merges.c.absorbed.in_(bindparam("some", expanding=True)),
        )
    )
    .order_by(merges.c.at.desc(), merges.c.id)
)
_ATTRIBUTES = select(customer_attributes).where(
    customer_attributes.c.customer_id.in_(bindparam("some", expanding=True))
)
_FORGET = delete(customer_attributes).where(
    customer_attributes.c.customer_id.in_(bindparam("some", expanding=True)),
    customer_attributes.c.name == bindparam("called"),
)


class SqlProfiles:
    """See `bot.ports_inbox.Profiles`."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    async def members(self, customer: str) -> Sequence[str]:
        """All customers who are the same person as this one."""
        rows = await self._statements.rows(_MEMBERS, {"customer": customer})
        return sorted((row.id for row in rows), key=lambda identity: identity != rows[0].profile_id)

    async def merge(self, merge: Merge) -> Merge:
        """Show two people as one."""
        kept, absorbed = await self.members(merge.kept), await self.members(merge.absorbed)
        for asked, found in ((merge.kept, kept), (merge.absorbed, absorbed)):
            if not found:
                raise InvalidInput(f"there is no customer {asked!r}")
        if kept[0] == absorbed[0]:
            raise Conflict("they are the same person already")
        stored = replace(merge, kept=kept[0], absorbed=absorbed[0])
        row = {"id": stored.id, "kept": kept[0], "absorbed": absorbed[0], "by": stored.by, "at": stored.at}
        await self._statements.insert(merges, [row])
        await self._statements.change(_SHOW, {"before": absorbed[0], "profile_id": kept[0]})
        return stored

    async def undo(self, merge: str, by: str, at: datetime) -> Merge:
        """Show them as two again."""
        row = await self._statements.row(_MERGE, {"merge": merge})
        if row is None:
            raise InvalidInput(f"there is no merge {merge!r}")
        if not await self._statements.change(_UNDO, {"merge": merge, "undone_by": by, "undone_at": at}):
            raise Conflict("it is undone already")
        stored = _merge(row)
        active = [m for m in await self.merges(stored.absorbed) if m.undone_at is None]
        some = sorted(below(stored.absorbed, active))
        await self._statements.change(_SHOW_SOME, {"some": some, "profile_id": stored.absorbed})
        return replace(stored, undone_by=by, undone_at=at)

    async def merges(self, customer: str) -> Sequence[Merge]:
        """Merges that this person's profiles took part in."""
        members = await self.members(customer)
        return [_merge(row) for row in await self._statements.rows(_MERGES, {"some": members})] if members else []

    async def attributes(self, customer: str) -> Mapping[str, Attribute]:
        """What is known of a person."""
        members = await self.members(customer)
        rows = await self._statements.rows(_ATTRIBUTES, {"some": members}) if members else []
        # The one that they are shown as comes last, and so prevails.
        ordered = sorted(rows, key=lambda row: (members.index(row.customer_id), row.name), reverse=True)
        found = {row.name: Attribute(row.kind, row.value) for row in ordered}
        return {name: found[name] for name in sorted(found)}

    async def know(self, customer: str, name: str, attribute: Attribute | None) -> None:
        """Write down something of a person, or forget it."""
        members = await self.members(customer)
        if not members:
            raise InvalidInput(f"there is no customer {customer!r}")
        if attribute is None:
            await self._statements.change(_FORGET, {"some": members, "called": name})
            return
        await self._statements.change(_FORGET, {"some": members[:1], "called": name})
        row = {"customer_id": members[0], "name": name, "kind": attribute.kind, "value": attribute.value}
        await self._statements.insert(customer_attributes, [row])


def _merge(row: Row[Any]) -> Merge:
    return Merge(row.id, row.kept, row.absorbed, row.by, row.at, row.undone_by, row.undone_at)
