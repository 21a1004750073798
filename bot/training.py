"""Training in the background: after a change of examples, or on demand, one at a time; what is not worse serves.

IDLE ──examples changed──► WAITING ──quiet for a while──► TRAINING ──► SERVED · KEPT (worse) · FAILED
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

import structlog

from bot.model_versions import MadeBy, Models
from bot.ports import Clock, Live, TrainingChanged
from bot.ports_studio import Trained, Trainer
from bot.revisions import Snapshot
from bot.workspace import Workspace

log = structlog.get_logger(__name__)

QUIET = 1.5
"""Seconds without another change, after which the training begins."""

LATEST = 20
"""Trainings that are remembered."""


class State(StrEnum):
    """How a training stands."""

    WAITING = "waiting"
    """For more changes to come, or for the training before it to end."""
    TRAINING = "training"
    SERVED = "served"
    KEPT = "kept"
    """It is done, but does worse than the one that serves; it may be promoted by hand."""
    FAILED = "failed"


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


class Training:
    """Trains the workspace's pack when it should be.

    A training under way is not broken off for a change: whoever teaches for an hour would never see a result. What
    was changed meanwhile is trained next.
    """

    def __init__(
        self,
        *,
        workspace: Workspace,
        trainer: Trainer,
        models: Models,
        live: Live,
        clock: Clock,
        quiet: float = QUIET,
    ) -> None:
        self._workspace = workspace
        self._trainer = trainer
        self._models = models
        self._live = live
        self._clock = clock
        self._quiet = quiet
        self._urgent = False
        self._changed = asyncio.Event()
        self._runs: dict[int, Run] = {}
        self._taught = _taught(workspace.current)
        workspace.on_change(self.consider)

    @property
    def runs(self) -> Sequence[Run]:
        """Trainings since the server began, the latest first."""
        return list(self._runs.values())[::-1]

    async def consider(self, snapshot: Snapshot) -> None:
        """Train if what the model is made of has changed."""
        taught = _taught(snapshot)
        if taught != self._taught:
            self._taught = taught
            self._want(None)

    def ask(self, by: str) -> Run:
        """Train the current revision now; if that is being done, this is all there is to it."""
        number = self._workspace.current.revision.number
        under_way = next((run for run in self.runs if run.state is State.TRAINING), None)
        if under_way is not None and under_way.revision == number:
            return under_way
        self._urgent = True
        return self._want(by)

    async def run(self) -> None:
        """Train whenever it is wanted, until cancelled; a process under way is stopped then."""
        while True:
            await self._changed.wait()
            # A change at the very end of the quiet time leaves it set: without this, nothing but this loop would run.
            self._changed.clear()
            while (waiting := self._waiting()) is not None:
                await self._settled()
                await self._train(waiting.number)

    # --- inside ---------------------------------------------------------------------------------------------------

    def _waiting(self) -> Run | None:
        return next((run for run in self.runs if run.state is State.WAITING), None)

    def _want(self, by: str | None) -> Run:
        revision = self._workspace.current.revision.number
        run = self._waiting()
        if run is None:
            run = Run(max(self._runs, default=0) + 1, revision, State.WAITING, self._clock.now(), by)
        run = self._show(replace(run, revision=revision, asked_by=by or run.asked_by))
        self._changed.set()
        return run

    async def _settled(self) -> None:
        """Until no change has come for a while, or somebody asks not to wait."""
        while True:
            self._changed.clear()
            if self._urgent:
                break
            try:
                async with asyncio.timeout(self._quiet):
                    await self._changed.wait()
            except TimeoutError:
                break
        self._urgent = False

    async def _train(self, number: int) -> None:
        snapshot = self._workspace.current
        begun = replace(self._runs[number], state=State.TRAINING, revision=snapshot.revision.number)
        self._show(replace(begun, started_at=self._clock.now()))

        def progress(step: str, done: int, total: int) -> None:
            self._show(replace(self._runs[number], step=step, done=done, total=total))

        try:
            # Without anybody who asked, it is for whoever changed the examples.
            by = MadeBy("console", begun.asked_by or snapshot.revision.author.name, snapshot.revision.number)
            trained = await self._trainer.train(snapshot.pack.folder, progress, by)
            self._show(replace(self._runs[number], trained=trained))
            if trained.worse is not None:
                self._end(number, State.KEPT, trained.worse)
                return
            await self._models.promote(trained.version)
        except Exception as error:  # stored and shown; the model that serves goes on
            self._end(number, State.FAILED, str(error) or type(error).__name__)
        else:
            self._end(number, State.SERVED, None)

    def _end(self, number: int, state: State, reason: str | None) -> None:
        run = self._show(replace(self._runs[number], state=state, reason=reason, ended_at=self._clock.now(), step=None))
        log.info("training", state=state.value, revision=run.revision, reason=reason)

    def _show(self, run: Run) -> Run:
        self._runs[run.number] = run
        while len(self._runs) > LATEST:
            del self._runs[min(self._runs)]
        version = None if run.trained is None else run.trained.version
        self._live.publish(
            TrainingChanged(run.state.value, run.revision, run.step, run.done, run.total, version, run.reason)
        )
        return run


def _taught(snapshot: Snapshot) -> dict[str, str]:
    """What the model is made of: the examples, and the entities that they name."""
    files = snapshot.revision.files
    return {path: name for path, name in files.items() if path.startswith("nlu/") or path == "entities.yml"}
