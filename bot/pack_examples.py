"""The examples of a pack, as its files show them, and what is wrong with them. Pure."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from bot.pack import Pack
from bot.pack_files import PackFiles
from bot.rasa import RasaFile, rasa_file
from bot.understanding import OUT_OF_SCOPE, Entity
from bot.yamlsource import Finding, Source, UnreadableYaml

FEWEST = 2
"""Examples that an intent needs: one to learn from, one to test with."""


def comparable(text: str) -> str:
    """A key by which texts are the same to a reader: NFKC, case folded, white space collapsed."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


@dataclass(frozen=True, slots=True)
class Taught:
    """An example: its plain text, as it is `written` with its annotations, and where it stands."""

    text: str
    intent: str
    language: str
    written: str
    file: Path
    line: int
    entities: tuple[Entity, ...] = ()


def examples_of(files: PackFiles, default_language: str) -> tuple[list[Taught], list[Finding]]:
    """All examples of a pack in the order of its files, and what is wrong with these."""
    found: list[Taught] = []
    findings: list[Finding] = []
    for name in files.within("nlu", ".yml"):
        try:
            source = files.parse(name)
        except UnreadableYaml as error:
            findings.append(error.finding)
            continue
        content = _content(_Same(source))
        findings += content.errors
        found += _of_file(source, content, language_of(source.file, default_language))
    return found, findings


def language_of(file: Path, default_language: str) -> str:
    """The language that an example file is named after; the default one's if its name is no two-letter code."""
    return file.stem if len(file.stem.split("-")[0]) == 2 else default_language  # noqa: PLR2004 - a language's letters


def check(pack: Pack, examples: Iterable[Taught]) -> Iterator[Finding]:
    """What is wrong with the examples beside the rest of the pack."""
    kept: dict[tuple[str, str], Taught] = {}
    for example in examples:
        if example.intent not in pack.intents and example.intent != OUT_OF_SCOPE:
            yield Finding(example.file, example.line, f"intents.yml has no intent {example.intent!r}")
        for entity in example.entities:
            if entity.entity not in pack.entities:
                yield Finding(example.file, example.line, f"entities.yml has no entity {entity.entity!r}")
        first = kept.setdefault((example.language, comparable(example.text)), example)
        if first.intent != example.intent:
            reason = f"{example.text!r} is {example.intent}, but {first.intent} in {first.file}:{first.line}"
            yield Finding(example.file, example.line, reason)


def untaught(pack: Pack, examples: Iterable[Taught]) -> Iterator[Finding]:
    """Intents that have too few examples to be learned: the bot does not know them yet."""
    counts = Counter(example.intent for example in examples)
    for intent in pack.intents:
        if counts[intent] < FEWEST:
            reason = f"intent {intent!r} has {counts[intent] or 'no'} examples; it needs two"
            yield Finding(pack.folder / "nlu", 0, reason)


@dataclass(frozen=True, slots=True, eq=False)
class _Same:
    """A parsed file by identity: `TextFiles` gives the same one for the same text."""

    source: Source

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.source is self.source

    def __hash__(self) -> int:
        return id(self.source)


@lru_cache(maxsize=128)
def _content(same: _Same) -> RasaFile:
    return rasa_file(same.source)


def _of_file(source: Source, content: RasaFile, language: str) -> Iterator[Taught]:
    for section in content.sections:
        if section.kind != "intent":
            continue
        for line in section.lines:
            intent = OUT_OF_SCOPE if section.name is None else section.name.strip()
            yield Taught(line.text, intent, language, line.written, source.file, line.number, line.entities)
