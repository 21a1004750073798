"""Figures are the same in every store, and those that one counts in the histories by hand."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import UTC, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.figures import Figures, FiguresWanted
from bot.ports import Store
from tests.desk import live, pour, recount
from tests.fakes import MORNING

ZONE = ZoneInfo("Asia/Kathmandu")


def counted(figures: Figures) -> dict[str, Any]:
    """Figures in the form of a recount."""
    ends = asdict(figures.containment)
    return {
        "conversations": {"new": figures.new, "active": figures.active, "sessions": figures.sessions},
        "messages": dict(figures.messages),
        "containment": {
            **{name: n for name, n in ends.items() if not name.startswith("abandoned")},
            "abandoned": {where: ends[f"abandoned_{where}"] for where in ("clarification", "question", "waiting")},
        },
        "handoffs": {
            "total": sum(figures.handoffs.values()),
            "by_reason": dict(figures.handoffs),
            "first_response": asdict(figures.first_response),
            "resolution": asdict(figures.resolution),
        },
        "intents": {
            one.intent: {**{k: v for k, v in asdict(one).items() if k != "intent"}, "failed": one.failed}
            for one in figures.intents
        },
        "languages": {
            one.language: {"messages": one.messages, "conversations": one.conversations} for one in figures.languages
        },
        "ratings": {
            "asked": figures.ratings.asked,
            "answered": figures.ratings.answered,
            "scores": {str(score): n for score, n in enumerate(figures.ratings.scores, 1)},
            "mean": figures.ratings.mean,
        },
        "agents": {
            one.agent: {
                "asked": one.ratings.asked,
                "answered": one.ratings.answered,
                "scores": {str(score): n for score, n in enumerate(one.ratings.scores, 1)},
                "mean": one.ratings.mean,
            }
            for one in figures.agents
        },
        "load": [list(day) for day in figures.load],
    }


@pytest.mark.parametrize("seed", [1, 2])
async def test_figures_equal_the_count_by_hand(store: Store, seed: int) -> None:
    past = await live(seed, events=300)
    await pour(past, store)
    middle = MORNING + (past.now - MORNING) / 2
    whole = FiguresWanted(MORNING - timedelta(days=1), past.now + timedelta(days=1), past.now, ZONE)
    for wanted in (
        whole,
        replace(whole, until=middle),
        replace(whole, since=middle, channel="other", silence=timedelta(minutes=10)),
        replace(whole, language="en", silence=timedelta(days=1)),
        replace(whole, language="de", channel="memory"),
        replace(whole, language="tlh"),
        replace(whole, channel="pigeon"),
    ):
        async with store.unit(write=False) as unit:
            figures = await unit.figures.read(wanted)
        assert counted(figures) == recount(past, wanted), wanted


async def test_comments_are_those_of_the_ratings_that_are_counted(store: Store) -> None:
    past = await live(1, events=300)
    commented = [replace(one, comment=f"no. {n}" if n % 2 else "") for n, one in enumerate(past.ratings)]
    await pour(replace(past, ratings=commented), store)
    whole = FiguresWanted(MORNING - timedelta(days=1), past.now + timedelta(days=1), past.now, ZONE)
    for wanted in (
        whole,
        replace(whole, channel="other"),
        replace(whole, language="de"),
        replace(whole, language="en"),
    ):
        async with store.unit(write=False) as unit:
            found = await unit.figures.comments(wanted, 200)
            asked = (await unit.figures.read(wanted)).ratings.asked
            few = await unit.figures.comments(wanted, 2)
        assert len(found) <= asked
        assert list(few) == list(found)[:2]
        assert [one.asked_at for one in found] == sorted((one.asked_at for one in found), reverse=True)
        assert all(one.comment for one in found)
    async with store.unit(write=False) as unit:
        texts = {one.comment for one in await unit.figures.comments(whole, 200)}
    assert texts == {one.comment for one in commented if one.comment}


async def test_the_random_past_has_everything_in_it() -> None:
    past = await live(1, events=300)
    whole = FiguresWanted(MORNING - timedelta(days=1), past.now + timedelta(days=1), past.now, UTC)
    found = recount(past, whole)
    ends = found["containment"]
    assert all(ends["abandoned"].values()), ends
    assert all(ends.values()), ends
    assert found["handoffs"]["first_response"]["n"] > 2
    assert {"requested", "low_confidence", "taken"} & found["handoffs"]["by_reason"].keys()
    assert found["ratings"]["asked"] > found["ratings"]["answered"] > 3, found["ratings"]
    assert sum(map(bool, found["ratings"]["scores"].values())) > 2, found["ratings"]
    assert len(found["agents"]) > 1, found["agents"]
    assert {"en", "de"} <= found["languages"].keys()
    assert (
        sum(ends["abandoned"].values()) + sum(n for k, n in ends.items() if k != "abandoned")
        == (found["conversations"]["sessions"])
    )
