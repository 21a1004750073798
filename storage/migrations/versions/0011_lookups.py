"""Indexes to find people by an id of theirs, and when something last came or went on a channel."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_identities_sender", "identities", ["sender"])
    op.create_index("ix_inbox_channel", "inbox", ["channel", "seq"])
    sent = sa.text("status = 'sent'")
    op.create_index("ix_outbox_sent", "outbox", ["channel", "finished_at"], sqlite_where=sent, postgresql_where=sent)
