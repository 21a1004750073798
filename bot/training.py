"""Training in the background: after a change of examples, or on demand, one at a time; what is not worse serves.

IDLE ──examples changed──► WAITING ──quiet for a while──► TRAINING ──► SERVED · KEPT (worse) · FAILED
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import structlog

from bot.errors import BabeldeskError, Conflict
from bot.model_versions import MadeBy, Models
from bot.ports import Clock, Live, Store, TrainingChanged
from bot.ports_studio import Trainer
from bot.revisions import Snapshot
from bot.runs import UNDER_WAY, Run, State
from bot.workspace import Workspace

__all__ = ["Run", "State", "Training"]

log = structlog.get_logger(__name__)

QUIET = 1.5
"""Seconds without another change, after which the training begins."""

LATEST = 20
"""Trainings that are shown."""

STOPPED = "the server stopped before it had ended; it is trained again"


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
        store: Store,
        live: Live,
        clock: Clock,
        quiet: float = QUIET,
    ) -> None:
        self._workspace = workspace
        self._trainer = trainer
        self._models = models
        self._store = store
        self._live = live
        self._clock = clock
        self._quiet = quiet
        self._urgent = False
        self._changed = asyncio.Event()
        self._runs: dict[int, Run] = {}
        self._numbering = asyncio.Lock()
        self._taught = _taught(workspace.current)
        workspace.on_change(self.consider)

    @property
    def runs(self) -> Sequence[Run]:
        """Trainings since the server began, the latest first."""
        return list(self._runs.values())[::-1]

    async def history(self) -> Sequence[Run]:
        """The latest trainings, those of before the server began and of other processes too; latest first."""
        async with self._store.unit(write=False) as unit:
            stored = {run.number: run for run in await unit.training_runs.list(self._workspace.name, LATEST)}
        # Of one's own, more is known than is stored at every step.
        return sorted({**stored, **self._runs}.values(), key=lambda run: run.number, reverse=True)[:LATEST]

    async def consider(self, snapshot: Snapshot) -> None:
        """Train if what the model is made of has changed."""
        taught = _taught(snapshot)
        if taught != self._taught:
            self._taught = taught
            await self._want(None)

    async def ask(self, by: str) -> Run:
        """Train the current revision now; if that is being done, this is all there is to it."""
        number = self._workspace.current.revision.number
        under_way = next((run for run in self.runs if run.state is State.TRAINING), None)
        if under_way is not None and under_way.revision == number:
            return under_way
        self._urgent = True
        return await self._want(by)

    async def run(self) -> None:
        """Train whenever it is wanted, until cancelled; a process under way is stopped then."""
        await self._resume()
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

    async def _resume(self) -> None:
        """Train again what was cut off when the server stopped."""
        try:
            cut_off = [run for run in await self.history() if run.state in UNDER_WAY and run.number not in self._runs]
            for run in cut_off:
                await self._keep(
                    replace(run, state=State.FAILED, reason=STOPPED, ended_at=self._clock.now(), step=None)
                )
        except BabeldeskError as error:
            log.warning("trainings not read", error=str(error))
            return
        if cut_off:
            await self._want(cut_off[0].asked_by)

    async def _want(self, by: str | None) -> Run:
        revision = self._workspace.current.revision.number
        async with self._numbering:
            run = self._waiting()
            if run is None:
                run = await self._numbered(Run(0, revision, State.WAITING, self._clock.now(), by))
            run = self._show(replace(run, revision=revision, asked_by=by or run.asked_by))
        await self._keep(run)
        self._changed.set()
        return run

    async def _numbered(self, run: Run) -> Run:
        """A new run with the next number. Should it not be stored, it is made all the same."""
        number = max(self._runs, default=0) + 1
        try:
            while True:
                try:
                    async with self._store.unit() as unit:
                        for latest in await unit.training_runs.list(self._workspace.name, 1):
                            number = max(number, latest.number + 1)
                        numbered = replace(run, number=number)
                        await unit.training_runs.add(self._workspace.name, numbered)
                        return numbered
                except Conflict:  # another process was quicker
                    number += 1
        except BabeldeskError as error:
            log.warning("training not stored", error=str(error))
            return replace(run, number=number)

    async def _keep(self, run: Run) -> None:
        try:
            async with self._store.unit() as unit:
                await unit.training_runs.save(self._workspace.name, run)
        except BabeldeskError as error:  # it is shown all the same, until the server stops
            log.warning("training not stored", run=run.number, error=str(error))

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
        await self._keep(self._show(replace(begun, started_at=self._clock.now())))

        def progress(step: str, done: int, total: int) -> None:
            self._show(replace(self._runs[number], step=step, done=done, total=total))

        try:
            # Without anybody who asked, it is for whoever changed the examples.
            by = MadeBy("console", begun.asked_by or snapshot.revision.author.name, snapshot.revision.number)
            trained = await self._trainer.train(snapshot.pack.folder, progress, by)
            self._show(replace(self._runs[number], trained=trained))
            if trained.worse is not None:
                await self._end(number, State.KEPT, trained.worse)
                return
            await self._models.promote(trained.version)
        except Exception as error:  # stored and shown; the model that serves goes on
            await self._end(number, State.FAILED, str(error) or type(error).__name__)
        else:
            await self._end(number, State.SERVED, None)

    async def _end(self, number: int, state: State, reason: str | None) -> None:
        run = self._show(replace(self._runs[number], state=state, reason=reason, ended_at=self._clock.now(), step=None))
        await self._keep(run)
        log.info("training", state=state.value, revision=run.revision, reason=reason)

    def _show(self, run: Run) -> Run:
        self._runs[run.number] = run
        while len(self._runs) > LATEST:
            del self._runs[min(self._runs)]
        version = None if run.trained is None else run.trained.version
        self._live.publish(
            TrainingChanged(
                run.state.value, run.revision, run.step, run.done, run.total, version, run.reason, run.number
            )
        )
        return run


def _taught(snapshot: Snapshot) -> dict[str, str]:
    """What the model is made of: the examples, and the entities that they name."""
    files = snapshot.revision.files
    return {path: name for path, name in files.items() if path.startswith("nlu/") or path == "entities.yml"}
