"""A `Store` in memory: the same promises as the databases, kept for as long as the process lives."""

from __future__ import annotations

from storage.memory.store import MemoryStore

__all__ = ["MemoryStore"]
