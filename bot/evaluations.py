"""Measuring versions on the pack's tests when somebody asks for it, one at a time; and what is known of them."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

import structlog

from bot.measuring import Difference, Losses, Measurement, losses, paired
from bot.ports import Clock
from bot.ports_measuring import Measurer
from bot.workspace import Workspace

log = structlog.get_logger(__name__)

LATEST = 20
"""Runs that are remembered once they have ended."""

COMPARED = 32
"""Comparisons that are kept: each takes some seconds."""


class State(StrEnum):
    """How a run stands."""

    WAITING = "waiting"
    MEASURING = "measuring"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Run:
    """One version that is, or was, measured. Times are aware UTC; `reason` says why it failed."""

    version: str
    state: State
    asked_at: datetime
    asked_by: str
    ended_at: datetime | None = None
    step: str | None = None
    done: int = 0
    total: int = 0
    reason: str | None = None


class Evaluations:
    """Measures the versions of the workspace's model."""

    def __init__(self, *, workspace: Workspace, measurer: Measurer, clock: Clock) -> None:
        self._workspace = workspace
        self._measurer = measurer
        self._clock = clock
        self._runs: OrderedDict[str, Run] = OrderedDict()
        self._asked = asyncio.Event()
        self._compared: OrderedDict[tuple[str, datetime, str, datetime], Difference] = OrderedDict()

    @property
    def runs(self) -> Sequence[Run]:
        """The latest run of each version since the server began, the latest first."""
        return list(self._runs.values())[::-1]

    def run_of(self, version: str) -> Run | None:
        """The latest run of a version, if it had one."""
        return self._runs.get(version)

    def ask(self, version: str, by: str) -> Run:
        """Measure a version as soon as may be; if that is under way, this is all there is to it."""
        known = self._runs.get(version)
        if known is not None and known.state in {State.WAITING, State.MEASURING}:
            return known
        run = self._show(Run(version, State.WAITING, self._clock.now(), by))
        self._runs.move_to_end(version)
        self._asked.set()
        return run

    async def run(self) -> None:
        """Measure whatever is asked for, until cancelled; a process under way is stopped then."""
        while True:
            await self._asked.wait()
            self._asked.clear()
            while (
                waiting := next((run for run in self._runs.values() if run.state is State.WAITING), None)
            ) is not None:
                await self._measure(waiting)

    # --- what is known --------------------------------------------------------------------------------------------

    async def measured(self, version: str) -> Measurement | None:
        """What is known of a version."""
        return await self._measurer.measured(version)

    async def difference(self, this: str, mine: Measurement, other: str, theirs: Measurement) -> Difference:
        """How sure it is that two measured versions differ.

        Raises:
            ModelError: they have no test in common.
        """
        key = (this, mine.at, other, theirs.at)
        if key not in self._compared:
            found = await self._measurer.difference(this, other)
            self._compared[key] = found
            while len(self._compared) > COMPARED:
                self._compared.popitem(last=False)
        return self._compared[key]

    async def losses(self, version: str, serving: str | None) -> Losses | None:
        """In what a version is worse than the one that serves; None if it is not, or that is not known."""
        if serving is None or version == serving:
            return None
        mine, theirs = await self.measured(version), await self.measured(serving)
        return None if mine is None or theirs is None else losses(paired(mine, theirs))

    # --- inside ---------------------------------------------------------------------------------------------------

    async def _measure(self, run: Run) -> None:
        version = run.version
        run = self._show(replace(run, state=State.MEASURING))

        def progress(step: str, done: int, total: int) -> None:
            self._show(replace(self._runs[version], step=step, done=done, total=total))

        reason: str | None = None
        try:
            await self._measurer.measure(version, self._workspace.pack.folder, progress)
        except Exception as error:  # stored and shown; the next one is measured all the same
            reason = str(error) or type(error).__name__
        state = State.DONE if reason is None else State.FAILED
        self._show(replace(self._runs[version], state=state, reason=reason, ended_at=self._clock.now(), step=None))
        log.info("measured", version=version, state=state.value, reason=reason)

    def _show(self, run: Run) -> Run:
        self._runs[run.version] = run
        ended = [one.version for one in self._runs.values() if one.ended_at is not None]
        for version in ended[: max(0, len(ended) - LATEST)]:
            del self._runs[version]
        return run
