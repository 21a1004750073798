"""Matchers of the patterns and lists that a pack declares; no training, any language."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import regex
import structlog

from bot.errors import ConfigurationError
from bot.understanding import Entity
from nlu.entities.fuzzy import Misspelled
from nlu.text import comparable, fold

log = structlog.get_logger(__name__)

PATTERN_SECONDS = 0.05
"""Processor time that one pattern may take on one message; a good one takes microseconds."""

_NORMALISERS: Mapping[str, Callable[[str], str]] = {
    "upper": str.upper,
    "lower": str.lower,
    "digits": lambda value: "".join(c for c in value if c.isdecimal()),
}
# Scripts that put no space between words: there a listed word may stand right beside another.
_UNSPACED = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}]"
# `L` is a size in "size L", and none in "l'article", "L-shaped" or "XL".
_WORD = rf"(?:[^\W_]|_)(?<!{_UNSPACED})"
_STARTS = rf"(?<!{_WORD}['’-]?)"
_IGNORE_CASE = regex.IGNORECASE | regex.FULLCASE
_ENDS = rf"(?!['’-]?{_WORD})"


@dataclass(frozen=True, slots=True)
class Matcher:
    """Finds one declared entity."""

    entity: str
    pattern: regex.Pattern[str]
    value: Callable[[str], str]
    misspelled: Misspelled | None = None

    def find(self, text: str, seconds: float) -> Iterator[Entity]:
        """Its places in a folded text, overlapping ones of misspelled names too; `seconds` bound the pattern's time."""
        try:
            for match in self.pattern.finditer(text, timeout=seconds):
                if match.end() > match.start():
                    yield Entity(self.entity, match.start(), match.end(), self.value(match.group()))
        except TimeoutError:
            # What was found before is right; only the rest of this message goes without this entity.
            log.warning("entity.pattern_timed_out", entity=self.entity, seconds=seconds, length=len(text))
        if self.misspelled is not None:
            for start, end, value, confidence in self.misspelled.find(text):
                yield Entity(self.entity, start, end, value, confidence)


def matcher_of(name: str, declaration: Mapping[str, Any]) -> Matcher:
    """The matcher of a declaration by pattern or list.

    Raises:
        ConfigurationError: the declaration is wrong; the message names the entity and the reason.
    """
    pattern, values = declaration.get("pattern"), declaration.get("list")
    if pattern is not None and values is None:
        return _from_pattern(name, pattern, declaration)
    if values is not None and pattern is None:
        return _from_list(name, values, fuzzy=declaration.get("fuzzy", True))
    raise ConfigurationError(f"entity {name!r}: give either a pattern, a list or a type")


def _from_pattern(name: str, pattern: str, declaration: Mapping[str, Any]) -> Matcher:
    normalise = declaration.get("normalise")
    if normalise is not None and normalise not in _NORMALISERS:
        raise ConfigurationError(f"entity {name!r}: normalise: {normalise!r} is none of {', '.join(_NORMALISERS)}")
    flags = regex.IGNORECASE if declaration.get("ignore_case") else 0
    try:
        compiled = regex.compile(pattern, flags)
    except regex.error as error:
        raise ConfigurationError(f"entity {name!r}: the pattern {pattern!r} is wrong: {error}") from None
    return Matcher(name, compiled, _NORMALISERS.get(normalise or "", str))


def _from_list(name: str, values: Mapping[str, Any], *, fuzzy: bool) -> Matcher:
    canonical: dict[str, str] = {}
    written: dict[str, str] = {}
    for value, synonyms in values.items():
        for word in (value, *synonyms):
            key = comparable(word)
            if not key:
                raise ConfigurationError(f"entity {name!r}: {value!r} has an empty synonym")
            if canonical.setdefault(key, value) != value:
                raise ConfigurationError(f"entity {name!r}: {word!r} stands for both {canonical[key]!r} and {value!r}")
            # As it is listed (m², ﾄﾖﾀ), as its key, and with letters decomposed (é as e and an accent), as some
            # keyboards send them.
            for spelling in (" ".join(word.split()), key):
                for form in ("NFC", "NFD"):
                    written.setdefault(unicodedata.normalize(form, fold(spelling)), value)
    if not canonical:
        raise ConfigurationError(f"entity {name!r}: the list is empty")
    words = set(written)
    unspaced = {word for word in words if regex.match(_UNSPACED, word[0]) and regex.match(_UNSPACED, word[-1])}
    compiled = regex.compile(
        rf"\L<unspaced>|{_STARTS}\L<spaced>{_ENDS}",
        _IGNORE_CASE,
        unspaced=sorted(unspaced),
        spaced=sorted(words - unspaced),
    )

    def value_of(found: str) -> str:
        known = canonical.get(comparable(found))
        return known if known is not None else next(v for word, v in written.items() if _same_letters(word, found))

    return Matcher(name, compiled, value_of, Misspelled.of(canonical) if fuzzy else None)


def _same_letters(word: str, found: str) -> bool:
    """As the matcher of a list compares: İ and I are capitals of i there, which case folding does not know."""
    return regex.fullmatch(r"\L<word>", found, _IGNORE_CASE, word=[word]) is not None
