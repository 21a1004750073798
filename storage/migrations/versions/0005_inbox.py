"""The agents' inbox: what is seen at a glance, read marks, search."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR

from storage.tables.search import FTS5, stored_terms

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
DOCUMENT = sa.JSON().with_variant(JSONB, "postgresql")
TIMESTAMP = sa.DateTime(timezone=True)
TERMS = sa.Text().with_variant(TSVECTOR, "postgresql")

BATCH = 500

conversations = sa.table(
    "conversations",
    *(sa.column(name) for name in ("id", "owner", "updated_at", "language", "intent", "sentiment", "rank", "since")),
    sa.column("state", DOCUMENT),
)
messages = sa.table(
    "messages",
    *(sa.column(name) for name in ("conversation_id", "seq", "author", "at", "text", "internal")),
    sa.column("details", DOCUMENT),
)
handoffs = sa.table("handoffs", *(sa.column(name) for name in ("id", "opened_at")), sa.column("details", DOCUMENT))
customers = sa.table("customers", sa.column("id"), sa.column("name"))
entries = sa.table(
    "search_entries",
    *(sa.column(name) for name in ("conversation_id", "seq", "customer_id")),
    sa.column("terms", TERMS),
)


def upgrade() -> None:
    glance()
    read_marks()
    search()
    tags_and_mentions()
    profiles()
    canned_replies()
    ratings()


def glance() -> None:
    op.add_column("conversations", sa.Column("language", sa.Text))
    op.add_column("conversations", sa.Column("intent", sa.Text))
    op.add_column("conversations", sa.Column("sentiment", sa.Text))
    op.add_column("conversations", sa.Column("rank", sa.Integer, nullable=False, server_default="2"))
    op.add_column("conversations", sa.Column("since", TIMESTAMP))
    connection = op.get_bind()
    for row in in_batches(sa.select(conversations), conversations.c.id):
        state, waiting, urgent = seen(connection, row)
        put_off = state.get("snoozed") is not None
        connection.execute(
            sa.update(conversations).where(conversations.c.id == row.id),
            {
                "state": state,
                "language": state.get("language") or "",
                "intent": state["intent"],
                "sentiment": state["sentiment"],
                "rank": 3 if put_off else 2 if waiting is None else 0 if urgent else 1,
                "since": row.updated_at if put_off else waiting or row.updated_at,
            },
        )
    op.drop_index("ix_conversations_updated", "conversations")
    op.drop_index("ix_conversations_owner", "conversations")
    op.drop_index("ix_conversations_agent", "conversations")
    latest, waiting_order = ["updated_at", "id"], ["rank", "since", "id"]
    op.create_index("ix_conversations_updated", "conversations", latest)
    op.create_index("ix_conversations_waiting", "conversations", waiting_order)
    op.create_index("ix_conversations_owner", "conversations", ["owner", *latest])
    op.create_index("ix_conversations_owner_waiting", "conversations", ["owner", *waiting_order])
    partial_index("ix_conversations_agent", "conversations", ["agent", *latest], "agent IS NOT NULL")
    partial_index("ix_conversations_agent_waiting", "conversations", ["agent", *waiting_order], "agent IS NOT NULL")


def seen(connection: sa.Connection, row: sa.Row[Any]) -> tuple[dict[str, Any], Any, bool]:
    """The state of a conversation with what is seen at a glance, since when it waits, and whether that is urgent.

    The moment is as the database gives it: it goes back unread.
    """
    shown = sa.select(messages).where(messages.c.conversation_id == row.id, messages.c.internal.is_(False))
    last = connection.execute(shown.order_by(messages.c.seq.desc()).limit(1)).first()
    heard = connection.execute(
        shown.where(messages.c.author == "customer").order_by(messages.c.seq.desc()).limit(1)
    ).first()
    understanding = (heard.details.get("understanding") if heard is not None else None) or {}
    ranking = understanding.get("ranking") or [{}]
    state = dict(row.state)
    state["intent"] = ranking[0].get("name") if understanding.get("in_scope", True) else "out_of_scope"
    state["sentiment"] = (understanding.get("sentiment") or {}).get("label")
    waiting, urgent = None, False
    if row.owner in {"queue", "agent"} and state.get("handoff"):
        handoff = connection.execute(sa.select(handoffs).where(handoffs.c.id == state["handoff"])).first()
        if handoff is not None:
            urgent = bool(handoff.details.get("urgent"))
            waiting = handoff.opened_at
    if row.owner == "queue":
        waiting = waiting or row.updated_at
    elif row.owner != "agent" or last is None or last.author == "agent":
        waiting = None
    elif last.author == "customer":
        waiting = last.at
    state["urgent"] = urgent
    state["waiting_since"] = None if waiting is None else as_json(waiting)
    return state, waiting, urgent


def as_json(moment: Any) -> str:
    """A moment of the database (text in UTC without a zone, in SQLite) as the state has it."""
    return f"{moment.replace(' ', 'T')}Z" if isinstance(moment, str) else moment.isoformat()


def read_marks() -> None:
    op.create_table(
        "read_marks",
        sa.Column("user_id", sa.Text, nullable=False),
        sa.Column("conversation_id", sa.Text, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("user_id", "conversation_id", name="pk_read_marks"),
        refers("read_marks", "user_id", "users"),
        refers("read_marks", "conversation_id", "conversations"),
    )
    op.create_index("ix_read_marks_conversation", "read_marks", ["conversation_id"])


def profiles() -> None:
    op.add_column("customers", sa.Column("profile_id", sa.Text))
    op.execute("UPDATE customers SET profile_id = id")
    op.create_index("ix_customers_profile", "customers", ["profile_id"])
    op.create_table(
        "merges",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("kept", sa.Text, nullable=False),
        sa.Column("absorbed", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("at", TIMESTAMP, nullable=False),
        sa.Column("undone_by", sa.Text),
        sa.Column("undone_at", TIMESTAMP),
        sa.PrimaryKeyConstraint("id", name="pk_merges"),
        refers("merges", "kept", "customers"),
        refers("merges", "absorbed", "customers"),
    )
    op.create_index("ix_merges_kept", "merges", ["kept"])
    op.create_index("ix_merges_absorbed", "merges", ["absorbed"])
    op.create_table(
        "customer_attributes",
        sa.Column("customer_id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("value", DOCUMENT, nullable=False),
        sa.PrimaryKeyConstraint("customer_id", "name", name="pk_customer_attributes"),
        refers("customer_attributes", "customer_id", "customers"),
    )


def canned_replies() -> None:
    op.create_table(
        "canned_replies",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("shortcut", sa.Text, nullable=False),
        sa.Column("texts", DOCUMENT, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_canned_replies"),
        sa.UniqueConstraint("owner", "shortcut", name="uq_canned_replies_owner"),
    )


def ratings() -> None:
    op.create_table(
        "ratings",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("conversation_id", sa.Text, nullable=False),
        sa.Column("agent", sa.Text, nullable=False),
        sa.Column("agent_name", sa.Text, nullable=False),
        sa.Column("asked_at", TIMESTAMP, nullable=False),
        sa.Column("score", sa.Integer),
        sa.Column("comment", sa.Text),
        sa.Column("answered_at", TIMESTAMP),
        sa.PrimaryKeyConstraint("id", name="pk_ratings"),
        refers("ratings", "conversation_id", "conversations"),
    )
    op.create_index("ix_ratings_conversation", "ratings", ["conversation_id"])
    op.create_index("ix_ratings_asked", "ratings", ["asked_at"])


def tags_and_mentions() -> None:
    op.create_table(
        "conversation_tags",
        sa.Column("conversation_id", sa.Text, nullable=False),
        sa.Column("tag", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", "tag", name="pk_conversation_tags"),
        refers("conversation_tags", "conversation_id", "conversations"),
    )
    op.create_index("ix_conversation_tags_tag", "conversation_tags", ["tag", "conversation_id"])
    op.create_table(
        "mentions",
        sa.Column("user_id", sa.Text, nullable=False),
        sa.Column("conversation_id", sa.Text, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("at", TIMESTAMP, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("seen", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("user_id", "conversation_id", "seq", name="pk_mentions"),
        refers("mentions", "user_id", "users"),
        refers("mentions", "conversation_id", "conversations"),
    )
    op.create_index("ix_mentions_user", "mentions", ["user_id", "at"])
    op.create_index("ix_mentions_conversation", "mentions", ["conversation_id"])


def search() -> None:
    op.create_table(
        "search_entries",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("conversation_id", sa.Text),
        sa.Column("seq", sa.Integer),
        sa.Column("customer_id", sa.Text),
        sa.Column("terms", TERMS, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_search_entries"),
        refers("search_entries", "conversation_id", "conversations"),
        refers("search_entries", "customer_id", "customers"),
        sa.UniqueConstraint("conversation_id", "seq", name="uq_search_entries_conversation_id"),
        sa.UniqueConstraint("customer_id", name="uq_search_entries_customer_id"),
    )
    connection = op.get_bind()
    dialect = connection.dialect.name
    if dialect == "sqlite":
        for statement in FTS5:
            op.execute(sa.DDL(statement))  # type: ignore[no-untyped-call]  # SQLAlchemy's own
    else:
        op.create_index("ix_search_entries_terms", "search_entries", ["terms"], postgresql_using="gin")
    # How texts are cut is for the present code to say: it asks the questions too.
    for row in in_batches(sa.select(customers), customers.c.id):
        values = {"conversation_id": None, "seq": None, "customer_id": row.id}
        connection.execute(sa.insert(entries), {**values, "terms": stored_terms(row.name or "", dialect)})
    said = sa.select(messages).where(messages.c.text != "")
    for row in in_batches(said, messages.c.conversation_id, messages.c.seq):
        values = {"conversation_id": row.conversation_id, "seq": row.seq, "customer_id": None}
        connection.execute(sa.insert(entries), {**values, "terms": stored_terms(row.text, dialect)})


def in_batches(query: sa.Select[Any], *key: sa.ColumnClause[Any]) -> Iterator[sa.Row[Any]]:
    """All rows, a batch at a time: a long history does not fit into memory."""
    connection = op.get_bind()
    last: tuple[Any, ...] | None = None
    while True:
        page = query if last is None else query.where(sa.tuple_(*key) > sa.tuple_(*map(sa.literal, last)))
        rows = connection.execute(page.order_by(*key).limit(BATCH)).all()
        yield from rows
        if len(rows) < BATCH:
            return
        last = tuple(getattr(rows[-1], column.name) for column in key)


def refers(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_{column}"
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name, deferrable=True, initially="DEFERRED")


def partial_index(name: str, table: str, columns: list[str], condition: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(condition), postgresql_where=sa.text(condition))
