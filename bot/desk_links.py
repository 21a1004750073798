"""Which account of another platform is which user of the console: one-time codes, linking, unlinking."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Final

from bot.audit import Actor, AuditEntry, JsonValue
from bot.conversation import User
from bot.desk_values import Account, DeskLink, LinkCode
from bot.ports import UnitOfWork

LIFETIME: Final = timedelta(minutes=15)
"""How long a code is good for."""


def code_hash(code: str) -> str:
    """What is stored of a code."""
    return hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest()


async def new_code(unit: UnitOfWork, account: Account, at: datetime) -> str:
    """A code, 192 random bits, that shows whoever is told it to have this account; its earlier ones are void."""
    code = secrets.token_urlsafe(24)
    await unit.desk_links.add_code(LinkCode(code_hash(code), account, at + LIFETIME), at)
    return code


async def link(unit: UnitOfWork, code: str, user: User, actor: Actor, at: datetime) -> DeskLink | None:
    """Link the account behind a code to a user, and use the code up; None if it is not known, used or expired."""
    hashed = code_hash(code)
    found = await unit.desk_links.code(hashed, at)
    if found is None or not await unit.desk_links.spend(hashed):
        return None
    before = await unit.desk_links.of(found.account), await unit.desk_links.of_user(found.account.platform, user.id)
    made = DeskLink(found.account, user.id, at)
    await unit.desk_links.put(made)
    # Linked to the same user as before, the account has changed at most its name.
    was = next((one for one in before if one is not None and _told(one) != _told(made)), None)
    action = f"{found.account.platform}.link"
    await unit.audit.add(AuditEntry(at, actor, action, user.id, None if was is None else _told(was), _told(made)))
    return made


async def unlink(unit: UnitOfWork, platform: str, user: User, actor: Actor, at: datetime) -> bool:
    """Undo it; False if nothing is linked."""
    was = await unit.desk_links.of_user(platform, user.id)
    if was is None or not await unit.desk_links.remove(platform, user.id):
        return False
    await unit.audit.add(AuditEntry(at, actor, f"{platform}.unlink", user.id, _told(was), None))
    return True


def _told(one: DeskLink) -> dict[str, JsonValue]:
    return {"account": one.account.id, "name": one.account.name, "user": one.user}
