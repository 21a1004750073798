"""Teams, skills, agents, and what is due when."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

DOCUMENT = sa.JSON().with_variant(JSONB, "postgresql")
TIMESTAMP = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "teams",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("folded_name", sa.Text, nullable=False),
        sa.Column("details", DOCUMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_teams"),
        sa.UniqueConstraint("folded_name", name="uq_teams_folded_name"),
    )
    op.create_table(
        "skills",
        sa.Column("folded_name", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("details", DOCUMENT, nullable=False),
        sa.PrimaryKeyConstraint("folded_name", name="pk_skills"),
    )
    op.create_table(
        "agents",
        sa.Column("user_id", sa.Text, nullable=False),
        sa.Column("languages", DOCUMENT, nullable=False),
        sa.Column("skills", DOCUMENT, nullable=False),
        sa.Column("capacity", sa.Integer),
        sa.Column("chosen", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("since", TIMESTAMP),
        sa.Column("connected_at", TIMESTAMP),
        sa.Column("active_at", TIMESTAMP),
        sa.Column("assigned_at", TIMESTAMP),
        sa.PrimaryKeyConstraint("user_id", name="pk_agents"),
        refers("agents", "user_id", "users"),
    )
    op.create_table(
        "dues",
        sa.Column("conversation_id", sa.Text, nullable=False),
        sa.Column("at", TIMESTAMP, nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", name="pk_dues"),
        refers("dues", "conversation_id", "conversations"),
    )
    op.create_index("ix_dues_at", "dues", ["at"])


def refers(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_{column}"
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name, deferrable=True, initially="DEFERRED")
