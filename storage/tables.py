"""The tables. What queries look for has a column; the rest of a value is one JSON document beside it.

Partial indexes keep the queues small whatever the history: only what is waiting is in them. Their conditions are
literals, in the indexes and in the queries, because a database uses a partial index only when it can prove that the
query asks for no more; it cannot prove that of a parameter.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    DateTime,
    Dialect,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    literal_column,
)
from sqlalchemy.dialects.postgresql import JSONB

from storage.codec import clean


class Timestamp(TypeDecorator[datetime]):
    """Aware UTC to the microsecond, also where the database (SQLite) knows no time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC; a naive time has no place in the database, for nobody could tell what it means."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value.isoformat()} has no time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Back with its time zone."""
        return value.replace(tzinfo=UTC) if value is not None and dialect.name == "sqlite" else value


class String(TypeDecorator[str]):
    """Text in any script, without what PostgreSQL refuses."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - the signature
        """See `storage.codec.clean`."""
        return None if value is None else clean(value)


Number = BigInteger().with_variant(Integer, "sqlite")
"""Counts rows; SQLite numbers rows by itself only in a column declared as INTEGER."""

Document = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
    }
)


def is_(column: Column[Any], value: str) -> ColumnElement[bool]:
    """A condition whose value is spelled out, so that it finds its partial index. Only for constants of this code."""
    return column == literal_column(f"'{value}'")


def _partial(name: str, *columns: Column[Any], where: ColumnElement[bool]) -> Index:
    return Index(name, *columns, sqlite_where=where, postgresql_where=where)


def _refers_to(target: str) -> ForeignKey:
    """Checked when the transaction commits, so that rows may be written in any order."""
    return ForeignKey(target, deferrable=True, initially="DEFERRED")


customers = Table(
    "customers",
    metadata,
    Column("id", String, primary_key=True),
    Column("name", String),
    Column("created_at", Timestamp, nullable=False),
)

identities = Table(
    "identities",
    metadata,
    Column("channel", String, primary_key=True),
    Column("sender", String, primary_key=True),
    Column("customer_id", String, _refers_to("customers.id"), nullable=False),
    Column("name", String),
    Column("locale", String),
)
Index("ix_identities_customer", identities.c.customer_id)

conversations = Table(
    "conversations",
    metadata,
    Column("id", String, primary_key=True),
    Column("channel", String, nullable=False),
    Column("address", String, nullable=False),
    Column("customer_id", String, _refers_to("customers.id"), nullable=False),
    Column("created_at", Timestamp, nullable=False),
    Column("updated_at", Timestamp, nullable=False),
    Column("owner", String, nullable=False),
    Column("agent", String),
    Column("version", Integer, nullable=False),
    Column("state", Document, nullable=False),
    UniqueConstraint("channel", "address"),
)
Index("ix_conversations_updated", conversations.c.updated_at)
Index("ix_conversations_owner", conversations.c.owner, conversations.c.updated_at)
_partial(
    "ix_conversations_agent",
    conversations.c.agent,
    conversations.c.updated_at,
    where=conversations.c.agent.is_not(None),
)
Index("ix_conversations_customer", conversations.c.customer_id)

messages = Table(
    "messages",
    metadata,
    Column("conversation_id", String, _refers_to("conversations.id"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("id", String, nullable=False, unique=True),
    Column("author", String, nullable=False),
    Column("at", Timestamp, nullable=False),
    Column("text", String, nullable=False),
    Column("internal", Boolean, nullable=False),
    Column("reference", String),
    Column("details", Document, nullable=False),
)
_partial(
    "ix_messages_reference",
    messages.c.conversation_id,
    messages.c.reference,
    where=messages.c.reference.is_not(None),
)

inbox = Table(
    "inbox",
    metadata,
    Column("seq", Number, primary_key=True),
    Column("channel", String, nullable=False),
    Column("event", String, nullable=False),
    Column("key", String, nullable=False),
    Column("received_at", Timestamp, nullable=False),
    Column("status", String, nullable=False, server_default="waiting"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("error", String),
    Column("finished_at", Timestamp),
    Column("body", Document),
    UniqueConstraint("channel", "event"),
)
"""`body` goes when the event has had its turn: the history has it then. The id stays, to know a repeat."""
_partial("ix_inbox_waiting", inbox.c.key, inbox.c.seq, where=is_(inbox.c.status, "waiting"))
_partial("ix_inbox_failed", inbox.c.finished_at, where=is_(inbox.c.status, "failed"))

outbox = Table(
    "outbox",
    metadata,
    Column("seq", Number, primary_key=True),
    Column("message_id", String, nullable=False, unique=True),
    Column("channel", String, nullable=False),
    Column("address", String, nullable=False),
    Column("status", String, nullable=False, server_default="pending"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("due_at", Timestamp, nullable=False),
    Column("error", String),
    Column("finished_at", Timestamp),
    Column("body", Document),
)
"""`body` goes when the message is sent: the history has it. The row stays, to show how the delivery stands."""
_partial("ix_outbox_pending", outbox.c.channel, outbox.c.address, outbox.c.seq, where=is_(outbox.c.status, "pending"))
_partial("ix_outbox_dead", outbox.c.finished_at, where=is_(outbox.c.status, "dead"))

handoffs = Table(
    "handoffs",
    metadata,
    Column("id", String, primary_key=True),
    Column("conversation_id", String, _refers_to("conversations.id"), nullable=False),
    Column("state", String, nullable=False),
    Column("opened_at", Timestamp, nullable=False),
    Column("details", Document, nullable=False),
)
Index("ix_handoffs_state", handoffs.c.state, handoffs.c.opened_at)
Index("ix_handoffs_conversation", handoffs.c.conversation_id)

comparisons = Table(
    "comparisons",
    metadata,
    Column("message_id", String, primary_key=True),
    Column("champion", String, primary_key=True),
    Column("challenger", String, primary_key=True),
    Column("conversation_id", String, _refers_to("conversations.id"), nullable=False),
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
)

sign_ins = Table(
    "sign_ins",
    metadata,
    Column("token_hash", String, primary_key=True),
    Column("user_id", String, _refers_to("users.id"), nullable=False),
    Column("created_at", Timestamp, nullable=False),
    Column("expires_at", Timestamp, nullable=False),
)
Index("ix_sign_ins_user", sign_ins.c.user_id)
Index("ix_sign_ins_expires", sign_ins.c.expires_at)

pack_texts = Table(
    "pack_texts",
    metadata,
    Column("digest", String, primary_key=True),
    Column("text", String, nullable=False),
)
"""Texts of packs' files, each once, whatever revisions have it."""

pack_revisions = Table(
    "pack_revisions",
    metadata,
    Column("pack", String, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", Timestamp, nullable=False),
    Column("author", String),
    Column("author_name", String, nullable=False),
    Column("message", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("parent", Integer),
    Column("undoes", Integer),
    Column("files", Document, nullable=False),
)
"""`files` maps paths to digests. The key is what lets only one of two processes make the next revision."""

heartbeat = Table(
    "heartbeat",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("at", Timestamp, nullable=False),
)
"""One row, written to find out whether the database can be written."""
