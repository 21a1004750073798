"""Holidays that move: Easter and what is counted from it, and the nth weekday of a month."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, datetime, timedelta

_FLOATING = {
    "T": (11, 4, 4, 0), "T+1": (11, 4, 4, 1), "M1": (1, 1, 3, 0), "M5": (5, 7, 2, 0), "M6": (6, 7, 3, 0),
    "M9": (9, 1, 1, 0), "MD": (5, 1, -1, 0),
}  # fmt: skip
"""Code → month, weekday, which of them (-1 the last), days after; as the United States keep them."""


@dataclass(frozen=True, slots=True)
class Feast:
    """A movable holiday by its code: `E-2` is two days before Easter, `T` Thanksgiving, any other has no date here."""

    code: str
    year: int | None = None

    def on(self, reference: date) -> date | None:
        """Its day in its year, or the next that comes."""
        for year in (self.year,) if self.year is not None else (reference.year, reference.year + 1):
            found = self._in(year)
            if found is None or self.year is not None or found >= reference:
                return found
        return None

    def _in(self, year: int) -> date | None:
        if self.code.startswith("E"):
            return easter(year) + timedelta(days=int(self.code[1:]))
        if self.code not in _FLOATING:
            return None
        month, weekday, which, later = _FLOATING[self.code]
        days = [week[weekday - 1] for week in calendar.monthcalendar(year, month) if week[weekday - 1]]
        return date(year, month, days[which - 1 if which > 0 else -1]) + timedelta(days=later)

    def text(self, reference: datetime | None = None) -> str:
        """Its date where a year is known, else its year or `XXXX`."""
        if reference is None and self.year is None:
            return "XXXX"
        found = self.on(reference.date() if reference is not None else date(self.year or 1, 1, 1))
        return found.isoformat() if found is not None else f"{self.year:04d}" if self.year is not None else "XXXX"


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar, by the algorithm of Meeus, Jones and Butcher (Nature, 1876)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    weekday = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 19 * weekday) // 433
    month = (h + weekday - 7 * m + 90) // 25
    return date(year, month, (h + weekday - 7 * m + 33 * month + 19) % 32)
