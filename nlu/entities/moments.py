"""Values of dates, times and durations: what the words say, and what that is when the reference time is known.

Without a reference they are written in ISO 8601 and its Extended Date/Time Format (ISO 8601-2), in which an X stands
for a digit that was not said: `2026-11-25`, `XXXX-11-25`, `XXXX-WXX-1` (a Monday), `T17:30`, `P3D`, `-P1D` (yesterday),
`2026-11-01/2026-12-01`. With one, days are days: what was not said is taken to be the next that comes, but for the
year of a month, which is the one that makes it the nearest: orders are as old as appointments are far.
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Context, Decimal
from typing import Protocol

_WEEK, MONTHS = 7, 12
_PLACES = 15
"""Decimal places that a number is written with."""
_SMALLEST = Decimal("1e-12")
_YEARS_AHEAD = 8
"""In which every 29 February lies."""
DAYS_OF = {"D": 1, "W": _WEEK, "F": 2 * _WEEK, "BD": 1, "WE": _WEEK}
MONTHS_OF = {"M": 1, "Q": 3, "Y": MONTHS, "DEC": 10 * MONTHS, "CEN": 100 * MONTHS, "HY": 6}
_SECONDS_OF = {"H": 3600, "MI": 60, "S": 1}


class Value(Protocol):
    """Something that can be written, with or without knowing when it was said."""

    def text(self, reference: datetime | None) -> str:
        """In ISO 8601."""
        ...


def clock_time(moment: datetime) -> str:
    """A moment as the clocks show it: `2026-11-25T17:30:00`."""
    return moment.replace(tzinfo=None).isoformat(timespec="seconds")


def add(day: date, amount: int, unit: str) -> date | None:
    """A day some units later; None beyond the calendar. The day of the month is kept where the month has it."""
    try:
        if unit in DAYS_OF:
            return day + timedelta(days=amount * DAYS_OF[unit])
        months = day.year * MONTHS + day.month - 1 + amount * MONTHS_OF[unit]
        year, month = divmod(months, MONTHS)
        return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
    except (ValueError, OverflowError, calendar.IllegalMonthError):
        return None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Duration:
    """An amount of time: unit → how many."""

    amounts: Mapping[str, Decimal] = field(default_factory=dict)

    def text(self, reference: datetime | None = None) -> str:  # noqa: ARG002 - as all values
        """`P1Y2M`, `PT1H30M`; decades and quarters in years and months, as ISO 8601 has no letter for them."""
        dates, times = "", ""
        for unit, amount in self.amounts.items():
            if unit in _SECONDS_OF:
                times += f"{plain(amount)}{unit[0]}"
            else:
                letter, factor = {
                    "DEC": ("Y", 10), "CEN": ("Y", 100), "Q": ("M", 3), "F": ("W", 2), "HY": ("M", 6),
                    "BD": ("D", 1), "WE": ("D", 2),
                }.get(unit, (unit, 1))  # fmt: skip
                dates += f"{plain(amount * factor)}{letter}"
        return f"P{dates}" + (f"T{times}" if times else "")

    def after(self, start: datetime, sign: int = 1) -> datetime | None:
        """The moment that lies this duration after `start`, or before it."""
        now = start
        for unit, amount in self.amounts.items():
            try:
                if unit in _SECONDS_OF:
                    # By the sun and not by the clock, which may be set back or forward in between.
                    elapsed = timedelta(seconds=sign * float(amount) * _SECONDS_OF[unit])
                    now = (
                        now + elapsed if now.tzinfo is None else (now.astimezone(UTC) + elapsed).astimezone(now.tzinfo)
                    )
                else:
                    day = add(now.date(), sign * int(amount), unit)
                    if day is None:
                        return None
                    now = datetime.combine(day, now.time(), now.tzinfo)
            except OverflowError:
                return None
        return now

    @property
    def timed(self) -> bool:
        """Whether it counts hours, minutes or seconds."""
        return not _SECONDS_OF.keys().isdisjoint(self.amounts)


def plain(number: Decimal) -> str:
    """A number without exponent and trailing zeros."""
    text = format(number, "f" if abs(number) >= _SMALLEST or not number else "e")
    if "e" in text or "E" in text:
        return text
    fraction = text.partition(".")[2]
    if len(fraction) > _PLACES:
        text = format(number.quantize(Decimal(10) ** -_PLACES, context=Context(prec=60)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


@dataclass(frozen=True, slots=True)
class Day:
    """A calendar day, as far as it was said; `shift` counts days from the reference, `weeks` weeks, for a weekday."""

    year: int | None = None
    month: int | None = None
    day: int | None = None
    weekday: int | None = None
    shift: int | None = None
    weeks: int | None = None
    nth: int | None = None
    """Which of the weekdays of the month; -1 is the last."""
    months: int | None = None
    """Of the month that lies so many months from the reference's."""

    def on(self, reference: date) -> date | None:
        """The day itself, or None if there is no such day."""
        if self.shift is not None:
            return add(reference, self.shift, "D")
        if self.months is not None:
            month = add(reference.replace(day=1), self.months, "M")
            return month and replace(self, months=None, year=month.year, month=month.month).on(reference)
        if self.nth is not None:
            return self._nth(reference)
        if self.month is None and self.day is None:
            return self._weekday(reference)
        return self._next(reference)

    def _weekday(self, reference: date) -> date | None:
        if self.weekday is None:
            return None
        ahead = self.weekday - reference.isoweekday()
        if self.weeks is not None:
            return add(reference, ahead + _WEEK * self.weeks, "D")
        return add(reference, ahead % _WEEK or _WEEK, "D")

    def _next(self, reference: date) -> date | None:
        years = [self.year] if self.year is not None else range(reference.year - 1, reference.year + _YEARS_AHEAD + 1)
        months = [self.month] if self.month else range(1, MONTHS + 1)
        days = [day for year in years for month in months if (day := _day(year, month, self.day or 1)) is not None]
        if self.weekday is not None:
            days = [day for day in days if day.isoweekday() == self.weekday] or days
        if self.year is not None:
            return next(iter(days), None)
        if self.month is None:
            return next((day for day in days if day >= reference), None)
        return min(days, key=lambda day: (abs(day - reference), day < reference), default=None)

    def _nth(self, reference: date) -> date | None:
        year, month = self.year or reference.year, self.month or reference.month
        weeks = [week[(self.weekday or 1) - 1] for week in calendar.monthcalendar(year, month)]
        days = [day for day in weeks if day]
        index = (self.nth or 1) - 1 if (self.nth or 1) > 0 else -1
        return date(year, month, days[index]) if index < len(days) else None

    def text(self, reference: datetime | None = None) -> str:
        """The day; without a reference as far as it was said."""
        complete = self.year is not None and self.month is not None and self.day is not None
        if reference is not None and not complete:
            found = self.on(reference.date())
            if found is not None:
                return found.isoformat()
        if self.shift is not None:
            return signed(self.shift, "D")
        if self.months is not None:
            nth = f"XX-WXX-{self.weekday}-{self.nth}" if self.nth is not None else f"XX-{self.day or 0:02d}"
            return f"{signed(self.months, 'M')}/XXXX-{nth}"
        if self.nth is not None or (self.month is None and self.day is None):
            week = "" if self.weeks is None else f"{signed(self.weeks, 'W')}/"
            return f"{week}XXXX-WXX-{self.weekday}"
        year = f"{self.year:04d}" if self.year is not None else "XXXX"
        month = f"{self.month:02d}" if self.month is not None else "XX"
        return f"{year}-{month}-{self.day:02d}" if self.day is not None else f"{year}-{month}"


