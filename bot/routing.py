"""Who gets which waiting customer, and what the customer is told of it. Pure: no clock, no randomness, no I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from bot.teams import Presence, speaks

NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class RoutingRules:
    """How the desk works.

    `language_wait` is how long a customer waits for somebody who speaks their language while nobody online does.
    `place_every` is the least time between two words about the place in the queue, zero for none.
    """

    automatic: bool = True
    """Whether agents are offered conversations; where there is no team they always pull them."""
    capacity: int = 4
    """Conversations at once of an agent for whom nothing else is set."""
    offer_for: timedelta = timedelta(seconds=60)
    language_wait: timedelta = timedelta(seconds=120)
    away_after: timedelta = timedelta(minutes=5)
    offline_after: timedelta = timedelta(minutes=15)
    place_every: timedelta = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A customer who waits; without a `team` anybody may help."""

    conversation: str
    opened_at: datetime
    language: str = ""
    urgent: bool = False
    team: str | None = None
    skills: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Candidate:
    """An agent who may get a customer; `load` is what they have already: conversations and offers."""

    agent: str
    languages: tuple[str, ...]
    capacity: int
    load: int = 0
    presence: Presence = Presence.ONLINE
    skills: frozenset[str] = frozenset()
    teams: frozenset[str] = frozenset()
    assigned_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Assignment:
    """A customer for an agent."""

    conversation: str
    agent: str


def in_order(waiting: Sequence[Waiting]) -> list[Waiting]:
    """The queue: urgent first, then the longest waiting."""
    return sorted(waiting, key=lambda one: (not one.urgent, one.opened_at, one.conversation))


def assign(
    agents: Sequence[Candidate], waiting: Sequence[Waiting], rules: RoutingRules, at: datetime
) -> tuple[Assignment, ...]:
    """Give each customer, in the queue's order, the least loaded agent online who is right for them and has room.

    Among equally loaded ones it is who was assigned something longest ago. A customer for whom nobody has room waits,
    and holds up nobody behind them.
    """
    pool = {candidate.agent: candidate for candidate in agents if candidate.presence is Presence.ONLINE}
    order = dict.fromkeys(sorted(pool), 0)
    made: list[Assignment] = []
    for one in in_order(waiting):
        if all(candidate.load >= candidate.capacity for candidate in pool.values()):
            break
        free = [c for c in _right_for(one, list(pool.values()), rules, at) if c.load < c.capacity]
        if not free:
            continue
        chosen = min(free, key=lambda c: (c.load, order[c.agent], c.assigned_at or NEVER, c.agent))
        made.append(Assignment(one.conversation, chosen.agent))
        pool[chosen.agent] = replace(chosen, load=chosen.load + 1)
        order[chosen.agent] = len(made)
    return tuple(made)


def _right_for(one: Waiting, online: Sequence[Candidate], rules: RoutingRules, at: datetime) -> Sequence[Candidate]:
    """Who of those online may help, with room or without."""
    able = [c for c in online if (one.team is None or one.team in c.teams) and one.skills <= c.skills]
    speakers = [c for c in able if speaks(c.languages, one.language)]
    # Somebody who speaks the language and is busy is worth waiting for; if nobody is there, any help is better.
    return speakers or (able if at - one.opened_at >= rules.language_wait else [])


def places(waiting: Sequence[Waiting]) -> Mapping[str, int]:
    """Each conversation's place, from 1, in the queue of its team."""
    counted: dict[str | None, int] = {}
    found: dict[str, int] = {}
    for one in in_order(waiting):
        found[one.conversation] = counted[one.team] = counted.get(one.team, 0) + 1
    return found


def worth_telling(place: int, told: int | None, told_at: datetime | None, at: datetime, every: timedelta) -> bool:
    """Whether a customer should hear their place now.

    The first time, if somebody is before them; later when they are next, or a third further than they were told. Never
    that it became worse, and never sooner than `every` after the last time.
    """
    if not every:
        return False
    if told is None:
        return place > 1
    if told_at is not None and at - told_at < every:
        return False
    return place < told and (place == 1 or place <= told * 2 / 3)
