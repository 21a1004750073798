"""YAML that remembers its lines, so that an error in a pack can say where it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any

import yaml

from bot.errors import PackError

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong in a file; `line` and `column` count from 1, 0 stands for the file, or the line, as a whole."""

    file: FilePath
    line: int
    reason: str
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}" if self.line else f"{self.file}: {self.reason}"


class UnreadableYaml(PackError):
    """A file that cannot be read as YAML, and where it ceases to be."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(str(finding))
        self.finding = finding


@dataclass(frozen=True, slots=True)
class Source:
    """A parsed file: its plain data, and the line and column of every key and item by its path."""

    file: FilePath
    data: Any
    lines: dict[Path, int] = field(default_factory=dict)
    columns: dict[Path, int] = field(default_factory=dict)

    def finding(self, path: Sequence[str | int], reason: str) -> Finding:
        """A finding at a path, or at the nearest place above it that has a line."""
        at = tuple(path)
        while at and at not in self.lines:
            at = at[:-1]
        return Finding(self.file, self.lines.get(at, 1), reason, self.columns.get(at, 0))


def parse_yaml(file: FilePath, text: str | None = None) -> Source:
    """Read a YAML file, or a text that stands for one.

    Raises:
        UnreadableYaml: it cannot be read, is no YAML, repeats a key, or has a key that is not a string.
    """
    text = read_text(file) if text is None else text
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text)
    source = Source(file, None)
    try:
        node = loader.get_single_node()
        data = None if node is None else _plain(loader, node, (), source)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        raise UnreadableYaml(Finding(file, line, f"is no YAML: {error.problem}", column)) from None
    except yaml.YAMLError as error:
        raise UnreadableYaml(Finding(file, 0, f"is no YAML: {error}")) from None
    finally:
        loader.dispose()
    return Source(file, data, source.lines, source.columns)


def read_text(file: FilePath) -> str:
    """The text of a file, its line ends as they are.

    Raises:
        UnreadableYaml: it cannot be read, or is not UTF-8.
    """
    try:
        return file.read_bytes().decode("utf-8")
    except FileNotFoundError:
        raise UnreadableYaml(Finding(file, 0, "there is no such file")) from None
    except UnicodeDecodeError as error:
        raise UnreadableYaml(Finding(file, 0, f"is not UTF-8 (byte {error.start})")) from None
    except OSError as error:
        raise UnreadableYaml(Finding(file, 0, f"cannot be read: {error.strerror}")) from None


def _plain(loader: Any, node: yaml.Node, path: Path, source: Source) -> Any:
    source.lines.setdefault(path, node.start_mark.line + 1)
    source.columns.setdefault(path, node.start_mark.column + 1)
    if isinstance(node, yaml.MappingNode):
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = loader.construct_object(key_node, deep=True)
            line, column = key_node.start_mark.line + 1, key_node.start_mark.column + 1
            if not isinstance(key, str):
                reason = f"the key {key_node.value!r} reads as {type(key).__name__}; put it in quotes"
                raise UnreadableYaml(Finding(source.file, line, reason, column))
            if key in result:
                raise UnreadableYaml(Finding(source.file, line, f"the key {key!r} is there twice", column))
            source.lines[(*path, key)], source.columns[(*path, key)] = line, column
            result[key] = _plain(loader, value_node, (*path, key), source)
        return result
    if isinstance(node, yaml.SequenceNode):
        return [_plain(loader, item, (*path, i), source) for i, item in enumerate(node.value)]
    return loader.construct_object(node, deep=True)
