"""Users of the console and their passwords."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import replace
from datetime import datetime
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from bot.audit import COMMAND_LINE, SERVER, Actor, AuditEntry, JsonValue
from bot.clock import new_id
from bot.conversation import Role, User
from bot.errors import Conflict, InvalidInput
from bot.ports import Clock, Store, UnitOfWork

SHORTEST_PASSWORD: Final = 8

_hasher = PasswordHasher()
"""argon2id with the library's parameters (RFC 9106's second recommendation)."""


async def hash_password(password: str) -> str:
    """argon2id's encoded form; the work is done in a thread.

    Raises:
        InvalidInput: the password is shorter than `SHORTEST_PASSWORD`, or no text.
    """
    if len(password) < SHORTEST_PASSWORD:
        raise InvalidInput(f"password: has fewer than {SHORTEST_PASSWORD} characters")
    try:
        return await asyncio.to_thread(_hasher.hash, password)
    except UnicodeEncodeError:
        raise InvalidInput("password: holds half a character (a lone surrogate)") from None


async def matches(password: str, encoded: str) -> bool:
    """Whether a password is the one that was hashed."""

    def check() -> bool:
        try:
            return _hasher.verify(encoded, password)
        except (Argon2Error, InvalidHashError, UnicodeEncodeError):
            return False

    return await asyncio.to_thread(check)


async def make_user(
    store: Store, clock: Clock, *, name: str, display_name: str, role: Role, password: str, by: Actor = COMMAND_LINE
) -> User:
    """Add a user.

    Raises:
        InvalidInput: the password is too short, or the name is empty.
        Conflict: the name is taken.
    """
    if not name.strip():
        raise InvalidInput("name: is empty")
    hashed = await hash_password(password)
    now = clock.now()
    user = User(new_id(), name.strip(), display_name.strip() or name.strip(), role, hashed, now)
    async with store.unit() as unit:
        await unit.users.add(user)
        await unit.audit.add(AuditEntry(now, by, "user.add", user.id, None, recorded(user)))
    return user


async def set_password(store: Store, clock: Clock, user: str, password: str, by: Actor = COMMAND_LINE) -> None:
    """Give a user another password; every browser is signed out.

    Raises:
        InvalidInput: the password is too short, or there is no such user.
    """
    hashed = await hash_password(password)
    async with store.unit() as unit:
        found = await unit.users.get(user)
        if found is None:
            raise InvalidInput(f"there is no user {user!r}")
        await save_password(unit, found, hashed, clock.now(), by)


async def save_password(unit: UnitOfWork, user: User, hashed: str, at: datetime, by: Actor) -> User:
    """Store the hash of a user's new password within a transaction; every browser is signed out."""
    changed = replace(user, password_hash=hashed)
    await unit.users.save(changed)
    await unit.sign_ins.end(at, user=user.id)
    await unit.audit.add(AuditEntry(at, by, "user.password", user.id))
    return changed


def recorded(user: User) -> dict[str, JsonValue]:
    """What the audit log keeps of a user."""
    return {
        "name": user.name,
        "display_name": user.display_name,
        "role": user.role.value,
        "disabled": user.disabled_at is not None,
    }


async def ensure_admin(store: Store, clock: Clock, password: str | None) -> str | None:
    """Make the user `admin` if there is no user yet; its password, if one had to be made up."""
    async with store.unit(write=False) as unit:
        if await unit.users.list():
            return None
    made_up = None if password else secrets.token_urlsafe(12)
    first = password or made_up or ""
    try:
        await make_user(store, clock, name="admin", display_name="Admin", role=Role.ADMIN, password=first, by=SERVER)
    except Conflict:  # another process was quicker, and has told its password
        return None
    return made_up
