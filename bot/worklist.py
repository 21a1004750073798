"""What an agent sees of many conversations: lists by view, what is unread, and what a search finds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.conversation import Conversation, User
from bot.errors import InvalidInput
from bot.handoff import Desk, Summary
from bot.inbox_values import Narrowed, Place, Sort, View, Wanted, place_of
from bot.ports import Live, ReadUpTo, Store, UnitOfWork
from bot.searching import Snippet, parse_question, snippet


@dataclass(frozen=True, slots=True)
class Item:
    """A conversation in a user's list: `read` is the `seq` they have read it up to, `unread` counts what came since."""

    summary: Summary
    read: int
    unread: int
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list; `next` is the place that the next page begins after, None on the last."""

    items: Sequence[Item]
    next: Place | None
    counts: Mapping[View, int]


@dataclass(frozen=True, slots=True)
class Found:
    """A conversation that a search found: in the entry `seq`, or in the customer's name if there is none."""

    item: Item
    seq: int | None
    snippet: Snippet
    entries: int


@dataclass(frozen=True, slots=True)
class FoundPage:
    """A page of what a search found, the latest change first."""

    items: Sequence[Found]
    next: Place | None


class Worklist:
    """The lists of all users."""

    def __init__(self, store: Store, live: Live, desk: Desk) -> None:
        self._store = store
        self._live = live
        self._desk = desk

    async def page(self, wanted: Wanted) -> Page:
        """A page of a user's list, and how many there are in each view under the same filters."""
        async with self._store.unit(write=False) as unit:
            found = await unit.listing.page(wanted)
            counts = await unit.listing.counts(wanted.user, wanted.narrowed)
            items = await self._items(unit, found, wanted.user)
        return Page(items, _next(found, wanted.sort, wanted.limit), counts)

    async def counts(self, user: User, narrowed: Narrowed) -> Mapping[View, int]:
        """How many conversations are in each view."""
        async with self._store.unit(write=False) as unit:
            return await unit.listing.counts(user.id, narrowed)

    async def search(
        self, user: User, question: str, narrowed: Narrowed, after: Place | None = None, limit: int = 50
    ) -> FoundPage:
        """Conversations in which somebody said what is asked for, or whose customer is called so.

        Raises:
            InvalidInput: there is no word in the question.
        """
        phrases = parse_question(question)
        if not phrases:
            raise InvalidInput("q: there is no word to search for")
        async with self._store.unit(write=False) as unit:
            hits = await unit.search.find(phrases, narrowed, after, limit)
            items = await self._items(unit, [hit.conversation for hit in hits], user.id)
        found = []
        for hit, item in zip(hits, items, strict=True):
            customer = item.summary.customer
            text = hit.entry.text if hit.entry is not None else (customer and customer.name) or ""
            seq = None if hit.entry is None else hit.entry.seq
            found.append(Found(item, seq, snippet(text, phrases), hit.entries))
        return FoundPage(found, _next([hit.conversation for hit in hits], Sort.LATEST, limit))

    async def mark_read(self, user: User, conversation: str, seq: int, *, back: bool = False) -> int:
        """Mark what a user has read, and tell their other browsers; the mark as it is now.

        Raises:
            InvalidInput: there is no such conversation, or it has no such entry yet.
        """
        async with self._store.unit() as unit:
            found = await unit.conversations.get(conversation)
            if found is None:
                raise InvalidInput(f"there is no conversation {conversation!r}")
            if seq > found.seq:
                raise InvalidInput(f"seq: the conversation has {found.seq} entries, there is no {seq} yet")
            mark = await unit.read_marks.move(user.id, conversation, seq, back=back)
        self._live.publish(ReadUpTo(user.id, conversation, mark))
        return mark

    async def _items(self, unit: UnitOfWork, conversations: Sequence[Conversation], user: str) -> list[Item]:
        identities = [conversation.id for conversation in conversations]
        marks = await unit.read_marks.of(user, identities)
        unread = await unit.read_marks.unread(user, identities)
        tags = await unit.tags.of(identities)
        listed = zip(identities, await self._desk.summaries(unit, conversations), strict=True)
        return [Item(summary, marks.get(c, 0), unread.get(c, 0), tags.get(c, ())) for c, summary in listed]


def _next(found: Sequence[Conversation], sort: Sort, limit: int) -> Place | None:
    return place_of(found[-1], sort) if len(found) == limit else None
