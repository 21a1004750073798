"""What the core needs of the storage, table by table, as small Protocols. They are parts of `bot.ports.UnitOfWork`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.comparison import Agreement, Comparison, Disagreement
from bot.conversation import Conversation, Customer, Handoff, HandoffState, Owner, User
from bot.messages import (
    Address,
    Delivery,
    Inbound,
    Message,
    Outbound,
    Receipt,
    Sender,
)


@dataclass(frozen=True, slots=True)
class Received:
    """An inbox row: an event that was stored and waits for its turn."""

    seq: int
    inbound: Inbound
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class FailedTurn:
    """An event whose turn was given up; for people to see."""

    seq: int
    inbound: Inbound
    error: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Traffic:
    """What goes out on a channel: messages `waiting` for delivery, those that are `dead`, and when one last went."""

    waiting: int
    dead: int
    sent_at: datetime | None


class Inbox(Protocol):
    """Events as they came; the table is the queue and remembers every id that was ever seen."""

    async def add(self, inbound: Inbound, at: datetime) -> bool:
        """Store an event; False if its channel has already given one with this id."""
        ...

    async def head(self, key: str) -> Received | None:
        """The oldest waiting event of an address."""
        ...

    async def waiting(self, limit: int) -> Sequence[str]:
        """The keys of addresses that have events waiting, oldest first."""
        ...

    async def done(self, seq: int, at: datetime) -> None:
        """The event has had its turn.

        Raises:
            Conflict: it is not waiting any more; somebody else gave it its turn.
        """
        ...

    async def failed(self, seq: int, error: str, at: datetime, *, final: bool) -> None:
        """The turn failed; a `final` failure takes the event out of the queue and keeps it for people to see.

        Raises:
            Conflict: it is not waiting any more; somebody else gave it its turn.
        """
        ...

    async def failures(self, limit: int) -> Sequence[FailedTurn]:
        """Events that were given up, latest first."""
        ...

    async def count(self) -> int:
        """How many events are waiting."""
        ...

    async def latest(self, channel: str) -> datetime | None:
        """When the last event of a channel came."""
        ...


@dataclass(frozen=True, slots=True)
class ConversationFilter:
    """Which conversations to list; None means any. `before` pages by `updated_at`."""

    owners: tuple[Owner, ...] | None = None
    agent: str | None = None
    before: datetime | None = None
    limit: int = 50


class Conversations(Protocol):
    """Conversations by id and by address."""

    async def get(self, conversation: str) -> Conversation | None:
        """By id."""
        ...

    async def at(self, address: Address) -> Conversation | None:
        """By address."""
        ...

    async def add(self, conversation: Conversation) -> None:
        """Store a new one.

        Raises:
            Conflict: there is one at this address already.
        """
        ...

    async def save(self, conversation: Conversation) -> None:
        """Store a change: the row's version must be one less than the conversation's.

        Raises:
            Conflict: somebody else saved in the meantime.
        """
        ...

    async def list(self, wanted: ConversationFilter) -> Sequence[Conversation]:
        """Latest change first."""
        ...


class Messages(Protocol):
    """The history of conversations."""

    async def append(self, messages: Sequence[Message]) -> None:
        """Store new entries.

        Raises:
            Conflict: the conversation has an entry with this `seq` already.
        """
        ...

    async def after(self, conversation: str, seq: int, limit: int = 500) -> Sequence[Message]:
        """Entries with a larger `seq`, in order, with their delivery."""
        ...

    async def latest(self, conversations: Sequence[str]) -> Mapping[str, Message]:
        """The last entry that is not internal, of each."""
        ...

    async def entries(self, places: Sequence[tuple[str, int]]) -> Mapping[tuple[str, int], Message]:
        """Entries by conversation and `seq`: those that there are."""
        ...

    async def amend(self, conversation: str, reference: str, text: str, at: datetime) -> Message | None:
        """Change the text of the customer's entry with this platform reference; the entry as it is now, if any."""
        ...


@dataclass(frozen=True, slots=True)
class OutboxItem:
    """A message on its way; `due_at` is when it may be tried next."""

    outbound: Outbound
    attempts: int
    due_at: datetime
    error: str | None = None


