"""Reads Rasa's NLU format: YAML with `nlu: - intent: …, examples: |`.

Entities are `[text](entity)`, or `[text]{"entity": …}`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import regex

from bot.understanding import Entity
from bot.yamlsource import Finding, Source, parse_yaml

_ANNOTATION = regex.compile(
    r"\[(?P<text>[^\[\]]+)\](?:\((?P<entity>[^():]+)(?::(?P<value>[^()]+))?\)"
    r"|(?P<json>\{[^{}]*\}|\[\s*\{[^{}]*\}(?:\s*,\s*\{[^{}]*\})*\s*\]))"
)
_SECTIONS = ("intent", "synonym", "regex", "lookup")


@dataclass(frozen=True, slots=True)
class Line:
    """One item of a section's examples, and the line it stands in; `written` is it with its annotations."""

    text: str
    number: int
    entities: tuple[Entity, ...] = ()
    written: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """An item of `nlu`: its kind (`intent`, `synonym`, `regex`, `lookup`), its name, and its examples."""

    kind: str
    name: str | None
    line: int
    lines: tuple[Line, ...]


@dataclass(slots=True)
class RasaFile:
    """What a file holds: its sections, what is wrong, and what was understood but is of no use here."""

    sections: list[Section] = field(default_factory=list)
    errors: list[Finding] = field(default_factory=list)
    notes: list[Finding] = field(default_factory=list)


def read_rasa(file: Path) -> RasaFile:
    """Read a file; what is wrong inside it is listed with its line.

    Raises:
        PackError: it cannot be read or is no YAML.
    """
    return rasa_file(parse_yaml(file))


def rasa_file(source: Source) -> RasaFile:
    """What a file that has been parsed holds; see `read_rasa`."""
    result = RasaFile()
    if not isinstance(source.data, dict):
        result.errors.append(Finding(source.file, 1, "is no mapping with the key 'nlu'"))
        return result
    for key in source.data:
        if key not in {"version", "nlu"}:
            result.notes.append(source.finding([key], f"{key!r} is no training data for understanding; ignored"))
    items = source.data.get("nlu")
    if not isinstance(items, list):
        result.errors.append(source.finding(["nlu"], "'nlu' must be a list of intents with examples"))
        return result
    for index in range(len(items)):
        _read_section(source, index, result)
    return result


def annotated(text: str) -> tuple[str, tuple[Entity, ...]]:
    """An example without its annotations, and the entities that they name, by offset in code points.

    Raises:
        ValueError: an annotation is malformed; the message says how.
    """
    plain, position, entities = "", 0, []
    for match in _ANNOTATION.finditer(text):
        plain += text[position : match.start()]
        named = [(match["entity"], match["value"])] if match["json"] is None else _from_json(match["json"])
        start = len(plain)
        plain += match["text"]
        for name, value in named:
            if not name.strip():
                raise ValueError(f"the annotation {match.group()} names no entity")
            entities.append(Entity(name.strip(), start, len(plain), value or match["text"]))
        position = match.end()
    return plain + text[position:], tuple(entities)


def _from_json(text: str) -> list[tuple[str, str | None]]:
    """The entities of an object, or of a list of them, and their values."""
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"the annotation {text} is no JSON: {error.msg}") from None
    found: list[tuple[str, str | None]] = []
    for one in data if isinstance(data, list) else [data]:
        if not isinstance(one.get("entity"), str):
            raise ValueError(f"the annotation {text} names no entity")  # noqa: TRY004
        value = one.get("value")
        found.append((one["entity"], None if value is None else str(value)))
    return found


def _read_section(source: Source, index: int, result: RasaFile) -> None:
    at = ("nlu", index)
    item = source.data["nlu"][index]
    kinds = [kind for kind in _SECTIONS if isinstance(item, dict) and kind in item]
    if len(kinds) != 1:
        result.errors.append(source.finding(at, f"an item of 'nlu' has one of: {', '.join(_SECTIONS)}"))
        return
    kind = kinds[0]
    name = item[kind]
    if not (isinstance(name, str) and name.strip()) and not (kind == "intent" and name is None):
        result.errors.append(source.finding([*at, kind], f"{kind}: {name!r} is no name"))
        return
    lines = tuple(_read_lines(source, at, kind, result))
    if not lines:
        result.errors.append(source.finding(at, f"{kind} {name!r} has no examples"))
    result.sections.append(Section(kind, name, source.finding(at, "").line, lines))


def _read_lines(source: Source, at: tuple[str | int, ...], kind: str, result: RasaFile) -> Iterator[Line]:
    for number, text in _items(source, (*at, "examples"), result):
        if kind != "intent":
            yield Line(text, number, written=text)
            continue
        try:
            plain, entities = annotated(text)
        except ValueError as error:
            result.errors.append(Finding(source.file, number, str(error)))
            continue
        yield Line(plain, number, entities, text)


def _items(source: Source, path: tuple[str | int, ...], result: RasaFile) -> Iterator[tuple[int, str]]:
    """Line number and text of each example, in either of Rasa's forms: a block of `- …` lines, or a list."""
    examples: Any = source.data["nlu"][path[1]].get("examples")
    if isinstance(examples, list):
        for position, entry in enumerate(examples):
            text = entry.get("text") if isinstance(entry, dict) else entry
            if isinstance(text, str) and text.strip():
                yield source.finding([*path, position], "").line, text.strip().removeprefix("- ")
            else:
                result.errors.append(source.finding([*path, position], f"{entry!r} is no example"))
    elif isinstance(examples, str):
        first = source.finding(path, "").line + 1  # a block's content begins below its key
        for number, line in enumerate(examples.splitlines(), first):
            text = line.strip()
            if text.startswith("- ") and text[2:].strip():
                yield number, text[2:].strip()
            elif text and text != "-":
                result.errors.append(Finding(source.file, number, f"{text!r} is no example: it must begin with '- '"))
    elif examples is not None:
        result.errors.append(source.finding(path, "examples must be a block of '- …' lines, or a list"))
