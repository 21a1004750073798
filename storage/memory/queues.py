"""What waits for its turn and what waits for delivery, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.errors import Conflict
from bot.messages import Address, Delivery, DeliveryState, Inbound, Outbound, Receipt
from bot.ports import FailedTurn, OutboxItem, Received, Traffic
from storage.codec import clean, copy
from storage.memory.state import Parcel, State


class MemoryInbox:
    """Events as they came. See `bot.ports.Inbox`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def add(self, inbound: Inbound, at: datetime) -> bool:
        """Store an event; False for a repeat."""
        inbound = copy(inbound)
        event = (inbound.address.channel, inbound.id)
        if event in self._state.seen:
            return False
        self._state.moved["in", inbound.address.channel] = at
        seq = self._state.seen[event] = len(self._state.seen) + 1
        self._state.waiting[seq] = Received(seq, inbound)
        return True

    async def head(self, key: str) -> Received | None:
        """The oldest waiting event of an address."""
        key = clean(key)
        return next((row for row in self._state.waiting.values() if row.inbound.address.key == key), None)

    async def waiting(self, limit: int) -> Sequence[str]:
        """The keys of addresses with events waiting, oldest first."""
        return list(dict.fromkeys(row.inbound.address.key for row in self._state.waiting.values()))[:limit]

    async def done(self, seq: int, at: datetime) -> None:  # noqa: ARG002 - rows tell when; values do not
        """The event has had its turn."""
        self._still_waiting(seq)
        del self._state.waiting[seq]

    async def failed(self, seq: int, error: str, at: datetime, *, final: bool) -> None:
        """The turn failed."""
        row = self._still_waiting(seq)
        if final:
            del self._state.waiting[seq]
            self._state.failures[seq] = FailedTurn(seq, row.inbound, clean(error), at)
        else:
            self._state.waiting[seq] = replace(row, attempts=row.attempts + 1)

    async def failures(self, limit: int) -> Sequence[FailedTurn]:
        """Events that were given up, latest first."""
        return sorted(self._state.failures.values(), key=lambda row: (row.at, row.seq), reverse=True)[:limit]

    async def count(self) -> int:
        """How many events are waiting."""
        return len(self._state.waiting)

    async def latest(self, channel: str) -> datetime | None:
        """When the last event of a channel came."""
        return self._state.moved.get(("in", channel))

    def _still_waiting(self, seq: int) -> Received:
        try:
            return self._state.waiting[seq]
        except KeyError:
            raise Conflict(f"event {seq} is not waiting any more") from None


class MemoryOutbox:
    """Messages that are to be delivered. See `bot.ports.Outbox`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def add(self, outbounds: Sequence[Outbound], at: datetime) -> None:
        """Store messages for delivery."""
        for outbound in map(copy, outbounds):
            message = outbound.message.id
            if message in self._state.parcels or message in self._state.sent:
                raise Conflict(f"message {message!r} is in the outbox already")
            seq = len(self._state.parcels) + len(self._state.sent) + 1
            self._state.parcels[message] = Parcel(seq, OutboxItem(outbound, 0, at))

    async def head(self, address: Address) -> OutboxItem | None:
        """The oldest undelivered message of an address."""
        key = clean(address.key)
        return next((parcel.item for parcel in self._pending() if parcel.item.outbound.address.key == key), None)

    async def waiting(self, channel: str, limit: int) -> Sequence[tuple[Address, datetime]]:
        """Addresses with undelivered messages, soonest due first."""
        heads: dict[Address, datetime] = {}
        for parcel in self._pending():
            if parcel.item.outbound.address.channel == channel:
                heads.setdefault(parcel.item.outbound.address, parcel.item.due_at)
        return sorted(heads.items(), key=lambda head: head[1])[:limit]

    async def sent(self, message: str, receipt: Receipt, at: datetime) -> None:
        """The platform took it."""
        item = self._still_pending(message).item
        del self._state.parcels[message]
        self._state.moved["out", item.outbound.address.channel] = at
        self._state.sent[message] = Delivery(DeliveryState.SENT, item.attempts + 1)
        if receipt.reference is not None:
            self._refer(item.outbound.message.conversation, message, clean(receipt.reference))

    async def retry(self, message: str, due_at: datetime, error: str) -> None:
        """It failed and is to be tried again."""
        parcel = self._still_pending(message)
        item = replace(parcel.item, attempts=parcel.item.attempts + 1, due_at=due_at, error=clean(error))
        self._state.parcels[message] = replace(parcel, item=item)

    async def dead(self, message: str, error: str, at: datetime) -> None:
        """It failed for good."""
        parcel = self._still_pending(message)
        item = replace(parcel.item, attempts=parcel.item.attempts + 1, error=clean(error))
        self._state.parcels[message] = replace(parcel, item=item, dead_at=at)

    async def dead_letters(self, limit: int = 100) -> Sequence[OutboxItem]:
        """What failed for good, latest first."""
        dead = [(parcel.dead_at, parcel.seq, parcel.item) for parcel in self._state.parcels.values() if parcel.dead_at]
        return [item for _, _, item in sorted(dead, key=lambda row: row[:2], reverse=True)[:limit]]

    async def delivery(self, message: str) -> Delivery | None:
        """How the delivery of a message stands."""
        if message in self._state.sent:
            return self._state.sent[message]
        parcel = self._state.parcels.get(message)
        if parcel is None:
            return None
        state = DeliveryState.PENDING if parcel.dead_at is None else DeliveryState.DEAD
        return Delivery(state, parcel.item.attempts, parcel.item.error)

    async def traffic(self, channel: str) -> Traffic:
        """What goes out on a channel."""
        own = [parcel for parcel in self._state.parcels.values() if parcel.item.outbound.address.channel == channel]
        dead = sum(parcel.dead_at is not None for parcel in own)
        return Traffic(len(own) - dead, dead, self._state.moved.get(("out", channel)))

    async def revive(self, message: str, at: datetime) -> Address | None:
        """Put a dead letter back into the queue."""
        parcel = self._state.parcels.get(message)
        if parcel is None or parcel.dead_at is None:
            return None
        self._state.parcels[message] = Parcel(parcel.seq, replace(parcel.item, attempts=0, due_at=at))
        return parcel.item.outbound.address

    def _pending(self) -> Sequence[Parcel]:
        return sorted((parcel for parcel in self._state.parcels.values() if parcel.dead_at is None), key=_age)

    def _still_pending(self, message: str) -> Parcel:
        parcel = self._state.parcels.get(message)
        if parcel is None or parcel.dead_at is not None:
            raise Conflict(f"message {message!r} is not waiting for delivery any more")
        return parcel

    def _refer(self, conversation: str, message: str, reference: str) -> None:
        history = self._state.messages.get(conversation)
        if history is None:  # a test message to an address without a conversation
            return
        self._state.messages[conversation] = tuple(
            replace(entry, reference=reference) if entry.id == message else entry for entry in history
        )


def _age(parcel: Parcel) -> int:
    return parcel.seq
