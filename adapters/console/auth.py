"""Who may use the console: passwords, signed-in browsers, and patience with those who guess."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from adapters.throttle import Throttle
from bot.clock import new_id
from bot.conversation import Role, SignIn, User
from bot.errors import Conflict, InvalidInput, Unauthorised
from bot.ports import Clock, Store

LIFETIME: Final = timedelta(hours=12)
"""How long a browser stays signed in: a working day."""

SHORTEST_PASSWORD: Final = 8

_hasher = PasswordHasher()
"""argon2id with the library's parameters (RFC 9106's second recommendation)."""

_NOBODY = _hasher.hash(secrets.token_hex())
"""Checked for names that do not exist, so that they take as long as names that do."""


async def hash_password(password: str) -> str:
    """argon2id's encoded form; the work is done in a thread.

    Raises:
        InvalidInput: the password is shorter than `SHORTEST_PASSWORD`.
    """
    if len(password) < SHORTEST_PASSWORD:
        raise InvalidInput(f"password: has fewer than {SHORTEST_PASSWORD} characters")
    return await asyncio.to_thread(_hasher.hash, password)


async def matches(password: str, encoded: str) -> bool:
    """Whether a password is the one that was hashed."""

    def check() -> bool:
        try:
            return _hasher.verify(encoded, password)
        except (Argon2Error, InvalidHashError):
            return False

    return await asyncio.to_thread(check)


async def make_user(store: Store, clock: Clock, *, name: str, display_name: str, role: Role, password: str) -> User:
    """Add a user.

    Raises:
        InvalidInput: the password is too short, or the name is empty.
        Conflict: the name is taken.
    """
    if not name.strip():
        raise InvalidInput("name: is empty")
    hashed = await hash_password(password)
    user = User(new_id(), name.strip(), display_name.strip() or name.strip(), role, hashed, clock.now())
    async with store.unit() as unit:
        await unit.users.add(user)
    return user


async def set_password(store: Store, user: User, password: str) -> User:
    """Give a user another password; every browser is signed out."""
    changed = replace(user, password_hash=await hash_password(password))
    async with store.unit() as unit:
        await unit.users.save(changed)
        await unit.users.sign_out(user=user.id)
    return changed


async def ensure_admin(store: Store, clock: Clock, password: str | None) -> str | None:
    """Make the user `admin` if there is no user yet; its password, if one had to be made up."""
    async with store.unit(write=False) as unit:
        if await unit.users.list():
            return None
    made_up = None if password else secrets.token_urlsafe(12)
    try:
        await make_user(
            store, clock, name="admin", display_name="Admin", role=Role.ADMIN, password=password or made_up or ""
        )
    except Conflict:  # another process was quicker, and has told its password
        return None
    return made_up


def token_hash(token: str) -> str:
    """What is stored of a cookie's token."""
    return hashlib.sha256(token.encode()).hexdigest()


class Gate:
    """Signs users in and out."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self.by_name = Throttle(limit=5, window=900)
        self.by_address = Throttle(limit=30, window=900)

    def wait(self, name: str, address: str) -> float:
        """Seconds before this name may be tried again from this address."""
        return max(self.by_name.wait(f"{name.casefold()} {address}"), self.by_address.wait(address))

    async def sign_in(self, name: str, password: str, address: str) -> tuple[User, str]:
        """The user and a new token for the browser's cookie.

        Raises:
            Unauthorised: the name or the password is wrong; which one is not told, nor by the time it takes.
        """
        async with self._store.unit(write=False) as unit:
            user = await unit.users.named(name)
        right = await matches(password, user.password_hash if user else _NOBODY)
        key = f"{name.casefold()} {address}"
        if user is None or not right:
            self.by_name.count(key)
            self.by_address.count(address)
            raise Unauthorised("wrong name or password")
        self.by_name.forget(key)
        token = secrets.token_urlsafe(32)
        await self._remember(user, token, self._clock.now())
        return user, token

    async def user_of(self, token: str) -> User | None:
        """Who is behind a cookie."""
        async with self._store.unit(write=False) as unit:
            return await unit.users.signed_in(token_hash(token), self._clock.now())

    async def sign_out(self, token: str) -> None:
        """Forget a browser."""
        async with self._store.unit() as unit:
            await unit.users.sign_out(token_hash=token_hash(token))

    async def _remember(self, user: User, token: str, now: datetime) -> None:
        async with self._store.unit() as unit:
            await unit.users.sign_in(SignIn(token_hash(token), user.id, now, now + LIFETIME))
