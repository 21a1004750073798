"""Indexes for people by an id of theirs, for what last came or went on a channel, and for what is to be reviewed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        # Rows that earlier revisions have written in this transaction are checked now: PostgreSQL makes no index on a
        # table whose checks are still to come.
        op.execute("SET CONSTRAINTS ALL IMMEDIATE")
        op.execute("SET CONSTRAINTS ALL DEFERRED")
    op.create_index("ix_identities_sender", "identities", ["sender"])
    op.create_index("ix_inbox_channel", "inbox", ["channel", "seq"])
    doubtful = sa.text("outcome IN ('clarified', 'handed_over', 'rephrased') AND intent IS NOT NULL")
    op.create_index(
        "ix_turns_doubtful",
        "turns",
        ["at", "message_id", "reason"],
        sqlite_where=doubtful,
        postgresql_where=doubtful,
    )
    bad = sa.text("score <= 2")
    op.create_index(
        "ix_ratings_bad", "ratings", ["conversation_id", "asked_at"], sqlite_where=bad, postgresql_where=bad
    )
    sent = sa.text("status = 'sent'")
    op.create_index("ix_outbox_sent", "outbox", ["channel", "finished_at"], sqlite_where=sent, postgresql_where=sent)
