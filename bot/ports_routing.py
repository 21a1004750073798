"""What routing needs of the storage: teams, skills, agents, and what is due when. Parts of `bot.ports.UnitOfWork`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bot.teams import Agent, Presence, Skill, Team


class Teams(Protocol):
    """Teams, by id."""

    async def add(self, team: Team) -> None:
        """Store a new one.

        Raises:
            Conflict: the name is taken (names compare without case).
        """
        ...

    async def get(self, team: str) -> Team | None:
        """By id."""
        ...

    async def list(self) -> Sequence[Team]:
        """All, by name."""
        ...

    async def save(self, team: Team) -> None:
        """Store a change.

        Raises:
            Conflict: the new name is taken.
            InvalidInput: there is no such team.
        """
        ...

    async def remove(self, team: str) -> bool:
        """Forget one; False if there is none such."""
        ...


class Skills(Protocol):
    """Skills, by name without case."""

    async def add(self, skill: Skill) -> None:
        """Store a new one.

        Raises:
            Conflict: the name is taken.
        """
        ...

    async def list(self) -> Sequence[Skill]:
        """All, by name."""
        ...

    async def save(self, skill: Skill) -> None:
        """Store a change of what asks for it.

        Raises:
            InvalidInput: there is no such skill.
        """
        ...

    async def remove(self, name: str) -> bool:
        """Forget one; False if there is none such."""
        ...


class Agents(Protocol):
    """Users of the console as the desk counts on them; one of whom nothing is stored has the defaults of `Agent`."""

    async def get(self, user: str) -> Agent:
        """By the user's id."""
        ...

    async def list(self) -> Sequence[Agent]:
        """All of whom something is stored, by id."""
        ...

    async def describe(self, user: str, languages: Sequence[str], skills: Sequence[str], capacity: int | None) -> None:
        """Store what they can do."""
        ...

    async def seen(self, user: str, at: datetime, *, active: bool) -> None:
        """A console of theirs is open; with `active` they did something, with or without a console."""
        ...

    async def stand(self, user: str, chosen: Presence, state: Presence, since: datetime, expected: Presence) -> None:
        """Store their presence, where the stored state is the `expected` one.

        Raises:
            Conflict: it is another by now.
        """
        ...

    async def assigned(self, user: str, at: datetime, expected: datetime | None) -> None:
        """A conversation is being assigned to them; the last time before was `expected`.

        Raises:
            Conflict: it was another time.
        """
        ...


class Dues(Protocol):
    """When something of a conversation is to happen by itself: its snooze or its offer ends."""

    async def set(self, conversation: str, at: datetime | None) -> None:
        """Remember when, instead of what was remembered of it; None forgets it."""
        ...

    async def until(self, at: datetime, limit: int = 500) -> Sequence[str]:
        """The conversations that are due by then, longest due first."""
        ...

    async def next(self) -> datetime | None:
        """When the first is due."""
        ...
