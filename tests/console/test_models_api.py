"""The versions of the model, as an admin's browser sees and changes them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from adapters.console import Console
from adapters.console.models import ModelRoutes
from bot.comparison import Comparison, Verdict
from bot.model_versions import LineUp, MadeBy, ModelVersion
from tests.console.rig import Browser, ConsoleRig, console_rig
from tests.fakes import MORNING, inbound

MADE = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
OLD = ModelVersion("v1", MADE, "frozen", {"en": 60, "de": 40}, 13, 0.91)
NEW = ModelVersion(
    "v2",
    MADE,
    "deep",
    {"en": 70, "de": 50},
    13,
    0.94,
    parent="v1",
    data="5eed",
    seed=7,
    code="0.1.0",
    calibration_error=0.02,
    made_by=MadeBy("console", "Root", 4),
)
BROKEN = ModelVersion("v0", problem="v0/metadata.json is no description of a model")


@pytest.fixture
async def rig() -> AsyncIterator[ConsoleRig]:
    async with console_rig() as running:
        running.models.line = LineUp((NEW, OLD, BROKEN), champion="v1")
        yield running


@pytest.fixture
async def root(rig: ConsoleRig) -> Browser:
    return await rig.agent("root")


async def test_all_versions_are_told_with_what_is_known_of_them(root: Browser) -> None:
    told = await root.get("/api/v1/models")

    assert [version["name"] for version in told["versions"]] == ["v2", "v1", "v0"]
    assert told["versions"][0] == {
        "name": "v2",
        "created_at": "2026-11-20T08:30:00Z",
        "kind": "deep",
        "languages": {"en": 70, "de": 50},
        "examples": 120,
        "intents": 13,
        "left_out": 0.94,
        "parent": "v1",
        "problem": None,
        "data": "5eed",
        "seed": 7,
        "code": "0.1.0",
        "calibration_error": 0.02,
        "made_by": {"how": "console", "who": "Root", "revision": 4},
        "tests": None,
    }
    assert told["versions"][2]["problem"] == "v0/metadata.json is no description of a model"
    assert (told["champion"], told["challenger"], told["previous"], told["agreement"]) == ("v1", None, None, None)


async def test_versions_are_promoted_and_rolled_back(root: Browser) -> None:
    promoted = await root.post("/api/v1/models/promote", {"version": "v2"})
    assert (promoted["champion"], promoted["previous"]) == ("v2", "v1")

    back = await root.post("/api/v1/models/rollback")
    assert (back["champion"], back["previous"]) == ("v1", None)


async def test_a_challenger_comes_and_goes(root: Browser) -> None:
    began = await root.post("/api/v1/models/challenge", {"version": "v2"})
    assert began["challenger"] == "v2"
    assert began["agreement"] == {
        "total": {"judged": 0, "agreed": 0, "share": None},
        "by_language": {},
        "failed": 0,
        "dropped": 3,
        "disagreements": [],
    }

    ended = await root.post("/api/v1/models/challenge", {"version": None})
    assert (ended["challenger"], ended["agreement"]) == (None, None)


async def test_agreement_is_told_with_the_latest_disagreements(rig: ConsoleRig, root: Browser) -> None:
    for text in ("where is my order?", "hello"):
        await rig.core.hears(inbound(text))
    await rig.core.settled()
    asked = [entry for entry in await rig.core.history() if entry.understanding is not None]
    champions = Verdict("v1", "order_status", 0.95, in_scope=True)
    comparisons = [
        Comparison(
            message=entry.id,
            conversation=entry.conversation,
            at=MORNING,
            language="en",
            champion=champions,
            challenger="v2",
            verdict=Verdict("v2", thinks, 0.6, in_scope=True),
        )
        for entry, thinks in zip(asked, ("refund_status", "order_status"), strict=True)
    ]
    async with rig.core.store.unit() as unit:
        await unit.comparisons.add(comparisons)
    rig.models.line = LineUp((NEW, OLD), champion="v1", challenger="v2")

    agreement = (await root.get("/api/v1/models"))["agreement"]

    assert agreement["total"] == {"judged": 2, "agreed": 1, "share": 0.5}
    assert agreement["by_language"] == {"en": {"judged": 2, "agreed": 1, "share": 0.5}}
    (differing,) = agreement["disagreements"]
    assert (differing["text"], differing["conversation"]) == ("where is my order?", asked[0].conversation)
    assert differing["champion"] == {"version": "v1", "intent": "order_status", "confidence": 0.95, "in_scope": True}
    assert differing["challenger"]["intent"] == "refund_status"


async def test_problems_of_the_models_are_told(rig: ConsoleRig, root: Browser) -> None:
    rig.models.problem, rig.models.challenger_problem = "v2 is damaged; v1 goes on", "v3 is damaged"

    told = await root.get("/api/v1/models")

    assert (told["problem"], told["challenger_problem"]) == ("v2 is damaged; v1 goes on", "v3 is damaged")


@pytest.mark.parametrize(
    ("path", "body", "status", "reason"),
    [
        ("promote", {"version": "v9"}, 404, "no version is called 'v9'"),
        ("promote", {"version": "v0"}, 409, "no description of a model"),
        ("promote", {"version": ""}, 400, "version"),
        ("promote", {}, 400, "version"),
        ("promote", {"version": None}, 400, "version"),
        ("challenge", {"version": "v9"}, 404, "no version is called 'v9'"),
        ("challenge", {"version": "v0"}, 409, "no description of a model"),
        ("challenge", {}, 400, "version"),
        ("rollback", None, 409, "no version served before"),
    ],
)
async def test_what_cannot_be_done_is_told_and_changes_nothing(
    rig: ConsoleRig, root: Browser, path: str, body: object, status: int, reason: str
) -> None:
    before = rig.models.line

    answered, told = await root.call("POST", f"/api/v1/models/{path}", body)

    assert answered == status
    assert reason in told["error"]["message"]
    assert rig.models.line == before


async def test_versions_are_for_admins(rig: ConsoleRig) -> None:
    kim = await rig.agent("kim")

    for method, path in (("GET", ""), ("POST", "/promote"), ("POST", "/rollback"), ("POST", "/challenge")):
        body = None if method == "GET" else {"version": "v2"}
        assert (await kim.call(method, f"/api/v1/models{path}", body))[0] == 403
        assert (await rig.stranger().call(method, f"/api/v1/models{path}", body))[0] == 401
    assert rig.models.line.champion == "v1"


async def test_a_model_without_versions_is_no_error_of_the_server(rig: ConsoleRig, root: Browser) -> None:
    assert isinstance(rig.console, Console)
    (area,) = [area for _, area in rig.console._areas if isinstance(area, ModelRoutes)]
    area._known = None

    status, told = await root.call("GET", "/api/v1/models")

    assert (status, told["error"]["code"]) == (404, "not_found")
