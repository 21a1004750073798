"""What champions and challengers made of the same messages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "comparisons",
        sa.Column("message_id", sa.Text, nullable=False),
        sa.Column("champion", sa.Text, nullable=False),
        sa.Column("challenger", sa.Text, nullable=False),
        sa.Column("conversation_id", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("champion_intent", sa.Text),
        sa.Column("champion_confidence", sa.Double, nullable=False),
        sa.Column("champion_in_scope", sa.Boolean, nullable=False),
        sa.Column("challenger_intent", sa.Text),
        sa.Column("challenger_confidence", sa.Double),
        sa.Column("challenger_in_scope", sa.Boolean),
        sa.Column("agrees", sa.Boolean, nullable=False),
        sa.Column("error", sa.Text),
        sa.PrimaryKeyConstraint("message_id", "champion", "challenger", name="pk_comparisons"),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name="fk_comparisons_conversation_id",
            deferrable=True,
            initially="DEFERRED",
        ),
    )
    op.create_index("ix_comparisons_pair", "comparisons", ["champion", "challenger", "at"])
    op.create_index("ix_comparisons_conversation", "comparisons", ["conversation_id"])
