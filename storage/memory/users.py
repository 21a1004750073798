"""Users of the console, in memory."""

from __future__ import annotations

from collections.abc import Sequence

from bot.conversation import User
from bot.errors import Conflict, InvalidInput
from storage.codec import copy, fold
from storage.memory.state import State


class MemoryUsers:
    """Users. See `bot.ports.Users`."""

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

    async def locked(self) -> Sequence[User]:
        """All, by name; in memory one transaction writes at a time anyway."""
        return await self.list()

    async def save(self, user: User) -> None:
        """Store a change."""
        if user.id not in self._state.users:
            raise InvalidInput(f"there is no user {user.id!r}")
        namesake = await self.named(user.name)
        if namesake is not None and namesake.id != user.id:
            raise Conflict(f"the name {user.name!r} is taken")
        self._state.users[user.id] = copy(user)
