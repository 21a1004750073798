"""What agents do with conversations: claim, answer, give back, close; and what they see."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.conversation import Conversation, Customer, Handoff, Role, User
from bot.decision import Answered, Claimed, ClosedByAgent, GivenBack, Noted
from bot.errors import InvalidInput
from bot.inbox import clean_text
from bot.inbox_values import Sort, View, Wanted, rank, since
from bot.messages import MAX_TEXT, Attachment, Author, Message
from bot.ports import (
    Clock,
    Committed,
    ConversationFilter,
    Live,
    Mentioned,
    MentionsSeen,
    Store,
    Tagged,
    Typing,
    UnitOfWork,
)
from bot.ports_inbox import Mention
from bot.routing_events import Assigned, PutOff, Transferred, Woken
from bot.sla import NO_CLOCKS, HandoffClocks, SlaRules
from bot.teams import Team, present_team
from bot.turn import Also, Turns

LONGEST_TAG = 50
"""Code points."""
MOST_TAGS = 30
_MENTION = re.compile(r"(?<![\w@.])@([\w.@+-]{1,100})")

QUEUE = 200
"""Conversations that are shown of those that wait for or are with a human."""


@dataclass(frozen=True, slots=True)
class Summary:
    """A conversation in a list: with its last message and its open request for a human, its team and its clocks."""

    conversation: Conversation
    customer: Customer | None
    last: Message | None
    handoff: Handoff | None
    team: Team | None = None
    clocks: HandoffClocks = NO_CLOCKS


@dataclass(frozen=True, slots=True)
class Opened:
    """A conversation with everything that was said."""

    conversation: Conversation
    customer: Customer | None
    messages: Sequence[Message]
    handoff: Handoff | None
    team: Team | None = None
    clocks: HandoffClocks = NO_CLOCKS


class Desk:
    """The agents' side of the core. `also`: see `bot.turn.Turns.agent`."""

    def __init__(self, store: Store, turns: Turns, live: Live, clock: Clock, sla: Callable[[], SlaRules]) -> None:
        self._store = store
        self._turns = turns
        self._live = live
        self._clock = clock
        self._sla = sla

    async def claim(self, conversation: str, user: User, also: Also | None = None) -> Committed:
        """Take a conversation. Of two agents who try, one gets `Conflict`."""
        return await self._turns.agent(conversation, Claimed(user.id, user.display_name), also)

    async def answer(
        self,
        conversation: str,
        user: User,
        text: str,
        attachments: tuple[Attachment, ...] = (),
        also: Also | None = None,
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
        answered = Answered(user.id, user.display_name, cleaned, attachments)
        return await self._turns.agent(conversation, answered, also)

    async def note(self, conversation: str, user: User, text: str, also: Also | None = None) -> Committed:
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
        noted = Noted(user.id, user.display_name, cleaned, mentions)
        committed = await self._turns.agent(conversation, noted, also)
        for entry in committed.messages:
            for mentioned in entry.mentions:
                mention = Mention(mentioned, conversation, entry.seq, entry.at, user.display_name)
                self._live.publish(Mentioned(mention))
        return committed

    async def mentions_seen(self, user: User, conversation: str | None) -> None:
        """A user has seen the notes that call them, in a conversation or in all; their other browsers are told."""
        async with self._store.unit() as unit:
            await unit.mentions.seen(user.id, conversation)
        self._live.publish(MentionsSeen(user.id, conversation))

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

    async def give_back(self, conversation: str, user: User, also: Also | None = None) -> Committed:
        """Hand the conversation back to the bot, which resumes where it was.

        Raises:
            Conflict: another agent has it, and the user is no supervisor.
        """
        supervises = user.role.includes(Role.SUPERVISOR)
        return await self._turns.agent(conversation, GivenBack(user.id, user.display_name, supervises), also)

    async def close(self, conversation: str, user: User, also: Also | None = None) -> Committed:
        """End the conversation; the customer's next message opens it again with the bot.

        Raises:
            Conflict: another agent has it, and the user is no supervisor.
        """
        supervises = user.role.includes(Role.SUPERVISOR)
        return await self._turns.agent(conversation, ClosedByAgent(user.id, user.display_name, supervises), also)

    async def assign(self, conversation: str, by: User, agent: User, *, force: bool) -> Committed:
        """Give a conversation that waits, or that one has, to an agent; with `force` also another agent's.

        Raises:
            Conflict: it is not waiting for or with a human, or it is somebody else's.
            InvalidInput: that user answers nobody: a viewer, or disabled.
        """
        if not agent.answers:
            raise InvalidInput(f"agent: {agent.display_name} answers no conversations")
        event = Assigned(agent.id, agent.display_name, by.id, by.display_name, force)
        return await self._turns.agent(conversation, event)

    async def transfer(self, conversation: str, by: User, team: Team, *, force: bool) -> Committed:
        """Put a conversation into the queue of a team. See `assign`."""
        return await self._turns.agent(conversation, Transferred(team.id, team.name, by.id, by.display_name, force))

    async def snooze(self, conversation: str, by: User, until: datetime | None, *, force: bool) -> Committed:
        """Put a conversation off until a time, or until the customer writes. See `assign`."""
        if until is not None and until <= self._clock.now():
            raise InvalidInput(f"until: {until.isoformat()} is over already")
        return await self._turns.agent(conversation, PutOff(by.id, by.display_name, until, force))

    async def wake(self, conversation: str, by: User) -> Committed:
        """Bring a snoozed conversation back.

        Raises:
            Conflict: it is not snoozed.
        """
        return await self._turns.agent(conversation, Woken(by.display_name))

    async def typing(self, conversation: str, user: User) -> None:
        """The agent who has the conversation is typing; the customer sees it where the channel can show it."""
        async with self._store.unit(write=False) as unit:
            found = await unit.conversations.get(conversation)
        if found is not None and found.agent == user.id:
            self._live.publish(Typing(found.address, Author.AGENT))
            await self._turns.show_typing(found.address)

    async def queue(self) -> Sequence[Summary]:
        """The first that wait for or are with a human, without the snoozed: urgent first, then the longest waiting."""
        async with self._store.unit(write=False) as unit:
            waiting = await unit.listing.page(Wanted(View.UNASSIGNED, sort=Sort.WAITING, limit=QUEUE))
            taken = await unit.listing.page(Wanted(View.TAKEN, sort=Sort.WAITING, limit=QUEUE))
            # What is snoozed stands last of all, so it has taken nobody's place on the page.
            both = [*waiting, *(c for c in taken if c.snoozed is None)]
            first = sorted(both, key=lambda c: (rank(c), since(c), c.id))[:QUEUE]
            return [summary for summary in await self.summaries(unit, first) if summary.handoff is not None]

    async def list(self, wanted: ConversationFilter) -> Sequence[Summary]:
        """Conversations, latest change first."""
        async with self._store.unit(write=False) as unit:
            return await self.summaries(unit, await unit.conversations.list(wanted))

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
            teams = await unit.teams.list() if handoff else ()
        return Opened(found, customer, messages, handoff, *self._standing(handoff, teams))

    async def summary(self, conversation: Conversation, handoff: Handoff | None) -> Summary:
        """A conversation as it stands in a list; `handoff` is its open one if that is known."""
        known = [] if handoff is None else [handoff]
        async with self._store.unit(write=False) as unit:
            (summary,) = await self.summaries(unit, [conversation], known)
        return summary

    async def summaries(
        self, unit: UnitOfWork, conversations: Sequence[Conversation], known: Sequence[Handoff] = ()
    ) -> Sequence[Summary]:
        """Conversations as they stand in a list; those of their open handoffs that are `known` are not read again."""
        latest = await unit.messages.latest([c.id for c in conversations])
        handoffs = {handoff.id: handoff for handoff in known}
        missing = [c.handoff for c in conversations if c.handoff and c.handoff not in handoffs]
        handoffs |= await unit.handoffs.many(missing)
        customers = await unit.customers.many(list({c.customer for c in conversations}))
        teams = await unit.teams.list() if handoffs else ()

        def summed(conversation: Conversation) -> Summary:
            handoff = handoffs.get(conversation.handoff) if conversation.handoff else None
            customer, last = customers.get(conversation.customer), latest.get(conversation.id)
            return Summary(conversation, customer, last, handoff, *self._standing(handoff, teams))

        return [summed(conversation) for conversation in conversations]

    def _standing(self, handoff: Handoff | None, teams: Sequence[Team]) -> tuple[Team | None, HandoffClocks]:
        """A handoff's team and clocks."""
        if handoff is None:
            return None, NO_CLOCKS
        return present_team(teams, handoff), self._sla().clocks(handoff, teams, self._clock.now())


def _tag(word: str, where: str) -> str:
    """A tag in its one form: small letters, single spaces."""
    tag = " ".join(clean_text(word).casefold().split())
    if not tag:
        raise InvalidInput(f"{where}: a tag is empty")
    if len(tag) > LONGEST_TAG or "," in tag:
        raise InvalidInput(f"{where}: {tag!r} is over {LONGEST_TAG} characters or has a comma in it")
    return tag
