"""What tables are made of: types of columns, references, and indexes of what is waiting."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ColumnElement,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Text,
    TypeDecorator,
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


def partial(name: str, *columns: Column[Any], where: ColumnElement[bool]) -> Index:
    """An index of the rows that fulfil a condition."""
    return Index(name, *columns, sqlite_where=where, postgresql_where=where)


def refers_to(target: str) -> ForeignKey:
    """Checked when the transaction commits, so that rows may be written in any order."""
    return ForeignKey(target, deferrable=True, initially="DEFERRED")
