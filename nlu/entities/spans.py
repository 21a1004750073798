"""Values of what lasts: weeks, months, years, ranges, and what comes again and again. See `moments`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from nlu.entities.moments import DAYS_OF, MONTHS, MONTHS_OF, Value, add, signed

_ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class Period:
    """A week, month, quarter, year … as a calendar has it: by its fields, or so many units from now."""

    unit: str
    year: int | None = None
    number: int | None = None
    """Month, quarter or week of the year."""
    shift: int | None = None
    count: int = 1

    def bounds(self, reference: date) -> tuple[date, date] | None:
        """First day, and the day after the last."""
        start = self._start(reference)
        if start is None:
            return None
        if self.count > 1 or (self.shift and self.unit in DAYS_OF and self.unit == "D"):
            sign = -1 if (self.shift or 0) < 0 else 1
            first = reference if sign < 0 else reference + timedelta(days=1)
            other = add(first, sign * self.count, self.unit)
            return None if other is None else (min(first, other), max(first, other))
        end = add(start, 1, self.unit if self.unit != "WE" else "D")
        if end is not None and self.unit == "WE":
            end += timedelta(days=1)
        return None if end is None else (start, end)

    def _start(self, reference: date) -> date | None:
        year = self.year if self.year is not None else reference.year
        try:
            if self.shift is not None:
                return self._shifted(reference)
            if self.unit == "M" and self.number:
                months = (self.number - reference.month) if self.year is None else 0
                # As with days, the nearest of its name.
                return date(year + (months < -MONTHS // 2) - (months > MONTHS // 2), self.number, 1)
            if self.unit == "Q" and self.number:
                return date(year, 3 * self.number - 2, 1)
            if self.unit == "W" and self.number:
                return date.fromisocalendar(year, self.number, 1)
            return date(year, 1, 1)
        except ValueError:
            return None

    def _shifted(self, reference: date) -> date | None:
        shift = self.shift or 0
        if self.unit in {"W", "WE", "F", "BD"}:
            monday = reference - timedelta(days=reference.isoweekday() - 1)
            return add(monday, 5 if self.unit == "WE" else 0, "D") and add(
                monday + timedelta(days=5 if self.unit == "WE" else 0), shift, "W"
            )
        if self.unit == "D":
            return add(reference, shift, "D")
        months = MONTHS_OF[self.unit]
        year, month = reference.year, reference.month
        if months < MONTHS:
            month = (month - 1) // months * months + 1
            return add(date(year, month, 1), shift, self.unit)
        span = months // MONTHS
        return add(date(year // span * span, 1, 1), shift, self.unit)

    def text(self, reference: datetime | None = None) -> str:  # noqa: PLR0911 - one for each form
        """A month as `2026-11`, a year as `2026`, a week as `2026-W47`, the rest by first day and the day after."""
        if reference is None and self.shift is not None:
            if self.unit == "WE":
                return f"{signed(self.shift, 'W')}/XXXX-WXX-WE"
            return signed(self.shift if self.count == 1 else self.shift * self.count, self.unit)
        if reference is None and self.year is None:
            return {"M": f"XXXX-{self.number or 0:02d}", "W": f"XXXX-W{self.number or 0:02d}"}.get(
                self.unit, f"XXXX-{self.unit}{self.number or ''}"
            )
        if self.count == 1 and self.shift is None and self.unit in {"M", "Y"} and self.year is not None:
            return f"{self.year:04d}-{self.number:02d}" if self.unit == "M" else f"{self.year:04d}"
        bounds = self.bounds((reference or datetime(self.year or 1, 1, 1)).date())  # noqa: DTZ001 - a bare calendar
        if bounds is None:
            return f"XXXX-{self.unit}"
        start, end = bounds
        if self.count == 1 and self.unit == "M":
            return f"{start:%Y-%m}"
        if self.count == 1 and self.unit == "Y":
            return f"{start:%Y}"
        if self.count == 1 and self.unit == "W":
            return f"{start.isocalendar().year}-W{start.isocalendar().week:02d}"
        return f"{start}/{end}"


@dataclass(frozen=True, slots=True)
class Interval:
    """From one to another; either may be open, written as `..` (ISO 8601-2)."""

    start: Value | None
    end: Value | None

    def text(self, reference: datetime | None = None) -> str:
        """`2026-11-01/2026-12-01`."""
        start = self.start.text(reference) if self.start is not None else ".."
        end = self.end.text(reference) if self.end is not None else ".."
        dated = reference is not None and _ISO_DATE.match(start) and _ISO_DATE.match(end)
        if reference is not None and self.end is not None and dated and end[:10] < start[:10]:
            # "From 20 December to 5 January", "from Friday to Monday": the end is the next one after the start.
            end = self.end.text(datetime.combine(date.fromisoformat(start[:10]), reference.time(), reference.tzinfo))
        return f"{start}/{end}"


@dataclass(frozen=True, slots=True)
class Recurrence:
    """Every so often, or every time of a kind."""

    every: Value

    def text(self, reference: datetime | None = None) -> str:  # noqa: ARG002 - a rule has no date
        """`R/P1W`, `R/XXXX-WXX-1`: a repetition of ISO 8601."""
        return f"R/{self.every.text(None)}"


@dataclass(frozen=True, slots=True)
class Spelled:
    """A value that is written out already."""

    value: str

    def text(self, reference: datetime | None = None) -> str:  # noqa: ARG002 - as all values
        """As it is."""
        return self.value
