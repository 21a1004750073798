"""How long a customer may wait: clocks that run in working hours, from timestamps alone. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from bot.conversation import Handoff, HandoffState
from bot.pack import WorkingHours
from bot.teams import Team, present_team

FURTHEST = 3660
"""Days that are looked ahead for working time; a target beyond them has no end."""


class ClockState(StrEnum):
    """Where a clock stands."""

    DUE = "due"
    WARNING = "warning"
    BREACHED = "breached"
    MET = "met"


@dataclass(frozen=True, slots=True)
class SlaClock:
    """One clock: from `warn_at` it warns, at `due_at` it has run out."""

    state: ClockState
    warn_at: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True)
class HandoffClocks:
    """A handoff's clocks; None where there is no target."""

    first_answer: SlaClock | None = None
    resolution: SlaClock | None = None

    def each(self) -> Iterator[tuple[str, SlaClock]]:
        """Those that there are, by name."""
        for name, clock in (("first_answer", self.first_answer), ("resolution", self.resolution)):
            if clock is not None:
                yield name, clock


NO_CLOCKS = HandoffClocks()


@dataclass(frozen=True, slots=True)
class SlaRules:
    """Targets in seconds of working time, 0 for none; `warning` is the share of a target after which a clock warns."""

    first_answer: int = 600
    resolution: int = 28_800
    warning: float = 0.75
    hours: WorkingHours | None = None

    def clocks(self, handoff: Handoff, teams: Sequence[Team], at: datetime) -> HandoffClocks:
        """How a handoff's clocks stand; its team's targets go before these. One that was cancelled has none."""
        if handoff.outcome == "cancelled":
            return NO_CLOCKS
        team = present_team(teams, handoff)
        first = self.first_answer if team is None or team.first_answer is None else team.first_answer
        resolution = self.resolution if team is None or team.resolution is None else team.resolution
        done_at = handoff.done_at if handoff.state is HandoffState.DONE else None
        # Ended without an answer (given back at once, say): the wait for one ended with it.
        answered_at = handoff.answered_at or done_at
        return HandoffClocks(
            self._clock(handoff.opened_at, first, answered_at, at),
            self._clock(handoff.opened_at, resolution, done_at, at),
        )

    def _clock(self, start: datetime, target: int, done_at: datetime | None, at: datetime) -> SlaClock | None:
        if target <= 0:
            return None
        due_at = after_working(self.hours, start, timedelta(seconds=target))
        warn_at = after_working(self.hours, start, timedelta(seconds=target * self.warning))
        if due_at is None or warn_at is None:
            return None
        if done_at is not None:
            state = ClockState.MET if done_at <= due_at else ClockState.BREACHED
        elif at >= due_at:
            state = ClockState.BREACHED
        else:
            state = ClockState.WARNING if at >= warn_at else ClockState.DUE
        return SlaClock(state, warn_at, due_at)


def after_working(hours: WorkingHours | None, start: datetime, span: timedelta) -> datetime | None:
    """When, from `start` on, this much working time has passed; UTC. None if never; with no hours, time is all work."""
    if hours is None:
        return start.astimezone(UTC) + span
    left = span
    for opening, closing in _spans(hours, start):
        begin = max(opening, start)
        if begin >= closing:
            continue
        if left <= closing - begin:
            return begin.astimezone(UTC) + left
        left -= closing - begin
    return None


def _spans(hours: WorkingHours, start: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Working spans in UTC, from the day of `start` on: a day with a change of the clocks is longer or shorter."""
    if not any(hours.days.values()):
        return
    today = start.astimezone(hours.timezone).date()
    for ahead in range(FURTHEST):
        day = today + timedelta(days=ahead)
        for opening, closing in sorted(hours.days.get(day.weekday(), ())):
            yield (
                datetime.combine(day, opening, hours.timezone).astimezone(UTC),
                datetime.combine(day, closing, hours.timezone).astimezone(UTC),
            )
