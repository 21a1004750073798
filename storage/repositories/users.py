"""Users of the console and their signed-in browsers, in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, select, update

from bot.conversation import Role, SignIn, User
from bot.errors import Conflict, InvalidInput
from storage.codec import fold
from storage.database import Statements
from storage.tables import sign_ins, users

_ALL = select(users)
_BY_ID = _ALL.where(users.c.id == bindparam("user"))
_BY_NAME = _ALL.where(users.c.folded_name == bindparam("folded"))
_SIGNED_IN = _ALL.join(sign_ins, sign_ins.c.user_id == users.c.id).where(
    sign_ins.c.token_hash == bindparam("token"), sign_ins.c.expires_at > bindparam("now")
)
_SAVE = update(users).where(users.c.id == bindparam("user"))
_FORGET_EXPIRED = delete(sign_ins).where(sign_ins.c.expires_at <= bindparam("now"))
_FORGET_BROWSER = delete(sign_ins).where(sign_ins.c.token_hash == bindparam("token"))
_FORGET_USER = delete(sign_ins).where(sign_ins.c.user_id == bindparam("user"))


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

    async def save(self, user: User) -> None:
        """Store a change."""
        namesake = await self.named(user.name)
        if namesake is not None and namesake.id != user.id:
            raise Conflict(f"the name {user.name!r} is taken")
        if not await self._statements.change(_SAVE, {"user": user.id, **_changing(user)}):
            raise InvalidInput(f"there is no user {user.id!r}")

    async def sign_in(self, sign_in: SignIn) -> None:
        """Remember a signed-in browser, and forget those whose time is over."""
        await self._statements.change(_FORGET_EXPIRED, {"now": sign_in.created_at})
        row = {
            "token_hash": sign_in.token_hash,
            "user_id": sign_in.user,
            "created_at": sign_in.created_at,
            "expires_at": sign_in.expires_at,
        }
        await self._statements.insert(sign_ins, [row])

    async def signed_in(self, token_hash: str, at: datetime) -> User | None:
        """Who is behind a cookie, if it has not expired."""
        return _user(await self._statements.row(_SIGNED_IN, {"token": token_hash, "now": at}))

    async def sign_out(self, *, token_hash: str | None = None, user: str | None = None) -> None:
        """Forget one browser, or all of a user's."""
        if token_hash is not None:
            await self._statements.change(_FORGET_BROWSER, {"token": token_hash})
        if user is not None:
            await self._statements.change(_FORGET_USER, {"user": user})


def _changing(user: User) -> dict[str, Any]:
    return {
        "name": user.name,
        "folded_name": fold(user.name),
        "display_name": user.display_name,
        "role": user.role.value,
        "password_hash": user.password_hash,
        "created_at": user.created_at,
    }


def _user(row: Row[Any] | None) -> User | None:
    if row is None:
        return None
    return User(row.id, row.name, row.display_name, Role(row.role), row.password_hash, row.created_at)
