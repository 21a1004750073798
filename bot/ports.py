"""What the core needs from the outside, as small Protocols. The composition root puts the real things behind them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable

from bot.comparison import Agreement, Comparison, Disagreement
from bot.conversation import Conversation, Customer, Handoff, HandoffState, Owner, User
from bot.figures import FiguresReader
from bot.messages import (
    Address,
    Attachment,
    Author,
    Delivery,
    Inbound,
    Message,
    Outbound,
    Receipt,
    Sender,
)
from bot.outcomes import TurnLog
from bot.ports_access import ApiTokens, Audit, SignIns
from bot.ports_inbox import CannedReplies, Listing, Mention, Mentions, Profiles, Ratings, ReadMarks, Search, Tags
from bot.ports_routing import Agents, Dues, Skills, Teams
from bot.ports_studio import Revisions
from bot.review import Review
from bot.teams import Presence
from bot.understanding import Hints, Understanding

# --- channels ---------------------------------------------------------------------------------------------------------


class Intake(Protocol):
    """Where channels hand in what they receive."""

    async def accept(self, inbound: Inbound) -> bool:
        """Store an event; True if it is new, False for a repeat. Once it returns, the event may be acknowledged.

        Raises:
            Overloaded: too much is waiting; nothing was stored, try again later.
            StorageUnavailable: the database cannot take it; nothing was stored, do not acknowledge.
        """
        ...

    async def typing(self, address: Address) -> None:
        """The customer is typing; shown to agents, never stored."""
        ...


@runtime_checkable
class Channel(Protocol):
    """A platform that customers write on."""

    @property
    def name(self) -> str:
        """The name in `Address.channel`."""
        ...

    async def run(self, intake: Intake) -> None:
        """Receive until cancelled; supervises its own connection and retries."""
        ...

    async def send(self, outbound: Outbound) -> Receipt:
        """Deliver one message.

        Raises:
            ChannelUnavailable: not now; `retry_after` in seconds if the platform said when.
            DeliveryRefused: never.
        """
        ...

    async def typing(self, address: Address) -> None:
        """Show that an answer is being prepared. Best effort; raises nothing."""
        ...

    def fetch(self, attachment: Attachment) -> AsyncIterator[bytes]:
        """The bytes of an attachment by its `source`.

        Raises:
            ChannelUnavailable: not now.
            DeliveryRefused: gone, or too large for the platform's API.
        """
        ...


# --- model, actions, files, time --------------------------------------------------------------------------------------


class Understander(Protocol):
    """The model: text in, Understanding out."""

    async def understand(self, text: str, hints: Hints) -> Understanding:
        """Language, intent and entities of one message.

        Raises:
            Overloaded, TimedOut: not now.
        """
        ...


@dataclass(frozen=True, slots=True)
class ActionCall:
    """A flow asks the owner's system to do something; `key` is the same on every retry of the same call."""

    name: str
    slots: Mapping[str, str]
    key: str
    conversation: str
    language: str


@dataclass(frozen=True, slots=True)
class ActionResult:
    """`outcome` is one that the flow declares, or `unavailable`; `values` fill the reply's placeholders."""

    outcome: str
    values: Mapping[str, str] = field(default_factory=dict)


UNAVAILABLE = "unavailable"
"""The outcome of an action that could not be carried out; a human takes over with what was collected."""


class Actions(Protocol):
    """The owner's systems, which flows call."""

    async def run(self, call: ActionCall) -> ActionResult:
        """Carry out an action; failures come back as `unavailable`, never as an exception."""
        ...


class Blobs(Protocol):
    """Files that customers and agents sent."""

    async def put(self, name: str, chunks: AsyncIterator[bytes], limit: int) -> tuple[str, int]:
        """Store a file; its key and size in bytes.

        Raises:
            InvalidInput: it is longer than `limit` bytes; nothing is kept.
            StorageUnavailable: the disk is full or cannot be written.
        """
        ...

    def read(self, key: str) -> AsyncIterator[bytes]:
        """The bytes of a stored file.

        Raises:
            InvalidInput: there is no such key.
        """
        ...


class Clock(Protocol):
    """The time."""

    def now(self) -> datetime:
        """Aware UTC."""
        ...


# --- what agents and open web chats see live --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Committed:
    """A conversation changed; `messages` are its new or amended entries, `handoff` its latest request for a human."""

    conversation: Conversation
    messages: tuple[Message, ...] = ()
    handoff: Handoff | None = None


@dataclass(frozen=True, slots=True)
class Typing:
    """Somebody is typing in the conversation at this address."""

    address: Address
    author: Author


@dataclass(frozen=True, slots=True)
class Delivered:
    """The delivery of a message changed."""

    address: Address
    conversation: str
    message: str
    delivery: Delivery


@dataclass(frozen=True, slots=True)
class Lagged:
    """The subscriber was too slow and missed events: it should read the present state again."""


@dataclass(frozen=True, slots=True)
class ReadUpTo:
    """A user has read a conversation up to the entry `seq`; their other browsers show it too."""

    user: str
    conversation: str
    seq: int


