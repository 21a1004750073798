"""Trainings of packs: numbered within a pack, each number once, and as they stood last after a restart."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.errors import Conflict
from bot.ports import Store
from bot.ports_studio import Evaluation, Share, Trained
from bot.runs import Run, State
from storage.sql import open_store
from tests.storage.samples import NOON

RUN = Run(1, 7, State.WAITING, NOON, "Kim")
DONE = replace(
    RUN,
    state=State.KEPT,
    started_at=NOON,
    ended_at=NOON + timedelta(seconds=9),
    reason="it tells 50 % right, the one that serves 90 %",
    trained=Trained(
        "v2",
        worse="worse",
        evaluation=Evaluation(Share(2, 1), {"greeting": Share(1, 1)}, {"zh-Hans": Share(1, 0)}),
        left_out=0.5,
        examples=12,
        passed_over=("fraud",),
        seconds={"training": 1.5},
    ),
)


async def test_a_training_comes_back_as_it_stood_last(store: Store) -> None:
    async with store.unit() as unit:
        await unit.training_runs.add("shop", RUN)
    async with store.unit() as unit:
        await unit.training_runs.save("shop", DONE)
    async with store.unit(write=False) as unit:
        assert await unit.training_runs.list("shop", 10) == [DONE]


async def test_a_number_is_given_once_within_a_pack(store: Store) -> None:
    async with store.unit() as unit:
        await unit.training_runs.add("shop", RUN)
        await unit.training_runs.add("other", RUN)
    with pytest.raises(Conflict):
        async with store.unit() as unit:
            await unit.training_runs.add("shop", replace(RUN, revision=8))
    async with store.unit(write=False) as unit:
        assert await unit.training_runs.list("shop", 10) == [RUN]


async def test_trainings_are_listed_latest_first_as_many_as_asked_for(store: Store) -> None:
    async with store.unit() as unit:
        for number in (1, 3, 2):
            await unit.training_runs.add("shop", replace(RUN, number=number))
        await unit.training_runs.add("other", replace(RUN, number=9))
    async with store.unit(write=False) as unit:
        assert [run.number for run in await unit.training_runs.list("shop", 2)] == [3, 2]
        assert await unit.training_runs.list("nobody's", 2) == []


async def test_what_was_never_added_is_not_saved(store: Store) -> None:
    async with store.unit() as unit:
        await unit.training_runs.save("shop", DONE)
    async with store.unit(write=False) as unit:
        assert await unit.training_runs.list("shop", 10) == []


async def test_trainings_are_still_there_after_a_restart(sql_url: str) -> None:
    async with open_store(sql_url) as store, store.unit() as unit:
        await unit.training_runs.add("shop", DONE)
    async with open_store(sql_url) as store, store.unit(write=False) as unit:
        assert await unit.training_runs.list("shop", 10) == [DONE]
