"""Training and evaluation data from Rasa NLU YAML and JSON Lines, checked, with every finding's file and line."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import regex

from bot.errors import ConfigurationError
from bot.language_codes import language_code
from bot.rasa import Section, read_rasa
from bot.understanding import OUT_OF_SCOPE, Entity
from bot.yamlsource import Finding
from nlu.text import comparable
from nlu.training.declarations import Declarations

_OUT_OF_SCOPE_NAMES = frozenset({"oos", OUT_OF_SCOPE, "out-of-scope"})


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence, what it means, its language, and where it stands."""

    text: str
    intent: str
    language: str
    file: Path
    line: int
    entities: tuple[Entity, ...] = ()

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Dataset:
    """Examples without duplicates, the entities that the files declare, and notes on what was left out."""

    examples: tuple[Example, ...]
    entities: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    notes: tuple[Finding, ...] = ()

    @property
    def intents(self) -> tuple[str, ...]:
        """The intents in alphabetical order, `out_of_scope` among them if it has examples."""
        return tuple(sorted({example.intent for example in self.examples}))

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages in alphabetical order."""
        return tuple(sorted({example.language for example in self.examples}))

    @property
    def fingerprint(self) -> str:
        """A sha256 that is the same for the same examples and entities, in whatever files and order."""
        rows = sorted([e.language, e.intent, e.text] for e in self.examples)
        return hashlib.sha256(json.dumps([rows, self.entities], sort_keys=True).encode()).hexdigest()


def read_dataset(files: Sequence[Path], identify: Callable[[str], str]) -> Dataset:
    """Read training data.

    A file's language is its name if that is a language code (`de.yml`, `zh-Hans.yml`), a row's `lang` if it has one,
    else what `identify` makes of the text. Examples that say the same for the same intent in one language are kept
    once.

    Raises:
        ConfigurationError: its message lists every finding, a line each: file, line, reason.
    """
    reading = _read_all(files, identify)
    kept: dict[tuple[str, str], Example] = {}
    for example in reading.examples:
        first = kept.setdefault((example.language, comparable(example.text)), example)
        if first.intent != example.intent:
            reason = f"{example.text!r} is {example.intent}, but {first.intent} in {first}"
            reading.errors.append(Finding(example.file, example.line, reason))
    repeated = len(reading.examples) - len(kept)
    if repeated and not reading.errors:
        reading.notes.append(Finding(files[0], 0, f"{repeated} repeated examples were left out"))
    reading.raise_errors()
    if not kept:
        raise ConfigurationError(f"there are no examples in {', '.join(map(str, files)) or 'no files'}")
    entities, notes = reading.declarations.build(kept.values())
    return Dataset(tuple(kept.values()), entities, (*reading.notes, *notes))


def read_examples(files: Sequence[Path], identify: Callable[[str], str]) -> tuple[Example, ...]:
    """Read evaluation data: every row counts, repeated or not.

    Raises:
        ConfigurationError: as `read_dataset`.
    """
    reading = _read_all(files, identify)
    reading.raise_errors()
    if not reading.examples:
        raise ConfigurationError(f"there are no examples in {', '.join(map(str, files)) or 'no files'}")
    return tuple(reading.examples)


@dataclass(slots=True)
class _Reading:
    examples: list[Example] = field(default_factory=list)
    declarations: Declarations = field(default_factory=Declarations)
    errors: list[Finding] = field(default_factory=list)
    notes: list[Finding] = field(default_factory=list)

    def raise_errors(self) -> None:
        if self.errors:
            raise ConfigurationError("\n".join(map(str, self.errors)))


def _read_all(files: Iterable[Path], identify: Callable[[str], str]) -> _Reading:
    reading = _Reading()
    for file in files:
        if file.suffix in {".yml", ".yaml"}:
            _read_yaml(file, identify, reading)
        elif file.suffix in {".jsonl", ".ndjson"}:
            _read_jsonl(file, identify, reading)
        else:
            reading.errors.append(Finding(file, 0, "is neither Rasa NLU YAML (.yml) nor JSON Lines (.jsonl)"))
    return reading


def _read_yaml(file: Path, identify: Callable[[str], str], reading: _Reading) -> None:
    content = read_rasa(file)
    reading.errors += content.errors
    reading.notes += content.notes
    language = language_of_file(file)
    for section in content.sections:
        if section.kind != "intent":
            if section.kind == "regex":
                reading.errors += _wrong_patterns(file, section)
            reading.declarations.add(file, section)
            continue
        for line in section.lines:
            reading.examples.append(
                Example(
                    text=line.text,
                    intent=_intent(section.name),
                    language=language or identify(line.text),
                    file=file,
                    line=line.number,
                    entities=line.entities,
                )
            )


def _wrong_patterns(file: Path, section: Section) -> Iterator[Finding]:
    for line in section.lines:
        try:
            regex.compile(line.text)
        except regex.error as error:
            yield Finding(file, line.number, f"the pattern {line.text!r} is wrong: {error}")


def _read_jsonl(file: Path, identify: Callable[[str], str], reading: _Reading) -> None:
    try:
        rows = file.read_text(encoding="utf-8-sig").split("\n")
    except FileNotFoundError:
        raise ConfigurationError(f"{file}: there is no such file") from None
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{file}: is not UTF-8 (byte {error.start})") from None
    except OSError as error:
        raise ConfigurationError(f"{file}: cannot be read: {error.strerror}") from None
    language = language_of_file(file)
    for number, row in enumerate(rows, 1):
        if not row.strip():
            continue
        try:
            text, intent, code = _row(row)
        except ValueError as error:
            reading.errors.append(Finding(file, number, str(error)))
            continue
        reading.examples.append(Example(text, _intent(intent), code or language or identify(text), file, number))


def _row(row: str) -> tuple[str, str | None, str | None]:
    try:
        data = json.loads(row)
    except json.JSONDecodeError as error:
        raise ValueError(f"is no JSON: {error.msg} at column {error.colno}") from None
    if not isinstance(data, dict):
        raise ValueError("is no JSON object")  # noqa: TRY004
    text, intent, lang = data.get("text"), data.get("intent"), data.get("lang")
    if not isinstance(text, str) or not text.strip():
        raise ValueError("has no 'text'")
    if "intent" not in data:
        raise ValueError("has no 'intent' (null is for out of scope)")
    if intent is not None and not (isinstance(intent, str) and intent.strip()):
        raise ValueError(f"'intent' is {intent!r}, not a name")
    code = language_code(lang) if isinstance(lang, str) else None
    if lang is not None and code is None:
        raise ValueError(f"'lang' is {lang!r}, not a language code")
    return text.strip(), intent, code


def _intent(name: str | None) -> str:
    return OUT_OF_SCOPE if name is None or name.strip().lower() in _OUT_OF_SCOPE_NAMES else name.strip()


def language_of_file(file: Path) -> str | None:
    """The language that a file is named after; None if its name is no two-letter code or longer tag of one."""
    return language_code(file.stem) if len(file.stem.split("-")[0]) == 2 else None  # noqa: PLR2004
