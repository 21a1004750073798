"""Lists of conversations, read marks and search, in memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from bot.conversation import Conversation
from bot.inbox_values import Narrowed, Place, Sort, View, Wanted, in_view, place_of
from bot.messages import Author
from bot.ports_inbox import FoundCustomer, Hit
from bot.searching import Phrase, found_in, parse_id, parse_question, terms
from storage.memory.conversations import MemoryCustomers
from storage.memory.state import State


class MemoryListing:
    """Conversations as people work through them. See `bot.ports_inbox.Listing`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def page(self, wanted: Wanted) -> Sequence[Conversation]:
        """Those that come after a place, in order."""
        found = [
            conversation
            for conversation in self._state.conversations.values()
            if in_view(wanted.view, conversation, wanted.user) and fits(self._state, wanted.narrowed, conversation)
        ]
        return in_order(found, wanted.sort, wanted.after)[: wanted.limit]

    async def counts(self, user: str, narrowed: Narrowed) -> Mapping[View, int]:
        """How many conversations are in each view."""
        kept = [c for c in self._state.conversations.values() if fits(self._state, narrowed, c)]
        return {view: sum(in_view(view, c, user) for c in kept) for view in View}


class MemoryReadMarks:
    """What each user has read. See `bot.ports_inbox.ReadMarks`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def move(self, user: str, conversation: str, seq: int, *, back: bool = False) -> int:
        """Mark what is read; the mark as it is now."""
        before = self._state.read_marks.get((user, conversation), 0)
        now = self._state.read_marks[user, conversation] = seq if back else max(before, seq)
        return now

    async def of(self, user: str, conversations: Sequence[str]) -> Mapping[str, int]:
        """A user's marks."""
        marks = self._state.read_marks
        return {c: marks[user, c] for c in conversations if (user, c) in marks}

    async def unread(self, user: str, conversations: Sequence[str]) -> Mapping[str, int]:
        """How many entries of customers a user has not read."""
        counted = {
            conversation: sum(
                entry.author is Author.CUSTOMER
                and not entry.internal
                and entry.seq > self._state.read_marks.get((user, conversation), 0)
                for entry in self._state.messages.get(conversation, ())
            )
            for conversation in conversations
        }
        return {conversation: n for conversation, n in counted.items() if n}


class MemorySearch:
    """Full-text search that reads everything. See `bot.ports_inbox.Search`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def find(
        self, phrases: Sequence[Phrase], narrowed: Narrowed, after: Place | None = None, limit: int = 50
    ) -> Sequence[Hit]:
        """Conversations in which one entry, or the customer's name, has all phrases."""
        if not phrases:
            return []
        hits: dict[str, Hit] = {}
        for conversation in self._state.conversations.values():
            if not fits(self._state, narrowed, conversation):
                continue
            said = [e for e in self._state.messages.get(conversation.id, ()) if _has(phrases, e.text)]
            latest = max(said, key=lambda entry: entry.seq, default=None)
            names = [
                customer.name or ""
                for identity, customer in self._state.customers.items()
                if self._state.profile(identity) == self._state.profile(conversation.customer)
            ]
            if latest is not None or any(_has(phrases, name) for name in names):
                hits[conversation.id] = Hit(conversation, latest, len(said))
        found = in_order((hit.conversation for hit in hits.values()), Sort.LATEST, after)
        return [hits[conversation.id] for conversation in found][:limit]

    async def people(self, wanted: str, limit: int = 20) -> Sequence[FoundCustomer]:
        """Customers by name or id."""
        phrases, prefix, known = parse_question(wanted), parse_id(wanted), self._state.customers
        meant = {
            self._state.profile(identity)
            for identity, customer in known.items()
            if any(sender.id == wanted.strip() for _, sender in customer.identities)
            or (phrases and _has(phrases, customer.name or ""))
            or (prefix is not None and identity.startswith(prefix))
        }
        found = []
        for person in meant:
            own = [c for c in self._state.conversations.values() if self._state.profile(c.customer) == person]
            customer = await MemoryCustomers(self._state).get(person)
            if customer is not None:
                found.append(FoundCustomer(customer, len(own), max((c.updated_at for c in own), default=None)))
        found.sort(key=lambda one: one.customer.id)
        found.sort(key=lambda one: one.latest.timestamp() if one.latest else 0, reverse=True)
        return found[:limit]


def fits(state: State, narrowed: Narrowed, conversation: Conversation) -> bool:
    """Whether filters leave a conversation."""
    pairs = (
        (conversation.address.channel, narrowed.channels),
        (conversation.language, narrowed.languages),
        (conversation.intent, narrowed.intents),
        (conversation.sentiment, narrowed.sentiments),
        (conversation.agent, narrowed.agents),
        (conversation.customer, narrowed.customers),
    )
    tags = state.tags.get(conversation.id, ())
    if narrowed.tags and not set(tags) & set(narrowed.tags):
        return False
    return all(not values or value in values for value, values in pairs)


def in_order(found: Iterable[Conversation], sort: Sort, after: Place | None) -> list[Conversation]:
    """Conversations in order, from a place on."""

    def key(place: Place) -> tuple[int, object, str]:
        return (place.rank, place.at, place.conversation)

    pairs = sorted(((key(place_of(c, sort)), c) for c in found), key=lambda p: p[0], reverse=sort is Sort.LATEST)
    if after is None:
        return [conversation for _, conversation in pairs]
    start = key(after)
    return [c for place, c in pairs if (place < start if sort is Sort.LATEST else place > start)]


def _has(phrases: Sequence[Phrase], text: str) -> bool:
    return found_in(phrases, [term.text for term in terms(text)])
