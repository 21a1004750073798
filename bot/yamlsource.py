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
    """Something wrong in a file; `line` counts from 1, 0 stands for the file as a whole."""

    file: FilePath
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}" if self.line else f"{self.file}: {self.reason}"


class UnreadableYaml(PackError):
    """A file that cannot be read as YAML, and where it ceases to be."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(str(finding))
        self.finding = finding


@dataclass(frozen=True, slots=True)
class Source:
    """A parsed file: its plain data, and the line of every key and item by its path."""

    file: FilePath
    data: Any
    lines: dict[Path, int] = field(default_factory=dict)

    def finding(self, path: Sequence[str | int], reason: str) -> Finding:
        """A finding at a path, or at the nearest place above it that has a line."""
        at = tuple(path)
        while at and at not in self.lines:
            at = at[:-1]
        return Finding(self.file, self.lines.get(at, 1), reason)


def parse_yaml(file: FilePath) -> Source:
    """Read a YAML file.

    Raises:
        UnreadableYaml: it cannot be read, is no YAML, repeats a key, or has a key that is not a string.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UnreadableYaml(Finding(file, 0, "there is no such file")) from None
    except UnicodeDecodeError as error:
        raise UnreadableYaml(Finding(file, 0, f"is not UTF-8 (byte {error.start})")) from None
    except OSError as error:
        raise UnreadableYaml(Finding(file, 0, f"cannot be read: {error.strerror}")) from None
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text)
    try:
        node = loader.get_single_node()
        lines: dict[Path, int] = {}
        data = None if node is None else _plain(loader, node, (), lines, file)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise UnreadableYaml(Finding(file, line, f"is no YAML: {error.problem}")) from None
    except yaml.YAMLError as error:
        raise UnreadableYaml(Finding(file, 0, f"is no YAML: {error}")) from None
    finally:
        loader.dispose()
    return Source(file, data, lines)


def _plain(loader: Any, node: yaml.Node, path: Path, lines: dict[Path, int], file: FilePath) -> Any:
    lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = loader.construct_object(key_node, deep=True)
            line = key_node.start_mark.line + 1
            if not isinstance(key, str):
                reason = f"the key {key_node.value!r} reads as {type(key).__name__}; put it in quotes"
                raise UnreadableYaml(Finding(file, line, reason))
            if key in result:
                raise UnreadableYaml(Finding(file, line, f"the key {key!r} is there twice"))
            lines[(*path, key)] = line
            result[key] = _plain(loader, value_node, (*path, key), lines, file)
        return result
    if isinstance(node, yaml.SequenceNode):
        return [_plain(loader, item, (*path, i), lines, file) for i, item in enumerate(node.value)]
    return loader.construct_object(node, deep=True)
