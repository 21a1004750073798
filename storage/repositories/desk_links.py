"""Which accounts of another platform are which users, in SQL."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Row, and_, bindparam, delete, or_, select

from bot.desk_values import Account, DeskLink, LinkCode
from storage.database import Statements
from storage.tables.desk import desk_codes, desk_links

_OF = select(desk_links).where(
    desk_links.c.platform == bindparam("where"), desk_links.c.account == bindparam("identity")
)
_OF_USER = select(desk_links).where(
    desk_links.c.user_id == bindparam("user"), desk_links.c.platform == bindparam("where")
)
_CLEAR = delete(desk_links).where(
    desk_links.c.platform == bindparam("where"),
    or_(desk_links.c.account == bindparam("identity"), desk_links.c.user_id == bindparam("user")),
)
_REMOVE = delete(desk_links).where(
    desk_links.c.user_id == bindparam("user"), desk_links.c.platform == bindparam("where")
)
_CODE = select(desk_codes).where(
    desk_codes.c.code_hash == bindparam("hashed"), desk_codes.c.expires_at > bindparam("now")
)
_SPEND = delete(desk_codes).where(desk_codes.c.code_hash == bindparam("hashed"))
_FORGET = delete(desk_codes).where(
    or_(
        desk_codes.c.expires_at <= bindparam("now"),
        and_(desk_codes.c.platform == bindparam("where"), desk_codes.c.account == bindparam("identity")),
    )
)


class SqlDeskLinks:
    """See `bot.ports_desk.DeskLinks`."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    async def of(self, account: Account) -> DeskLink | None:
        """An account's."""
        return _link(await self._statements.row(_OF, {"where": account.platform, "identity": account.id}))

    async def of_user(self, platform: str, user: str) -> DeskLink | None:
        """A user's."""
        return _link(await self._statements.row(_OF_USER, {"where": platform, "user": user}))

    async def put(self, link: DeskLink) -> None:
        """Link the two, and nobody else to either."""
        account = link.account
        await self._statements.change(_CLEAR, {"where": account.platform, "identity": account.id, "user": link.user})
        row = {
            "platform": account.platform,
            "account": account.id,
            "user_id": link.user,
            "name": account.name,
            "linked_at": link.linked_at,
        }
        await self._statements.insert(desk_links, [row])

    async def remove(self, platform: str, user: str) -> bool:
        """Forget a user's."""
        return await self._statements.change(_REMOVE, {"where": platform, "user": user}) > 0

    async def add_code(self, code: LinkCode, at: datetime) -> None:
        """Store an account's new code."""
        account = code.account
        await self._statements.change(_FORGET, {"now": at, "where": account.platform, "identity": account.id})
        row = {
            "code_hash": code.code_hash,
            "platform": account.platform,
            "account": account.id,
            "name": account.name,
            "expires_at": code.expires_at,
        }
        await self._statements.insert(desk_codes, [row])

    async def code(self, code_hash: str, at: datetime) -> LinkCode | None:
        """A code that has not expired."""
        row = await self._statements.row(_CODE, {"hashed": code_hash, "now": at})
        return None if row is None else LinkCode(row.code_hash, _account(row), row.expires_at)

    async def spend(self, code_hash: str) -> bool:
        """Forget a code that is used."""
        return await self._statements.change(_SPEND, {"hashed": code_hash}) > 0


def _account(row: Row[tuple[object, ...]]) -> Account:
    return Account(row.platform, row.account, row.name)


def _link(row: Row[tuple[object, ...]] | None) -> DeskLink | None:
    return None if row is None else DeskLink(_account(row), row.user_id, row.linked_at)
