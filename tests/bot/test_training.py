"""Training in the background: when it begins, whatever comes meanwhile."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from bot.model_versions import LineUp, ModelVersion
from bot.runs import Run, State
from bot.training import STOPPED, Training
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


async def ended(training: Training, number: int) -> Run:
    """A training, once it has come to its end."""
    async with asyncio.timeout(5):
        while True:
            found = {run.number: run for run in await training.history()}
            if number in found and found[number].ended_at is not None:
                return found[number]
            await asyncio.sleep(0)


async def test_trainings_of_before_a_restart_are_remembered_and_one_that_was_cut_off_is_trained_again() -> None:
    async with bench() as core, workspace_of(core) as workspace:
        at = core.clock.now()
        async with core.store.unit() as unit:
            await unit.training_runs.add(workspace.name, Run(1, 1, State.SERVED, at, ended_at=at))
            await unit.training_runs.add(workspace.name, Run(2, 1, State.TRAINING, at, "Kim", started_at=at))
        training = Training(
            workspace=workspace,
            trainer=FakeTrainer(),
            models=FakeModels(line=LineUp((ModelVersion("v1"),))),
            store=core.store,
            live=core.core.live,
            clock=core.clock,
            quiet=0,
        )
        running = asyncio.create_task(training.run())
        again, cut_off = await ended(training, 3), await ended(training, 2)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

        assert (again.state, again.asked_by) == (State.SERVED, "Kim")
        assert (cut_off.state, cut_off.reason) == (State.FAILED, STOPPED)
        assert [run.number for run in await training.history()] == [3, 2, 1]


async def test_two_servers_of_one_pack_give_each_training_a_number_of_its_own() -> None:
    async with bench() as core, workspace_of(core) as workspace:

        def server() -> Training:
            return Training(
                workspace=workspace,
                trainer=FakeTrainer(),
                models=FakeModels(),
                store=core.store,
                live=core.core.live,
                clock=core.clock,
            )

        one, other = server(), server()
        asked = await asyncio.gather(one.ask("Kim"), other.ask("Lee"))

        assert sorted(run.number for run in asked) == [1, 2]
        assert {(run.number, run.asked_by) for run in await one.history()} == {
            (run.number, run.asked_by) for run in asked
        }
