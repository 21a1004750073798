"""Customers, their conversations, and what is waiting to come in, go out or be done."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, Table, UniqueConstraint

from storage.tables.columns import Document, Number, String, Timestamp, is_, metadata, partial, refers_to

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
partial("ix_conversations_agent", conversations.c.agent, *_latest, where=_has_agent)
partial("ix_conversations_agent_waiting", conversations.c.agent, *_waiting, where=_has_agent)
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
partial(
    "ix_messages_reference",
    messages.c.conversation_id,
    messages.c.reference,
    where=messages.c.reference.is_not(None),
)
Index("ix_messages_at", messages.c.at, messages.c.author, messages.c.internal, messages.c.conversation_id)
partial("ix_messages_agent_at", messages.c.conversation_id, messages.c.at, where=is_(messages.c.author, "agent"))
partial(
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
partial("ix_inbox_waiting", inbox.c.key, inbox.c.seq, where=is_(inbox.c.status, "waiting"))
Index("ix_inbox_channel", inbox.c.channel, inbox.c.seq)
partial("ix_inbox_failed", inbox.c.finished_at, where=is_(inbox.c.status, "failed"))

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
partial("ix_outbox_pending", outbox.c.channel, outbox.c.address, outbox.c.seq, where=is_(outbox.c.status, "pending"))
partial("ix_outbox_sent", outbox.c.channel, outbox.c.finished_at, where=is_(outbox.c.status, "sent"))
partial("ix_outbox_dead", outbox.c.finished_at, where=is_(outbox.c.status, "dead"))

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

dues = Table(
    "dues",
    metadata,
    Column("conversation_id", String, refers_to("conversations.id"), primary_key=True),
    Column("at", Timestamp, nullable=False),
)
"""When something of a conversation is to happen by itself; most have no row."""
Index("ix_dues_at", dues.c.at)

heartbeat = Table(
    "heartbeat",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("at", Timestamp, nullable=False),
)
"""One row, written to find out whether the database can be written."""
