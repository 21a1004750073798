"""Teams, skills, agents, presence and moving conversations, as browsers use them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.console.rig import Browser, ConsoleRig, console_rig
from tests.fakes import MORNING, inbound


@pytest.fixture
async def rig() -> AsyncIterator[ConsoleRig]:
    async with console_rig() as running:
        yield running


async def me(browser: Browser) -> str:
    identity: str = (await browser.get("/api/v1/session"))["user"]["id"]
    return identity


async def described(rig: ConsoleRig, root: Browser, browser: Browser, **fields: Any) -> None:
    status, body = await root.call("PATCH", f"/api/v1/agents/{await me(browser)}", fields)
    assert status == 200, body


async def loads(browser: Browser) -> dict[str, Any]:
    return {item["name"]: item for item in (await browser.get("/api/v1/agents"))["items"]}


async def test_who_may_not_have_conversations_is_told_apart(rig: ConsoleRig) -> None:
    root, kim, lee = await rig.agent("root"), await rig.agent("kim"), await rig.agent("lee")
    for browser, change in ((kim, {"role": "viewer"}), (lee, {"disabled": True})):
        status, _ = await root.call("PATCH", f"/api/v1/users/{await me(browser)}", change)
        assert status == 200
    answers = {name: one["answers"] for name, one in (await loads(root)).items()}
    assert answers == {"Root": True, "Sue": True, "Kim": False, "Lee": False, "Vic": False}


async def test_an_admin_makes_changes_and_dissolves_teams(rig: ConsoleRig) -> None:
    root, kim = await rig.agent("root"), await rig.agent("kim")
    member = await me(kim)
    made = await root.post(
        "/api/v1/teams",
        {
            "name": "Returns",
            "members": [member],
            "intents": ["return_request"],
            "languages": ["de"],
            "first_answer": 60,
        },
    )
    assert (await kim.get("/api/v1/teams"))["items"] == [made]
    assert (made["members"], made["reasons"], made["default"], made["resolution"]) == ([member], [], False, None)
    status, changed = await root.call("PATCH", f"/api/v1/teams/{made['id']}", {"reasons": ["upset"], "default": True})
    assert status == 200
    assert changed == {**made, "reasons": ["upset"], "default": True}
    other = await root.post("/api/v1/teams", {"name": "The rest", "default": True})
    defaults = {team["name"]: team["default"] for team in (await kim.get("/api/v1/teams"))["items"]}
    assert defaults == {"Returns": False, "The rest": True}, "there is one default"
    assert (await root.call("DELETE", f"/api/v1/teams/{other['id']}"))[0] == 204
    assert (await root.call("DELETE", f"/api/v1/teams/{other['id']}"))[0] == 404


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"members": ["u-x"]}, "members: there is no user 'u-x'"),
        ({"intents": ["cooking"]}, "intents: there is no intent 'cooking'"),
        ({"reasons": ["boredom"]}, "reasons: there is no reason 'boredom'"),
        ({"languages": ["klingonese"]}, "languages: 'klingonese' is no language"),
        ({"first_answer": -1}, "first_answer"),
        ({"leader": "kim"}, "leader"),
    ],
)
async def test_a_team_that_names_what_there_is_not_is_refused_and_nothing_is_kept(
    rig: ConsoleRig, fields: dict[str, Any], message: str
) -> None:
    root = await rig.agent("root")
    status, body = await root.call("POST", "/api/v1/teams", {"name": "Returns", **fields})
    assert status == 400
    assert message in body["error"]["message"]
    assert (await root.get("/api/v1/teams"))["items"] == []


async def test_a_name_is_taken_once(rig: ConsoleRig) -> None:
    root = await rig.agent("root")
    for path in ("/api/v1/teams", "/api/v1/skills"):
        await root.post(path, {"name": "Returns"})
        assert (await root.call("POST", path, {"name": "RETURNS"}))[0] == 409


async def test_skills_are_given_to_agents_and_cannot_be_forgotten_while_they_have_them(rig: ConsoleRig) -> None:
    root, kim = await rig.agent("root"), await rig.agent("kim")
    await root.post("/api/v1/skills", {"name": "refunds", "intents": ["refund_status"]})
    path = f"/api/v1/agents/{await me(kim)}"
    status, body = await root.call("PATCH", path, {"skills": ["juggling"]})
    assert (status, body["error"]["message"]) == (400, "skills: there is no skill 'juggling'")
    await described(rig, root, kim, skills=["refunds"], languages=["en", "pt-BR"], capacity=2)
    await described(rig, root, kim, capacity=3)
    found = (await loads(kim))["Kim"]
    assert (found["skills"], found["languages"], found["capacity"], found["room"]) == (
        ["refunds"],
        ["en", "pt-BR"],
        3,
        3,
    )
    assert (await root.call("DELETE", "/api/v1/skills/refunds"))[0] == 409
    status, changed = await root.call("PATCH", "/api/v1/skills/refunds", {"intents": [], "reasons": ["upset"]})
    assert (status, changed["reasons"]) == (200, ["upset"])
    await described(rig, root, kim, skills=[])
    assert (await root.call("DELETE", "/api/v1/skills/refunds"))[0] == 204
    for method in ("PATCH", "DELETE"):
        body = {"intents": [], "reasons": []} if method == "PATCH" else None
        assert (await root.call(method, "/api/v1/skills/refunds", body))[0] == 404
    assert (await root.call("PATCH", "/api/v1/agents/u-x", {"capacity": 1}))[0] == 404


async def test_who_opens_a_console_is_online_and_every_console_is_told(rig: ConsoleRig) -> None:
    kim, lee = await rig.agent("kim"), await rig.agent("lee")
    assert (await kim.get("/api/v1/presence"))["state"] == "offline"
    async with lee.session.ws_connect(f"{rig.url}/api/v1/stream", headers={"Origin": rig.url}) as watching:
        async with kim.session.ws_connect(f"{rig.url}/api/v1/stream", headers={"Origin": rig.url}) as socket:
            await socket.receive_json(timeout=5)
            assert (await kim.get("/api/v1/presence"))["state"] == "online"
            await kim.post("/api/v1/presence", {"state": "away"})
            kims = await me(kim)
            told: list[str] = []
            while told[-1:] != ["away"]:
                event = await watching.receive_json(timeout=5)
                if event["type"] == "presence" and event["agent"] == kims:
                    told.append(event["state"])
            assert told == ["online", "away"]
            rig.core.clock.advance(250)
            await kim.post("/api/v1/presence", {"state": "online"})
            rig.core.clock.advance(250)
            await socket.send_str("active")
            while (await rig.core.core.presences.of(kims)).active_at != rig.core.clock.now():
                await asyncio.sleep(0.01)
            await rig.core.core.router.step()
    assert (await loads(lee))["Kim"]["presence"] == {
        "state": "online",
        "chosen": "online",
        "since": (MORNING + timedelta(seconds=250)).isoformat().replace("+00:00", "Z"),
    }
    assert (await kim.call("POST", "/api/v1/presence", {"state": "asleep"}))[0] == 400


async def test_an_open_console_keeps_its_agent_present(rig: ConsoleRig) -> None:
    kim = await rig.agent("kim")
    presences = rig.core.core.presences
    presences._rules = replace(presences._rules, away_after=timedelta(seconds=0.06))
    async with kim.session.ws_connect(f"{rig.url}/api/v1/stream", headers={"Origin": rig.url}) as socket:
        await socket.receive_json(timeout=5)
        rig.core.clock.advance(0.03)
        task = asyncio.create_task(rig.console._stream._keep_present())
        async with asyncio.timeout(5):
            while (await presences.of(await me(kim))).connected_at != rig.core.clock.now():
                await asyncio.sleep(0.01)
        task.cancel()


async def test_an_agent_passes_a_conversation_on_and_the_load_follows(rig: ConsoleRig) -> None:
    kim, lee, root = await rig.agent("kim"), await rig.agent("lee"), await rig.agent("root")
    identity = await rig.waiting()
    path = f"/api/v1/conversations/{identity}"
    await kim.post(f"{path}/claim")
    assert ((await loads(kim))["Kim"]["conversations"], (await loads(kim))["Kim"]["room"]) == (1, 3)
    status, body = await lee.call("POST", f"{path}/assign", {"agent": await me(lee)})
    assert (status, body["error"]["message"]) == (409, "the conversation is with Kim")
    changed = await kim.post(f"{path}/assign", {"agent": await me(lee)})
    assert changed["conversation"]["agent"]["name"] == "Lee"
    found = await loads(kim)
    assert (found["Kim"]["conversations"], found["Lee"]["conversations"]) == (0, 1)
    await root.post(f"{path}/assign", {"agent": await me(kim)})
    texts = [entry["text"] for entry in (await kim.get(path))["messages"] if entry["internal"]]
    assert texts == ["Kim assigned it to Lee", "Root assigned it to Kim"]
    status, body = await kim.call("POST", f"{path}/assign", {"agent": "u-x"})
    assert (status, body["error"]["field"]) == (400, "agent")
    assert (await kim.call("POST", "/api/v1/conversations/x/assign", {"agent": await me(kim)}))[0] == 404


async def test_a_conversation_is_transferred_and_its_summary_says_team_and_clocks(rig: ConsoleRig) -> None:
    kim, root = await rig.agent("kim"), await rig.agent("root")
    team = await root.post("/api/v1/teams", {"name": "Returns", "first_answer": 120, "resolution": 0})
    identity = await rig.waiting()
    path = f"/api/v1/conversations/{identity}"
    (item,) = (await kim.get("/api/v1/queue"))["items"]
    assert item["handoff"]["team"] is None
    assert item["handoff"]["sla"]["first_answer"]["state"] == "due"
    await kim.post(f"{path}/claim")
    await kim.post(f"{path}/transfer", {"team": team["id"]})
    rig.core.clock.advance(100)
    (item,) = (await kim.get("/api/v1/queue"))["items"]
    assert item["conversation"]["owner"] == "queue"
    assert item["handoff"]["team"] == {"id": team["id"], "name": "Returns"}
    assert (item["handoff"]["sla"]["first_answer"]["state"], item["handoff"]["sla"]["resolution"]) == ("warning", None)
    status, body = await kim.call("POST", f"{path}/transfer", {"team": "t-x"})
    assert (status, body["error"]["field"]) == (400, "team")


async def test_a_conversation_is_snoozed_and_brought_back(rig: ConsoleRig) -> None:
    kim = await rig.agent("kim")
    identity = await rig.waiting()
    path = f"/api/v1/conversations/{identity}"
    until = (rig.core.clock.now() + timedelta(hours=2)).isoformat()
    snoozed = await kim.post(f"{path}/snooze", {"until": until})
    assert snoozed["conversation"]["snoozed"]["by"] == await me(kim)
    assert (await kim.get("/api/v1/queue"))["items"] == []
    assert (await kim.post(f"{path}/wake"))["conversation"]["snoozed"] is None
    assert (await kim.call("POST", f"{path}/wake"))[0] == 409
    await kim.post(f"{path}/snooze", {"until": None})
    await rig.core.hears(inbound("hello", conversation="ana"))
    await rig.core.settled()
    assert len((await kim.get("/api/v1/queue"))["items"]) == 1


@pytest.mark.parametrize("until", ["2020-01-01T00:00:00Z", "2030-01-01T00:00:00", "tomorrow", 7.5e300])
async def test_a_snooze_needs_a_time_to_come_with_its_zone(rig: ConsoleRig, until: Any) -> None:
    kim = await rig.agent("kim")
    identity = await rig.waiting()
    status, body = await kim.call("POST", f"/api/v1/conversations/{identity}/snooze", {"until": until})
    assert status == 400
    assert "until" in body["error"]["message"]


async def test_an_offer_is_seen_and_taken_by_claiming(rig: ConsoleRig) -> None:
    kim, root = await rig.agent("kim"), await rig.agent("root")
    await root.post("/api/v1/teams", {"name": "Desk", "members": [await me(kim)], "default": True})
    await described(rig, root, kim, languages=["en"])
    await kim.post("/api/v1/presence", {"state": "online"})
    identity = await rig.waiting()
    await rig.core.core.router.step()
    (item,) = (await kim.get("/api/v1/queue"))["items"]
    assert item["conversation"]["offer"]["agent"]["name"] == "Kim"
    assert item["handoff"]["team"]["name"] == "Desk"
    assert (await loads(kim))["Kim"]["offers"] == 1
    claimed = await kim.post(f"/api/v1/conversations/{identity}/claim")
    assert claimed["conversation"]["offer"] is None
