"""What the agents' inbox needs of the storage, as small Protocols. They are parts of `bot.ports.UnitOfWork`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.conversation import Conversation
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


class Search(Protocol):
    """Full-text search over what was said and over customers' names; the index is kept by those who write them."""

    async def find(
        self, phrases: Sequence[Phrase], narrowed: Narrowed, after: Place | None = None, limit: int = 50
    ) -> Sequence[Hit]:
        """Conversations in which one entry, or the customer's name, has all phrases; the latest change first."""
        ...
