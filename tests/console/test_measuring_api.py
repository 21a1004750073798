"""What versions make of the pack's tests, as an admin's browser sees it, and which of them may be promoted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from bot.errors import ModelError
from bot.measuring import Judgement, Measurement
from bot.model_versions import LineUp, ModelVersion
from tests.console.rig import Browser, ConsoleRig, console_rig
from tests.fakes import MORNING

TESTS = (
    ("where is my parcel", "en", "order_status"),
    ("when does it come", "en", "delivery_time"),
    ("wo ist mein Paket", "de", "order_status"),
    ("sing me a song", "en", "out_of_scope"),
)


def measurement(*said: str, extra: str | None = None) -> Measurement:
    """A version that says this of each of the tests; `extra` is a test that only it has."""
    judged = [
        Judgement(text, language, expected, intent, 0.8, 0.03)
        for (text, language, expected), intent in zip(TESTS, said, strict=True)
    ]
    if extra is not None:
        judged.append(Judgement(extra, "en", "order_status", "order_status", 0.9))
    return Measurement(MORNING, tuple(judged))


GOOD = measurement("order_status", "delivery_time", "order_status", "out_of_scope")
WORSE = measurement("delivery_time", "delivery_time", "refund_status", "out_of_scope")
OTHERWISE = measurement("order_status", "refund_status", "refund_status", "out_of_scope", extra="my order")


@pytest.fixture
async def rig() -> AsyncIterator[ConsoleRig]:
    async with console_rig() as running:
        running.models.line = LineUp((ModelVersion("v3"), ModelVersion("v2"), ModelVersion("v1")), champion="v1")
        yield running


@pytest.fixture
async def root(rig: ConsoleRig) -> Browser:
    return await rig.agent("root")


async def settled(root: Browser, version: str) -> dict[str, Any]:
    """What is known of a version once nothing measures it any more."""
    async with asyncio.timeout(10):
        while True:
            told: dict[str, Any] = await root.get(f"/api/v1/models/{version}/tests")
            if told["run"] is None or told["run"]["ended_at"] is not None:
                return told
            await asyncio.sleep(0.01)


async def audited(root: Browser) -> list[dict[str, Any]]:
    return list((await root.get("/api/v1/audit"))["items"])


# --- measuring --------------------------------------------------------------------------------------------------------


async def test_a_version_from_before_says_that_nothing_is_known_and_is_measured_on_demand(
    rig: ConsoleRig, root: Browser
) -> None:
    before = await root.get("/api/v1/models/v2/tests")
    rig.measurer.next.append(GOOD)

    status, begun = await root.call("POST", "/api/v1/models/v2/tests")
    after = await settled(root, "v2")

    assert (before["measured_at"], before["judgements"], before["run"]) == (None, [], None)
    assert (status, begun["version"], begun["asked_by"]) == (202, "v2", "Root")
    assert after["run"]["state"] == "done"
    assert after["measured_at"] is not None
    assert after["judgements"][0] == {
        "text": "where is my parcel",
        "language": "en",
        "expected": "order_status",
        "intent": "order_status",
        "confidence": 0.8,
        "risk": 0.03,
    }
    assert [(entry["action"], entry["target"]) for entry in await audited(root)] == [("model.measure", "v2")]
    shown = {version["name"]: version["tests"] for version in (await root.get("/api/v1/models"))["versions"]}
    assert shown == {"v1": None, "v2": {"n": 4, "accuracy": 1.0}, "v3": None}


async def test_what_could_not_be_measured_is_told_and_can_be_tried_again(rig: ConsoleRig, root: Browser) -> None:
    rig.measurer.next += [ModelError("v2 is damaged"), GOOD]

    await root.post("/api/v1/models/v2/tests")
    failed = await settled(root, "v2")
    await root.post("/api/v1/models/v2/tests")
    done = await settled(root, "v2")

    assert (failed["run"]["state"], failed["run"]["reason"], failed["judgements"]) == ("failed", "v2 is damaged", [])
    assert (done["run"]["state"], done["run"]["reason"], len(done["judgements"])) == ("done", None, 4)


async def test_versions_are_measured_one_after_the_other(rig: ConsoleRig, root: Browser) -> None:
    rig.measurer.next += [GOOD, WORSE]

    for version in ("v2", "v3"):
        await root.post(f"/api/v1/models/{version}/tests")

    assert [one["intent"] for one in (await settled(root, "v3"))["judgements"]] == [j.intent for j in WORSE.judgements]
    assert (await settled(root, "v2"))["run"]["state"] == "done"


async def test_a_version_that_there_is_not_is_not_measured(root: Browser) -> None:
    for method in ("GET", "POST"):
        status, told = await root.call(method, "/api/v1/models/v9/tests")
        assert (status, told["code"]) == (404, "not_found")


# --- comparing --------------------------------------------------------------------------------------------------------


async def test_two_versions_are_compared_on_the_tests_that_both_have(rig: ConsoleRig, root: Browser) -> None:
    rig.measurer.known |= {"v1": WORSE, "v2": OTHERWISE}

    told = await root.get("/api/v1/models/compare?this=v2&other=v1")

    assert (told["n"], told["left_out"], told["verdict"]) == (4, 1, "unclear")
    assert [(row["name"], row["n"], row["this"], row["other"]) for row in told["by_language"]] == [
        ("de", 1, 0, 0),
        ("en", 3, 2, 2),
    ]
    assert told["by_language"][1]["interval"] == {
        "this": 0.5,
        "other": 0.5,
        "difference": 0.0,
        "low": -0.1,
        "high": 0.1,
    }
    assert [(row["name"], row["this"], row["other"]) for row in told["by_intent"]] == [
        ("delivery_time", 0, 1),
        ("order_status", 1, 0),
        ("out_of_scope", 1, 1),
    ]
    # What both take for the same wrong intent has not changed.
    assert [(one["text"], one["change"]) for one in told["changed"]] == [
        ("where is my parcel", "fixed"),
        ("when does it come", "broken"),
    ]
    assert told["changed"][0]["other"] == {"intent": "delivery_time", "confidence": 0.8}
    assert told["worse"] is None


async def test_what_both_get_wrong_each_in_its_way_is_told_apart(rig: ConsoleRig, root: Browser) -> None:
    other = measurement("order_status", "delivery_time", "delivery_time", "out_of_scope")
    rig.measurer.known |= {"v1": WORSE, "v2": other}

    told = await root.get("/api/v1/models/compare?this=v2&other=v1")

    assert [one["change"] for one in told["changed"]] == ["fixed", "still_wrong"]


async def test_a_comparison_is_worked_out_once_until_a_version_is_measured_anew(rig: ConsoleRig, root: Browser) -> None:
    rig.measurer.known |= {"v1": WORSE, "v2": GOOD}
    for _ in range(2):
        await root.get("/api/v1/models/compare?this=v2&other=v1")
    assert rig.measurer.compared == [("v2", "v1")]

    rig.measurer.known["v2"] = Measurement(MORNING + timedelta(hours=1), GOOD.judgements)
    await root.get("/api/v1/models/compare?this=v2&other=v1")

    assert rig.measurer.compared == [("v2", "v1"), ("v2", "v1")]


async def test_versions_that_were_never_measured_are_named(rig: ConsoleRig, root: Browser) -> None:
    rig.measurer.known["v1"] = GOOD

    status, told = await root.call("GET", "/api/v1/models/compare?this=v3&other=v1")

    assert (status, told["code"], told["versions"]) == (409, "not_measured", ["v3"])


@pytest.mark.parametrize(
    ("query", "status"),
    [("?this=v1", 400), ("?other=v1", 400), ("?this=v1&other=v9", 404), ("", 400)],
)
async def test_a_comparison_needs_two_versions(root: Browser, query: str, status: int) -> None:
    assert (await root.call("GET", f"/api/v1/models/compare{query}"))[0] == status


# --- promoting --------------------------------------------------------------------------------------------------------


async def test_a_version_that_is_worse_is_not_promoted_without_naming_what_gets_worse(
    rig: ConsoleRig, root: Browser
) -> None:
    rig.measurer.known |= {"v1": GOOD, "v2": WORSE}

    status, told = await root.call("POST", "/api/v1/models/promote", {"version": "v2"})
    vain, _ = await root.call("POST", "/api/v1/models/promote", {"version": "v2", "override": ["delivery_time"]})
    refused = rig.models.line.champion
    promoted = await root.post("/api/v1/models/promote", {"version": "v2", "override": ["order_status"]})

    assert (status, told["code"], vain, refused) == (409, "worse", 409, "v1")
    assert "order_status (2 to 0 of 2)" in told["detail"]
    assert told["worse"]["total"] == {"name": "", "n": 4, "this": 2, "other": 4, "interval": None}
    assert [row["name"] for row in told["worse"]["intents"]] == ["order_status"]
    assert [row["name"] for row in told["worse"]["languages"]] == ["de", "en"]
    assert promoted["champion"] == "v2"
    (entry,) = await audited(root)
    assert (entry["action"], entry["target"], entry["after"]["override"]) == ("model.promote", "v2", ["order_status"])
    assert "2 of 4 tests" in entry["after"]["worse"]


async def test_a_version_that_is_not_worse_is_promoted_as_ever(rig: ConsoleRig, root: Browser) -> None:
    rig.measurer.known |= {"v1": WORSE, "v2": OTHERWISE}

    promoted = await root.post("/api/v1/models/promote", {"version": "v2"})

    assert promoted["champion"] == "v2"
    (entry,) = await audited(root)
    assert "override" not in entry["after"]


async def test_the_beginning_of_a_name_is_no_way_around(rig: ConsoleRig, root: Browser) -> None:
    rig.models.line = LineUp((ModelVersion("2026-b"), ModelVersion("2025-a")), champion="2025-a")
    rig.measurer.known |= {"2025-a": GOOD, "2026-b": WORSE}

    status, told = await root.call("POST", "/api/v1/models/promote", {"version": "2026"})

    assert (status, told["code"]) == (409, "worse")


async def test_nothing_is_refused_of_versions_that_were_never_measured(rig: ConsoleRig, root: Browser) -> None:
    rig.measurer.known["v1"] = GOOD

    assert (await root.post("/api/v1/models/promote", {"version": "v3"}))["champion"] == "v3"


async def test_a_rollback_asks_nothing(rig: ConsoleRig, root: Browser) -> None:
    rig.measurer.known |= {"v1": GOOD, "v2": WORSE}
    rig.models.line = LineUp(rig.models.line.versions, champion="v1", previous="v2")

    assert (await root.post("/api/v1/models/rollback"))["champion"] == "v2"
