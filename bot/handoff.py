"""What agents do with conversations: claim, answer, give back, close; and what they see."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.conversation import Conversation, Customer, Handoff, User
from bot.decision import Answered, Claimed, ClosedByAgent, GivenBack, Noted
from bot.errors import InvalidInput
from bot.inbox import clean_text
from bot.inbox_values import Sort, View, Wanted, rank, since
from bot.messages import MAX_TEXT, Attachment, Author, Message
from bot.ports import Committed, ConversationFilter, Live, Mentioned, Store, Tagged, Typing, UnitOfWork
from bot.ports_inbox import Mention
from bot.turn import Turns

LONGEST_TAG = 50
"""Code points."""
MOST_TAGS = 30
_MENTION = re.compile(r"(?<![\w@.])@([\w.@+-]{1,100})")

QUEUE = 200
"""Conversations that are shown of those that wait for or are with a human."""


@dataclass(frozen=True, slots=True)
class Summary:
    """A conversation in a list: with its last message and its open request for a human."""

    conversation: Conversation
    customer: Customer | None
    last: Message | None
    handoff: Handoff | None


@dataclass(frozen=True, slots=True)
class Opened:
    """A conversation with everything that was said."""

    conversation: Conversation
    customer: Customer | None
    messages: Sequence[Message]
    handoff: Handoff | None


async def summaries(unit: UnitOfWork, conversations: Sequence[Conversation]) -> Sequence[Summary]:
    """Conversations as they stand in a list."""
    latest = await unit.messages.latest([c.id for c in conversations])
    handoffs = await unit.handoffs.many([c.handoff for c in conversations if c.handoff])
    customers = await unit.customers.many(list({c.customer for c in conversations}))
    return [
        Summary(c, customers.get(c.customer), latest.get(c.id), handoffs.get(c.handoff) if c.handoff else None)
        for c in conversations
    ]


class Desk:
    """The agents' side of the core."""

    def __init__(self, store: Store, turns: Turns, live: Live) -> None:
        self._store = store
        self._turns = turns
        self._live = live

    async def claim(self, conversation: str, user: User) -> Committed:
        """Take a conversation. Of two agents who try, one gets `Conflict`."""
        return await self._turns.agent(conversation, Claimed(user.id, user.display_name))

    async def answer(
        self, conversation: str, user: User, text: str, attachments: tuple[Attachment, ...] = ()
    ) -> Committed:
        """Write to the customer.

        Raises:
            InvalidInput: the text is empty or over `MAX_TEXT`.
            Conflict: the conversation is not with this agent.
        """
        cleaned = clean_text(text)
        if not cleaned and not attachments:
            raise InvalidInput("text: is empty")
        if len(cleaned) > MAX_TEXT:
            raise InvalidInput(f"text: {len(cleaned)} characters are over the limit of {MAX_TEXT}")
        return await self._turns.agent(conversation, Answered(user.id, user.display_name, cleaned, attachments))

    async def note(self, conversation: str, user: User, text: str) -> Committed:
        """Leave a note that only users of the console see; `@name` in it calls a user.

        Raises:
            InvalidInput: the text is empty or over `MAX_TEXT`, or there is no such conversation.
        """
        cleaned = clean_text(text)
        if not cleaned:
            raise InvalidInput("text: is empty")
        if len(cleaned) > MAX_TEXT:
            raise InvalidInput(f"text: {len(cleaned)} characters are over the limit of {MAX_TEXT}")
        async with self._store.unit(write=False) as unit:
            called = [await unit.users.named(name.rstrip(".-+")) for name in _MENTION.findall(cleaned)]
        mentions = tuple(dict.fromkeys(found.id for found in called if found is not None))
        committed = await self._turns.agent(conversation, Noted(user.id, user.display_name, cleaned, mentions))
        for entry in committed.messages:
            for mentioned in entry.mentions:
                mention = Mention(mentioned, conversation, entry.seq, entry.at, user.display_name)
                self._live.publish(Mentioned(mention))
        return committed

    async def tag(self, conversation: str, *, add: Sequence[str] = (), remove: Sequence[str] = ()) -> tuple[str, ...]:
        """Put words on a conversation and take others off; the words on it now.

        Raises:
            InvalidInput: a word is empty or over `LONGEST_TAG`, there are over `MOST_TAGS`, or no such conversation.
        """
        added, removed = [_tag(word, "add") for word in add], [_tag(word, "remove") for word in remove]
        async with self._store.unit() as unit:
            if await unit.conversations.get(conversation) is None:
                raise InvalidInput(f"there is no conversation {conversation!r}")
            await unit.tags.change(conversation, add=added, remove=removed)
            tags = (await unit.tags.of([conversation])).get(conversation, ())
            if len(tags) > MOST_TAGS:
                raise InvalidInput(f"add: {len(tags)} tags are over the limit of {MOST_TAGS}")
        self._live.publish(Tagged(conversation, tags))
        return tags

    async def give_back(self, conversation: str, user: User) -> Committed:
        """Hand the conversation back to the bot, which resumes where it was."""
        return await self._turns.agent(conversation, GivenBack(user.id, user.display_name))

    async def close(self, conversation: str, user: User) -> Committed:
        """End the conversation; the customer's next message opens it again with the bot."""
        return await self._turns.agent(conversation, ClosedByAgent(user.id, user.display_name))

    async def typing(self, conversation: str, user: User) -> None:
        """The agent who has the conversation is typing; the customer sees it where the channel can show it."""
        async with self._store.unit(write=False) as unit:
            found = await unit.conversations.get(conversation)
        if found is not None and found.agent == user.id:
            self._live.publish(Typing(found.address, Author.AGENT))
            await self._turns.show_typing(found.address)

    async def queue(self) -> Sequence[Summary]:
        """The first that wait for or are with a human: what is urgent first, then the longest waiting."""
        async with self._store.unit(write=False) as unit:
            waiting = await unit.listing.page(Wanted(View.UNASSIGNED, sort=Sort.WAITING, limit=QUEUE))
            taken = await unit.listing.page(Wanted(View.TAKEN, sort=Sort.WAITING, limit=QUEUE))
            both = sorted([*waiting, *taken], key=lambda c: (rank(c), since(c), c.id))[:QUEUE]
            return [summary for summary in await summaries(unit, both) if summary.handoff is not None]

    async def list(self, wanted: ConversationFilter) -> Sequence[Summary]:
        """Conversations, latest change first."""
        async with self._store.unit(write=False) as unit:
            return await summaries(unit, await unit.conversations.list(wanted))

    async def open(self, conversation: str, after: int = 0) -> Opened:
        """A conversation with its entries after `after`.

        Raises:
            InvalidInput: there is no such conversation.
        """
        async with self._store.unit(write=False) as unit:
            found = await unit.conversations.get(conversation)
            if found is None:
                raise InvalidInput(f"there is no conversation {conversation!r}")
            messages = await unit.messages.after(conversation, after)
            customer = await unit.customers.get(found.customer)
            handoff = await unit.handoffs.get(found.handoff) if found.handoff else None
        return Opened(found, customer, messages, handoff)


def _tag(word: str, where: str) -> str:
    """A tag in its one form: small letters, single spaces."""
    tag = " ".join(clean_text(word).casefold().split())
    if not tag:
        raise InvalidInput(f"{where}: a tag is empty")
    if len(tag) > LONGEST_TAG or "," in tag:
        raise InvalidInput(f"{where}: {tag!r} is over {LONGEST_TAG} characters or has a comma in it")
    return tag
