"""Teams, skills, agents, presence, and who gets which conversation, under `/api/v1`."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import Any

from aiohttp import web

from adapters.console import render, views
from adapters.console.guard import caller_of
from adapters.console.route import Route
from adapters.console.routing_views import (
    AgentBody,
    AgentsView,
    AgentView,
    AssignBody,
    PresenceBody,
    PresenceView,
    SkillBody,
    SkillChangeBody,
    SkillsView,
    SkillView,
    SnoozeBody,
    TeamBody,
    TeamChangeBody,
    TeamsView,
    TeamView,
    TransferBody,
)
from adapters.console.views import Body
from adapters.http import InvalidField, NotFound, answer, read_json
from bot.conversation import Role, User
from bot.handoff import Desk
from bot.ports import Committed, Store
from bot.presence import Presences
from bot.roster import AgentLoad, Roster
from bot.teams import Agent, Presence, Skill, Team

ROUTES: tuple[Route, ...] = (
    Route("GET", "/api/v1/teams", "teams", "All teams", "viewer", gives=TeamsView),
    Route("POST", "/api/v1/teams", "add_team", "Make a team", "admin", TeamBody, TeamView, 201),
    Route("PATCH", "/api/v1/teams/{id}", "change_team", "Change a team", "admin", TeamChangeBody, TeamView),
    Route("DELETE", "/api/v1/teams/{id}", "remove_team", "Dissolve a team", "admin", status=204),
    Route("GET", "/api/v1/skills", "skills", "All skills", "viewer", gives=SkillsView),
    Route("POST", "/api/v1/skills", "add_skill", "Make a skill", "admin", SkillBody, SkillView, 201),
    Route("PATCH", "/api/v1/skills/{id}", "change_skill", "Change a skill", "admin", SkillChangeBody, SkillView),
    Route("DELETE", "/api/v1/skills/{id}", "remove_skill", "Forget a skill", "admin", status=204),
    Route("GET", "/api/v1/agents", "agents", "What agents can do, and how much they have", "viewer", gives=AgentsView),
    Route("PATCH", "/api/v1/agents/{id}", "describe_agent", "Say what an agent can do", "admin", AgentBody, AgentView),
    Route(
        "POST", "/api/v1/agents/{id}/presence", "set_presence_of", "Set an agent's presence", "supervisor",
        takes=PresenceBody, gives=AgentView,
    ),
    Route("GET", "/api/v1/presence", "presence", "One's own presence", "agent", gives=PresenceView),
    Route(
        "POST", "/api/v1/presence", "set_presence", "Set one's own presence", "agent",
        takes=PresenceBody, gives=PresenceView,
    ),
    Route(
        "POST", "/api/v1/conversations/{id}/assign", "assign", "Give a conversation to an agent", "agent",
        takes=AssignBody, gives=views.Changed,
    ),
    Route(
        "POST", "/api/v1/conversations/{id}/transfer", "transfer", "Give a conversation to a team", "agent",
        takes=TransferBody, gives=views.Changed,
    ),
    Route(
        "POST", "/api/v1/conversations/{id}/snooze", "snooze", "Put a conversation off", "agent",
        takes=SnoozeBody, gives=views.Changed,
    ),
    Route(
        "POST", "/api/v1/conversations/{id}/wake", "wake", "Bring a snoozed conversation back", "agent",
        gives=views.Changed,
    ),
)  # fmt: skip


class RoutingRoutes:
    """The routes' handlers."""

    def __init__(self, store: Store, desk: Desk, roster: Roster, presences: Presences) -> None:
        self._store = store
        self._desk = desk
        self._roster = roster
        self._presences = presences

    # --- teams and skills -----------------------------------------------------------------------------------------

    async def teams(self, _: web.Request, __: User) -> web.Response:
        """All teams."""
        return answer(TeamsView(items=[_team(team) for team in await self._roster.teams()]))

    async def add_team(self, request: web.Request, _: User) -> web.Response:
        """Make a team."""
        body = await read_json(request, TeamBody)
        team = await self._roster.add_team(Team(id="", **_fields(body)), caller_of(request).actor)
        return answer(_team(team), status=HTTPStatus.CREATED)

    async def change_team(self, request: web.Request, _: User) -> web.Response:
        """Change a team."""
        body = await read_json(request, TeamChangeBody)
        team = await self._known_team(request.match_info["id"])
        return answer(_team(await self._roster.save_team(replace(team, **_fields(body)), caller_of(request).actor)))

    async def remove_team(self, request: web.Request, _: User) -> web.Response:
        """Dissolve a team."""
        if not await self._roster.remove_team(request.match_info["id"], caller_of(request).actor):
            raise NotFound(f"there is no team {request.match_info['id']!r}")
        return web.Response(status=HTTPStatus.NO_CONTENT)

    async def skills(self, _: web.Request, __: User) -> web.Response:
        """All skills."""
        return answer(SkillsView(items=[_skill(skill) for skill in await self._roster.skills()]))

    async def add_skill(self, request: web.Request, _: User) -> web.Response:
        """Make a skill."""
        body = await read_json(request, SkillBody)
        skill = await self._roster.add_skill(Skill(**_fields(body)), caller_of(request).actor)
        return answer(_skill(skill), status=HTTPStatus.CREATED)

    async def change_skill(self, request: web.Request, _: User) -> web.Response:
        """Change what asks for a skill."""
        body = await read_json(request, SkillChangeBody)
        name = request.match_info["id"]
        if name not in {skill.name for skill in await self._roster.skills()}:
            raise NotFound(f"there is no skill {name!r}")
        skill = Skill(name=name, **_fields(body))
        return answer(_skill(await self._roster.save_skill(skill, caller_of(request).actor)))

    async def remove_skill(self, request: web.Request, _: User) -> web.Response:
        """Forget a skill."""
        if not await self._roster.remove_skill(request.match_info["id"], caller_of(request).actor):
            raise NotFound(f"there is no skill {request.match_info['id']!r}")
        return web.Response(status=HTTPStatus.NO_CONTENT)

    # --- agents ---------------------------------------------------------------------------------------------------

    async def agents(self, _: web.Request, __: User) -> web.Response:
        """All agents with their load."""
        return answer(AgentsView(items=[_agent(load) for load in await self._roster.loads()]))

    async def describe_agent(self, request: web.Request, _: User) -> web.Response:
        """Say what an agent can do."""
        body = await read_json(request, AgentBody)
        user = await self._known_user(request.match_info["id"])
        await self._roster.describe(user.id, caller_of(request).actor, **_fields(body))
        return await self._one_agent(user.id)

    async def set_presence_of(self, request: web.Request, _: User) -> web.Response:
        """Set an agent's presence."""
        body = await read_json(request, PresenceBody)
        user = await self._known_user(request.match_info["id"])
        await self._presences.choose_for(user.id, Presence(body.state), caller_of(request).actor)
        return await self._one_agent(user.id)

    async def _one_agent(self, user: str) -> web.Response:
        (load,) = [load for load in await self._roster.loads() if load.user.id == user]
        return answer(_agent(load))

    async def presence(self, _: web.Request, user: User) -> web.Response:
        """One's own presence."""
        return answer(_presence(await self._presences.of(user.id)))

    async def set_presence(self, request: web.Request, user: User) -> web.Response:
        """Set one's own presence."""
        body = await read_json(request, PresenceBody)
        return answer(_presence(await self._presences.choose(user.id, Presence(body.state))))

    # --- conversations --------------------------------------------------------------------------------------------

    async def assign(self, request: web.Request, user: User) -> web.Response:
        """Give a conversation to an agent."""
        body = await read_json(request, AssignBody)
        identity = await self._known_conversation(request)
        try:
            agent = await self._known_user(body.agent)
        except NotFound as error:
            raise InvalidField("agent", str(error)) from None
        return await self._changed(await self._desk.assign(identity, user, agent, force=_may_force(user)))

    async def transfer(self, request: web.Request, user: User) -> web.Response:
        """Give a conversation to a team."""
        body = await read_json(request, TransferBody)
        identity = await self._known_conversation(request)
        try:
            team = await self._known_team(body.team)
        except NotFound as error:
            raise InvalidField("team", str(error)) from None
        return await self._changed(await self._desk.transfer(identity, user, team, force=_may_force(user)))

    async def snooze(self, request: web.Request, user: User) -> web.Response:
        """Put a conversation off."""
        body = await read_json(request, SnoozeBody)
        identity = await self._known_conversation(request)
        return await self._changed(await self._desk.snooze(identity, user, body.until, force=_may_force(user)))

    async def wake(self, request: web.Request, user: User) -> web.Response:
        """Bring a snoozed conversation back."""
        return await self._changed(await self._desk.wake(await self._known_conversation(request), user))

    # --- help -----------------------------------------------------------------------------------------------------

    async def _known_team(self, identity: str) -> Team:
        async with self._store.unit(write=False) as unit:
            team = await unit.teams.get(identity)
        if team is None:
            raise NotFound(f"there is no team {identity!r}")
        return team

    async def _known_user(self, identity: str) -> User:
        async with self._store.unit(write=False) as unit:
            user = await unit.users.get(identity)
        if user is None:
            raise NotFound(f"there is no user {identity!r}")
        return user

    async def _known_conversation(self, request: web.Request) -> str:
        identity: str = request.match_info["id"]
        async with self._store.unit(write=False) as unit:
            if await unit.conversations.get(identity) is None:
                raise NotFound(f"there is no conversation {identity!r}")
        return identity

    async def _changed(self, committed: Committed) -> web.Response:
        async with self._store.unit(write=False) as unit:
            customer = await unit.customers.get(committed.conversation.customer)
        return answer(views.Changed(conversation=render.conversation(committed.conversation, customer)))


