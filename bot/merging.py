"""Takes one change of a text back although others came after it, if they touched other lines. Pure."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import NamedTuple


class Span(NamedTuple):
    """Lines of the present text, from 1, both ends included."""

    first: int
    last: int


class _Hunk(NamedTuple):
    start: int
    end: int
    lines: list[str]


def take_back(before: str, after: str, now: str) -> str | Span:
    """The present text without what came from `before` to `after`; or, where later changes touch the same lines, those.

    Lines that only stand beside a later change are not touched by it.
    """
    base = after.splitlines(keepends=True)
    back = _hunks(base, before.splitlines(keepends=True))
    later = _hunks(base, now.splitlines(keepends=True))
    for hunk in back:
        clash = next((other for other in later if _clash(hunk, other)), None)
        if clash is not None:
            shift = sum(len(h.lines) - (h.end - h.start) for h in later if h.end <= clash.start and h is not clash)
            first = clash.start + shift + 1
            return Span(first, max(first, first + len(clash.lines) - 1))
    result: list[str] = []
    position = 0
    for hunk in sorted([*back, *later]):
        result += base[position : hunk.start] + hunk.lines
        position = hunk.end
    return "".join(result + base[position:])


def _hunks(base: list[str], other: list[str]) -> list[_Hunk]:
    matcher = SequenceMatcher(None, base, other, autojunk=False)
    return [_Hunk(i, j, other[k:n]) for tag, i, j, k, n in matcher.get_opcodes() if tag != "equal"]


def _clash(one: _Hunk, other: _Hunk) -> bool:
    if one == other:
        return True
    if one.start == one.end or other.start == other.end:  # what is put in between two lines
        return one.start <= other.end and other.start <= one.end
    return one.start < other.end and other.start < one.end
