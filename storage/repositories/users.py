"""Users of the console, in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, bindparam, select, update

from bot.conversation import Role, User
from bot.errors import Conflict, InvalidInput
from storage.codec import fold
from storage.database import Statements
from storage.tables import users

_ALL = select(users)
_BY_ID = _ALL.where(users.c.id == bindparam("user"))
_BY_NAME = _ALL.where(users.c.folded_name == bindparam("folded"))
_LOCK = select(users.c.id).with_for_update(key_share=True)
"""For PostgreSQL, where transactions run beside each other; SQLite lets one write at a time, and knows no such lock."""
_SAVE = update(users).where(users.c.id == bindparam("user"))


class SqlUsers:
    """See `bot.ports.Users`."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    async def add(self, user: User) -> None:
        """Store a new user."""
        if not await self._statements.insert_new(users, {"id": user.id, **_changing(user)}):
            raise Conflict(f"the name {user.name!r} is taken")

    async def get(self, user: str) -> User | None:
        """By id."""
        return _user(await self._statements.row(_BY_ID, {"user": user}))

    async def named(self, name: str) -> User | None:
        """By name, without case."""
        return _user(await self._statements.row(_BY_NAME, {"folded": fold(name)}))

    async def list(self) -> Sequence[User]:
        """All, by name."""
        # Databases differ in how they sort names, and the users of a desk are few.
        rows = sorted(await self._statements.rows(_ALL), key=lambda row: str(row.folded_name))
        return [user for user in map(_user, rows) if user is not None]

    async def locked(self) -> Sequence[User]:
        """All, by name, and nobody else changes any of them."""
        await self._statements.rows(_LOCK)
        return await self.list()

    async def save(self, user: User) -> None:
        """Store a change."""
        namesake = await self.named(user.name)
        if namesake is not None and namesake.id != user.id:
            raise Conflict(f"the name {user.name!r} is taken")
        if not await self._statements.change(_SAVE, {"user": user.id, **_changing(user)}):
            raise InvalidInput(f"there is no user {user.id!r}")


def _changing(user: User) -> dict[str, Any]:
    return {
        "name": user.name,
        "folded_name": fold(user.name),
        "display_name": user.display_name,
        "role": user.role.value,
        "password_hash": user.password_hash,
        "created_at": user.created_at,
        "disabled_at": user.disabled_at,
    }


def _user(row: Row[Any] | None) -> User | None:
    if row is None:
        return None
    return User(row.id, row.name, row.display_name, Role(row.role), row.password_hash, row.created_at, row.disabled_at)
