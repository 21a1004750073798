"""What the agents' inbox needs of the storage, as small Protocols. They are parts of `bot.ports.UnitOfWork`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from bot.conversation import Conversation, Customer
from bot.inbox_values import Narrowed, Place, View, Wanted
from bot.messages import Message
from bot.searching import Phrase


class Listing(Protocol):
    """Conversations as people work through them, a page at a time."""

    async def page(self, wanted: Wanted) -> Sequence[Conversation]:
        """Those that come after a place, in order."""
        ...

    async def counts(self, user: str, narrowed: Narrowed) -> Mapping[View, int]:
        """How many conversations are in each view, of those that the filters leave."""
        ...


class ReadMarks(Protocol):
    """Up to which entry each user has read each conversation."""

    async def move(self, user: str, conversation: str, seq: int, *, back: bool = False) -> int:
        """Mark what is read; the mark as it is now. Without `back` a mark only goes forward, whoever comes last."""
        ...

    async def of(self, user: str, conversations: Sequence[str]) -> Mapping[str, int]:
        """A user's marks; a conversation that was never read has none."""
        ...

    async def unread(self, user: str, conversations: Sequence[str]) -> Mapping[str, int]:
        """How many entries of customers a user has not read, of each conversation that has any."""
        ...


@dataclass(frozen=True, slots=True)
class Hit:
    """A conversation that a search found.

    `entry` is its latest entry that has all that was asked for, `entries` how many have; none if only the customer's
    name has it.
    """

    conversation: Conversation
    entry: Message | None
    entries: int


@dataclass(frozen=True, slots=True)
class FoundCustomer:
    """A person that a search found, how many conversations they have, and when one of them last changed."""

    customer: Customer
    conversations: int
    latest: datetime | None


class Tags(Protocol):
    """Words that agents put on conversations."""

    async def change(self, conversation: str, *, add: Sequence[str] = (), remove: Sequence[str] = ()) -> None:
        """Put words on a conversation and take others off; what is so already stays so."""
        ...

    async def of(self, conversations: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
        """The words on each conversation, sorted; of those that have any."""
        ...

    async def known(self, limit: int = 200) -> Sequence[tuple[str, int]]:
        """All words that are in use and on how many conversations, the commonest first."""
        ...


@dataclass(frozen=True, slots=True)
class Mention:
    """A note at `seq` calls a user; `by` is the name of whoever wrote it."""

    user: str
    conversation: str
    seq: int
    at: datetime
    by: str
    seen: bool = False


class Mentions(Protocol):
    """Notes that call users."""

    async def add(self, mentions: Sequence[Mention]) -> None:
        """Store new ones."""
        ...

    async def of(self, user: str, limit: int = 50) -> Sequence[Mention]:
        """Those of a user, what they have not seen before the rest, the latest first."""
        ...

    async def unseen(self, user: str) -> int:
        """How many a user has not seen."""
        ...

    async def seen(self, user: str, conversation: str | None = None) -> None:
        """The user has seen those in a conversation, or all."""
        ...


@dataclass(frozen=True, slots=True)
class Attribute:
    """What the owner's people know of a customer beside their name; a date is written as ISO 8601 says."""

    kind: Literal["string", "number", "date", "boolean"]
    value: str | float | bool


@dataclass(frozen=True, slots=True)
class Merge:
    """Two profiles were found to be one person: `absorbed` is shown as `kept` until it is undone."""

    id: str
    kept: str
    absorbed: str
    by: str
    at: datetime
    undone_by: str | None = None
    undone_at: datetime | None = None


class Profiles(Protocol):
    """Customers as people: who is the same person, and what is known of them.

    Nothing is moved when two are merged. Each keeps its identities, conversations and attributes, those that come
    later too, and points to the one that it is shown as; so undoing splits exactly what was one before.
    """

    async def members(self, customer: str) -> Sequence[str]:
        """All customers who are the same person as this one, itself included; the one they are shown as first."""
        ...

    async def merge(self, merge: Merge) -> Merge:
        """Show the person behind `absorbed` as the one behind `kept`; the merge between those two as it is stored.

        Raises:
            InvalidInput: one of them is not known.
            Conflict: they are the same person already.
        """
        ...

    async def undo(self, merge: str, by: str, at: datetime) -> Merge:
        """Show them as two again.

        Raises:
            InvalidInput: there is no such merge.
            Conflict: it is undone already.
        """
        ...

    async def merges(self, customer: str) -> Sequence[Merge]:
        """Merges that this person's profiles took part in, undone ones included, the latest first."""
        ...

    async def attributes(self, customer: str) -> Mapping[str, Attribute]:
        """What is known of a person, by name; where profiles differ, what the one says that they are shown as."""
        ...

    async def know(self, customer: str, name: str, attribute: Attribute | None) -> None:
        """Write down something of a person, or forget it."""
        ...


@dataclass(frozen=True, slots=True)
class CannedReply:
    """A reply that agents insert by its shortcut: a text for each language, with `{variables}`.

    It belongs to the user `owner`, or to all if there is none. `version` guards against lost updates.
    """

    id: str
    shortcut: str
    texts: Mapping[str, str]
    owner: str | None = None
    version: int = 0


class CannedReplies(Protocol):
    """Replies that agents insert by shortcut."""

    async def add(self, reply: CannedReply) -> None:
        """Store a new one.

        Raises:
            Conflict: its owner has one with this shortcut.
        """
        ...

    async def get(self, reply: str) -> CannedReply | None:
        """By id."""
        ...

    async def save(self, reply: CannedReply) -> None:
        """Store a change: the stored version must be one less than the reply's.

        Raises:
            Conflict: somebody else saved in the meantime, or its owner has another one with this shortcut.
        """
        ...

    async def remove(self, reply: str) -> bool:
        """Forget one; False if there is none such."""
        ...

    async def of(self, user: str) -> Sequence[CannedReply]:
        """A user's own and the shared ones, by shortcut."""
        ...


@dataclass(frozen=True, slots=True)
class Rating:
    """How it was, as a customer says after an agent closed their conversation; `score` is from 1 to 5."""

    id: str
    conversation: str
    agent: str
    agent_name: str
    asked_at: datetime
    score: int | None = None
    comment: str | None = None
    answered_at: datetime | None = None


class Ratings(Protocol):
    """What customers say about how it was."""

    async def add(self, rating: Rating) -> None:
        """Remember that a customer was asked."""
        ...

    async def answer(self, rating: str, score: int | None, comment: str | None, at: datetime) -> None:
        """Write down what they say; None changes nothing."""
        ...

    async def of(self, conversation: str) -> Sequence[Rating]:
        """Those of a conversation, the latest first."""
        ...


class Search(Protocol):
    """Full-text search over what was said and over customers' names; the index is kept by those who write them."""

    async def find(
        self, phrases: Sequence[Phrase], narrowed: Narrowed, after: Place | None = None, limit: int = 50
    ) -> Sequence[Hit]:
        """Conversations in which one entry, or the customer's name, has all phrases; the latest change first."""
        ...

    async def people(self, wanted: str, limit: int = 20) -> Sequence[FoundCustomer]:
        """Customers whose names have all that is asked for, or whose id it is; the latest change first.

        An id is one on a channel, whole, or the beginning of the customer's own (see `bot.searching.parse_id`).
        """
        ...
