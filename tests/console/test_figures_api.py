"""The figures in the API and in the CSV equal what one counts in the histories by hand."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.figures import FiguresWanted
from storage.sql import open_store
from tests.console.rig import ConsoleRig, console_rig
from tests.desk import live, pour, recount
from tests.fakes import MORNING, inbound

ZONE = ZoneInfo("Asia/Kathmandu")


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[ConsoleRig]:
    async with open_store(f"sqlite:///{tmp_path / 'figures.db'}") as store, console_rig(store) as running:
        yield running


def told(view: dict[str, Any]) -> dict[str, Any]:
    """The API's answer in the form of a recount."""
    intents = view["top_intents"]
    return {
        **{part: view[part] for part in ("conversations", "messages", "containment", "handoffs", "ratings")},
        "intents": {one["intent"]: {k: v for k, v in one.items() if k != "intent"} for one in intents},
        "languages": {one["language"]: {k: v for k, v in one.items() if k != "language"} for one in view["languages"]},
        "agents": {one["agent"]: one["ratings"] for one in view["ratings_by_agent"]},
        "load": view["load"]["weekday_hours"],
    }


def from_csv(text: str) -> dict[str, Any]:
    """The CSV in the form of a recount."""
    lines = list(csv.DictReader(io.StringIO(text)))

    def section(name: str, row: str = "") -> dict[str, int]:
        return {line["figure"]: int(line["value"]) for line in lines if (line["section"], line["name"]) == (name, row)}

    def named(name: str) -> list[str]:
        return list(dict.fromkeys(line["name"] for line in lines if line["section"] == name and line["name"]))

    def spread(name: str) -> dict[str, Any]:
        values = {line["figure"]: line["value"] for line in lines if line["section"] == name}
        return {"n": int(values["n"]), **{k: float(values[k]) if values[k] else None for k in ("median", "p90")}}

    def rated() -> dict[str, Any]:
        return scored(
            {line["figure"]: line["value"] for line in lines if line["section"] == "ratings" and not line["name"]},
            section("ratings", "scores"),
        )

    def of(agent: str) -> dict[str, Any]:
        values = {
            line["figure"]: line["value"] for line in lines if (line["section"], line["name"]) == ("agents", agent)
        }
        return scored(values, {score: int(values[score]) for score in "12345"})

    def scored(values: dict[str, str], scores: dict[str, int]) -> dict[str, Any]:
        return {
            "asked": int(values["asked"]),
            "answered": int(values["answered"]),
            "mean": float(values["mean"]) if values["mean"] else None,
            "scores": scores,
        }

    return {
        "conversations": section("conversations"),
        "messages": section("messages"),
        "containment": {**section("containment"), "abandoned": section("containment", "abandoned")},
        "handoffs": {
            **section("handoffs"),
            "by_reason": {name: section("handoffs", name)["total"] for name in named("handoffs")},
            "first_response": spread("first_response"),
            "resolution": spread("resolution"),
        },
        "ratings": rated(),
        "agents": {agent: of(agent) for agent in named("agents")},
        "intents": {name: section("intents", name) for name in named("intents")},
        "languages": {name: section("languages", name) for name in named("languages")},
        "load": [list(section("load", day).values()) for day in named("load")],
    }


@pytest.mark.parametrize("seed", [7, 8])
async def test_every_figure_equals_the_count_by_hand_in_json_and_in_csv(rig: ConsoleRig, seed: int) -> None:
    past = await live(seed, events=400)
    await pour(past, rig.core.store)
    now = rig.core.clock.at = past.now
    kim = await rig.agent("kim")
    middle = MORNING + (now - MORNING) / 2
    for since, until, silence, channel, language in (
        (MORNING - timedelta(days=1), now + timedelta(seconds=1), 60, None, None),
        (MORNING, middle, 60, None, None),
        (middle, now, 15, "other", None),
        (MORNING, now, 600, None, "en"),
        (MORNING, now, 60, "memory", "de"),
        (MORNING - timedelta(days=3), MORNING, 60, None, None),
    ):
        wanted = FiguresWanted(since, until, now, ZONE, timedelta(minutes=silence), channel, language)
        query = {"since": since.isoformat(), "until": until.isoformat(), "zone": ZONE.key, "silence": str(silence)}
        query |= {name: value for name, value in (("channel", channel), ("language", language)) if value}
        status, view = await kim.call("GET", "/api/v1/figures", params=query)
        assert status == 200, view
        assert told(view) == recount(past, wanted)
        status, text = await kim.call("GET", "/api/v1/figures.csv", params=query)
        assert status == 200
        assert from_csv(text) == told(view)


async def test_days_are_whole_days_of_the_zone(rig: ConsoleRig) -> None:
    kim = await rig.agent("kim")
    await rig.core.hears(inbound("hello"))
    await rig.core.settled()
    view = await kim.get("/api/v1/figures?since=2026-11-23&until=2026-11-23&zone=America/New_York")
    assert view["period"]["since"] == "2026-11-23T00:00:00-05:00"
    assert view["period"]["until"] == "2026-11-24T00:00:00-05:00"
    assert view["load"]["weekday_hours"][0][5] == 1
    assert view["load"]["by_hour"][5] == view["load"]["by_weekday"][0] == 1
    assert (await kim.get("/api/v1/figures?since=2026-11-24&until=2026-11-25"))["messages"]["customer"] == 0


async def test_without_a_period_it_is_the_last_seven_days_and_today(rig: ConsoleRig) -> None:
    kim = await rig.agent("kim")
    view = await kim.get("/api/v1/figures")
    assert view["period"]["since"] == "2026-11-16T00:00:00Z"
    assert datetime.fromisoformat(view["period"]["until"]) == MORNING
    assert view["handoffs"]["first_response"] == {"n": 0, "median": None, "p90": None}
    scores = dict.fromkeys("12345", 0)
    assert view["ratings"] == {"asked": 0, "answered": 0, "scores": scores, "mean": None}
    assert view["top_intents"] == view["failing_intents"] == view["languages"] == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("since=yesterday", "since"),
        ("until=2026-13-01", "until"),
        ("since=2026-11-24&until=2026-11-20", "since"),
        ("since=1990-01-01", "since"),
        ("zone=Mars/Base", "zone"),
        ("zone=../../etc/passwd", "zone"),
        ("silence=0", "silence"),
        ("silence=an hour", "silence"),
    ],
)
async def test_a_wrong_query_is_told_by_its_field(rig: ConsoleRig, query: str, field: str) -> None:
    kim = await rig.agent("kim")
    for path in ("figures", "figures.csv"):
        status, answer = await kim.call("GET", f"/api/v1/{path}?{query}")
        assert (status, answer["error"]["field"]) == (400, field)


async def test_figures_are_for_those_who_are_signed_in(rig: ConsoleRig) -> None:
    assert (await rig.stranger().call("GET", "/api/v1/figures"))[0] == 401
    assert (await rig.stranger().call("GET", "/api/v1/figures.csv"))[0] == 401


async def test_the_definitions_stand_in_the_description_of_the_api(rig: ConsoleRig) -> None:
    schemas = (await rig.stranger().get("/openapi.json"))["components"]["schemas"]
    for name, figure in schemas["ContainmentView"]["properties"].items():
        assert figure.get("description") or "$ref" in figure, name
    for name, figure in schemas["RatingFiguresView"]["properties"].items():
        assert figure.get("description"), name
    assert "thanked" in schemas["ContainmentView"]["properties"]["confirmed"]["description"]