def signed(amount: int, unit: str) -> str:
    """An amount of a unit from now: `P2W`, `-P1D`."""
    text = Duration({unit: Decimal(abs(amount))}).text()
    return f"-{text}" if amount < 0 else text


@dataclass(frozen=True, slots=True)
class Offset:
    """A duration before or after a day or now."""

    duration: Duration
    sign: int
    base: Day | None = None

    def text(self, reference: datetime | None = None) -> str:
        """The day, or the moment if hours were counted; without a reference the signed duration."""
        start = reference
        if self.base is not None:
            day = self.base.on((reference or datetime(1, 1, 1)).date())  # noqa: DTZ001 - a bare calendar
            known = reference is not None or self.base.year is not None
            start = datetime.combine(day, datetime.min.time()) if day is not None and known else None
        found = self.duration.after(start, self.sign) if start is not None else None
        if found is None:
            sign = "-" if self.sign < 0 else ""
            own = f"{sign}{self.duration.text()}"
            return own if self.base is None else f"{self.base.text(None)}{sign or '+'}{self.duration.text()}"
        return clock_time(found) if self.duration.timed else found.date().isoformat()


@dataclass(frozen=True, slots=True)
class Now:
    """The moment at which it was said."""

    def text(self, reference: datetime | None = None) -> str:
        """`2026-11-25T17:30:00`; without a reference as TIMEX3 writes it (ISO 24617-1)."""
        return "PRESENT_REF" if reference is None else clock_time(reference)


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day; `half` is AM or PM where that was said, `part` a time of day without hours such as a morning."""

    hour: int
    minute: int | None = None
    second: int | None = None

    def text(self, reference: datetime | None = None) -> str:  # noqa: ARG002 - as all values
        """`T17:30`."""
        second = "" if self.second is None else f":{self.second:02d}"
        return f"T{self.hour:02d}:{self.minute or 0:02d}{second}"

    def in_half(self, half: str) -> Clock:
        """The same on the clock of twelve hours: `AM`, `PM`, or the part of the day that it lies in."""
        if half in {"PM", "AF", "EV"} and self.hour < 12:  # noqa: PLR2004
            return replace(self, hour=self.hour + 12)
        if half == "NI" and 6 <= self.hour < 12:  # noqa: PLR2004
            return replace(self, hour=self.hour + 12)
        if half in {"AM", "MO", "NI"} and self.hour == 12:  # noqa: PLR2004
            return replace(self, hour=0)
        return self


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the day: `MO` morning, `AF` afternoon, `EV` evening, `NI` night and so on."""

    name: str

    def text(self, reference: datetime | None = None) -> str:  # noqa: ARG002 - as all values
        """The part as TIMEX3 writes it (ISO 24617-1): `TMO`."""
        return f"T{self.name}"


@dataclass(frozen=True, slots=True)
class Moment:
    """A day and a time of it."""

    day: Value
    clock: Clock | Part

    def text(self, reference: datetime | None = None) -> str:
        """`2026-11-25T17:30`."""
        return f"{self.day.text(reference)}{self.clock.text()}"
