"""Where the reader finds a pack's files: in a folder, or in a mapping of path → text that stands for one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from bot.yamlsource import Finding, Source, UnreadableYaml, parse_yaml

KINDS = frozenset({".yml", ".jsonl", ".md"})
"""Endings of the files that a pack is made of."""


class PackFiles(Protocol):
    """The files of a pack; names are paths relative to it, with `/`."""

    @property
    def root(self) -> Path:
        """What the paths of findings begin with."""
        ...

    def has(self, name: str) -> bool:
        """Whether there is such a file."""
        ...

    def within(self, folder: str, ending: str) -> Sequence[str]:
        """The names of the files right in a folder that end so, in order."""
        ...

    def parse(self, name: str) -> Source:
        """A file as YAML.

        Raises:
            UnreadableYaml: it is missing or no YAML.
        """
        ...


class FolderFiles:
    """Files on disk."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def has(self, name: str) -> bool:
        """See `PackFiles.has`."""
        return (self.root / name).exists()

    def within(self, folder: str, ending: str) -> Sequence[str]:
        """See `PackFiles.within`."""
        return sorted(f"{folder}/{path.name}" for path in (self.root / folder).glob(f"*{ending}"))

    def parse(self, name: str) -> Source:
        """See `PackFiles.parse`."""
        return parse_yaml(self.root / name)


class TextFiles:
    """Texts by path; none of them need be on disk."""

    def __init__(self, texts: Mapping[str, str], root: Path = Path()) -> None:
        self.texts = texts
        self.root = root

    def has(self, name: str) -> bool:
        """See `PackFiles.has`."""
        return name in self.texts

    def within(self, folder: str, ending: str) -> Sequence[str]:
        """See `PackFiles.within`."""
        inside = (name for name in self.texts if name.rpartition("/")[0] == folder)
        return sorted(name for name in inside if name.endswith(ending))

    def parse(self, name: str) -> Source:
        """See `PackFiles.parse`."""
        file = self.root / name
        if name not in self.texts:
            raise UnreadableYaml(Finding(file, 0, "there is no such file"))
        return _parsed(file, self.texts[name])


@lru_cache(maxsize=128)
def _parsed(file: Path, text: str) -> Source:
    """Of a whole pack, a change touches a file or two; the others need not be read again."""
    return parse_yaml(file, text)
