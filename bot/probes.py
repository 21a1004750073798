"""Test messages: real ones, to an address or into a conversation, through the outbox like any other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.audit import Actor, AuditEntry
from bot.conversation import User
from bot.decision import Tested
from bot.errors import InvalidInput
from bot.inbox import clean_text
from bot.inbox_values import Narrowed, Sort, View, Wanted
from bot.messages import Address, Author, Delivery, Message, Outbound
from bot.ports import Clock, Store
from bot.turn import Turns

LONGEST = 1_000
"""Code points."""

NEEDS_HISTORY = frozenset({"webchat", "rest"})
"""Whoever is on these channels reads a history; there is nobody at an address without one."""


@dataclass(frozen=True, slots=True)
class Probe:
    """A test message on its way: to which address, and in whose conversation, if there is one."""

    message: str
    address: Address
    conversation: str | None


class Probes:
    """Sends them, and tells what became of each."""

    def __init__(
        self,
        store: Store,
        turns: Turns,
        clock: Clock,
        new_id: Callable[[], str],
        deliver: Callable[[Address], None],
    ) -> None:
        self._store = store
        self._turns = turns
        self._clock = clock
        self._new_id = new_id
        self._deliver = deliver

    async def send(self, channel: str, address: str | None, text: str, user: User, by: Actor) -> Probe:
        """Send a text to an address as the channel writes it; without one, into the last conversation that one has.

        Where there is a conversation at the address, it is in its history too.

        Raises:
            InvalidInput: the text is empty or too long, or there is no such conversation.
        """
        said = clean_text(text)
        if not 1 <= len(said) <= LONGEST:
            raise InvalidInput(f"text: must have 1 to {LONGEST} characters")
        place = await self._place(channel, address, user)
        async with self._store.unit(write=False) as unit:
            known = await unit.conversations.at(place)
        if known is not None:
            committed = await self._turns.agent(known.id, Tested(user.id, user.display_name, said))
            return Probe(committed.messages[-1].id, place, known.id)
        if channel in NEEDS_HISTORY:
            raise InvalidInput(f"address: there is no conversation {place.conversation!r} on {channel}")
        now = self._clock.now()
        message = Message(self._new_id(), "", 0, Author.SYSTEM, now, said, decision=f"test by {user.display_name}")
        async with self._store.unit() as unit:
            await unit.outbox.add([Outbound(place, message)], now)
            entry = AuditEntry(now, by, "channel.test", channel, None, {"address": place.conversation})
            await unit.audit.add(entry)
        self._deliver(place)
        return Probe(message.id, place, None)

    async def outcome(self, message: str) -> Delivery | None:
        """How the delivery of a message stands; None if there is none such."""
        async with self._store.unit(write=False) as unit:
            return await unit.outbox.delivery(message)

    async def _place(self, channel: str, address: str | None, user: User) -> Address:
        if address is not None:
            if not (cleaned := clean_text(address)):
                raise InvalidInput("address: is empty")
            return Address(channel, cleaned)
        narrowed = Narrowed(channels=(channel,))
        async with self._store.unit(write=False) as unit:
            own = await unit.listing.page(Wanted(View.MINE, user.id, narrowed, Sort.LATEST, limit=1))
        if not own:
            raise InvalidInput(f"address: you have no conversation on {channel}; claim one, or name an address")
        return own[0].address