def _may_force(user: User) -> bool:
    """Whether a user may move conversations that are another's."""
    return user.role.includes(Role.SUPERVISOR)


def _fields(body: Body) -> dict[str, Any]:
    """The fields that were given, lists as tuples."""
    given = body.model_dump(exclude_unset=True)
    return {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}


def _team(team: Team) -> TeamView:
    return TeamView(
        id=team.id,
        name=team.name,
        members=list(team.members),
        intents=list(team.intents),
        reasons=list(team.reasons),
        languages=list(team.languages),
        default=team.default,
        first_answer=team.first_answer,
        resolution=team.resolution,
    )


def _skill(skill: Skill) -> SkillView:
    return SkillView(name=skill.name, intents=list(skill.intents), reasons=list(skill.reasons))


def _presence(agent: Agent) -> PresenceView:
    return PresenceView(state=agent.state.value, chosen=agent.chosen.value, since=agent.since)


def _agent(load: AgentLoad) -> AgentView:
    agent = load.agent
    return AgentView(
        id=load.user.id,
        name=load.user.display_name,
        answers=load.user.answers,
        login=load.user.name,
        languages=list(agent.languages),
        skills=list(agent.skills),
        capacity=agent.capacity,
        presence=_presence(agent),
        teams=list(load.teams),
        conversations=load.conversations,
        offers=load.offers,
        snoozed=load.snoozed,
        room=max(0, load.capacity - load.conversations - load.offers),
    )
