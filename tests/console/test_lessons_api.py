"""What an intent is used for, and verdicts of the review that become its examples."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.teams import Skill
from tests.console.rig import Browser, ConsoleRig, console_rig
from tests.fakes import inbound


@pytest.fixture
async def rig() -> AsyncIterator[ConsoleRig]:
    async with console_rig() as running:
        yield running


@pytest.fixture
async def root(rig: ConsoleRig) -> Browser:
    return await rig.agent("root")


async def decided(rig: ConsoleRig, root: Browser, text: str, **verdict: Any) -> str:
    """A customer's message and a verdict on it; the verdict's act."""
    await rig.core.hears(inbound(text, conversation=text))
    await rig.core.settled()
    groups = (await root.get("/api/v1/review"))["groups"]
    ids = [one["message"] for group in groups for one in group["messages"] if one["text"] == text]
    act: str = (await root.post("/api/v1/review/labels", {"messages": ids, **verdict}))["act"]
    return act


async def test_all_that_speaks_of_an_intent_is_told(rig: ConsoleRig, root: Browser) -> None:
    rows = '{"text": "where is it", "intent": "order_status"}\n{"text": "x", "intent": null}\nno json\n'
    await root.post("/api/v1/pack/files", {"files": [{"path": "tests/en.jsonl", "text": rows, "etag": None}]})
    async with rig.core.store.unit() as unit:
        await unit.skills.add(Skill("parcels", ("order_status",)))
    await decided(rig, root, "my thing about the thing", verdict="intent", intent="order_status")

    told = await root.get("/api/v1/intents/order_status/uses")

    assert told == {
        "examples": {},
        "replies": ["de", "en"],
        "offered_by": ["greeting", "help"],
        "flow": "order_status",
        "sensitive": False,
        "tests": 1,
        "skills": ["parcels"],
        "verdicts": 1,
    }
    assert (await root.get("/api/v1/intents/fraud/uses"))["sensitive"] is True
    assert (await root.call("GET", "/api/v1/intents/nothing/uses"))[0] == 404


async def test_examples_are_added_to_those_that_there_are_each_once(root: Browser) -> None:
    path = "/api/v1/intents/greeting/examples"
    more = {"examples": {"en": ["HELLO ", "hey", "hey"], "de": ["servus"]}}

    done = await root.post(path, more)
    again = await root.post(path, more)
    wrong = await root.call("POST", path, {"examples": {"en": [" "]}})
    nobody, _ = await root.call("POST", "/api/v1/intents/nothing/examples", more)

    assert (done["added"], done["revision"], again["added"], again["revision"]) == (2, 2, 0, 2)
    assert (wrong[0], nobody) == (400, 404)
    found = {one["language"]: one["examples"] for one in (await root.get("/api/v1/intents/greeting"))["examples"]}
    assert (found["en"][-1], found["de"]) == ("hey", ["servus"])


async def test_verdicts_are_lessons_until_they_are_examples(rig: ConsoleRig, root: Browser) -> None:
    act = await decided(rig, root, "my thing about the thing", verdict="intent", intent="delivery_time")
    await decided(rig, root, "sing me a song", verdict="new_intent", intent="songs")
    await decided(rig, root, "the other thing", verdict="dismissed")

    items = {item["intent"]: item for item in (await root.get("/api/v1/lessons"))["items"]}

    assert {name: item["known"] for name, item in items.items()} == {"delivery_time": True, "songs": False}
    (verdict,) = items["delivery_time"]["verdicts"]
    assert (verdict["text"], verdict["language"], verdict["act"]) == ("my thing about the thing", "en", act)
    texts = {verdict["language"]: [verdict["text"]]}
    await root.post("/api/v1/intents/delivery_time/examples", {"examples": texts})
    assert [item["intent"] for item in (await root.get("/api/v1/lessons"))["items"]] == ["songs"]


async def test_the_list_and_the_pack_are_not_sent_again_to_whoever_has_them(root: Browser) -> None:
    for path in ("/api/v1/intents", "/api/v1/pack"):
        async with root.session.get(root.url + path) as response:
            tag = response.headers["ETag"]
        async with root.session.get(root.url + path, headers={"If-None-Match": tag}) as response:
            assert response.status == 304
        await root.post("/api/v1/intents/greeting/examples", {"examples": {"en": [f"hey {path}"]}})
        async with root.session.get(root.url + path, headers={"If-None-Match": tag}) as response:
            assert response.status == 200
