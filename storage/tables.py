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
    and_,
    literal_column,
)
from sqlalchemy.dialects.postgresql import JSONB

from bot.review import BAD, DOUBTFUL
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


def refers_to(target: str) -> ForeignKey:
    """Checked when the transaction commits, so that rows may be written in any order."""
    return ForeignKey(target, deferrable=True, initially="DEFERRED")


customers = Table(
    "customers",
    metadata,
    Column("id", String, primary_key=True),
    Column("name", String),
    Column("created_at", Timestamp, nullable=False),
    Column("profile_id", String),
)
"""`profile_id` is the customer whom this one is shown as: itself, unless two profiles were merged."""
Index("ix_customers_profile", customers.c.profile_id)

identities = Table(
    "identities",
    metadata,
    Column("channel", String, primary_key=True),
    Column("sender", String, primary_key=True),
    Column("customer_id", String, refers_to("customers.id"), nullable=False),
    Column("name", String),
    Column("locale", String),
)
Index("ix_identities_customer", identities.c.customer_id)
Index("ix_identities_sender", identities.c.sender)

conversations = Table(
    "conversations",
    metadata,
    Column("id", String, primary_key=True),
    Column("channel", String, nullable=False),
    Column("address", String, nullable=False),
    Column("customer_id", String, refers_to("customers.id"), nullable=False),
    Column("created_at", Timestamp, nullable=False),
    Column("updated_at", Timestamp, nullable=False),
    Column("owner", String, nullable=False),
    Column("agent", String),
    Column("version", Integer, nullable=False),
    Column("state", Document, nullable=False),
    Column("language", String),
    Column("intent", String),
    Column("sentiment", String),
    Column("rank", Integer, nullable=False, server_default="2"),
    Column("since", Timestamp),
    UniqueConstraint("channel", "address"),
)
"""`rank` and `since` are what the inbox is sorted by: see `bot.inbox_values`."""
_latest = (conversations.c.updated_at, conversations.c.id)
_waiting = (conversations.c.rank, conversations.c.since, conversations.c.id)
_has_agent = conversations.c.agent.is_not(None)
Index("ix_conversations_updated", *_latest)
Index("ix_conversations_waiting", *_waiting)
Index("ix_conversations_owner", conversations.c.owner, *_latest)
Index("ix_conversations_owner_waiting", conversations.c.owner, *_waiting)
_partial("ix_conversations_agent", conversations.c.agent, *_latest, where=_has_agent)
_partial("ix_conversations_agent_waiting", conversations.c.agent, *_waiting, where=_has_agent)
Index("ix_conversations_customer", conversations.c.customer_id)

messages = Table(
    "messages",
    metadata,
    Column("conversation_id", String, refers_to("conversations.id"), primary_key=True),
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
Index("ix_messages_at", messages.c.at, messages.c.author, messages.c.internal, messages.c.conversation_id)
_partial("ix_messages_agent_at", messages.c.conversation_id, messages.c.at, where=is_(messages.c.author, "agent"))
_partial(
    "ix_messages_agent_seq",
    messages.c.conversation_id,
    messages.c.seq,
    messages.c.at,
    where=is_(messages.c.author, "agent"),
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
Index("ix_inbox_channel", inbox.c.channel, inbox.c.seq)
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
_partial("ix_outbox_sent", outbox.c.channel, outbox.c.finished_at, where=is_(outbox.c.status, "sent"))
_partial("ix_outbox_dead", outbox.c.finished_at, where=is_(outbox.c.status, "dead"))

handoffs = Table(
    "handoffs",
    metadata,
    Column("id", String, primary_key=True),
    Column("conversation_id", String, refers_to("conversations.id"), nullable=False),
    Column("state", String, nullable=False),
    Column("opened_at", Timestamp, nullable=False),
    Column("details", Document, nullable=False),
)
Index("ix_handoffs_state", handoffs.c.state, handoffs.c.opened_at)
Index("ix_handoffs_conversation", handoffs.c.conversation_id)
Index("ix_handoffs_opened", handoffs.c.opened_at)

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
_partial("ix_turns_doubtful", turns.c.at, turns.c.message_id, turns.c.reason, where=doubtful(turns.c))

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


_partial("ix_ratings_bad", ratings.c.conversation_id, ratings.c.asked_at, where=rated_badly(ratings.c.score))

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

dues = Table(
    "dues",
    metadata,
    Column("conversation_id", String, refers_to("conversations.id"), primary_key=True),
    Column("at", Timestamp, nullable=False),
)
"""When something of a conversation is to happen by itself; most have no row."""
Index("ix_dues_at", dues.c.at)
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
