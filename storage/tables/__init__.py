"""The tables. What queries look for has a column; the rest of a value is one JSON document beside it.

Partial indexes keep the queues small whatever the history: only what is waiting is in them. Their conditions are
literals, in the indexes and in the queries, because a database uses a partial index only when it can prove that the
query asks for no more; it cannot prove that of a parameter.
"""

from storage.tables import desk, search
from storage.tables.columns import Document, Number, String, Timestamp, is_, metadata, partial, refers_to
from storage.tables.messaging import (
    conversations,
    customers,
    dues,
    handoffs,
    heartbeat,
    identities,
    inbox,
    messages,
    outbox,
)
from storage.tables.outcomes import comparisons, doubtful, labels, turns
from storage.tables.packs import pack_revisions, pack_texts, training_runs
from storage.tables.people import agents, api_tokens, audit, sign_ins, skills, teams, users
from storage.tables.work import (
    canned_replies,
    conversation_tags,
    customer_attributes,
    mentions,
    merges,
    rated_badly,
    ratings,
    read_marks,
)

__all__ = [
    "Document",
    "Number",
    "String",
    "Timestamp",
    "agents",
    "api_tokens",
    "audit",
    "canned_replies",
    "comparisons",
    "conversation_tags",
    "conversations",
    "customer_attributes",
    "customers",
    "desk",
    "doubtful",
    "dues",
    "handoffs",
    "heartbeat",
    "identities",
    "inbox",
    "is_",
    "labels",
    "mentions",
    "merges",
    "messages",
    "metadata",
    "outbox",
    "pack_revisions",
    "pack_texts",
    "partial",
    "rated_badly",
    "ratings",
    "read_marks",
    "refers_to",
    "search",
    "sign_ins",
    "skills",
    "teams",
    "training_runs",
    "turns",
    "users",
]
