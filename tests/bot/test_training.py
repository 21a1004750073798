"""Training in the background: when it begins, whatever comes meanwhile."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from bot.training import State, Training
from tests.bot.rig import bench, workspace_of
from tests.fakes import FakeModels, FakeTrainer


async def test_changes_at_the_very_end_of_the_quiet_time_hold_nothing_up() -> None:
    async with bench() as core, workspace_of(core) as workspace:
        training = Training(
            workspace=workspace,
            trainer=FakeTrainer(),
            models=FakeModels(),
            store=core.store,
            live=core.core.live,
            clock=core.clock,
            quiet=0,
        )
        running = asyncio.create_task(training.run())
        now = workspace.current
        for number in range(20):
            files = {"nlu/en.yml": str(number)}
            await training.consider(replace(now, revision=replace(now.revision, files=files)))
            await asyncio.sleep(0)
        async with asyncio.timeout(5):
            while any(run.state in {State.WAITING, State.TRAINING} for run in training.runs):
                await asyncio.sleep(0)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

        assert training.runs
        assert {run.state for run in training.runs} <= {State.SERVED, State.FAILED}
