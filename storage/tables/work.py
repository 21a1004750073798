"""What agents keep beside conversations: marks, words, mentions, attributes, replies, ratings."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, Column, ColumnElement, Index, Integer, Table, UniqueConstraint, literal_column

from bot.review import BAD
from storage.tables.columns import Document, String, Timestamp, metadata, partial, refers_to

read_marks = Table(
    "read_marks",
    metadata,
    Column("user_id", String, refers_to("users.id"), primary_key=True),
    Column("conversation_id", String, refers_to("conversations.id"), primary_key=True),
    Column("seq", Integer, nullable=False),
)
Index("ix_read_marks_conversation", read_marks.c.conversation_id)

conversation_tags = Table(
    "conversation_tags",
    metadata,
    Column("conversation_id", String, refers_to("conversations.id"), primary_key=True),
    Column("tag", String, primary_key=True),
)
Index("ix_conversation_tags_tag", conversation_tags.c.tag, conversation_tags.c.conversation_id)

mentions = Table(
    "mentions",
    metadata,
    Column("user_id", String, refers_to("users.id"), primary_key=True),
    Column("conversation_id", String, refers_to("conversations.id"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("at", Timestamp, nullable=False),
    Column("by", String, nullable=False),
    Column("seen", Boolean, nullable=False),
)
Index("ix_mentions_user", mentions.c.user_id, mentions.c.at)
Index("ix_mentions_conversation", mentions.c.conversation_id)

merges = Table(
    "merges",
    metadata,
    Column("id", String, primary_key=True),
    Column("kept", String, refers_to("customers.id"), nullable=False),
    Column("absorbed", String, refers_to("customers.id"), nullable=False),
    Column("by", String, nullable=False),
    Column("at", Timestamp, nullable=False),
    Column("undone_by", String),
    Column("undone_at", Timestamp),
)
Index("ix_merges_kept", merges.c.kept)
Index("ix_merges_absorbed", merges.c.absorbed)

customer_attributes = Table(
    "customer_attributes",
    metadata,
    Column("customer_id", String, refers_to("customers.id"), primary_key=True),
    Column("name", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("value", Document, nullable=False),
)

canned_replies = Table(
    "canned_replies",
    metadata,
    Column("id", String, primary_key=True),
    Column("owner", String, nullable=False),
    Column("shortcut", String, nullable=False),
    Column("texts", Document, nullable=False),
    Column("version", Integer, nullable=False),
    UniqueConstraint("owner", "shortcut"),
)
"""`owner` is empty for a reply that is shared, so that shortcuts are unique among those too."""

ratings = Table(
    "ratings",
    metadata,
    Column("id", String, primary_key=True),
    Column("conversation_id", String, refers_to("conversations.id"), nullable=False),
    Column("agent", String, nullable=False),
    Column("agent_name", String, nullable=False),
    Column("asked_at", Timestamp, nullable=False),
    Column("score", Integer),
    Column("comment", String),
    Column("answered_at", Timestamp),
)
Index("ix_ratings_conversation", ratings.c.conversation_id)
Index("ix_ratings_asked", ratings.c.asked_at)


def rated_badly(score: Column[Any]) -> ColumnElement[bool]:
    """A bad rating: `bot.review.BAD`, spelled out for the index."""
    return score <= literal_column(str(BAD))


partial("ix_ratings_bad", ratings.c.conversation_id, ratings.c.asked_at, where=rated_badly(ratings.c.score))
