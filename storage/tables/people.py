"""Who signs in, with what, what they have changed, and what agents can do."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table

from storage.tables.columns import Document, Number, String, Timestamp, metadata, refers_to

users = Table(
    "users",
    metadata,
    Column("id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("folded_name", String, nullable=False, unique=True),
    Column("display_name", String, nullable=False),
    Column("role", String, nullable=False),
    Column("password_hash", String, nullable=False),
    Column("created_at", Timestamp, nullable=False),
    Column("disabled_at", Timestamp),
)

sign_ins = Table(
    "sign_ins",
    metadata,
    Column("token_hash", String, primary_key=True),
    Column("user_id", String, refers_to("users.id"), nullable=False),
    Column("created_at", Timestamp, nullable=False),
    Column("expires_at", Timestamp, nullable=False),
    Column("used_at", Timestamp),
    Column("browser", String),
    Column("ended_at", Timestamp),
)
"""`used_at` and `browser` are null in rows from before there were such columns."""
Index("ix_sign_ins_user", sign_ins.c.user_id)
Index("ix_sign_ins_expires", sign_ins.c.expires_at)

api_tokens = Table(
    "api_tokens",
    metadata,
    Column("id", String, primary_key=True),
    Column("user_id", String, refers_to("users.id"), nullable=False),
    Column("name", String, nullable=False),
    Column("role", String, nullable=False),
    Column("token_hash", String, nullable=False, unique=True),
    Column("created_at", Timestamp, nullable=False),
    Column("expires_at", Timestamp),
    Column("used_at", Timestamp),
    Column("revoked_at", Timestamp),
)
Index("ix_api_tokens_user", api_tokens.c.user_id)

audit = Table(
    "audit",
    metadata,
    Column("seq", Number, primary_key=True),
    Column("at", Timestamp, nullable=False),
    Column("actor", String),
    Column("actor_name", String, nullable=False),
    Column("token", String),
    Column("action", String, nullable=False),
    Column("target", String, nullable=False),
    Column("before", Document),
    Column("after", Document),
)
"""`actor` refers to no user: what was done stays told, whoever did it."""
Index("ix_audit_at", audit.c.at)
Index("ix_audit_actor", audit.c.actor, audit.c.seq)
Index("ix_audit_action", audit.c.action, audit.c.seq)

teams = Table(
    "teams",
    metadata,
    Column("id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("folded_name", String, nullable=False, unique=True),
    Column("details", Document, nullable=False),
)

skills = Table(
    "skills",
    metadata,
    Column("folded_name", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("details", Document, nullable=False),
)

agents = Table(
    "agents",
    metadata,
    Column("user_id", String, refers_to("users.id"), primary_key=True),
    Column("languages", Document, nullable=False),
    Column("skills", Document, nullable=False),
    Column("capacity", Integer),
    Column("chosen", String, nullable=False),
    Column("state", String, nullable=False),
    Column("since", Timestamp),
    Column("connected_at", Timestamp),
    Column("active_at", Timestamp),
    Column("assigned_at", Timestamp),
)
