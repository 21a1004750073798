"""What became of each customer's message, filled from the histories that are stored; and what people made of some."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

DOCUMENT = sa.JSON().with_variant(JSONB, "postgresql")
OTHER = (
    *("opened", "language ", "asks for the language", "no replies in ", "cannot read: ", "file", "empty message"),
    *("rated ", "commented"),
)
BATCH = 1000


def upgrade() -> None:
    turns = op.create_table(
        "turns",
        sa.Column("conversation_id", sa.Text, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("message_id", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("quarter", sa.Integer, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("intent", sa.Text),
        sa.Column("confidence", sa.Double),
        sa.Column("reason", sa.Text),
        sa.Column("in_flow", sa.Boolean, nullable=False),
        sa.Column("negative", sa.Boolean, nullable=False),
        sa.Column("quiet", sa.Double),
        sa.PrimaryKeyConstraint("conversation_id", "seq", name="pk_turns"),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name="fk_turns_conversation_id",
            deferrable=True,
            initially="DEFERRED",
        ),
        sa.UniqueConstraint("message_id", name="uq_turns_message_id"),
    )
    op.create_index("ix_turns_at", "turns", ["at"])
    op.create_index("ix_messages_at", "messages", ["at", "author", "internal", "conversation_id"])
    agents = sa.text("author = 'agent'")
    for name, columns in (("at", ["conversation_id", "at"]), ("seq", ["conversation_id", "seq", "at"])):
        op.create_index(f"ix_messages_agent_{name}", "messages", columns, sqlite_where=agents, postgresql_where=agents)
    op.create_index("ix_handoffs_opened", "handoffs", ["opened_at"])
    op.create_table(
        "labels",
        sa.Column("message_id", sa.Text, nullable=False),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("verdict", sa.Text, nullable=False),
        sa.Column("intent", sa.Text),
        sa.Column("user_id", sa.Text, nullable=False),
        sa.Column("user_name", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("message_id", name="pk_labels"),
    )
    op.create_index("ix_labels_act", "labels", ["act"])
    op.create_index("ix_labels_at", "labels", ["at"])
    _fill(op.get_bind(), turns)


def _fill(connection: sa.Connection, turns: sa.Table) -> None:
    messages = sa.table(
        "messages",
        sa.column("conversation_id", sa.Text),
        sa.column("seq", sa.Integer),
        sa.column("id", sa.Text),
        sa.column("author", sa.Text),
        sa.column("at", sa.DateTime(timezone=True)),
        sa.column("internal", sa.Boolean),
        sa.column("details", DOCUMENT),
    )
    conversations = sa.table("conversations", sa.column("id", sa.Text), sa.column("channel", sa.Text))
    query = (
        sa.select(messages, conversations.c.channel)
        .join(conversations, conversations.c.id == messages.c.conversation_id)
        .order_by(messages.c.conversation_id, messages.c.seq)
    )
    # Read conversation by conversation: a long past does not fit into memory at once.
    ids = connection.execute(sa.select(conversations.c.id).order_by(conversations.c.id)).scalars().all()
    rows: list[dict[str, Any]] = []
    for start in range(0, len(ids), BATCH):
        wanted = query.where(messages.c.conversation_id.in_(ids[start : start + BATCH]))
        for _, history in groupby(connection.execute(wanted).all(), key=lambda entry: entry.conversation_id):
            rows += _turns(list(history))
        if rows:
            connection.execute(turns.insert(), rows)
            rows = []


def _turns(history: list[Any]) -> Iterator[dict[str, Any]]:
    """The turns of one conversation, by the reasons that the bot has noted with what it said."""
    owner, asking = "bot", False
    spoken_at: datetime | None = None
    for number, entry in enumerate(history):
        why = entry.details.get("decision") or ""
        if entry.author == "customer":
            answered = entry.details.get("in_reply_to")
            replies = [
                later.details.get("decision") or ""
                for later in history[number + 1 :]
                if later.author in {"bot", "system"}
                and not later.internal
                and answered is not None
                and later.details.get("in_reply_to") == answered
            ]
            outcome, reason = _outcome(owner, replies)
            understanding = entry.details.get("understanding") or {}
            ranking = understanding.get("ranking") or []
            name = ranking[0]["name"] if ranking else None
            interrupts = name is not None and any(reply.startswith(f"{name} ") for reply in replies)
            yield {
                "conversation_id": entry.conversation_id,
                "seq": entry.seq,
                "message_id": entry.id,
                "channel": entry.channel,
                "at": entry.at,
                "quarter": math.floor(_aware(entry.at).timestamp() / 900),
                "language": entry.details.get("language") or "",
                "outcome": outcome,
                "intent": name if name is None or understanding.get("in_scope", True) else "out_of_scope",
                "confidence": ranking[0]["confidence"] if ranking else None,
                "reason": reason,
                "in_flow": owner == "bot" and asking and not interrupts,
                "negative": ((understanding.get("sentiment") or {}).get("label")) == "negative",
                "quiet": None if spoken_at is None else (entry.at - spoken_at).total_seconds(),
            }
        elif not entry.internal:
            owner = _owner(owner, why)
            asking = why.startswith("flow ") and (": asks " in why or why.endswith((": confirms", " not read")))
        if not entry.internal:
            spoken_at = entry.at


def _outcome(owner: str, replies: list[str]) -> tuple[str, str | None]:  # noqa: PLR0911 - a table
    """What became of a message, and the reason of the handoff, if it was one."""
    handoff = next((why.removeprefix("handoff: ") for why in replies if why.startswith("handoff: ")), None)
    if handoff is not None:
        return "handed_over", handoff
    if any(why.startswith("clarify: ") for why in replies):
        return "clarified", None
    if any(why.startswith("not sure: ") or (why.startswith("flow ") and why.endswith(" not read")) for why in replies):
        return "rephrased", None
    if owner == "agent":
        return "with_agent", None
    if owner == "queue" and "cancelled by the customer" not in replies:
        return "waiting", None
    if replies and replies[-1].startswith("flow ") and (": asks " in replies[-1] or replies[-1].endswith(": confirms")):
        return "asked", None
    return ("other" if all(why.startswith(OTHER) for why in replies) else "answered"), None


def _owner(owner: str, why: str) -> str:
    if why.startswith("handoff: "):
        return "queue"
    return {
        "claimed": "agent",
        "given back": "bot",
        "closed by agent": "bot",
        "cancelled by the customer": "bot",
    }.get(why, owner)


def _aware(at: datetime) -> datetime:
    """SQLite keeps UTC without saying so."""
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)
