"""Entities that training data declare: Rasa's regexes, lookups and synonyms, and those that only examples show."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.rasa import Section
from bot.yamlsource import Finding
from nlu.text import comparable

if TYPE_CHECKING:
    from nlu.training.dataset import Example


@dataclass(slots=True)
class Declarations:
    """Collects the sections of all files, since one file may name the synonyms of another's lookup."""

    patterns: dict[str, list[str]] = field(default_factory=dict)
    lookups: dict[str, list[str]] = field(default_factory=dict)
    synonyms: dict[str, list[str]] = field(default_factory=dict)
    places: dict[str, Finding] = field(default_factory=dict)

    def add(self, file: Path, section: Section) -> None:
        """Take a `regex`, `lookup` or `synonym` section."""
        target = {"regex": self.patterns, "lookup": self.lookups, "synonym": self.synonyms}[section.kind]
        name = section.name or ""
        target.setdefault(name, []).extend(line.text for line in section.lines)
        if section.kind == "synonym":
            reason = f"synonym {name!r} belongs to no entity of a lookup or an example; ignored"
            self.places[name] = Finding(file, section.line, reason)

    def build(self, examples: Iterable[Example]) -> tuple[dict[str, dict[str, Any]], list[Finding]]:
        """The declarations in a pack's form (`nlu.entities.EntityFinder`), and notes on synonyms of no use.

        An entity that examples annotate and nothing declares becomes the list of the values that they show, marked as
        `shown`.
        """
        surfaces: dict[str, dict[str, str]] = {}
        for name, words in self.lookups.items():
            surfaces.setdefault(name, {}).update((word, word) for word in words)
        for example in examples:
            for entity in example.entities:
                if entity.entity not in self.patterns:
                    word = example.text[entity.start : entity.end]
                    surfaces.setdefault(entity.entity, {})[word] = entity.value
        used = {value for words in surfaces.values() for value in self._apply_synonyms(words)}
        declared: dict[str, dict[str, Any]] = {
            name: {"pattern": "|".join(f"(?:{p})" for p in patterns), "ignore_case": True}
            for name, patterns in self.patterns.items()
        }
        for name, shown in surfaces.items():
            if name not in declared:
                declared[name] = {"list": _by_value(shown), **({} if name in self.lookups else {"shown": True})}
        return declared, [place for value, place in self.places.items() if value not in used]

    def _apply_synonyms(self, words: dict[str, str]) -> set[str]:
        """Let the synonyms of a value stand for it in an entity's words; returns the values that were met."""
        met = set()
        values = {comparable(value) for value in words.values()} | {comparable(word) for word in words}
        for value, synonyms in self.synonyms.items():
            if not values.isdisjoint(map(comparable, (value, *synonyms))):
                met.add(value)
                words.update((synonym, value) for synonym in (value, *synonyms))
        return met


def _by_value(words: dict[str, str]) -> dict[str, list[str]]:
    """Value → its words. A word stands for one value: the last one that was said of it, case and width aside."""
    owner = {comparable(word): value for word, value in words.items()}
    result: dict[str, list[str]] = {}
    for word, value in owner.items():
        result.setdefault(value, []).append(word)
    for value in [value for value in result if owner.get(comparable(value), value) != value]:
        # A value that is a word for another value cannot stand for itself too; its words follow it.
        result.setdefault(owner[comparable(value)], []).extend(result.pop(value))
    return result
