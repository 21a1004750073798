"""Personal data and numbers of a sentence behind placeholders, which no language model sees through."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import regex

from bot.understanding import Entity
from nlu.entities.codes import find_codes
from nlu.entities.overlap import resolve_overlaps
from nlu.entities.phones import find_phones
from nlu.text import fold

# Letters of other scripts may stand right before a number: 订单12345号.
_NUMBER = regex.compile(r"(?<![\p{Latin}\p{N}])[#№]?(?:\p{Latin}+[-/]?)?\d[\d\p{Latin}\-/.]*\d")
_ENOUGH_DIGITS = 4
"""Digits of a number that may be somebody's: of an order, a customer, an account."""
_GROUPED = regex.compile(r"(?<!\p{N})\+?\d(?:[ \u00a0().\-/]{0,2}\d){6,}(?!\p{N})")
"""Seven digits or more in groups: a phone or a card, in whatever shape, mistyped ones too."""
_PLACEHOLDER = regex.compile(r"\[[A-Z]+_\d+\]")


@dataclass(frozen=True, slots=True)
class Masked:
    """A sentence with placeholders such as `[EMAIL_1]`, and what stands behind each."""

    text: str
    hidden: tuple[tuple[str, str], ...] = ()

    @property
    def bare(self) -> str:
        """The text without its placeholders."""
        return bare(self.text)

    def intact(self, text: str) -> bool:
        """Whether a sentence has each of the placeholders once, and no other."""
        return sorted(_PLACEHOLDER.findall(text)) == sorted(_PLACEHOLDER.findall(self.text))

    def unmask(self, text: str) -> str:
        """A sentence with what was hidden in its place again."""
        values = dict(self.hidden)
        return _PLACEHOLDER.sub(lambda found: values.get(found.group(), found.group()), text)


def mask(text: str) -> Masked:
    """Hide e-mail addresses, URLs, phones, cards and other codes, and every number of four digits or more."""
    folded = fold(text)
    codes = list(find_codes(folded))
    found = resolve_overlaps(codes, find_phones(folded), _numbers(folded))
    parts, hidden, place = [], [], 0
    for number, entity in enumerate(found, 1):
        name = f"[{'NUMBER' if entity.entity not in {'email', 'url', 'phone'} else entity.entity.upper()}_{number}]"
        while name in text:
            name = name.replace("_", "_9")
        parts += [text[place : entity.start], name]
        hidden.append((name, text[entity.start : entity.end]))
        place = entity.end
    return Masked("".join([*parts, text[place:]]), tuple(hidden))


def bare(text: str) -> str:
    """A text without placeholders."""
    return " ".join(_PLACEHOLDER.sub(" ", text).split())


def _numbers(text: str) -> Iterator[Entity]:
    for pattern in (_GROUPED, _NUMBER):
        for found in pattern.finditer(text):
            if sum(map(str.isdecimal, found.group())) >= _ENOUGH_DIGITS:
                yield Entity("number", found.start(), found.end(), found.group())
