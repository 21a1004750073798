"""The trainings of packs, in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, select, update

from bot.errors import Conflict
from bot.runs import Run
from storage.codec import from_document, to_document
from storage.database import Statements
from storage.tables.packs import training_runs

_LATEST = (
    select(training_runs)
    .where(training_runs.c.pack == bindparam("of"))
    .order_by(training_runs.c.number.desc())
    .limit(bindparam("most"))
)
_SAVE = update(training_runs).where(
    training_runs.c.pack == bindparam("of"), training_runs.c.number == bindparam("wanted")
)
_COLUMNS = frozenset({"number", "state", "asked_at"})


class SqlTrainingRuns:
    """See `bot.runs.TrainingRuns`."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    async def add(self, pack: str, run: Run) -> None:
        """Store a new one."""
        row = {"pack": pack, "number": run.number, **_values(run)}
        if not await self._statements.insert_new(training_runs, row):
            raise Conflict(f"the pack {pack!r} has a training {run.number} already")

    async def save(self, pack: str, run: Run) -> None:
        """Store how one stands now."""
        await self._statements.change(_SAVE, {"of": pack, "wanted": run.number, **_values(run)})

    async def list(self, pack: str, limit: int) -> Sequence[Run]:
        """Latest first."""
        rows = await self._statements.rows(_LATEST, {"of": pack, "most": limit})
        return [
            from_document(Run, {**row.document, "number": row.number, "state": row.state, "asked_at": row.asked_at})
            for row in rows
        ]


def _values(run: Run) -> dict[str, Any]:
    return {"state": run.state.value, "asked_at": run.asked_at, "document": to_document(run, _COLUMNS)}
