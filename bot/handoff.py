"""What agents do with conversations: claim, answer, give back, close; and what they see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.conversation import Conversation, Customer, Handoff, HandoffState, Role, User
from bot.decision import Answered, Claimed, ClosedByAgent, GivenBack
from bot.errors import InvalidInput
from bot.inbox import clean_text
from bot.messages import MAX_TEXT, Attachment, Author, Message
from bot.ports import Clock, Committed, ConversationFilter, Live, Store, Typing, UnitOfWork
from bot.routing_events import Assigned, PutOff, Transferred, Woken
from bot.sla import NO_CLOCKS, HandoffClocks, SlaRules
from bot.teams import Team, present_team
from bot.turn import Turns


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
    """The agents' side of the core."""

    def __init__(self, store: Store, turns: Turns, live: Live, clock: Clock, sla: SlaRules) -> None:
        self._store = store
        self._turns = turns
        self._live = live
        self._clock = clock
        self._sla = sla

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

    async def give_back(self, conversation: str, user: User) -> Committed:
        """Hand the conversation back to the bot, which resumes where it was.

        Raises:
            Conflict: another agent has it, and the user is no supervisor.
        """
        supervises = user.role.includes(Role.SUPERVISOR)
        return await self._turns.agent(conversation, GivenBack(user.id, user.display_name, supervises))

    async def close(self, conversation: str, user: User) -> Committed:
        """End the conversation; the customer's next message opens it again with the bot.

        Raises:
            Conflict: another agent has it, and the user is no supervisor.
        """
        supervises = user.role.includes(Role.SUPERVISOR)
        return await self._turns.agent(conversation, ClosedByAgent(user.id, user.display_name, supervises))

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
        """Everything that waits for or is with a human, and is not snoozed: urgent first, then the longest waiting."""
        async with self._store.unit(write=False) as unit:
            waiting = await unit.handoffs.list([HandoffState.WAITING, HandoffState.CLAIMED])
            handoffs = sorted(waiting, key=lambda handoff: not handoff.urgent)
            conversations = [await unit.conversations.get(handoff.conversation) for handoff in handoffs]
            latest = await unit.messages.latest([handoff.conversation for handoff in handoffs])
            pairs = [
                (c, h) for c, h in zip(conversations, handoffs, strict=True) if c is not None and c.snoozed is None
            ]
            teams = await unit.teams.list()
            return [await self._summary(unit, c, latest.get(c.id), h, teams) for c, h in pairs]

    async def list(self, wanted: ConversationFilter) -> Sequence[Summary]:
        """Conversations, latest change first."""
        async with self._store.unit(write=False) as unit:
            conversations = await unit.conversations.list(wanted)
            latest = await unit.messages.latest([c.id for c in conversations])
            handoffs: Mapping[str, Handoff | None] = {
                c.id: await unit.handoffs.get(c.handoff) if c.handoff else None for c in conversations
            }
            teams = await unit.teams.list()
            return [await self._summary(unit, c, latest.get(c.id), handoffs[c.id], teams) for c in conversations]

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
        async with self._store.unit(write=False) as unit:
            latest = (await unit.messages.latest([conversation.id])).get(conversation.id)
            if conversation.handoff is None:
                handoff = None
            elif handoff is None or handoff.id != conversation.handoff:
                handoff = await unit.handoffs.get(conversation.handoff)
            teams = await unit.teams.list() if handoff else ()
            return await self._summary(unit, conversation, latest, handoff, teams)

    async def _summary(
        self,
        unit: UnitOfWork,
        conversation: Conversation,
        latest: Message | None,
        handoff: Handoff | None,
        teams: Sequence[Team],
    ) -> Summary:
        customer = await unit.customers.get(conversation.customer)
        return Summary(conversation, customer, latest, handoff, *self._standing(handoff, teams))

    def _standing(self, handoff: Handoff | None, teams: Sequence[Team]) -> tuple[Team | None, HandoffClocks]:
        """A handoff's team and clocks."""
        if handoff is None:
            return None, NO_CLOCKS
        return present_team(teams, handoff), self._sla.clocks(handoff, teams, self._clock.now())
