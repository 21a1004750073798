"""Splits long texts where a reader would."""

from __future__ import annotations

from collections.abc import Callable

import regex

_BREAKS = (
    regex.compile(r"\n\s*\n"),
    regex.compile(r"\n"),
    # A full stop ends a sentence before a space; its counterparts in Chinese, Japanese, Hindi and Arabic need none.
    regex.compile(r"[.!?…]+[\"'”’)\]]*\s+|[。！？｡।؟۔]+[」』”’）]*\s*"),
    regex.compile(r"\s+"),
)
_GRAPHEMES = regex.compile(r"\X")

SHORTEST = 0.3
"""A break is taken only if it leaves a part of at least this share of the limit."""


def utf16_length(text: str) -> int:
    """Length in UTF-16 code units, which is how some platforms count."""
    return len(text) + sum(character > "\uffff" for character in text)


def split_text(text: str, limit: int, length: Callable[[str], int] = len) -> list[str]:
    """Parts of at most `limit` by `length`: at paragraphs, else lines, sentences, words, and never within a character.

    Joined by white space the parts are the text again. A text that fits is one part, as it is.
    """
    parts: list[str] = []
    rest = text
    while length(rest) > limit:
        fits = _fitting(rest, limit, length)
        cut = _break_within(rest, fits)
        parts.append(rest[:cut].rstrip() or rest[:cut])
        rest = rest[cut:].lstrip()
    if rest or not parts:
        parts.append(rest)
    return parts


def _fitting(text: str, limit: int, length: Callable[[str], int]) -> int:
    """The largest index, on the border of a character as people see them, up to which the text fits."""
    low, high = 0, min(len(text), limit)
    while low < high:
        middle = (low + high + 1) // 2
        if length(text[:middle]) <= limit:
            low = middle
        else:
            high = middle - 1
    # Only the surroundings of the cut matter; one cluster that is longer than all of it is cut hard.
    begin = max(0, low - 200)
    border = begin
    for match in _GRAPHEMES.finditer(text, begin, min(len(text), low + 200)):
        if match.end() > low:
            break
        border = match.end()
    return border if border > begin else max(1, low)


def _break_within(text: str, fits: int) -> int:
    least = int(fits * SHORTEST)
    for pattern in _BREAKS:
        ends = [match.end() for match in pattern.finditer(text, least, fits)]
        if ends and ends[-1] > least:
            return ends[-1]
    return fits
