"""Keeps the desk going: offers customers to agents, brings back what is snoozed or left, watches absences and clocks.

One task. What it does is decided by pure functions from what is stored, and each change is one compare-and-set: several
processes may run it beside each other, and a restart loses nothing. It works when something has happened, or when the
next thing is due by the clock.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

import structlog

from bot.board import Board, read_board, soonest
from bot.conversation import HandoffState, Owner
from bot.decision import AgentEvent
from bot.errors import BabeldeskError, Conflict, InvalidInput
from bot.locales import is_open
from bot.metrics import Metrics
from bot.ports import Clock, Committed, Live, Store
from bot.presence import Presences, changes_at, effective
from bot.routing import RoutingRules, assign, places, worth_telling
from bot.routing_events import Offered, OfferLapsed, PlaceChanged, Released, Woken
from bot.sla import ClockState, SlaRules
from bot.teams import Presence, Team
from bot.turn import Turns
from bot.workers import pause

log = structlog.get_logger(__name__)

LONGEST = 30.0
"""Seconds without a look at the desk: what other processes did is not told here."""

SPACING = 0.2
"""Least seconds between two looks, so that many events cost but one; not less than a look takes."""


class Router:
    """The task, and what wakes it."""

    def __init__(
        self,
        *,
        store: Store,
        turns: Turns,
        presences: Presences,
        live: Live,
        clock: Clock,
        metrics: Metrics,
        rules: RoutingRules,
        sla: Callable[[], SlaRules],
    ) -> None:
        self._store = store
        self._turns = turns
        self._presences = presences
        self._live = live
        self._clock = clock
        self._metrics = metrics
        self._rules = rules
        self._sla = sla
        self._wakeups = asyncio.Event()
        self._stopped = asyncio.Event()
        self._teams: Sequence[Team] = ()
        self._shown: dict[tuple[str, str], ClockState] | None = None

    def wake(self) -> None:
        """Something has changed. Called from the event loop's thread."""
        self._wakeups.set()

    def noticed(self, committed: Committed) -> None:
        """A turn of this process has written something."""
        conversation, handoff = committed.conversation, committed.handoff
        if handoff is not None or conversation.due_at is not None or conversation.owner is Owner.QUEUE:
            self.wake()
        if handoff is not None:
            self._count(committed)

    def stop(self) -> None:
        """End after the look under way."""
        self._stopped.set()
        self._wakeups.set()

    async def run(self) -> None:
        """Work until stopped or cancelled; a database that cannot be reached is waited for."""
        failures = 0
        while not self._stopped.is_set():
            self._wakeups.clear()
            began = asyncio.get_running_loop().time()
            try:
                due_at = await self.step()
                failures = 0
                took = asyncio.get_running_loop().time() - began
                seconds = LONGEST if due_at is None else (due_at - self._clock.now()).total_seconds()
                await self._rest(max(SPACING, took), min(LONGEST, seconds))
            except BabeldeskError as error:
                failures += 1
                delay = pause(failures)
                log.warning("routing failed", error=str(error), retry_in=round(delay, 1))
                await self._rest(delay, delay)

    async def _rest(self, least: float, most: float) -> None:
        """Wait, at least and at most these seconds; in between, until woken."""
        for event, seconds in ((self._stopped, least), (self._wakeups, most - least)):
            with suppress(TimeoutError):
                async with asyncio.timeout(max(0.0, seconds)):
                    await event.wait()

    async def step(self) -> datetime | None:
        """One look at the desk; when the next thing is due.

        Raises:
            StorageUnavailable: the database cannot be reached.
        """
        await self._absences()
        await self._what_is_due()
        board = await self._board()
        if await self._release(board):
            board = await self._board()
        if self._rules.automatic and await self._offer(board):
            board = await self._board()
        self._teams = board.teams
        await self._tell_places(board)
        self._watch_clocks(board)
        async with self._store.unit(write=False) as unit:
            due_at = await unit.dues.next()
        return soonest(due_at, *self._turning_points(board))

    # --- the parts of a look ------------------------------------------------------------------------------------------

    async def _absences(self) -> None:
        now = self._clock.now()
        async with self._store.unit(write=False) as unit:
            agents = await unit.agents.list()
        for agent in agents:
            if effective(agent, self._rules, now) is not agent.state:
                await self._presences.refresh(agent.user)

    async def _what_is_due(self) -> None:
        now = self._clock.now()
        async with self._store.unit(write=False) as unit:
            found = [await unit.conversations.get(name) for name in await unit.dues.until(now)]
        for conversation in found:
            if conversation is None or conversation.due_at is None or conversation.due_at > now:
                continue
            if conversation.offer is None:
                await self._do(conversation.id, Woken())
            elif await self._do(conversation.id, OfferLapsed(conversation.offer.agent)):
                self._metrics.offers.labels("lapsed").inc()
                await self._presences.withdraw(conversation.offer.agent)

    async def _release(self, board: Board) -> bool:
        """Take back what agents who left cannot look after; whether there was any.

        It is what they had before they went offline and did not answer, and what is offered to who is not online.
        """
        released = False
        online = {agent.user for agent in board.agents if agent.state is Presence.ONLINE}
        for conversation in board.conversations.values():
            if conversation.offer is not None and conversation.offer.agent not in online:
                released |= await self._do(conversation.id, OfferLapsed(conversation.offer.agent))
        left = {agent.user: agent.since for agent in board.agents if agent.state is Presence.OFFLINE}
        for conversation, handoff in board.open():
            if conversation.agent is None or conversation.unanswered_since is None or conversation.snoozed is not None:
                continue
            since = left.get(conversation.agent)
            # Who takes one while offline means it.
            if since is not None and handoff.claimed_at is not None and handoff.claimed_at < since:
                released |= await self._do(conversation.id, Released(conversation.agent))
        return released

    async def _offer(self, board: Board) -> bool:
        """Offer waiting conversations to agents. Whether there was any to offer."""
        if not board.teams:
            return False
        offered = False
        assigned = {agent.user: agent.assigned_at for agent in board.agents}
        now = self._clock.now()
        waiting = [one for one in board.waiting() if board.conversations[one.conversation].offer is None]
        for made in assign(board.candidates(self._rules), waiting, self._rules, now):
            # Of two processes that have the same room of an agent in mind, one gets it.
            at = max(now, (assigned[made.agent] or now) + timedelta(microseconds=1))
            try:
                async with self._store.unit() as unit:
                    await unit.agents.assigned(made.agent, at, expected=assigned[made.agent])
            except Conflict:
                continue
            assigned[made.agent] = at
            user = board.users[made.agent]
            if await self._do(made.conversation, Offered(user.id, user.display_name, now + self._rules.offer_for)):
                self._metrics.offers.labels("made").inc()
                offered = True
        return offered

    async def _tell_places(self, board: Board) -> None:
        now = self._clock.now()
        if not self._rules.place_every or not is_open(self._sla().hours, now):
            return
        for name, place in places(board.waiting()).items():
            conversation = board.conversations[name]
            told, told_at = conversation.told_place, conversation.told_place_at
            if conversation.offer is None and worth_telling(place, told, told_at, now, self._rules.place_every):
                await self._do(name, PlaceChanged(place))

    def _watch_clocks(self, board: Board) -> None:
        """Count the open clocks, and tell consoles of those that begin to warn or run out."""
        now = self._clock.now()
        states: dict[tuple[str, str], ClockState] = {}
        sla = self._sla()
        for conversation, handoff in board.open():
            for name, clock in sla.clocks(handoff, board.teams, now).each():
                states[conversation.id, name] = clock.state
        counts = Counter((name, state) for (_, name), state in states.items())
        for name in ("first_answer", "resolution"):
            for state in (ClockState.DUE, ClockState.WARNING, ClockState.BREACHED):
                self._metrics.sla_open.labels(name, state).set(counts[name, state])
        if self._shown is not None:
            alarming = {ClockState.WARNING, ClockState.BREACHED}
            changed = {key[0] for key, state in states.items() if state in alarming and self._shown.get(key) != state}
            for name in sorted(changed):
                self._live.publish(Committed(board.conversations[name], (), board.handoffs[name]))
        self._shown = states

    def _turning_points(self, board: Board) -> Iterable[datetime]:
        """When, if nothing happens, something else is to be done."""
        now = self._clock.now()
        moments = [changes_at(agent, self._rules) for agent in board.agents]
        sla = self._sla()
        for _, handoff in board.open():
            for _, clock in sla.clocks(handoff, board.teams, now).each():
                if clock.state is not ClockState.MET:
                    moments += [clock.warn_at, clock.due_at]
        if self._rules.automatic and board.teams:
            moments += [one.opened_at + self._rules.language_wait for one in board.waiting()]
        for name, place in places(board.waiting()).items():
            told, told_at = board.conversations[name].told_place, board.conversations[name].told_place_at
            if told is not None and told_at is not None and place < told:
                moments.append(told_at + self._rules.place_every)
        return [moment for moment in moments if moment is not None and moment > now]

    # --- help --------------------------------------------------------------------------------------------------------

    async def _board(self) -> Board:
        async with self._store.unit(write=False) as unit:
            return await read_board(unit)

    async def _do(self, conversation: str, event: AgentEvent) -> bool:
        """Carry out an event; False if somebody was quicker, and it is not to be done any more."""
        try:
            await self._turns.agent(conversation, event)
        except (Conflict, InvalidInput) as error:
            log.info("not routed", conversation=conversation, reason=str(error))
            return False
        return True

    def _count(self, committed: Committed) -> None:
        """Count the clock that this change stopped."""
        handoff, at = committed.handoff, committed.conversation.updated_at
        if handoff is None:
            return
        clocks = self._sla().clocks(handoff, self._teams, at)
        done = handoff.state is HandoffState.DONE
        stopped = {
            "first_answer": handoff.answered_at is None if done else handoff.answered_at == at,
            "resolution": done,
        }
        for name, clock in clocks.each():
            if stopped[name]:
                self._metrics.sla_stopped.labels(name, clock.state).inc()
