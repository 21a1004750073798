"""Teams, skills, agents and what is due when, in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, select, update

from bot.errors import Conflict, InvalidInput
from bot.teams import Agent, Presence, Skill, Team
from storage.codec import fold, from_document, to_document
from storage.database import Statements
from storage.tables import agents, dues, skills, teams

_TEAMS = select(teams)
_TEAM = _TEAMS.where(teams.c.id == bindparam("team"))
_TEAM_NAMED = _TEAMS.where(teams.c.folded_name == bindparam("folded"))
_SAVE_TEAM = update(teams).where(teams.c.id == bindparam("team"))
_REMOVE_TEAM = delete(teams).where(teams.c.id == bindparam("team"))

_SKILLS = select(skills)
_SAVE_SKILL = update(skills).where(skills.c.folded_name == bindparam("folded"))
_REMOVE_SKILL = delete(skills).where(skills.c.folded_name == bindparam("folded"))

_AGENTS = select(agents).order_by(agents.c.user_id)
_AGENT = select(agents).where(agents.c.user_id == bindparam("agent"))
_SAVE_AGENT = update(agents).where(agents.c.user_id == bindparam("agent"))
_STAND = _SAVE_AGENT.where(agents.c.state == bindparam("expected"))

_FORGET_DUE = delete(dues).where(dues.c.conversation_id == bindparam("conversation"))
_FIRST_DUE = select(dues).order_by(dues.c.at, dues.c.conversation_id).limit(bindparam("most"))
_DUE = _FIRST_DUE.where(dues.c.at <= bindparam("now"))


class SqlTeams:
    """See `bot.ports_routing.Teams`."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    async def add(self, team: Team) -> None:
        """Store a new one."""
        if not await self._statements.insert_new(teams, {"id": team.id, **_changing(team)}):
            raise Conflict(f"the name {team.name!r} is taken")

    async def get(self, team: str) -> Team | None:
        """By id."""
        row = await self._statements.row(_TEAM, {"team": team})
        return None if row is None else _team(row)

    async def list(self) -> Sequence[Team]:
        """All, by name."""
        rows = await self._statements.rows(_TEAMS)
        return [_team(row) for row in sorted(rows, key=lambda row: str(row.folded_name))]

    async def save(self, team: Team) -> None:
        """Store a change."""
        namesake = await self._statements.row(_TEAM_NAMED, {"folded": fold(team.name)})
        if namesake is not None and namesake.id != team.id:
            raise Conflict(f"the name {team.name!r} is taken")
        if not await self._statements.change(_SAVE_TEAM, {"team": team.id, **_changing(team)}):
            raise InvalidInput(f"there is no team {team.id!r}")

    async def remove(self, team: str) -> bool:
        """Forget one."""
        return await self._statements.change(_REMOVE_TEAM, {"team": team}) > 0


class SqlSkills:
    """See `bot.ports_routing.Skills`."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    async def add(self, skill: Skill) -> None:
        """Store a new one."""
        row = {"folded_name": fold(skill.name), "name": skill.name, "details": _details(skill)}
        if not await self._statements.insert_new(skills, row):
            raise Conflict(f"there is a skill {skill.name!r} already")

    async def list(self) -> Sequence[Skill]:
        """All, by name."""
        rows = sorted(await self._statements.rows(_SKILLS), key=lambda row: str(row.folded_name))
        return [from_document(Skill, {**row.details, "name": row.name}) for row in rows]

    async def save(self, skill: Skill) -> None:
        """Store a change."""
        values = {"folded": fold(skill.name), "details": _details(skill)}
        if not await self._statements.change(_SAVE_SKILL, values):
            raise InvalidInput(f"there is no skill {skill.name!r}")

    async def remove(self, name: str) -> bool:
        """Forget one."""
        return await self._statements.change(_REMOVE_SKILL, {"folded": fold(name)}) > 0


class SqlAgents:
    """See `bot.ports_routing.Agents`."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    async def get(self, user: str) -> Agent:
        """By the user's id."""
        row = await self._statements.row(_AGENT, {"agent": user})
        return Agent(user) if row is None else _agent(row)

    async def list(self) -> Sequence[Agent]:
        """All of whom something is stored."""
        rows = await self._statements.rows(_AGENTS)
        return sorted(map(_agent, rows), key=lambda agent: agent.user)  # databases differ in how they sort

    async def describe(self, user: str, languages: Sequence[str], skills: Sequence[str], capacity: int | None) -> None:
        """Store what they can do."""
        await self._set(user, {"languages": list(languages), "skills": list(skills), "capacity": capacity})

    async def seen(self, user: str, at: datetime, *, active: bool) -> None:
        """A console of theirs is open, or they did something."""
        await self._set(user, {"active_at" if active else "connected_at": at})

    async def stand(self, user: str, chosen: Presence, state: Presence, since: datetime, expected: Presence) -> None:
        """Store their presence."""
        await self._known(user)
        values = {"agent": user, "expected": expected.value, "chosen": chosen.value, "since": since}
        # The new state has the name of the column that the condition reads: it is bound under another.
        if not await self._statements.change(_STAND.values(state=state.value), values):
            raise Conflict(f"agent {user!r} is not {expected} any more")

    async def assigned(self, user: str, at: datetime, expected: datetime | None) -> None:
        """A conversation is being assigned to them."""
        await self._known(user)
        statement = _SAVE_AGENT.where(agents.c.assigned_at.is_not_distinct_from(expected)).values(assigned_at=at)
        if not await self._statements.change(statement, {"agent": user}):
            raise Conflict(f"somebody else assigned something to agent {user!r}")

    async def _set(self, user: str, values: dict[str, Any]) -> None:
        await self._known(user)
        await self._statements.change(_SAVE_AGENT.values(values), {"agent": user})

    async def _known(self, user: str) -> None:
        """Make sure that there is a row."""
        empty = Agent(user)
        row = {
            "user_id": user,
            "languages": [],
            "skills": [],
            "chosen": empty.chosen.value,
            "state": empty.state.value,
        }
        await self._statements.insert_new(agents, row)


class SqlDues:
    """See `bot.ports_routing.Dues`."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    async def set(self, conversation: str, at: datetime | None) -> None:
        """Remember when."""
        await self._statements.change(_FORGET_DUE, {"conversation": conversation})
        if at is not None:
            await self._statements.insert(dues, [{"conversation_id": conversation, "at": at}])

    async def until(self, at: datetime, limit: int = 500) -> Sequence[str]:
        """The conversations that are due by then."""
        rows = await self._statements.rows(_DUE, {"now": at, "most": limit})
        return [row.conversation_id for row in rows]

    async def next(self) -> datetime | None:
        """When the first is due."""
        row = await self._statements.row(_FIRST_DUE, {"most": 1})
        return None if row is None else row.at


_TEAM_COLUMNS = frozenset({"id", "name"})


def _changing(team: Team) -> dict[str, Any]:
    return {
        "name": team.name,
        "folded_name": fold(team.name),
        "details": to_document(team, leave_out=_TEAM_COLUMNS),
    }


def _team(row: Row[Any]) -> Team:
    return from_document(Team, {**row.details, "id": row.id, "name": row.name})


def _details(skill: Skill) -> dict[str, Any]:
    return to_document(skill, leave_out=frozenset({"name"}))


def _agent(row: Row[Any]) -> Agent:
    return Agent(
        row.user_id,
        tuple(row.languages),
        tuple(row.skills),
        row.capacity,
        Presence(row.chosen),
        Presence(row.state),
        row.since,
        row.connected_at,
        row.active_at,
        row.assigned_at,
    )
