"""Misspelled names of a list: few letters off, in words that are long enough for that to mean something."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import regex
from rapidfuzz.distance import OSA

from nlu.text import comparable

_ONE_SLIP, _TWO_SLIPS = 6, 10
"""Letters that a name must have for one slip, or two, to be forgiven. "Small" and "smell" are both words."""
_WORD = regex.compile(r"[\p{L}\p{M}\p{N}]+")


@dataclass(frozen=True, slots=True)
class Misspelled:
    """The names of a list by how many words they have: word count → name → value."""

    names: Mapping[int, Mapping[str, str]]

    @classmethod
    def of(cls, canonical: Mapping[str, str]) -> Misspelled | None:
        """Of names as `comparable` writes them; None if none is long enough."""
        names: dict[int, dict[str, str]] = {}
        for name, value in canonical.items():
            words = _WORD.findall(name)
            if _slips("".join(words)):
                names.setdefault(len(words), {})[" ".join(words)] = value
        return cls(names) if names else None

    def find(self, text: str) -> Iterator[tuple[int, int, str, float]]:
        """Start, end, value and confidence of what is nearly a name; names that are spelled right are not told.

        The first letter must be right, which it is in nearly all slips, and no figure may be wrong: X100 is not X200.
        """
        words = list(_WORD.finditer(text))
        for count, names in self.names.items():
            for i in range(len(words) - count + 1):
                start, end = words[i].start(), words[i + count - 1].end()
                said = " ".join(comparable(word.group()) for word in words[i : i + count])
                if said in names or not _slips(said.replace(" ", "")):
                    continue
                nearest = _nearest(said, names)
                if nearest is not None:
                    name, slips = nearest
                    yield start, end, names[name], 1 - slips / len(name)


def _nearest(said: str, names: Mapping[str, str]) -> tuple[str, int] | None:
    best: tuple[str, int] | None = None
    for name in names:
        allowed = _slips(name.replace(" ", ""))
        if name[0] != said[0] or abs(len(name) - len(said)) > allowed or _digits(name) != _digits(said):
            continue
        slips = OSA.distance(said, name, score_cutoff=allowed)
        if slips <= allowed and (best is None or slips < best[1]):
            best = name, slips
    return best


def _slips(letters: str) -> int:
    if not letters.isalnum() or any("\u3040" <= char <= "\u9fff" or "\uac00" <= char <= "\ud7af" for char in letters):
        return 0
    return 2 if len(letters) >= _TWO_SLIPS else 1 if len(letters) >= _ONE_SLIP else 0


def _digits(text: str) -> str:
    return "".join(char for char in text if char.isdecimal())
