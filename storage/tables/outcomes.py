"""What became of customers' messages, what challengers and people made of them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, Column, ColumnElement, Double, Index, Integer, Table, and_, literal_column

from bot.review import DOUBTFUL
from storage.tables.columns import String, Timestamp, metadata, partial, refers_to

comparisons = Table(
    "comparisons",
    metadata,
    Column("message_id", String, primary_key=True),
    Column("champion", String, primary_key=True),
    Column("challenger", String, primary_key=True),
    Column("conversation_id", String, refers_to("conversations.id"), nullable=False),
    Column("at", Timestamp, nullable=False),
    Column("language", String, nullable=False),
    Column("champion_intent", String),
    Column("champion_confidence", Double, nullable=False),
    Column("champion_in_scope", Boolean, nullable=False),
    Column("challenger_intent", String),
    Column("challenger_confidence", Double),
    Column("challenger_in_scope", Boolean),
    Column("agrees", Boolean, nullable=False),
    Column("error", String),
)
"""The three columns of the challenger's verdict are null, and `error` is not, where it failed."""
Index("ix_comparisons_pair", comparisons.c.champion, comparisons.c.challenger, comparisons.c.at)
Index("ix_comparisons_conversation", comparisons.c.conversation_id)

turns = Table(
    "turns",
    metadata,
    Column("conversation_id", String, refers_to("conversations.id"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("message_id", String, nullable=False, unique=True),
    Column("channel", String, nullable=False),
    Column("at", Timestamp, nullable=False),
    Column("quarter", Integer, nullable=False),
    Column("language", String, nullable=False),
    Column("outcome", String, nullable=False),
    Column("intent", String),
    Column("confidence", Double),
    Column("reason", String),
    Column("in_flow", Boolean, nullable=False),
    Column("negative", Boolean, nullable=False),
    Column("quiet", Double),
)
"""What became of each customer's message: narrow rows, to be counted. `quarter` numbers the quarters of an hour."""
Index("ix_turns_at", turns.c.at)


def doubtful(columns: Any) -> ColumnElement[bool]:
    """A turn that the bot could not answer, whatever the reason: `bot.review.DOUBTFUL`, spelled out for the index."""
    return and_(columns.outcome.in_(_DOUBTFUL), columns.intent.is_not(None))


_DOUBTFUL: list[ColumnElement[str]] = [literal_column(f"'{outcome}'") for outcome in sorted(DOUBTFUL)]
partial("ix_turns_doubtful", turns.c.at, turns.c.message_id, turns.c.reason, where=doubtful(turns.c))

labels = Table(
    "labels",
    metadata,
    Column("message_id", String, primary_key=True),
    Column("act", String, nullable=False),
    Column("text", String, nullable=False),
    Column("language", String, nullable=False),
    Column("verdict", String, nullable=False),
    Column("intent", String),
    Column("user_id", String, nullable=False),
    Column("user_name", String, nullable=False),
    Column("at", Timestamp, nullable=False),
)
"""What people made of customers' messages; the text is what they read, should the message change later."""
Index("ix_labels_act", labels.c.act)
Index("ix_labels_at", labels.c.at)