class Outbox(Protocol):
    """Messages that are to be delivered, in order per conversation."""

    async def add(self, outbounds: Sequence[Outbound], at: datetime) -> None:
        """Store messages for delivery, due at once."""
        ...

    async def head(self, address: Address) -> OutboxItem | None:
        """The oldest message of an address that is neither sent nor dead, due or not."""
        ...

    async def waiting(self, channel: str, limit: int) -> Sequence[tuple[Address, datetime]]:
        """Addresses of a channel with undelivered messages, each with when its oldest is due; soonest first."""
        ...

    async def sent(self, message: str, receipt: Receipt, at: datetime) -> None:
        """The platform took it; the receipt's reference becomes the message's.

        Raises:
            Conflict: it is not waiting for delivery any more.
        """
        ...

    async def retry(self, message: str, due_at: datetime, error: str) -> None:
        """It failed and is to be tried again.

        Raises:
            Conflict: it is not waiting for delivery any more.
        """
        ...

    async def dead(self, message: str, error: str, at: datetime) -> None:
        """It failed for good; kept for people to see.

        Raises:
            Conflict: it is not waiting for delivery any more.
        """
        ...

    async def dead_letters(self, limit: int = 100) -> Sequence[OutboxItem]:
        """What failed for good, latest first."""
        ...

    async def delivery(self, message: str) -> Delivery | None:
        """How the delivery of a message stands; None if it never was in the outbox."""
        ...

    async def traffic(self, channel: str) -> Traffic:
        """What goes out on a channel."""
        ...

    async def revive(self, message: str, at: datetime) -> Address | None:
        """Put a dead letter back into the queue, with all its tries; its address, or None if there is none such."""
        ...


class Handoffs(Protocol):
    """Requests for a human."""

    async def add(self, handoff: Handoff) -> None:
        """Store a new one."""
        ...

    async def get(self, handoff: str) -> Handoff | None:
        """By id."""
        ...

    async def many(self, handoffs: Sequence[str]) -> Mapping[str, Handoff]:
        """Those of these ids that there are."""
        ...

    async def save(self, handoff: Handoff, expected: HandoffState) -> None:
        """Store a change to a handoff that is in the `expected` state.

        Raises:
            Conflict: it is in another state by now.
        """
        ...

    async def list(self, states: Sequence[HandoffState], limit: int = 200) -> Sequence[Handoff]:
        """Longest waiting first."""
        ...


class Customers(Protocol):
    """People and their identities."""

    async def resolve(self, channel: str, sender: Sender, at: datetime) -> Customer:
        """The customer behind an identity; made if new; name and locale are brought up to date."""
        ...

    async def get(self, customer: str) -> Customer | None:
        """By id: the person as they are shown, with the identities of all their profiles."""
        ...

    async def many(self, customers: Sequence[str]) -> Mapping[str, Customer]:
        """The same for several ids: those that there are."""
        ...


class Users(Protocol):
    """Users of the console."""

    async def add(self, user: User) -> None:
        """Store a new user.

        Raises:
            Conflict: the name is taken (names compare without case).
        """
        ...

    async def get(self, user: str) -> User | None:
        """By id."""
        ...

    async def named(self, name: str) -> User | None:
        """By name, without case."""
        ...

    async def list(self) -> Sequence[User]:
        """All, by name."""
        ...

    async def locked(self) -> Sequence[User]:
        """All, by name, and no other transaction changes any of them until this one ends."""
        ...

    async def save(self, user: User) -> None:
        """Store a change.

        Raises:
            Conflict: the new name is taken.
            InvalidInput: there is no such user.
        """
        ...


class Comparisons(Protocol):
    """What champions and challengers made of the same messages."""

    async def add(self, comparisons: Sequence[Comparison]) -> None:
        """Store new ones; a message that the same two were compared on already is passed over."""
        ...

    async def agreement(self, champion: str, challenger: str) -> Agreement:
        """How two versions stand beside each other."""
        ...

    async def disagreements(self, champion: str, challenger: str, limit: int) -> Sequence[Disagreement]:
        """Where two versions do not agree, or the challenger failed, latest first."""
        ...
