"""Users of the console and their signed-in browsers, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.conversation import SignIn, User
from bot.errors import Conflict, InvalidInput
from storage.codec import copy, fold
from storage.memory.state import State


class MemoryUsers:
    """Users and sign-ins. See `bot.ports.Users`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def add(self, user: User) -> None:
        """Store a new user."""
        if user.id in self._state.users or await self.named(user.name) is not None:
            raise Conflict(f"the name {user.name!r} is taken")
        self._state.users[user.id] = copy(user)

    async def get(self, user: str) -> User | None:
        """By id."""
        return self._state.users.get(user)

    async def named(self, name: str) -> User | None:
        """By name, without case."""
        wanted = fold(name)
        return next((user for user in self._state.users.values() if fold(user.name) == wanted), None)

    async def list(self) -> Sequence[User]:
        """All, by name."""
        return sorted(self._state.users.values(), key=lambda user: fold(user.name))

    async def save(self, user: User) -> None:
        """Store a change."""
        if user.id not in self._state.users:
            raise InvalidInput(f"there is no user {user.id!r}")
        namesake = await self.named(user.name)
        if namesake is not None and namesake.id != user.id:
            raise Conflict(f"the name {user.name!r} is taken")
        self._state.users[user.id] = copy(user)

    async def sign_in(self, sign_in: SignIn) -> None:
        """Remember a signed-in browser, and forget those whose time is over."""
        for token_hash, known in list(self._state.sign_ins.items()):
            if known.expires_at <= sign_in.created_at:
                del self._state.sign_ins[token_hash]
        self._state.sign_ins[sign_in.token_hash] = sign_in

    async def signed_in(self, token_hash: str, at: datetime) -> User | None:
        """Who is behind a cookie, if it has not expired."""
        sign_in = self._state.sign_ins.get(token_hash)
        if sign_in is None or sign_in.expires_at <= at:
            return None
        return self._state.users.get(sign_in.user)

    async def sign_out(self, *, token_hash: str | None = None, user: str | None = None) -> None:
        """Forget one browser, or all of a user's."""
        for known in list(self._state.sign_ins.values()):
            if known.token_hash == token_hash or known.user == user:
                del self._state.sign_ins[known.token_hash]
