"""The table of the trainings of packs."""

from __future__ import annotations

from sqlalchemy import Column, Integer, Table

from storage.tables import Document, String, Timestamp, metadata

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
