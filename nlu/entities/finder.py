"""The entities of a message: the pack's own first, then those that examples taught, then the built-in kinds."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.errors import ConfigurationError
from bot.understanding import Entity
from nlu.entities.declared import PATTERN_SECONDS, Matcher, matcher_of
from nlu.entities.kinds import KINDS, find_kinds, prepare
from nlu.entities.overlap import resolve_overlaps
from nlu.text import fold


class EntityFinder:
    """Finds the entities of a message; where two overlap the pack's own win, then the longest, then the first."""

    def __init__(
        self,
        declared: Mapping[str, Mapping[str, Any]],
        *,
        kinds: Iterable[str] = (),
        taught: Collection[str] = (),
        seconds: float = PATTERN_SECONDS,
    ) -> None:
        """Compile declarations, and choose the built-in kinds.

        `declared`: entity → `pattern` (with `ignore_case`, `normalise`), `list` (value → synonyms, with `fuzzy`), or
        `type`, one of `KINDS`, by whose rules it is found. `kinds` are found beside them under their own names, but
        for names that are declared. `taught` are the entities that a tagger was trained to find: what only examples
        `shown` of them gives its finds their values, and is not searched for.

        Raises:
            ConfigurationError: a declaration is wrong; the message names the entity and the reason.
        """
        self._matchers: list[Matcher] = []
        self._lists: dict[str, Matcher] = {}
        self._names = frozenset(declared)
        self._typed: dict[str, str] = {}
        for name, declaration in declared.items():
            if declaration.get("type") is None:
                matcher = matcher_of(name, declaration)
                if declaration.get("list") is not None:
                    self._lists[name] = matcher
                if not (declaration.get("shown") and name in taught):
                    self._matchers.append(matcher)
            else:
                self._typed[name] = _kind(name, declaration)
        self._kinds = frozenset(kinds) - declared.keys()
        self._wanted = self._kinds | set(self._typed.values())
        self._seconds = seconds
        self._prepared: set[str] = set()
        self._preparing = threading.Lock()

    def prepared(self, language: str) -> bool:
        """Whether a text in this language can be read at once, without compiling anything first."""
        return not self._wanted or language in self._prepared

    def prepare(self, language: str) -> None:
        """Compile what `find` would compile when it first meets a language. Thread-safe, and quick the second time."""
        with self._preparing:
            if not self.prepared(language):
                prepare(language)
                self._prepared.add(language)

    def find(
        self, text: str, language: str = "en", reference: datetime | None = None, also: Iterable[Entity] = ()
    ) -> tuple[Entity, ...]:
        """The entities of a text in the order of their offsets, which count code points; none overlap.

        `language` is a BCP 47 code: figures and words are read by it. `reference` is when the text was written; with it
        what is relative ("tomorrow") has a date for a value, by the clocks of the same time zone. `also` are entities
        found in other ways, which stand between the pack's own and the built-in kinds; those of a list have its value
        if they are one of its words, and what a pattern or a type declares is found by that alone.
        """
        folded = fold(text)
        own = [entity for matcher in self._matchers for entity in matcher.find(folded, self._seconds)]
        others = [self._valued(folded, entity) for entity in also if self._may_add(entity)]
        if not self._wanted:
            return resolve_overlaps(own, others)
        found = find_kinds(folded, language, self._wanted, reference)
        own += [
            Entity(name, entity.start, entity.end, entity.value, entity.confidence)
            for name, kind in self._typed.items()
            for entity in resolve_overlaps([entity for entity in found if entity.entity == kind])
        ]
        return resolve_overlaps(own, others, [entity for entity in found if entity.entity in self._kinds])

    def _may_add(self, entity: Entity) -> bool:
        return entity.entity in self._lists or entity.entity not in self._names

    def _valued(self, folded: str, entity: Entity) -> Entity:
        words = self._lists.get(entity.entity)
        if words is None:
            return entity
        piece = folded[entity.start : entity.end]
        whole = (e.value for e in words.find(piece, self._seconds) if (e.start, e.end) == (0, len(piece)))
        return replace(entity, value=next(whole, entity.value))


def _kind(name: str, declaration: Mapping[str, Any]) -> str:
    kind = declaration["type"]
    if "pattern" in declaration or "list" in declaration:
        raise ConfigurationError(f"entity {name!r}: give either a pattern, a list or a type")
    if kind not in KINDS:
        raise ConfigurationError(f"entity {name!r}: type: {kind!r} is none of {', '.join(KINDS)}")
    return str(kind)
