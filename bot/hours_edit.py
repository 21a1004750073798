"""The desk's working hours as they stand in `pack.yml`: as values, and changed in their place. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.audit import JsonValue
from bot.errors import InvalidInput
from bot.pack import Pack, WorkingHours
from bot.pack_edit import Changed, must_match
from bot.pack_reader import WEEKDAYS
from bot.revisions import Snapshot
from bot.yamledit import YamlEdit

FILE = "pack.yml"

MOST_SPANS = 12
"""Of one day."""


def hours_of(pack: Pack) -> dict[str, Any] | None:
    """A time zone and the spans of every weekday, as `pack.yml` has them; None if somebody is always there."""
    hours = pack.working_hours
    if hours is None:
        return None
    days = {day: [_span(*span) for span in hours.days.get(number, ())] for number, day in enumerate(WEEKDAYS)}
    return {"timezone": str(hours.timezone), "days": days}


def put_hours(now: Snapshot, timezone: str | None, days: Mapping[str, Sequence[str]], tag: str | None) -> Changed:
    """Change the hours; without a time zone there are none, and somebody is always there.

    Raises:
        Stale: they were changed in the meantime.
        InvalidInput: there is no such time zone, or a day's spans make no sense.
    """
    wanted: dict[str, Any] | None = None
    if timezone is not None:
        try:
            ZoneInfo(timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise InvalidInput(f"timezone: there is no time zone {timezone!r}") from None
        if unknown := sorted(set(days) - set(WEEKDAYS)):
            raise InvalidInput(f"days: there is no weekday {unknown[0]!r}")
        wanted = {"timezone": timezone, "days": {day: _checked(day, days.get(day, ())) for day in WEEKDAYS}}
    must_match("the working hours", hours_of(now.pack), wanted, tag)
    edit = YamlEdit(now.texts[FILE])
    if wanted is None:
        if edit.has(("working_hours",)):
            edit.remove(("working_hours",))
        return {FILE: edit.text}
    open_days = {day: spans for day, spans in wanted["days"].items() if spans}
    edit.put(("working_hours", "timezone"), timezone)
    if not isinstance(edit.get(("working_hours", "days")), dict):
        edit.put(("working_hours", "days"), open_days)
    for day in WEEKDAYS:
        place = ("working_hours", "days", day)
        if day in open_days:
            edit.put(place, open_days[day])
        elif edit.has(place):
            edit.put(place, [])
    return {FILE: edit.text}


def recorded(pack: Pack) -> dict[str, JsonValue]:
    """What the audit log keeps of a pack's hours: each weekday by name."""
    hours = hours_of(pack)
    return {} if hours is None else {"timezone": hours["timezone"], **hours["days"]}


def closes_at(hours: WorkingHours | None, at: datetime) -> datetime | None:
    """When people leave, if they are there now and ever leave; spans that touch are one."""
    if hours is None:
        return None
    local = at.astimezone(hours.timezone)
    end: datetime | None = None
    for ahead in range(8):
        day = local.date() + timedelta(days=ahead)
        for opening, closing in sorted(hours.days.get(day.weekday(), ())):
            begins = datetime.combine(day, opening, hours.timezone)
            ends = datetime.combine(day, closing, hours.timezone)
            if closing == time.max:
                ends = datetime.combine(day + timedelta(days=1), time.min, hours.timezone)
            if ends <= local:
                continue
            if begins > (end or local):
                return end
            end = ends
    return None  # never within a week: never


def _checked(day: str, spans: Sequence[str]) -> list[str]:
    if len(spans) > MOST_SPANS:
        raise InvalidInput(f"days.{day}: {len(spans)} spans are over the limit of {MOST_SPANS}")
    parsed = sorted(_parsed(day, span) for span in spans)
    for (_, before), (after, _) in pairwise(parsed):
        if after < before:
            raise InvalidInput(f"days.{day}: two spans overlap")
    return [_span(*span) for span in parsed]


def _parsed(day: str, span: str) -> tuple[time, time]:
    try:
        opening, closing = (time.max if part == "24:00" else time.fromisoformat(part) for part in span.split("-"))
    except ValueError:
        raise InvalidInput(f"days.{day}: {span!r} is no span such as 09:00-17:30") from None
    if opening >= closing or opening.tzinfo or closing.tzinfo:
        raise InvalidInput(f"days.{day}: {span!r} does not end after it begins")
    return opening, closing


def _span(opening: time, closing: time) -> str:
    return f"{opening:%H:%M}-{'24:00' if closing == time.max else f'{closing:%H:%M}'}"
