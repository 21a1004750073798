"""The tables of desks on other platforms: handoffs' threads, what agents did in them, and whose accounts are whose."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, Table, UniqueConstraint

from storage.tables.columns import Document, Number, String, Timestamp, is_, metadata, refers_to

desk_threads = Table(
    "desk_threads",
    metadata,
    Column("handoff_id", String, refers_to("handoffs.id"), primary_key=True),
    Column("channel", String, primary_key=True),
    Column("conversation_id", String, refers_to("conversations.id"), nullable=False),
    Column("opened_at", Timestamp, nullable=False),
    Column("root", String),
    Column("done", Boolean, nullable=False),
    Column("held_by", String),
    Column("held_until", Timestamp),
    Column("state", Document, nullable=False),
    UniqueConstraint("channel", "root"),
)
"""Who holds a row alone writes in the thread; `held_until` is there for those who never let go."""
_open = desk_threads.c.done.is_(False)
Index(
    "ix_desk_threads_open",
    desk_threads.c.channel,
    desk_threads.c.opened_at,
    desk_threads.c.handoff_id,
    sqlite_where=_open,
    postgresql_where=_open,
)
Index("ix_desk_threads_conversation", desk_threads.c.conversation_id)

desk_events = Table(
    "desk_events",
    metadata,
    Column("seq", Number, primary_key=True),
    Column("channel", String, nullable=False),
    Column("event", String, nullable=False),
    Column("thread", String, nullable=False),
    Column("received_at", Timestamp, nullable=False),
    Column("status", String, nullable=False, server_default="waiting"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("due_at", Timestamp),
    Column("error", String),
    Column("finished_at", Timestamp),
    Column("conversation_id", String, refers_to("conversations.id")),
    Column("entry", Integer),
    Column("body", Document),
    Column("reply", Document),
    UniqueConstraint("channel", "event"),
)
"""A row is `waiting`, then `owing` if somebody is to be told a `reply`, then `done`. `body` goes when it is done.

`conversation_id` and `entry` are the entry of the history that came of it.
"""
for _name, _status in (("ix_desk_events_waiting", "waiting"), ("ix_desk_events_owing", "owing")):
    _is = is_(desk_events.c.status, _status)
    Index(
        _name,
        desk_events.c.channel,
        desk_events.c.thread,
        desk_events.c.seq,
        sqlite_where=_is,
        postgresql_where=_is,
    )
_wrote = desk_events.c.entry.is_not(None)
Index(
    "ix_desk_events_entry",
    desk_events.c.conversation_id,
    desk_events.c.entry,
    sqlite_where=_wrote,
    postgresql_where=_wrote,
)

desk_links = Table(
    "desk_links",
    metadata,
    Column("platform", String, primary_key=True),
    Column("account", String, primary_key=True),
    Column("user_id", String, refers_to("users.id"), nullable=False),
    Column("name", String),
    Column("linked_at", Timestamp, nullable=False),
    UniqueConstraint("user_id", "platform"),
)

desk_codes = Table(
    "desk_codes",
    metadata,
    Column("code_hash", String, primary_key=True),
    Column("platform", String, nullable=False),
    Column("account", String, nullable=False),
    Column("name", String),
    Column("expires_at", Timestamp, nullable=False),
)
"""One-time codes by which an account is linked; only their SHA-256 is stored."""
Index("ix_desk_codes_account", desk_codes.c.platform, desk_codes.c.account)
Index("ix_desk_codes_expires", desk_codes.c.expires_at)
