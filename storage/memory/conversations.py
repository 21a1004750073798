"""Customers, conversations, their history and their handoffs, in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import uuid4

from bot.conversation import Conversation, Customer, Handoff, HandoffState
from bot.errors import Conflict
from bot.messages import Address, Author, Delivery, DeliveryState, Message, Sender
from bot.ports import ConversationFilter
from storage.codec import clean, copy
from storage.identities import bring_up_to_date
from storage.memory.state import State


class MemoryConversations:
    """Conversations by id and by address. See `bot.ports.Conversations`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def get(self, conversation: str) -> Conversation | None:
        """By id."""
        return self._state.conversations.get(conversation)

    async def at(self, address: Address) -> Conversation | None:
        """By address."""
        found = self._state.addresses.get(_place(address))
        return None if found is None else self._state.conversations[found]

    async def add(self, conversation: Conversation) -> None:
        """Store a new one."""
        conversation = copy(conversation)
        place = _place(conversation.address)
        if place in self._state.addresses or conversation.id in self._state.conversations:
            raise Conflict(f"there is a conversation at {conversation.address.key!r} already")
        self._state.addresses[place] = conversation.id
        self._state.conversations[conversation.id] = conversation

    async def save(self, conversation: Conversation) -> None:
        """Store a change."""
        conversation = copy(conversation)
        stored = self._state.conversations.get(conversation.id)
        if stored is None or stored.version != conversation.version - 1:
            raise Conflict(f"conversation {conversation.id!r} was changed in the meantime")
        self._state.conversations[conversation.id] = replace(
            conversation, address=stored.address, customer=stored.customer, created_at=stored.created_at
        )

    async def list(self, wanted: ConversationFilter) -> Sequence[Conversation]:
        """Latest change first."""
        found = [
            conversation
            for conversation in self._state.conversations.values()
            if (wanted.owners is None or conversation.owner in wanted.owners)
            and (wanted.agent is None or conversation.agent == wanted.agent)
            and (wanted.before is None or conversation.updated_at < wanted.before)
        ]
        found.sort(key=lambda conversation: (conversation.updated_at, conversation.id), reverse=True)
        return found[: wanted.limit]


class MemoryMessages:
    """The history of conversations. See `bot.ports.Messages`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def append(self, messages: Sequence[Message]) -> None:
        """Store new entries."""
        for message in map(copy, messages):
            history = self._state.messages.get(message.conversation, ())
            if any(entry.seq == message.seq for entry in history):
                raise Conflict(f"conversation {message.conversation!r} has an entry {message.seq} already")
            self._state.messages[message.conversation] = (*history, replace(message, delivery=None))

    async def after(self, conversation: str, seq: int, limit: int = 500) -> Sequence[Message]:
        """Entries with a larger `seq`, in order, with their delivery."""
        history = sorted(self._state.messages.get(conversation, ()), key=lambda entry: entry.seq)
        return [self._with_delivery(entry) for entry in history if entry.seq > seq][:limit]

    async def latest(self, conversations: Sequence[str]) -> Mapping[str, Message]:
        """The last entry that is not internal, of each."""
        latest = {}
        for conversation in conversations:
            shown = [entry for entry in self._state.messages.get(conversation, ()) if not entry.internal]
            if shown:
                latest[conversation] = self._with_delivery(max(shown, key=lambda entry: entry.seq))
        return latest

    async def entries(self, places: Sequence[tuple[str, int]]) -> Mapping[tuple[str, int], Message]:
        """Entries by conversation and `seq`."""
        wanted = set(places)
        return {
            (conversation, entry.seq): self._with_delivery(entry)
            for conversation in {place[0] for place in places}
            for entry in self._state.messages.get(conversation, ())
            if (conversation, entry.seq) in wanted
        }

    async def amend(self, conversation: str, reference: str, text: str, at: datetime) -> Message | None:
        """Change the text of the customer's entry with this platform reference."""
        reference = clean(reference)
        history = self._state.messages.get(conversation, ())
        found = [entry for entry in history if entry.author is Author.CUSTOMER and entry.reference == reference]
        if not found:
            return None
        old = max(found, key=lambda entry: entry.seq)
        new = replace(old, text=clean(text), edited_at=at)
        self._state.messages[conversation] = tuple(new if entry is old else entry for entry in history)
        return new

    def _with_delivery(self, message: Message) -> Message:
        if (sent := self._state.sent.get(message.id)) is not None:
            return replace(message, delivery=sent)
        if (parcel := self._state.parcels.get(message.id)) is None:
            return message
        state = DeliveryState.PENDING if parcel.dead_at is None else DeliveryState.DEAD
        return replace(message, delivery=Delivery(state, parcel.item.attempts, parcel.item.error))


class MemoryHandoffs:
    """Requests for a human. See `bot.ports.Handoffs`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def add(self, handoff: Handoff) -> None:
        """Store a new one."""
        if handoff.id in self._state.handoffs:
            raise Conflict(f"there is a handoff {handoff.id!r} already")
        self._state.handoffs[handoff.id] = copy(handoff)

    async def get(self, handoff: str) -> Handoff | None:
        """By id."""
        return self._state.handoffs.get(handoff)

    async def many(self, handoffs: Sequence[str]) -> Mapping[str, Handoff]:
        """Those of these ids that there are."""
        return {identity: self._state.handoffs[identity] for identity in handoffs if identity in self._state.handoffs}

    async def save(self, handoff: Handoff, expected: HandoffState) -> None:
        """Store a change to a handoff that is in the `expected` state."""
        stored = self._state.handoffs.get(handoff.id)
        if stored is None or stored.state is not expected:
            raise Conflict(f"handoff {handoff.id!r} is not {expected} any more")
        self._state.handoffs[handoff.id] = replace(
            copy(handoff), conversation=stored.conversation, opened_at=stored.opened_at
        )

    async def list(self, states: Sequence[HandoffState], limit: int = 200) -> Sequence[Handoff]:
        """Longest waiting first."""
        found = [handoff for handoff in self._state.handoffs.values() if handoff.state in states]
        return sorted(found, key=lambda handoff: (handoff.opened_at, handoff.id))[:limit]


class MemoryCustomers:
    """People and their identities. See `bot.ports.Customers`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def resolve(self, channel: str, sender: Sender, at: datetime) -> Customer:
        """The customer behind an identity."""
        sender = copy(sender)
        identity = (clean(channel), sender.id)
        found = self._state.identities.get(identity)
        if found is None:
            customer = Customer(uuid4().hex, sender.name, at, ((identity[0], replace(sender, vouched=True)),))
            self._state.identities[identity] = customer.id
        else:
            customer = bring_up_to_date(self._state.customers[found], identity[0], sender)
        self._state.customers[customer.id] = customer
        return customer

    async def get(self, customer: str) -> Customer | None:
        """By id."""
        shown = self._state.customers.get(self._state.profile(customer))
        if shown is None:
            return None
        own = [c for identity, c in self._state.customers.items() if self._state.profile(identity) == shown.id]
        together = sorted((pair for c in own for pair in c.identities), key=lambda pair: (pair[0], pair[1].id))
        name = shown.name or next((c.name for c in own if c.name), None)
        return replace(shown, name=name, identities=tuple(together))

    async def many(self, customers: Sequence[str]) -> Mapping[str, Customer]:
        """Those of these ids that there are."""
        return {identity: found for identity in customers if (found := await self.get(identity)) is not None}


def _place(address: Address) -> str:
    return clean(address.key)
