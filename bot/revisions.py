"""The revisions of a pack: who changed what and when, and which texts it was made of then. Pure values."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from bot.audit import Actor
from bot.pack import Pack
from bot.pack_files import TextFiles


class Kind(StrEnum):
    """How a revision came about."""

    SEED = "seed"
    """From the pack's folder."""
    EDIT = "edit"
    IMPORT = "import"
    UNDO = "undo"


@dataclass(frozen=True, slots=True)
class Author:
    """Who made a revision: a user by id and name, or (without an id) the server itself.

    `actor` is how the audit log names them; it is not stored with the revision.
    """

    id: str | None
    name: str
    actor: Actor | None = field(default=None, compare=False)


SERVER = Author(None, "server")


@dataclass(frozen=True, slots=True)
class Revision:
    """One state of a pack. They count from 1; `files` names the text of each path by its digest.

    `undoes` is the revision whose changes an undo takes back.
    """

    pack: str
    number: int
    at: datetime
    author: Author
    message: str
    kind: Kind
    files: Mapping[str, str] = field(default_factory=dict)
    parent: int | None = None
    undoes: int | None = None

    @property
    def digest(self) -> str:
        """The same for the same files."""
        return digest(json.dumps(sorted(self.files.items())))


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A revision with its texts, and the pack that they make."""

    revision: Revision
    texts: Mapping[str, str]
    pack: Pack

    @property
    def files(self) -> TextFiles:
        """The texts as the reader wants them."""
        return TextFiles(self.texts, self.pack.folder)


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file before and after a revision; None where there was none."""

    path: str
    before: str | None
    after: str | None


def digest(text: str) -> str:
    """The name of a text by its content."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def etag(value: Any) -> str:
    """A tag that is the same for the same content: a text, or what JSON can hold."""
    return digest(json.dumps(value, sort_keys=True, ensure_ascii=False))[:32]
