"""Signed-in browsers, in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, select, update

from bot.conversation import SignIn
from storage.database import Statements
from storage.tables import sign_ins

_BY_TOKEN = select(sign_ins).where(sign_ins.c.token_hash == bindparam("token"))
_OF_USER = select(sign_ins).where(
    sign_ins.c.user_id == bindparam("user"), sign_ins.c.ended_at.is_(None), sign_ins.c.expires_at > bindparam("now")
)
_FORGET = delete(sign_ins).where(sign_ins.c.expires_at < bindparam("before"))
_OPEN = update(sign_ins).where(sign_ins.c.ended_at.is_(None))
_PROLONG = _OPEN.where(sign_ins.c.token_hash == bindparam("token")).values(
    used_at=bindparam("used"), expires_at=bindparam("expires")
)
_END_BROWSER = _OPEN.where(sign_ins.c.token_hash == bindparam("token")).values(ended_at=bindparam("now"))
_END_USER = _OPEN.where(sign_ins.c.user_id == bindparam("user")).values(ended_at=bindparam("now"))


class SqlSignIns:
    """See `bot.ports_access.SignIns`."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    async def add(self, sign_in: SignIn, forget: datetime) -> None:
        """Remember a browser, and forget those that expired long ago."""
        await self._statements.change(_FORGET, {"before": forget})
        row = {
            "token_hash": sign_in.token_hash,
            "user_id": sign_in.user,
            "created_at": sign_in.created_at,
            "expires_at": sign_in.expires_at,
            "used_at": sign_in.used_at,
            "browser": sign_in.browser,
            "ended_at": sign_in.ended_at,
        }
        await self._statements.insert(sign_ins, [row])

    async def get(self, token_hash: str) -> SignIn | None:
        """The browser with this cookie."""
        row = await self._statements.row(_BY_TOKEN, {"token": token_hash})
        return None if row is None else _sign_in(row)

    async def of(self, user: str, at: datetime) -> Sequence[SignIn]:
        """A user's browsers that are signed in."""
        found = [_sign_in(row) for row in await self._statements.rows(_OF_USER, {"user": user, "now": at})]
        return sorted(found, key=lambda one: (one.used_at, one.token_hash), reverse=True)

    async def prolong(self, token_hash: str, used_at: datetime, expires_at: datetime) -> None:
        """It was used."""
        await self._statements.change(_PROLONG, {"token": token_hash, "used": used_at, "expires": expires_at})

    async def end(self, at: datetime, *, token_hash: str | None = None, user: str | None = None) -> None:
        """Sign out one browser, or all of a user's."""
        if token_hash is not None:
            await self._statements.change(_END_BROWSER, {"token": token_hash, "now": at})
        if user is not None:
            await self._statements.change(_END_USER, {"user": user, "now": at})


def _sign_in(row: Row[Any]) -> SignIn:
    return SignIn(
        token_hash=row.token_hash,
        user=row.user_id,
        created_at=row.created_at,
        expires_at=row.expires_at,
        used_at=row.used_at or row.created_at,
        browser=row.browser or "",
        ended_at=row.ended_at,
    )