@dataclass(frozen=True, slots=True)
class Tagged:
    """The words on a conversation changed."""

    conversation: str
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mentioned:
    """A note calls a user."""

    mention: Mention


@dataclass(frozen=True, slots=True)
class PresenceChanged:
    """An agent is online, away or offline from `since` on."""

    agent: str
    state: Presence
    since: datetime


@dataclass(frozen=True, slots=True)
class PackChanged:
    """Another revision of the pack is served from now on."""

    revision: int
    author: str
    message: str


@dataclass(frozen=True, slots=True)
class TrainingChanged:
    """The training in the background went on; `state` is the one of `bot.training`."""

    state: str
    revision: int | None = None
    step: str | None = None
    done: int = 0
    total: int = 0
    version: str | None = None
    reason: str | None = None


LiveEvent = (
    Committed
    | Typing
    | Delivered
    | ReadUpTo
    | Tagged
    | Mentioned
    | PresenceChanged
    | PackChanged
    | TrainingChanged
    | Lagged
)


class Live(Protocol):
    """Tells everybody who watches what has just happened; never the source of truth."""

    def publish(self, event: LiveEvent) -> None:
        """Hand an event to all subscribers without waiting for them."""
        ...

    def subscribe(self) -> AbstractAsyncContextManager[AsyncIterator[LiveEvent]]:
        """Events from now on; a subscriber that does not keep up gets `Lagged`."""
        ...


# --- storage ----------------------------------------------------------------------------------------------------------


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


class UnitOfWork(Protocol):
    """One transaction: it commits when its block ends, and leaves no trace when the block raises.

    After a `Conflict` or another error of the storage nothing more can be done in it but to leave it. Commit checks
    that what rows refer to (the conversation of a message, the customer of a conversation) is there, and raises
    `InvalidInput` if not.
    """

    @property
    def inbox(self) -> Inbox:
        """Events as they came."""
        ...

    @property
    def conversations(self) -> Conversations:
        """Conversations by id and by address."""
        ...

    @property
    def messages(self) -> Messages:
        """The history of conversations."""
        ...

    @property
    def outbox(self) -> Outbox:
        """Messages that are to be delivered."""
        ...

    @property
    def handoffs(self) -> Handoffs:
        """Requests for a human."""
        ...

    @property
    def customers(self) -> Customers:
        """People and their identities."""
        ...

    @property
    def users(self) -> Users:
        """Users of the console."""
        ...

    @property
    def sign_ins(self) -> SignIns:
        """Their signed-in browsers."""
        ...

    @property
    def tokens(self) -> ApiTokens:
        """Their scripts' tokens."""
        ...

    @property
    def audit(self) -> Audit:
        """Who changed what."""
        ...

    @property
    def comparisons(self) -> Comparisons:
        """What champions and challengers made of the same messages."""
        ...

    @property
    def listing(self) -> Listing:
        """Conversations as people work through them."""
        ...

    @property
    def read_marks(self) -> ReadMarks:
        """Up to which entry each user has read each conversation."""
        ...

    @property
    def tags(self) -> Tags:
        """Words on conversations."""
        ...

    @property
    def mentions(self) -> Mentions:
        """Notes that call users."""
        ...

    @property
    def profiles(self) -> Profiles:
        """Customers as people."""
        ...

    @property
    def canned(self) -> CannedReplies:
        """Replies that agents insert by shortcut."""
        ...

    @property
    def ratings(self) -> Ratings:
        """What customers say about how it was."""
        ...

    @property
    def search(self) -> Search:
        """Full-text search."""
        ...

    @property
    def teams(self) -> Teams:
        """Teams and what they take."""
        ...

    @property
    def skills(self) -> Skills:
        """Skills and what asks for them."""
        ...

    @property
    def agents(self) -> Agents:
        """Users of the console as the desk counts on them."""
        ...

    @property
    def dues(self) -> Dues:
        """When something of a conversation is to happen by itself."""
        ...

    @property
    def turns(self) -> TurnLog:
        """What became of everything that customers said."""
        ...

    @property
    def figures(self) -> FiguresReader:
        """Counts what is stored."""
        ...

    @property
    def review(self) -> Review:
        """Doubts and the verdicts on them."""
        ...

    @property
    def revisions(self) -> Revisions:
        """The revisions of packs."""
        ...


class Store(Protocol):
    """The database."""

    def unit(self, *, write: bool = True) -> AbstractAsyncContextManager[UnitOfWork]:
        """A transaction; with `write=False` it sees one moment, waits for no writer, and refuses changes.

        Raises:
            StorageUnavailable: the database cannot be reached or cannot write.
            Conflict: it came into the way of another one and was rolled back.
        """
        ...

    async def ping(self) -> None:
        """Check that it can be written.

        Raises:
            StorageUnavailable: it cannot.
        """
        ...

    async def aclose(self) -> None:
        """Give connections back."""
        ...
