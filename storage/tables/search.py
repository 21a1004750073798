"""The table behind the search: for each entry and each customer's name, its terms, and the database's index of them.

`bot.searching` cuts texts into terms, so both databases index the same. PostgreSQL keeps them as a `tsvector` made
from the terms as they are, without its own parser and without any extension; SQLite as words with spaces between,
which triggers copy into an FTS5 table whose tokenizer only splits at the spaces.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import DDL, Column, Index, Integer, Table, Text, UniqueConstraint, event
from sqlalchemy.dialects.postgresql import TSVECTOR

from bot.searching import Phrase, terms
from storage.tables.columns import Number, String, metadata, refers_to

INDEX = "search_index"
"""The FTS5 table."""

MOST_TERMS = 16_383
"""The last position that a `tsvector` can hold."""

search_entries = Table(
    "search_entries",
    metadata,
    Column("id", Number, primary_key=True),
    Column("conversation_id", String, refers_to("conversations.id")),
    Column("seq", Integer),
    Column("customer_id", String, refers_to("customers.id")),
    Column("terms", Text().with_variant(TSVECTOR, "postgresql"), nullable=False),
    UniqueConstraint("conversation_id", "seq"),
    UniqueConstraint("customer_id"),
)
"""An entry of a history has `conversation_id` and `seq`, a customer's name `customer_id`."""
Index("ix_search_entries_terms", search_entries.c.terms, postgresql_using="gin").ddl_if(dialect="postgresql")

_ADD = f"INSERT INTO {INDEX}(rowid, terms) VALUES (new.id, new.terms);"  # noqa: S608 - of constants
_REMOVE = f"INSERT INTO {INDEX}({INDEX}, rowid, terms) VALUES ('delete', old.id, old.terms);"  # noqa: S608 - of constants
_OPTIONS = "content='search_entries', content_rowid='id', tokenize='ascii', prefix='2 3'"
FTS5 = (
    f"CREATE VIRTUAL TABLE {INDEX} USING fts5(terms, {_OPTIONS})",
    f"CREATE TRIGGER search_entries_added AFTER INSERT ON search_entries BEGIN {_ADD} END",
    f"CREATE TRIGGER search_entries_removed AFTER DELETE ON search_entries BEGIN {_REMOVE} END",
    f"CREATE TRIGGER search_entries_changed AFTER UPDATE ON search_entries BEGIN {_REMOVE} {_ADD} END",
)
"""What makes SQLite's index. FTS5's `ascii` takes every letter beyond ASCII as part of a word."""

for _statement in FTS5:
    event.listen(search_entries, "after_create", DDL(_statement).execute_if(dialect="sqlite"))  # type: ignore[no-untyped-call]  # SQLAlchemy's own


def stored_terms(text: str, dialect: str) -> str:
    """The terms of a text as the database takes them."""
    found = [term.text for term in terms(text)]
    if dialect == "sqlite":
        return " ".join(found)
    # Terms hold letters and digits only, so there is nothing to escape in the quotes.
    return " ".join(f"'{term}':{position}" for position, term in enumerate(found[:MOST_TERMS], 1))


def question(phrases: Sequence[Phrase], dialect: str) -> str:
    """Phrases in the database's language of questions."""
    if dialect == "sqlite":
        return " AND ".join(f'"{" ".join(p.terms)}"{" *" if p.prefix else ""}' for p in phrases)
    parts = []
    for phrase in phrases:
        quoted = [f"'{term}'" for term in phrase.terms]
        quoted[-1] += ":*" if phrase.prefix else ""
        parts.append(f"({' <-> '.join(quoted)})")
    return " & ".join(parts)


def entry_row(dialect: str, text: str, **key: Any) -> dict[str, Any]:
    """A row of `search_entries`."""
    return {"conversation_id": None, "seq": None, "customer_id": None, **key, "terms": stored_terms(text, dialect)}
