"""How long a browser stays signed in, and what one sees of one's browsers."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.console.rig import ConsoleRig, closed, console_rig, told

HOUR = 3600


@pytest.fixture
async def rig() -> AsyncIterator[ConsoleRig]:
    async with console_rig() as running:
        yield running


async def test_a_browser_that_is_not_used_is_signed_out_after_a_working_day(rig: ConsoleRig) -> None:
    kim = await rig.agent("kim")
    rig.core.clock.advance(12 * HOUR - 1)
    assert (await kim.call("GET", "/api/v1/session"))[0] == 200
    rig.core.clock.advance(12 * HOUR)
    status, problem = await kim.call("GET", "/api/v1/session")
    assert (status, problem["code"]) == (401, "session_expired")


async def test_a_browser_in_use_stays_signed_in_up_to_a_week(rig: ConsoleRig) -> None:
    kim = await rig.agent("kim")
    days = []
    for hours in range(10, 200, 10):
        rig.core.clock.advance(10 * HOUR)
        if (await kim.call("GET", "/api/v1/session"))[0] == 200:
            days.append(hours / 24)
    assert max(days) == pytest.approx(160 / 24)


async def test_use_is_written_down_once_in_some_minutes(rig: ConsoleRig) -> None:
    kim = await rig.agent("kim")
    seen = []
    for seconds in (0, 299, 1, 60):
        rig.core.clock.advance(seconds)
        (one,) = (await kim.get("/api/v1/sessions"))["items"]
        seen.append((one["used_at"][11:19], one["expires_at"][11:19]))
    assert seen == [("10:00:00", "22:00:00")] * 2 + [("10:05:00", "22:05:00")] * 2


async def test_nobody_who_is_signed_in_is_told_apart_from_who_no_longer_is(rig: ConsoleRig) -> None:
    stranger, kim = rig.stranger(), await rig.agent("kim")
    assert (await stranger.call("GET", "/api/v1/session"))[1]["code"] == "unauthorised"
    made_up = await stranger.call("GET", "/api/v1/session", headers={"Cookie": "babeldesk_session=made-up"})
    assert made_up[1]["code"] == "unauthorised"
    (cookie,) = [c.value for c in kim.session.cookie_jar]
    await kim.call("DELETE", "/api/v1/session")
    old = await stranger.call("GET", "/api/v1/session", headers={"Cookie": f"babeldesk_session={cookie}"})
    assert (old[0], old[1]["code"]) == (401, "session_expired")


async def test_one_sees_ones_browsers_and_signs_one_of_them_out(rig: ConsoleRig) -> None:
    here, there, lee = [await rig.agent(name) for name in ("kim", "kim", "lee")]
    listed = (await here.get("/api/v1/sessions"))["items"]
    assert sorted(one["present"] for one in listed) == [False, True]
    assert all("aiohttp" in one["browser"] for one in listed)
    (other,) = [one["id"] for one in listed if not one["present"]]
    async with there.session.ws_connect(f"{rig.url}/api/v1/stream", headers={"Origin": rig.url}) as socket:
        await socket.receive_json(timeout=5)
        assert (await lee.call("DELETE", f"/api/v1/sessions/{other}"))[0] == 404
        assert (await here.call("DELETE", f"/api/v1/sessions/{other}"))[0] == 204
        assert await closed(socket) == 4401
    assert (await there.call("GET", "/api/v1/session"))[1]["code"] == "session_expired"
    assert [one["present"] for one in (await here.get("/api/v1/sessions"))["items"]] == [True]


async def test_signing_out_here_leaves_ones_other_browsers_open(rig: ConsoleRig) -> None:
    here, there = await rig.agent("kim"), await rig.agent("kim")
    async with there.session.ws_connect(f"{rig.url}/api/v1/stream", headers={"Origin": rig.url}) as socket:
        await socket.receive_json(timeout=5)
        await here.call("DELETE", "/api/v1/session")
        await rig.waiting()
        assert await told(socket, "changed")
    assert (await there.call("GET", "/api/v1/session"))[0] == 200
