"""Parameters of a query, read and checked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from adapters.http import InvalidField


def integer(query: Mapping[str, str], name: str, default: int, lowest: int, highest: int) -> int:
    """A whole number.

    Raises:
        InvalidField: it is none, or out of bounds.
    """
    text = query.get(name)
    if text is None:
        return default
    digits = text.removeprefix("-")
    if not digits.isascii() or not digits.isdigit() or len(digits) > 18:  # noqa: PLR2004 - well within 64 bits
        raise InvalidField(name, f"{text[:50]!r} is no whole number")
    number = int(text)
    if not lowest <= number <= highest:
        raise InvalidField(name, f"{number} is not between {lowest} and {highest}")
    return number


def moment(query: Mapping[str, str], name: str) -> datetime | None:
    """A time with its zone, or None where there is none.

    Raises:
        InvalidField: it is no ISO 8601 time, or has no zone.
    """
    text = query.get(name)
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text.replace(" ", "+"))  # a plus sign that nobody encoded is read as a space
    except ValueError:
        raise InvalidField(name, f"{text[:50]!r} is no ISO 8601 time") from None
    if found.tzinfo is None:
        raise InvalidField(name, f"{text!r} has no time zone")
    return found
