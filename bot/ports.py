"""What the core needs from the outside, as small Protocols. The composition root puts the real things behind them.

The ports of live events, of the owner's systems and of the storage's first tables are written in `bot.ports_live`,
`bot.ports_actions` and `bot.ports_storage`, and imported from here.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol, runtime_checkable

from bot.figures import FiguresReader
from bot.messages import (
    Address,
    Attachment,
    Inbound,
    Outbound,
    Receipt,
)
from bot.outcomes import TurnLog
from bot.ports_access import ApiTokens, Audit, SignIns
from bot.ports_actions import UNAVAILABLE, ActionCall, ActionResult, Actions
from bot.ports_desk import DeskEvents, DeskLinks, DeskThreads
from bot.ports_inbox import CannedReplies, Listing, Mentions, Profiles, Ratings, ReadMarks, Search, Tags
from bot.ports_live import (
    Committed,
    Delivered,
    Lagged,
    Live,
    LiveEvent,
    Mentioned,
    MentionsSeen,
    PackChanged,
    PresenceChanged,
    ReadUpTo,
    Tagged,
    TrainingChanged,
    Typing,
)
from bot.ports_routing import Agents, Dues, Skills, Teams
from bot.ports_storage import (
    Comparisons,
    ConversationFilter,
    Conversations,
    Customers,
    FailedTurn,
    Handoffs,
    Inbox,
    Messages,
    Outbox,
    OutboxItem,
    Received,
    Traffic,
    Users,
)
from bot.ports_studio import Revisions
from bot.review import Review
from bot.runs import TrainingRuns
from bot.understanding import Hints, Understanding

__all__ = [
    "UNAVAILABLE",
    "ActionCall",
    "ActionResult",
    "Actions",
    "Blobs",
    "Channel",
    "Clock",
    "Committed",
    "Comparisons",
    "ConversationFilter",
    "Conversations",
    "Customers",
    "Delivered",
    "FailedTurn",
    "Handoffs",
    "Inbox",
    "Intake",
    "Lagged",
    "Live",
    "LiveEvent",
    "Mentioned",
    "MentionsSeen",
    "Messages",
    "Outbox",
    "OutboxItem",
    "PackChanged",
    "PresenceChanged",
    "ReadUpTo",
    "Received",
    "Store",
    "Tagged",
    "Traffic",
    "TrainingChanged",
    "Typing",
    "Understander",
    "UnitOfWork",
    "Users",
]

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


# --- model, files, time -----------------------------------------------------------------------------------------------


class Understander(Protocol):
    """The model: text in, Understanding out."""

    async def understand(self, text: str, hints: Hints) -> Understanding:
        """Language, intent and entities of one message.

        Raises:
            Overloaded, TimedOut: not now.
        """
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


# --- storage ----------------------------------------------------------------------------------------------------------


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

    @property
    def desk_threads(self) -> DeskThreads:
        """Handoffs' threads on another platform."""
        ...

    @property
    def desk_events(self) -> DeskEvents:
        """What agents did in them."""
        ...

    @property
    def desk_links(self) -> DeskLinks:
        """Whose accounts there are whose here."""
        ...

    @property
    def training_runs(self) -> TrainingRuns:
        """The trainings of packs."""
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
