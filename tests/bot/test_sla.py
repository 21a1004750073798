"""Clocks that run in working hours."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation import Handoff, HandoffState
from bot.locales import is_open
from bot.pack import WorkingHours
from bot.sla import ClockState, SlaRules, after_working
from bot.teams import Team

BERLIN = WorkingHours(
    ZoneInfo("Europe/Berlin"),
    {
        0: ((time(9), time(12)), (time(13), time(17))),
        4: ((time(9), time(17)),),
        6: ((time(1), time(4)),),
    },
)
"""Monday with a break, Friday, and Sunday over the change of the clocks."""

MONDAY = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
"""Berlin is an hour ahead."""


def at(day: int, hour: float) -> datetime:
    """A time of that week, UTC; Monday is day 0."""
    return MONDAY + timedelta(days=day, hours=hour)


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        (at(0, 9), 1, at(0, 10)),
        (at(0, 9), 2, at(0, 11)),  # to the very end of the morning
        (at(0, 9), 3, at(0, 13)),  # over the break
        (at(0, 3), 1, at(0, 9)),  # before opening
        (at(0, 11.5), 1, at(0, 13)),  # within the break
        (at(0, 15), 2, at(4, 9)),  # until Friday
        (at(1, 12), 1, at(4, 9)),  # on a day off
        (at(0, 8), 7 + 8 + 3 + 1, at(7, 9)),  # the week after
    ],
)
def test_time_counts_while_people_work(start: datetime, hours: float, end: datetime) -> None:
    assert after_working(BERLIN, start, timedelta(hours=hours)) == end


def test_a_day_on_which_the_clocks_change_is_as_long_as_it_is() -> None:
    spring = datetime(2026, 3, 29, 0, 0, tzinfo=UTC)  # 01:00 in Berlin; at 02:00 it is 03:00
    assert after_working(BERLIN, spring, timedelta(hours=2)) == datetime(2026, 3, 29, 2, 0, tzinfo=UTC)
    assert after_working(BERLIN, spring, timedelta(hours=2.5)) == datetime(2026, 3, 30, 7, 30, tzinfo=UTC)


def test_without_hours_all_time_counts_and_without_any_day_none_does() -> None:
    assert after_working(None, MONDAY, timedelta(hours=30)) == MONDAY + timedelta(hours=30)
    assert after_working(WorkingHours(ZoneInfo("UTC"), {}), MONDAY, timedelta(hours=1)) is None


@given(st.integers(0, 20_000), st.integers(1, 5_000), st.integers(1, 5_000))
def test_two_spans_one_after_the_other_are_as_long_as_both(start: int, first: int, second: int) -> None:
    begun = MONDAY + timedelta(minutes=start)
    between = after_working(BERLIN, begun, timedelta(minutes=first))
    assert between is not None
    end = after_working(BERLIN, between, timedelta(minutes=second))
    assert end == after_working(BERLIN, begun, timedelta(minutes=first + second))
    assert end is not None
    assert is_open(BERLIN, end - timedelta(microseconds=1))


RULES = SlaRules(first_answer=3600, resolution=7200, warning=0.75, hours=None)
OPENED = Handoff("h", "c", "requested", MONDAY)


@pytest.mark.parametrize(
    ("minutes", "first", "resolution"),
    [
        (44, "due", "due"),
        (45, "warning", "due"),
        (60, "breached", "due"),
        (90, "breached", "warning"),
        (120, "breached", "breached"),
    ],
)
def test_a_clock_warns_before_it_runs_out(minutes: int, first: str, resolution: str) -> None:
    clocks = RULES.clocks(OPENED, (), MONDAY + timedelta(minutes=minutes))
    assert clocks.first_answer is not None
    assert clocks.resolution is not None
    assert (clocks.first_answer.state, clocks.resolution.state) == (first, resolution)
    assert clocks.first_answer.due_at == MONDAY + timedelta(hours=1)
    assert clocks.resolution.warn_at == MONDAY + timedelta(minutes=90)


def test_an_answer_stops_the_first_clock_and_the_end_the_second() -> None:
    late = MONDAY + timedelta(days=9)
    answered = replace(OPENED, answered_at=MONDAY + timedelta(minutes=60))
    states = {name: clock.state for name, clock in RULES.clocks(answered, (), late).each()}
    assert states == {"first_answer": ClockState.MET, "resolution": ClockState.BREACHED}
    done = replace(answered, state=HandoffState.DONE, outcome="closed", done_at=MONDAY + timedelta(minutes=121))
    states = {name: clock.state for name, clock in RULES.clocks(done, (), late).each()}
    assert states == {"first_answer": ClockState.MET, "resolution": ClockState.BREACHED}


def test_a_call_that_the_customer_took_back_has_no_clocks() -> None:
    taken_back = replace(OPENED, state=HandoffState.DONE, outcome="cancelled", done_at=MONDAY)
    assert list(RULES.clocks(taken_back, (), MONDAY).each()) == []


def test_a_teams_targets_go_before_the_settings() -> None:
    quick = Team("t", "quick", first_answer=60, resolution=0)
    clocks = RULES.clocks(replace(OPENED, team="t"), [quick], MONDAY)
    assert clocks.resolution is None
    assert clocks.first_answer is not None
    assert clocks.first_answer.due_at == MONDAY + timedelta(minutes=1)
    assert RULES.clocks(OPENED, [quick], MONDAY).resolution is not None
