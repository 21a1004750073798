"""What owners say about their desk: teams, skills, and what each agent can do; checked before it is kept.

Each change is in the audit log, in its own transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from bot.audit import SERVER, Actor, AuditEntry, JsonValue, difference
from bot.board import Board, read_board
from bot.conversation import User
from bot.decision import Reason
from bot.errors import Conflict, InvalidInput
from bot.locales import locale_of
from bot.pack import Pack
from bot.ports import Clock, Store, UnitOfWork
from bot.teams import Agent, Skill, Team

MAX_CAPACITY = 100


@dataclass(frozen=True, slots=True)
class AgentLoad:
    """An agent and what they have: `conversations` under way, open `offers`, and what is `snoozed`; ids of `teams`."""

    user: User
    agent: Agent
    capacity: int
    conversations: int
    offers: int
    snoozed: int
    teams: tuple[str, ...]


class Roster:
    """Teams, skills and agents; `changed` is called after every change."""

    def __init__(
        self,
        store: Store,
        pack: Callable[[], Pack],
        capacity: int,
        new_id: Callable[[], str],
        clock: Clock,
        changed: Callable[[], None],
    ) -> None:
        self._store = store
        self._capacity = capacity
        self._pack = pack
        self._new_id = new_id
        self._clock = clock
        self._changed = changed

    async def teams(self) -> Sequence[Team]:
        """All, by name."""
        async with self._store.unit(write=False) as unit:
            return await unit.teams.list()

    async def add_team(self, team: Team, by: Actor = SERVER) -> Team:
        """Store a new team; its id is made here.

        Raises:
            InvalidInput: it names a user, an intent, a reason or a language that there is not.
            Conflict: the name is taken.
        """
        team = replace(team, id=self._new_id())
        async with self._store.unit() as unit:
            await self._check_team(unit, team, by)
            await unit.teams.add(team)
            await self._note(unit, by, "team.add", team.id, None, _recorded(team))
        self._changed()
        return team

    async def save_team(self, team: Team, by: Actor = SERVER) -> Team:
        """Store a change. See `add_team`; `InvalidInput` also if there is no such team."""
        async with self._store.unit() as unit:
            before = await unit.teams.get(team.id)
            await self._check_team(unit, team, by)
            await unit.teams.save(team)
            await self._note(
                unit, by, "team.change", team.id, None if before is None else _recorded(before), _recorded(team)
            )
        self._changed()
        return team

    async def remove_team(self, team: str, by: Actor = SERVER) -> bool:
        """Forget a team; what waits with it goes where it would go if it came now. False if there is none such."""
        async with self._store.unit() as unit:
            before = await unit.teams.get(team)
            removed = await unit.teams.remove(team)
            if before is not None and removed:
                await self._note(unit, by, "team.remove", team, _recorded(before), None)
        self._changed()
        return removed

    async def skills(self) -> Sequence[Skill]:
        """All, by name."""
        async with self._store.unit(write=False) as unit:
            return await unit.skills.list()

    async def add_skill(self, skill: Skill, by: Actor = SERVER) -> Skill:
        """Store a new skill.

        Raises:
            InvalidInput: it names an intent or a reason that there is not.
            Conflict: the name is taken.
        """
        self._check_topics(skill.intents, skill.reasons)
        async with self._store.unit() as unit:
            await unit.skills.add(skill)
            await self._note(unit, by, "skill.add", skill.name, None, _recorded(skill))
        self._changed()
        return skill

    async def save_skill(self, skill: Skill, by: Actor = SERVER) -> Skill:
        """Store a change of what asks for a skill. See `add_skill`; `InvalidInput` also if there is no such skill."""
        self._check_topics(skill.intents, skill.reasons)
        async with self._store.unit() as unit:
            before = await self._skill(unit, skill.name)
            await unit.skills.save(skill)
            await self._note(
                unit, by, "skill.change", skill.name, None if before is None else _recorded(before), _recorded(skill)
            )
        self._changed()
        return skill

    async def remove_skill(self, name: str, by: Actor = SERVER) -> bool:
        """Forget a skill; False if there is none such.

        Raises:
            Conflict: agents have it.
        """
        async with self._store.unit() as unit:
            having = [agent.user for agent in await unit.agents.list() if name in agent.skills]
            if having:
                raise Conflict(f"{len(having)} agents have the skill {name!r}: take it from them first")
            before = await self._skill(unit, name)
            removed = await unit.skills.remove(name)
            if before is not None and removed:
                await self._note(unit, by, "skill.remove", before.name, _recorded(before), None)
        self._changed()
        return removed

    async def loads(self) -> Sequence[AgentLoad]:
        """All users, by name: what they can do, and how much they have."""
        async with self._store.unit(write=False) as unit:
            board = await read_board(unit)
        known = {agent.user: agent for agent in board.agents}
        return [
            self._load(user, known.get(user.id, Agent(user.id)), board)
            for user in sorted(board.users.values(), key=lambda user: user.display_name.casefold())
        ]

    def _load(self, user: User, agent: Agent, board: Board) -> AgentLoad:
        theirs = [one for one in board.conversations.values() if one.agent == user.id]
        offered = [one for one in board.conversations.values() if one.offer is not None and one.offer.agent == user.id]
        snoozed = [one for one in theirs if one.snoozed is not None]
        return AgentLoad(
            user,
            agent,
            self._capacity if agent.capacity is None else agent.capacity,
            len(theirs) - len(snoozed),
            len(offered),
            len(snoozed),
            tuple(team.id for team in board.teams if user.id in team.members),
        )

    async def describe(self, user: str, by: Actor = SERVER, **fields: Any) -> Agent:
        """Say what an agent can do: `languages`, `skills` and `capacity` (None is the settings'); the rest stays.

        Raises:
            InvalidInput: there is no such user, language or skill, or the capacity makes no sense.
        """
        async with self._store.unit() as unit:
            if await unit.users.get(user) is None:
                raise InvalidInput(f"there is no user {user!r}")
            before = await unit.agents.get(user)
            agent = replace(before, **fields)
            _check_languages(agent.languages)
            _check("skills", "skill", agent.skills, [skill.name for skill in await unit.skills.list()])
            if agent.capacity is not None and not 0 <= agent.capacity <= MAX_CAPACITY:
                raise InvalidInput(f"capacity: {agent.capacity} is not between 0 and {MAX_CAPACITY}")
            agent = replace(agent, languages=_once(agent.languages), skills=_once(agent.skills))
            await unit.agents.describe(user, agent.languages, agent.skills, agent.capacity)
            await self._note(unit, by, "agent.change", user, _can(before), _can(agent))
        self._changed()
        return agent

    async def _note(
        self,
        unit: UnitOfWork,
        by: Actor,
        action: str,
        target: str,
        before: dict[str, JsonValue] | None,
        after: dict[str, JsonValue] | None,
    ) -> None:
        """An entry in the audit log; of a change that changes nothing, none."""
        if before is not None and after is not None:
            before, after = difference(before, after)
            if not after:
                return
        await unit.audit.add(AuditEntry(self._clock.now(), by, action, target, before, after))

    @staticmethod
    async def _skill(unit: UnitOfWork, name: str) -> Skill | None:
        return next((one for one in await unit.skills.list() if one.name.casefold() == name.casefold()), None)

    async def _check_team(self, unit: UnitOfWork, team: Team, by: Actor) -> None:
        if not team.name.strip():
            raise InvalidInput("name: is empty")
        _check("members", "user", team.members, [user.id for user in await unit.users.list()])
        self._check_topics(team.intents, team.reasons)
        _check_languages(team.languages)
        if team.default:
            # There is one default: who becomes it takes the part of the one before.
            for other in await unit.teams.list():
                if other.default and other.id != team.id:
                    await unit.teams.save(replace(other, default=False))
                    await self._note(unit, by, "team.change", other.id, {"default": True}, {"default": False})

    def _check_topics(self, intents: Sequence[str], reasons: Sequence[str]) -> None:
        _check("intents", "intent", intents, self._pack().intents)
        _check("reasons", "reason", reasons, [reason.value for reason in Reason])


def _recorded(what: Team | Skill) -> dict[str, JsonValue]:
    """What the audit log keeps of a team or a skill."""
    return {
        name: list(value) if isinstance(value, tuple) else value for name, value in asdict(what).items() if name != "id"
    }


def _can(agent: Agent) -> dict[str, JsonValue]:
    return {"languages": [*agent.languages], "skills": [*agent.skills], "capacity": agent.capacity}


def _check(field: str, what: str, named: Sequence[str], known: Collection[str]) -> None:
    for name in named:
        if name not in known:
            raise InvalidInput(f"{field}: there is no {what} {name!r}")


def _check_languages(codes: Sequence[str]) -> None:
    for code in codes:
        if locale_of(code) is None:
            raise InvalidInput(f"languages: {code!r} is no language; write a code such as de or zh-Hans")


def _once(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
