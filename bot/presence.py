"""Whether agents are there: what they set by hand, and what their absence makes of it; stored, and told live."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from bot.audit import Actor, AuditEntry
from bot.errors import Conflict
from bot.ports import Clock, Live, PresenceChanged, Store
from bot.routing import RoutingRules
from bot.teams import Agent, Presence

TRIES = 5
"""Changes of one agent's presence that may come in between."""

OFTEN_ENOUGH = timedelta(seconds=20)
"""What an agent does sooner after this is not written down again."""


def effective(agent: Agent, rules: RoutingRules, at: datetime) -> Presence:
    """What the agent's choice and absence come to. Absent is who does nothing, or has no console open."""
    last = _last_sign(agent)
    if agent.chosen is Presence.OFFLINE or last is None or at - last >= rules.offline_after:
        return Presence.OFFLINE
    return Presence.AWAY if at - last >= rules.away_after else agent.chosen


def changes_at(agent: Agent, rules: RoutingRules) -> datetime | None:
    """When the agent's absence will next change their present state, if they do nothing; None if it will not."""
    last = _last_sign(agent)
    if last is None or agent.state is Presence.OFFLINE:
        return None
    return last + (rules.away_after if agent.state is Presence.ONLINE else rules.offline_after)


def _last_sign(agent: Agent) -> datetime | None:
    """When they were last there: the earlier of doing something and having a console open, if they ever had one."""
    if agent.active_at is None or agent.connected_at is None:
        return agent.active_at
    return min(agent.active_at, agent.connected_at)


class Presences:
    """Keeps the agents' presence; `changed` is called after every change."""

    def __init__(
        self, store: Store, live: Live, clock: Clock, rules: RoutingRules, changed: Callable[[], None]
    ) -> None:
        self._store = store
        self._live = live
        self._clock = clock
        self._rules = rules
        self._changed = changed
        self._active: dict[str, datetime] = {}

    @property
    def every(self) -> timedelta:
        """How often an open console should be told of, so that its agent does not seem absent."""
        return min(timedelta(seconds=60), self._rules.away_after / 3)

    async def opened(self, user: str) -> None:
        """The agent opened a console."""
        self._active[user] = self._clock.now()
        await self._seen(user, connected=True, active=True)

    async def connected(self, user: str) -> None:
        """A console of theirs is still open."""
        await self._seen(user, connected=True, active=False)

    async def active(self, user: str, *, connected: bool = False) -> None:
        """The agent did something, in an open console if `connected`."""
        now = self._clock.now()
        before = self._active.get(user)
        if before is not None and now - before < min(OFTEN_ENOUGH, self._rules.away_after / 3):
            return
        self._active[user] = now
        await self._seen(user, connected=connected, active=True)

    async def left(self, user: str) -> None:
        """The agent signed out: they are offline at once, as they would be after a long absence."""
        self._active.pop(user, None)
        long_ago = self._clock.now() - self._rules.offline_after
        async with self._store.unit() as unit:
            if (await unit.agents.get(user)).active_at is None:
                return
            for active in (True, False):
                await unit.agents.seen(user, long_ago, active=active)
        await self._move(user, None)

    async def choose(self, user: str, chosen: Presence) -> Agent:
        """The agent sets their presence by hand; who does so is there."""
        self._active[user] = self._clock.now()
        # Whose console was closed for long would stay away in spite of saying that they are there.
        had_console = (await self.of(user)).connected_at is not None
        await self._seen(user, connected=had_console, active=True, chosen=chosen)
        return await self.of(user)

    async def choose_for(self, user: str, chosen: Presence, by: Actor) -> Agent:
        """Somebody else sets an agent's presence; who is absent stays so. It is in the audit log."""
        await self._move(user, chosen, by)
        return await self.of(user)

    async def withdraw(self, user: str) -> None:
        """An agent who is online did not take up what they were offered: they are away until they say otherwise."""
        async with self._store.unit(write=False) as unit:
            agent = await unit.agents.get(user)
        if agent.state is Presence.ONLINE:
            await self._move(user, Presence.AWAY)

    async def of(self, user: str) -> Agent:
        """An agent as stored."""
        async with self._store.unit(write=False) as unit:
            return await unit.agents.get(user)

    async def refresh(self, user: str) -> None:
        """Let time do to the agent's presence what it does."""
        await self._move(user, None)

    async def _seen(self, user: str, *, connected: bool, active: bool, chosen: Presence | None = None) -> None:
        now = self._clock.now()
        async with self._store.unit() as unit:
            if active:
                await unit.agents.seen(user, now, active=True)
            if connected:
                await unit.agents.seen(user, now, active=False)
        await self._move(user, chosen)

    async def _move(self, user: str, chosen: Presence | None, by: Actor | None = None) -> None:
        """Bring the stored state in line with choice and absence, and tell of a change. Once, whoever else does it."""
        for _ in range(TRIES):
            now = self._clock.now()
            with suppress(Conflict):
                async with self._store.unit() as unit:
                    agent = await unit.agents.get(user)
                    wanted = agent.chosen if chosen is None else chosen
                    state = effective(replace(agent, chosen=wanted), self._rules, now)
                    if state is agent.state and wanted is agent.chosen:
                        return
                    since = agent.since if state is agent.state and agent.since is not None else now
                    await unit.agents.stand(user, wanted, state, since, expected=agent.state)
                    if by is not None and wanted is not agent.chosen:
                        before, after = {"chosen": agent.chosen.value}, {"chosen": wanted.value}
                        await unit.audit.add(AuditEntry(now, by, "agent.presence", user, {**before}, {**after}))
                if state is not agent.state:
                    self._live.publish(PresenceChanged(user, state, now))
                self._changed()
                return
