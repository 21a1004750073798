"""Figures as they are written: numbers with the separators of a language, dates, clock times."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from fractions import Fraction
from typing import Any

from nlu.entities.grammar import Token
from nlu.entities.lexicon import Lexicon
from nlu.entities.moments import Clock, Day, Moment

_GROUPS = r"[.,'’\u00a0\u202f\u2009 ،٬]"
_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)t(\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?(?:z|[+-]\d\d:?\d\d)?(?![\w])", re.IGNORECASE
)
_YMD = re.compile(r"(\d{4})\s?([/.\-])\s?(\d{1,2})\s?\2\s?(\d{1,2})(?![\d/])(?!\.\d)")
_DMY = re.compile(r"(\d{1,2})\s?([/.\-])\s?(\d{1,2})\s?(?:\2)\s?(\d{4}|\d{2})(?![\d/])(?!\.\d)")
_COMPACT = re.compile(r"(19|20)(\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?!\d)")
_CLOCK = re.compile(r"([01]?\d|2[0-4])\s?:\s?([0-5]\d)(?:\s?:\s?([0-5]\d)(?:\.\d+)?)?(?![\d:])")
_CLOCK_H = re.compile(r"([01]?\d|2[0-4])h\s?([0-5]\d)(?:(?:m|min|m:)\s?([0-5]\d)s?)?(?![\w])")
_NUMBER = re.compile(
    rf"""[+-]?(?:
        \d{{1,2}}(?:,\d{{2}})+,\d{{3}}(?!\d)(?:\.\d+)?
      | \d{{1,3}}(?:({_GROUPS})\d{{3}})(?:\1\d{{3}})*(?!\d)(?:[.,٫](?!\1)\d+(?![.,]\d))?
      | \d+[.,٫]\d+(?![.,]\d)
      | \d+
      | [.,]\d+(?![.,]?\d)
    )""",
    re.VERBOSE,
)
_EXPONENT = re.compile(r"(?:e[+-]?\d+|(?:\s?[x*×]\s?10)?\^[+-]?\d+(?:[.,]\d+)?)(?!\w)")
_THOUSAND, _CENTURY = 1000, 100
_EARLIEST, _LATEST = 1000, 2999
_PIVOT = 40
"""Years of two digits below it belong to this century; the bound only matters for birthdays."""
_MONTHS, _DAYS, _HOURS, _MINUTES = 12, 31, 24, 59
_SHORT_YEAR = 2


def scan(text: str, i: int, lexicon: Lexicon) -> Token | None:
    """The figure that begins at `i`, or None."""
    sign = text[i] in "+-"
    if sign and (i + 1 >= len(text) or not (text[i + 1].isdigit() or text[i + 1] in ".,")):
        return None
    before = text[i - 1] if i else " "
    if sign and ((before.isalnum() and before < "\u3040") or before in ")."):
        return None
    if before.isdigit():
        return None
    for attempt in (_iso, _ymd, _dmy, _compact, _clock) if not sign else ():
        token = attempt(text, i, lexicon)
        if token is not None:
            return token
    return _number(text, i, lexicon)


def vulgar(char: str, i: int) -> Token | None:
    """The token of a fraction in one character, ½."""
    if char.isascii() or unicodedata.category(char) != "No":
        return None
    value = unicodedata.numeric(char)
    return None if value == int(value) else Token(i, i + 1, {"PARTALONE": _exact(value)})


def _exact(value: float) -> Decimal:
    fraction = Fraction(value).limit_denominator(10)
    return Decimal(fraction.numerator) / Decimal(fraction.denominator)


def _iso(text: str, i: int, _: Lexicon) -> Token | None:
    found = _ISO.match(text, i)
    if not found:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
    if not (_valid(month, day) and hour <= _HOURS and minute <= _MINUTES):
        return None
    clock = Clock(hour, minute, second if found[6] else None)
    return Token(i, found.end(), {"DATETIME": Moment(Day(year, month, day), clock)})


def _ymd(text: str, i: int, _: Lexicon) -> Token | None:
    found = _YMD.match(text, i)
    if not found:
        return None
    year, month, day = int(found[1]), int(found[3]), int(found[4])
    if not _valid(month, day):
        month, day = day, month
    return Token(i, found.end(), {"DATE": Day(year, month, day)}) if _valid(month, day) else None


def _dmy(text: str, i: int, lexicon: Lexicon) -> Token | None:
    found = _DMY.match(text, i)
    if not found:
        return None
    day, month, year = int(found[1]), int(found[3]), int(found[4])
    if lexicon.month_first and found[2] != ".":
        day, month = month, day
    if not _valid(month, day):
        day, month = month, day
    if not _valid(month, day):
        return None
    if len(found[4]) == _SHORT_YEAR:
        if found[2] == "." and " " in found[0]:
            return None
        year += 2000 if year < _PIVOT else 1900
    return Token(i, found.end(), {"DATE": Day(year, month, day)})


def _compact(text: str, i: int, _: Lexicon) -> Token | None:
    found = _COMPACT.match(text, i)
    if not found:
        return None
    year, month, day = int(found[1] + found[2]), int(found[3]), int(found[4])
    value = Decimal(found[0])
    return Token(i, found.end(), {"DATE": Day(year, month, day), "NUM": value, "LIT": value})


def _clock(text: str, i: int, _: Lexicon) -> Token | None:
    found = _CLOCK.match(text, i) or _CLOCK_H.match(text, i)
    if not found:
        return None
    second = int(found[3]) if found[3] else None
    return Token(i, found.end(), {"TIME": Clock(int(found[1]), int(found[2]), second)})


def _number(text: str, i: int, lexicon: Lexicon) -> Token | None:
    found = _NUMBER.match(text, i)
    if not found:
        return None
    raw, end = found[0], found.end()
    if raw[0] in ".," and i and not (text[i - 1].isspace() or text[i - 1] in "([{$€£<>="):
        return None
    value = literal(raw, lexicon)
    exponent = _EXPONENT.match(text, end)
    values: dict[str, Any] = {}
    if exponent:
        end = exponent.end()
        power = _power(value, exponent[0])
        if power is None:
            return None
        values["POWER"] = power
    else:
        values = classes_of(value, raw)
    values["LIT"] = values.get("POWER", value)
    return Token(i, end, values)


def classes_of(  # noqa: C901 - one test for each class
    value: Decimal, raw: str
) -> dict[str, Any]:
    """What a number may be: an hour, a day of a month, a year …, by its size and its digits."""
    values: dict[str, Any] = {"NUM": value}
    if not raw.isdigit():
        parts = re.split(r"[.,]", raw)
        if len(parts) == 2 and all(p.isdigit() and len(p) <= 2 for p in parts):  # noqa: PLR2004
            one, other = int(parts[0]), int(parts[1])
            if one <= _HOURS and other <= _MINUTES and len(parts[1]) == 2 and "." in raw:  # noqa: PLR2004
                values["HM"] = Clock(one, other)
            if 1 <= one <= _DAYS and 1 <= other <= _DAYS and min(one, other) <= _MONTHS and "." in raw:
                values["DM"] = (one, other)
        return values
    whole = int(value)
    if len(raw) <= 2:  # noqa: PLR2004
        values["INT"] = whole
        if whole <= _HOURS:
            values["HOUR"] = whole
        if whole <= _MINUTES:
            values["MINUTE"] = whole
        if 1 <= whole <= _DAYS:
            values["DAY"] = whole
        if 1 <= whole <= _MONTHS:
            values["MON"] = whole
        if len(raw) == 2:  # noqa: PLR2004
            values["YY"] = whole + (2000 if whole < _PIVOT else 1900)
    elif len(raw) == 4 and _EARLIEST <= whole <= _LATEST:  # noqa: PLR2004
        values["YEAR"] = whole
    if len(raw) in {3, 4} and whole // 100 <= _HOURS and whole % 100 <= _MINUTES:
        values["HHMM"] = Clock(whole // 100, whole % 100)
    return values


def literal(raw: str, lexicon: Lexicon) -> Decimal:
    """The number that figures stand for, by the separators of the language where they leave a doubt."""
    sign = -1 if raw[0] == "-" else 1
    digits = raw.lstrip("+-").replace("٫", ".").replace("،", ",").replace("٬", ",")
    marks = [char for char in digits if not char.isdigit()]
    if not marks:
        return sign * Decimal(digits)
    last = marks[-1]
    tail = digits.rsplit(last, 1)[1]
    decimal = (
        last in ".,"
        and marks.count(last) == 1
        and (len(set(marks)) > 1 or len(tail) != 3 or last == lexicon.decimal or digits.startswith(("0", last)))  # noqa: PLR2004
    )
    whole, fraction = digits.rsplit(last, 1) if decimal else (digits, "")
    clean = "".join(char for char in whole if char.isdigit()) or "0"
    return sign * Decimal(f"{clean}.{fraction}" if fraction else clean)


def _power(value: Decimal, raw: str) -> Decimal | None:
    try:
        if raw[0] == "e":
            return value * Decimal(10) ** int(raw[1:])
        exponent = Decimal(raw.split("^")[1].replace(",", "."))
        if abs(exponent) > _THOUSAND // 10:
            return None
        base, factor = (Decimal(10), value) if "10" in raw.split("^", maxsplit=1)[0] else (value, Decimal(1))
        return Decimal(factor * base**exponent)
    except (ArithmeticError, ValueError):
        return None


def _valid(month: int, day: int) -> bool:
    return 1 <= month <= _MONTHS and 1 <= day <= _DAYS
