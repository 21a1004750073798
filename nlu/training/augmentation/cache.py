"""Answers of language models, kept in a file that only grows: what was paid for once is not asked for again."""

from __future__ import annotations

import json
import os
from hashlib import blake2b
from pathlib import Path

import structlog
from pydantic import BaseModel, ValidationError

log = structlog.get_logger(__name__)


class _Row(BaseModel):
    key: str
    model: str
    lines: list[str]


class AnswerCache:
    """One JSON Lines file; it may be deleted at any time, and several processes may add to it.

    A row is written with one call, so that a process that is killed loses nothing but the row it is writing. Rows that
    cannot be read are passed over, with a warning, and asked for again.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self._known: dict[str, list[str]] = {}
        try:
            rows = file.read_bytes().split(b"\n")
        except FileNotFoundError:
            return
        damaged = 0
        for content in filter(None, rows):
            try:
                row = _Row.model_validate_json(content)
            except ValidationError:
                damaged += 1
                continue
            self._known[row.key] = row.lines
        if damaged:
            log.warning("answers unreadable, asked for again", file=str(file), rows=damaged)

    def __len__(self) -> int:
        return len(self._known)

    def get(self, key: str) -> list[str] | None:
        """The lines that were answered; None if nobody was asked."""
        return self._known.get(key)

    def put(self, key: str, model: str, lines: list[str]) -> None:
        """Keep an answer.

        Raises:
            OSError: the file cannot be written.
        """
        self.file.parent.mkdir(parents=True, exist_ok=True)
        row = _Row(key=key, model=model, lines=lines).model_dump_json().encode("utf-8", "replace") + b"\n"
        # Only the owner: these are sentences of customers.
        handle = os.open(self.file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            size = os.fstat(handle).st_size
            if size and os.pread(handle, 1, size - 1) != b"\n":  # somebody was killed within a row
                row = b"\n" + row
            if os.write(handle, row) != len(row):
                raise OSError(f"{self.file}: the disk is full")
        finally:
            os.close(handle)
        self._known[key] = lines


def key_of(*parts: str | int) -> str:
    """A key for everything that an answer depends on."""
    return blake2b(json.dumps(parts).encode(), digest_size=16).hexdigest()
