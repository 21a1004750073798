"""Names of languages and times of day as people write them, from CLDR."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time

from bot.pack import WorkingHours

RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur", "ps", "sd", "ug", "yi", "dv", "ckb"})
"""Languages written from right to left."""


@lru_cache(maxsize=512)
def locale_of(code: str) -> Locale | None:
    """CLDR's locale of a BCP 47 code, or of its base language; None if there is neither."""
    for candidate in (code, code.split("-", 1)[0]):
        try:
            return Locale.parse(candidate, sep="-")
        except (UnknownLocaleError, ValueError):
            continue
    return None


def language_name(code: str, within: str | None = None) -> str:
    """A language's name in another language, or its own name for itself; the code if CLDR does not know it."""
    locale = locale_of(code)
    if locale is None:
        return code
    name = locale.get_display_name(locale_of(within or code) or locale)
    return name[:1].upper() + name[1:] if name and within is None else name or code


def is_open(hours: WorkingHours | None, at: datetime) -> bool:
    """Whether people are there; with no hours given they always are."""
    if hours is None:
        return True
    local = at.astimezone(hours.timezone)
    return any(start <= local.time() < end for start, end in hours.days.get(local.weekday(), ()))


def next_opening(hours: WorkingHours, at: datetime) -> datetime | None:
    """When people are back, in the zone of the hours; None if never."""
    local = at.astimezone(hours.timezone)
    for ahead in range(8):
        day = local.date() + timedelta(days=ahead)
        for start, _ in hours.days.get(day.weekday(), ()):
            opening = datetime.combine(day, start, hours.timezone)
            if opening > local:
                return opening
    return None


def format_when(at: datetime, language: str) -> str:
    """A day and a time as that language writes them, with the zone: a customer may live in another."""
    locale = locale_of(language) or Locale("en")
    day = format_date(at, "EEEE", locale=locale)
    clock = format_time(at, "short", tzinfo=at.tzinfo, locale=locale)
    return f"{day} {clock} ({at.strftime('UTC%z')[:6]}:{at.strftime('%z')[3:]})"
