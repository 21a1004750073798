"""What is going on at the desk at one moment: who waits, who has what, and who is there. Read in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.conversation import Conversation, Handoff, HandoffState, Owner, User
from bot.ports import ConversationFilter, UnitOfWork
from bot.routing import Candidate, RoutingRules, Waiting
from bot.teams import Agent, Skill, Team, present_team, skills_for

MOST = 10_000
"""Open conversations that are looked at."""


@dataclass(frozen=True, slots=True)
class Board:
    """One moment of the desk. `handoffs` are the open ones, by conversation."""

    agents: Sequence[Agent] = ()
    users: Mapping[str, User] = field(default_factory=dict)
    teams: Sequence[Team] = ()
    skills: Sequence[Skill] = ()
    conversations: Mapping[str, Conversation] = field(default_factory=dict)
    handoffs: Mapping[str, Handoff] = field(default_factory=dict)

    def waiting(self) -> list[Waiting]:
        """Who waits in a queue: what is snoozed does not, what is offered still does."""
        found = []
        for conversation, handoff in self.open():
            if conversation.owner is not Owner.QUEUE or conversation.snoozed is not None:
                continue
            team = present_team(self.teams, handoff)
            found.append(
                Waiting(
                    conversation.id,
                    handoff.opened_at,
                    conversation.language,
                    handoff.urgent,
                    None if team is None else team.id,
                    skills_for(self.skills, handoff),
                )
            )
        return found

    def open(self) -> list[tuple[Conversation, Handoff]]:
        """Conversations with their open handoff."""
        pairs = [(self.conversations.get(name), handoff) for name, handoff in self.handoffs.items()]
        return [(conversation, handoff) for conversation, handoff in pairs if conversation is not None]

    def loads(self) -> Mapping[str, int]:
        """How many conversations each agent has, offers included; what is snoozed weighs nothing."""
        return Counter(
            agent
            for conversation in self.conversations.values()
            if conversation.snoozed is None and (agent := _whose(conversation)) is not None
        )

    def candidates(self, rules: RoutingRules) -> list[Candidate]:
        """The agents as `bot.routing.assign` takes them."""
        loads = self.loads()
        return [
            Candidate(
                agent.user,
                agent.languages,
                rules.capacity if agent.capacity is None else agent.capacity,
                loads.get(agent.user, 0),
                agent.state,
                frozenset(agent.skills),
                frozenset(team.id for team in self.teams if agent.user in team.members),
                agent.assigned_at,
            )
            for agent in self.agents
            if (user := self.users.get(agent.user)) is not None and user.answers
        ]


async def read_board(unit: UnitOfWork) -> Board:
    """The desk as it is in this transaction."""
    open_states = [HandoffState.WAITING, HandoffState.CLAIMED]
    wanted = ConversationFilter(owners=(Owner.QUEUE, Owner.AGENT), limit=MOST)
    return Board(
        await unit.agents.list(),
        {user.id: user for user in await unit.users.list()},
        await unit.teams.list(),
        await unit.skills.list(),
        {conversation.id: conversation for conversation in await unit.conversations.list(wanted)},
        {handoff.conversation: handoff for handoff in await unit.handoffs.list(open_states, MOST)},
    )


def soonest(*moments: datetime | None) -> datetime | None:
    """The earliest of those that there are."""
    return min((moment for moment in moments if moment is not None), default=None)


def _whose(conversation: Conversation) -> str | None:
    return conversation.offer.agent if conversation.offer is not None else conversation.agent
