"""The trainings of packs, in memory."""

from __future__ import annotations

from collections.abc import Sequence

from bot.errors import Conflict
from bot.runs import Run
from storage.codec import copy
from storage.memory.state import State


class MemoryTrainingRuns:
    """See `bot.runs.TrainingRuns`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def add(self, pack: str, run: Run) -> None:
        """Store a new one."""
        if (pack, run.number) in self._state.training_runs:
            raise Conflict(f"the pack {pack!r} has a training {run.number} already")
        self._state.training_runs[pack, run.number] = copy(run)

    async def save(self, pack: str, run: Run) -> None:
        """Store how one stands now."""
        if (pack, run.number) in self._state.training_runs:
            self._state.training_runs[pack, run.number] = copy(run)

    async def list(self, pack: str, limit: int) -> Sequence[Run]:
        """Latest first."""
        found = [run for (name, _), run in self._state.training_runs.items() if name == pack]
        return sorted(found, key=lambda run: run.number, reverse=True)[:limit]
