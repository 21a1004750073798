"""The revisions of packs, and their trainings."""

from __future__ import annotations

from sqlalchemy import Column, Integer, Table

from storage.tables.columns import Document, String, Timestamp, metadata

pack_texts = Table(
    "pack_texts",
    metadata,
    Column("digest", String, primary_key=True),
    Column("text", String, nullable=False),
)
"""Texts of packs' files, each once, whatever revisions have it."""

pack_revisions = Table(
    "pack_revisions",
    metadata,
    Column("pack", String, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", Timestamp, nullable=False),
    Column("author", String),
    Column("author_name", String, nullable=False),
    Column("message", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("parent", Integer),
    Column("undoes", Integer),
    Column("files", Document, nullable=False),
)
"""`files` maps paths to digests. The key is what lets only one of two processes make the next revision."""

training_runs = Table(
    "training_runs",
    metadata,
    Column("pack", String, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("state", String, nullable=False),
    Column("asked_at", Timestamp, nullable=False),
    Column("document", Document, nullable=False),
)
"""The key is what lets only one of two processes give a number. `document` holds the rest of `bot.runs.Run`."""
