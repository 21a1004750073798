"""Teams, skills, agents and what is due when, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.errors import Conflict, InvalidInput
from bot.teams import Agent, Presence, Skill, Team
from storage.codec import copy, fold
from storage.memory.state import State


class MemoryTeams:
    """Teams. See `bot.ports_routing.Teams`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def add(self, team: Team) -> None:
        """Store a new one."""
        self._check_name(team)
        if team.id in self._state.teams:
            raise Conflict(f"there is a team {team.id!r} already")
        self._state.teams[team.id] = copy(team)

    async def get(self, team: str) -> Team | None:
        """By id."""
        return self._state.teams.get(team)

    async def list(self) -> Sequence[Team]:
        """All, by name."""
        return sorted(self._state.teams.values(), key=lambda team: fold(team.name))

    async def save(self, team: Team) -> None:
        """Store a change."""
        self._check_name(team)
        if team.id not in self._state.teams:
            raise InvalidInput(f"there is no team {team.id!r}")
        self._state.teams[team.id] = copy(team)

    async def remove(self, team: str) -> bool:
        """Forget one."""
        return self._state.teams.pop(team, None) is not None

    def _check_name(self, team: Team) -> None:
        name = fold(team.name)
        if any(fold(other.name) == name and other.id != team.id for other in self._state.teams.values()):
            raise Conflict(f"the name {team.name!r} is taken")


class MemorySkills:
    """Skills. See `bot.ports_routing.Skills`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def add(self, skill: Skill) -> None:
        """Store a new one."""
        if fold(skill.name) in self._state.skills:
            raise Conflict(f"there is a skill {skill.name!r} already")
        self._state.skills[fold(skill.name)] = copy(skill)

    async def list(self) -> Sequence[Skill]:
        """All, by name."""
        return [skill for _, skill in sorted(self._state.skills.items())]

    async def save(self, skill: Skill) -> None:
        """Store a change."""
        known = self._state.skills.get(fold(skill.name))
        if known is None:
            raise InvalidInput(f"there is no skill {skill.name!r}")
        self._state.skills[fold(skill.name)] = replace(copy(skill), name=known.name)

    async def remove(self, name: str) -> bool:
        """Forget one."""
        return self._state.skills.pop(fold(name), None) is not None


class MemoryAgents:
    """Agents. See `bot.ports_routing.Agents`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def get(self, user: str) -> Agent:
        """By the user's id."""
        return self._state.agents.get(user) or Agent(user)

    async def list(self) -> Sequence[Agent]:
        """All of whom something is stored."""
        return [agent for _, agent in sorted(self._state.agents.items())]

    async def describe(self, user: str, languages: Sequence[str], skills: Sequence[str], capacity: int | None) -> None:
        """Store what they can do."""
        agent = replace(await self.get(user), languages=tuple(languages), skills=tuple(skills), capacity=capacity)
        self._state.agents[user] = copy(agent)

    async def seen(self, user: str, at: datetime, *, active: bool) -> None:
        """A console of theirs is open, or they did something."""
        agent = await self.get(user)
        self._state.agents[user] = replace(agent, active_at=at) if active else replace(agent, connected_at=at)

    async def stand(self, user: str, chosen: Presence, state: Presence, since: datetime, expected: Presence) -> None:
        """Store their presence."""
        agent = await self.get(user)
        if agent.state is not expected:
            raise Conflict(f"agent {user!r} is not {expected} any more")
        self._state.agents[user] = replace(agent, chosen=chosen, state=state, since=since)

    async def assigned(self, user: str, at: datetime, expected: datetime | None) -> None:
        """A conversation is being assigned to them."""
        agent = await self.get(user)
        if agent.assigned_at != expected:
            raise Conflict(f"somebody else assigned something to agent {user!r}")
        self._state.agents[user] = replace(agent, assigned_at=at)


class MemoryDues:
    """What is due when. See `bot.ports_routing.Dues`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def set(self, conversation: str, at: datetime | None) -> None:
        """Remember when."""
        if at is None:
            self._state.dues.pop(conversation, None)
        else:
            self._state.dues[conversation] = at

    async def until(self, at: datetime, limit: int = 500) -> Sequence[str]:
        """The conversations that are due by then."""
        return [one for due, one in self._sorted() if due <= at][:limit]

    async def next(self) -> datetime | None:
        """When the first is due."""
        return next((due for due, _ in self._sorted()), None)

    def _sorted(self) -> Sequence[tuple[datetime, str]]:
        return sorted((due, conversation) for conversation, due in self._state.dues.items())
