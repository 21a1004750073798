"""Trainings of a pack, one by one, and the port that keeps them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from bot.ports_studio import Trained


class State(StrEnum):
    """How a training stands."""

    WAITING = "waiting"
    """For more changes to come, or for the training before it to end."""
    TRAINING = "training"
    SERVED = "served"
    KEPT = "kept"
    """It is done, but does worse than the one that serves; it may be promoted by hand."""
    FAILED = "failed"


UNDER_WAY = frozenset({State.WAITING, State.TRAINING})


@dataclass(frozen=True, slots=True)
class Run:
    """One training. `asked_by` is who wanted it, None for a change of examples; times are aware UTC."""

    number: int
    revision: int
    state: State
    asked_at: datetime
    asked_by: str | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    step: str | None = None
    done: int = 0
    total: int = 0
    reason: str | None = None
    trained: Trained | None = None


class TrainingRuns(Protocol):
    """The trainings of packs; they count from 1 within a pack."""

    async def add(self, pack: str, run: Run) -> None:
        """Store a new one.

        Raises:
            Conflict: there is one of this number already.
        """
        ...

    async def save(self, pack: str, run: Run) -> None:
        """Store how one stands now."""
        ...

    async def list(self, pack: str, limit: int) -> Sequence[Run]:
        """Latest first."""
        ...
