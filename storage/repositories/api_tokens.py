"""Scripts' tokens, in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, select, update

from bot.api_tokens import ApiToken
from bot.conversation import Role
from bot.errors import Conflict
from storage.database import Statements
from storage.tables import api_tokens

_ALL = select(api_tokens)
_BY_ID = _ALL.where(api_tokens.c.id == bindparam("token"))
_BY_HASH = _ALL.where(api_tokens.c.token_hash == bindparam("hashed"))
_LIVE = _ALL.where(api_tokens.c.revoked_at.is_(None)).order_by(api_tokens.c.created_at.desc(), api_tokens.c.id.desc())
_LIVE_OF_USER = _LIVE.where(api_tokens.c.user_id == bindparam("user"))
_USED = update(api_tokens).where(api_tokens.c.id == bindparam("token")).values(used_at=bindparam("now"))
_REVOKE = (
    update(api_tokens)
    .where(api_tokens.c.id == bindparam("token"), api_tokens.c.revoked_at.is_(None))
    .values(revoked_at=bindparam("now"))
)


class SqlApiTokens:
    """See `bot.ports_access.ApiTokens`."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    async def add(self, token: ApiToken) -> None:
        """Store a new one."""
        row = {
            "id": token.id,
            "user_id": token.user,
            "name": token.name,
            "role": token.role.value,
            "token_hash": token.token_hash,
            "created_at": token.created_at,
            "expires_at": token.expires_at,
            "used_at": token.used_at,
            "revoked_at": token.revoked_at,
        }
        if not await self._statements.insert_new(api_tokens, row):
            raise Conflict(f"there is a token {token.id!r} already")

    async def get(self, token: str) -> ApiToken | None:
        """By id."""
        return _token(await self._statements.row(_BY_ID, {"token": token}))

    async def hashed(self, token_hash: str) -> ApiToken | None:
        """By its SHA-256."""
        return _token(await self._statements.row(_BY_HASH, {"hashed": token_hash}))

    async def list(self, user: str | None = None) -> Sequence[ApiToken]:
        """Those that are not revoked."""
        if user is None:
            rows = await self._statements.rows(_LIVE)
        else:
            rows = await self._statements.rows(_LIVE_OF_USER, {"user": user})
        return [token for token in map(_token, rows) if token is not None]

    async def used(self, token: str, at: datetime) -> None:
        """It was used."""
        await self._statements.change(_USED, {"token": token, "now": at})

    async def revoke(self, token: str, at: datetime) -> bool:
        """Let it be used no more."""
        return await self._statements.change(_REVOKE, {"token": token, "now": at}) > 0


def _token(row: Row[Any] | None) -> ApiToken | None:
    if row is None:
        return None
    return ApiToken(
        id=row.id,
        user=row.user_id,
        name=row.name,
        role=Role(row.role),
        token_hash=row.token_hash,
        created_at=row.created_at,
        expires_at=row.expires_at,
        used_at=row.used_at,
        revoked_at=row.revoked_at,
    )
