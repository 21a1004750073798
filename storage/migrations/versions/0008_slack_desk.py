"""Desks on other platforms: handoffs' threads, what agents did in them, and whose accounts are whose."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_DOCUMENT = sa.JSON().with_variant(JSONB(), "postgresql")
_MOMENT = sa.DateTime(timezone=True)


def _refers(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_{column}"
    return sa.ForeignKeyConstraint([column], [target], name=name, deferrable=True, initially="DEFERRED")


def upgrade() -> None:
    _threads()
    _events()
    _links()


def _threads() -> None:
    op.create_table(
        "desk_threads",
        sa.Column("handoff_id", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("conversation_id", sa.Text, nullable=False),
        sa.Column("opened_at", _MOMENT, nullable=False),
        sa.Column("root", sa.Text),
        sa.Column("done", sa.Boolean, nullable=False),
        sa.Column("held_by", sa.Text),
        sa.Column("held_until", _MOMENT),
        sa.Column("state", _DOCUMENT, nullable=False),
        sa.PrimaryKeyConstraint("handoff_id", "channel", name="pk_desk_threads"),
        sa.UniqueConstraint("channel", "root", name="uq_desk_threads_channel"),
        _refers("desk_threads", "handoff_id", "handoffs.id"),
        _refers("desk_threads", "conversation_id", "conversations.id"),
    )
    still_open = sa.text("done IS 0") if op.get_bind().dialect.name == "sqlite" else sa.text("done IS false")
    op.create_index(
        "ix_desk_threads_open",
        "desk_threads",
        ["channel", "opened_at", "handoff_id"],
        sqlite_where=still_open,
        postgresql_where=still_open,
    )
    op.create_index("ix_desk_threads_conversation", "desk_threads", ["conversation_id"])


def _events() -> None:
    op.create_table(
        "desk_events",
        sa.Column("seq", _NUMBER, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("event", sa.Text, nullable=False),
        sa.Column("thread", sa.Text, nullable=False),
        sa.Column("received_at", _MOMENT, nullable=False),
        sa.Column("status", sa.Text, nullable=False, server_default="waiting"),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("due_at", _MOMENT),
        sa.Column("error", sa.Text),
        sa.Column("finished_at", _MOMENT),
        sa.Column("conversation_id", sa.Text),
        sa.Column("entry", sa.Integer),
        sa.Column("body", _DOCUMENT),
        sa.Column("reply", _DOCUMENT),
        sa.PrimaryKeyConstraint("seq", name="pk_desk_events"),
        sa.UniqueConstraint("channel", "event", name="uq_desk_events_channel"),
        _refers("desk_events", "conversation_id", "conversations.id"),
    )
    for name, columns, only in (
        ("ix_desk_events_waiting", ["channel", "thread", "seq"], "status = 'waiting'"),
        ("ix_desk_events_owing", ["channel", "thread", "seq"], "status = 'owing'"),
        ("ix_desk_events_entry", ["conversation_id", "entry"], "entry IS NOT NULL"),
    ):
        where = sa.text(only)
        op.create_index(name, "desk_events", columns, sqlite_where=where, postgresql_where=where)


def _links() -> None:
    op.create_table(
        "desk_links",
        sa.Column("platform", sa.Text, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("user_id", sa.Text, nullable=False),
        sa.Column("name", sa.Text),
        sa.Column("linked_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("platform", "account", name="pk_desk_links"),
        sa.UniqueConstraint("user_id", "platform", name="uq_desk_links_user_id"),
        _refers("desk_links", "user_id", "users.id"),
    )
    op.create_table(
        "desk_codes",
        sa.Column("code_hash", sa.Text, nullable=False),
        sa.Column("platform", sa.Text, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("name", sa.Text),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("code_hash", name="pk_desk_codes"),
    )
    op.create_index("ix_desk_codes_account", "desk_codes", ["platform", "account"])
    op.create_index("ix_desk_codes_expires", "desk_codes", ["expires_at"])
