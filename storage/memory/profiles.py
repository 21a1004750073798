"""Customers as people, in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bot.errors import Conflict, InvalidInput
from bot.ports_inbox import Attribute, Merge
from storage.codec import clean, copy
from storage.identities import below
from storage.memory.state import State


class MemoryProfiles:
    """Who is the same person, and what is known of them. See `bot.ports_inbox.Profiles`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def members(self, customer: str) -> Sequence[str]:
        """All customers who are the same person as this one."""
        if customer not in self._state.customers:
            return []
        shown = self._state.profile(customer)
        own = [identity for identity in self._state.customers if self._state.profile(identity) == shown]
        return sorted(own, key=lambda identity: (identity != shown, identity))

    async def merge(self, merge: Merge) -> Merge:
        """Show two people as one."""
        kept, absorbed = await self.members(merge.kept), await self.members(merge.absorbed)
        for asked, found in ((merge.kept, kept), (merge.absorbed, absorbed)):
            if not found:
                raise InvalidInput(f"there is no customer {asked!r}")
        if kept[0] == absorbed[0]:
            raise Conflict("they are the same person already")
        stored = self._state.merges[merge.id] = replace(copy(merge), kept=kept[0], absorbed=absorbed[0])
        self._state.profiles.update(dict.fromkeys(absorbed, kept[0]))
        return stored

    async def undo(self, merge: str, by: str, at: datetime) -> Merge:
        """Show them as two again."""
        stored = self._state.merges.get(merge)
        if stored is None:
            raise InvalidInput(f"there is no merge {merge!r}")
        if stored.undone_at is not None:
            raise Conflict("it is undone already")
        undone = self._state.merges[merge] = replace(stored, undone_by=by, undone_at=at)
        active = [m for m in self._state.merges.values() if m.undone_at is None]
        self._state.profiles.update(dict.fromkeys(below(stored.absorbed, active), stored.absorbed))
        return undone

    async def merges(self, customer: str) -> Sequence[Merge]:
        """Merges that this person's profiles took part in."""
        members = set(await self.members(customer))
        found = [merge for merge in self._state.merges.values() if {merge.kept, merge.absorbed} & members]
        found.sort(key=lambda merge: merge.id)
        return sorted(found, key=lambda merge: merge.at, reverse=True)

    async def attributes(self, customer: str) -> Mapping[str, Attribute]:
        """What is known of a person."""
        found: dict[str, Attribute] = {}
        for member in reversed(await self.members(customer)):
            found.update({name: known for (who, name), known in self._state.attributes.items() if who == member})
        return {name: found[name] for name in sorted(found)}

    async def know(self, customer: str, name: str, attribute: Attribute | None) -> None:
        """Write down something of a person, or forget it."""
        members = await self.members(customer)
        if not members:
            raise InvalidInput(f"there is no customer {customer!r}")
        name = clean(name)
        if attribute is None:
            for member in members:
                self._state.attributes.pop((member, name), None)
        else:
            self._state.attributes[members[0], name] = copy(attribute)
