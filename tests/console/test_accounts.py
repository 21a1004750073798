"""The desk's users, as an admin's browser adds and changes them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import aiohttp
import pytest

from bot.conversation import Role
from tests.console.rig import Browser, ConsoleRig, closed, console_rig, told


@pytest.fixture
async def rig() -> AsyncIterator[ConsoleRig]:
    async with console_rig() as running:
        yield running


@pytest.fixture
async def root(rig: ConsoleRig) -> Browser:
    return await rig.agent("root")


async def tag_of(browser: Browser, path: str) -> str:
    async with browser.session.get(browser.url + path) as response:
        assert response.status == 200
        return response.headers["ETag"]


async def test_an_admin_adds_a_user_who_can_sign_in(rig: ConsoleRig, root: Browser) -> None:
    user = {"name": "mia", "display_name": "Mia", "role": "viewer", "password": "a long password"}
    status, made = await root.call("POST", "/api/v1/users", user)
    assert (status, made["user"]["role"]) == (201, "viewer")
    assert (await root.call("POST", "/api/v1/users", {**user, "name": "MIA"}))[0] == 409
    assert (await root.call("POST", "/api/v1/users", {**user, "name": "x", "password": "short"}))[0] == 400
    assert (await root.call("POST", "/api/v1/users", {**user, "name": "x", "role": "king"}))[0] == 400
    assert (await rig.stranger().sign_in("Mia", "a long password"))[0] == 200


async def test_a_new_password_signs_the_user_out_everywhere(rig: ConsoleRig, root: Browser) -> None:
    kim = await rig.agent("kim")
    assert (await root.call("PATCH", "/api/v1/users/u-kim", {"password": "another one"}))[0] == 200
    assert (await kim.call("GET", "/api/v1/session"))[0] == 401
    assert (await kim.sign_in("kim", "another one"))[0] == 200
    wrong = await kim.call("POST", "/api/v1/session/password", {"old": "nope", "new": "long enough"})
    assert (wrong[0], wrong[1]["field"]) == (400, "old")


async def test_a_changed_role_counts_from_the_next_request_on(rig: ConsoleRig, root: Browser) -> None:
    kim = await rig.agent("kim")
    identity = await rig.waiting()
    await root.call("PATCH", "/api/v1/users/u-kim", {"role": "viewer"})
    assert (await kim.call("POST", f"/api/v1/conversations/{identity}/claim"))[0] == 403
    assert (await kim.call("GET", f"/api/v1/conversations/{identity}"))[0] == 200


@pytest.mark.parametrize("change", [{"role": "supervisor"}, {"disabled": True}])
async def test_the_last_admin_stays_one(rig: ConsoleRig, root: Browser, change: dict[str, object]) -> None:
    status, problem = await root.call("PATCH", "/api/v1/users/u-root", change)
    assert (status, problem["code"]) == (409, "conflict")
    assert "last admin" in problem["detail"]
    await root.call("PATCH", "/api/v1/users/u-lee", {"role": "admin", "disabled": True})
    assert (await root.call("PATCH", "/api/v1/users/u-root", change))[0] == 409
    await root.call("PATCH", "/api/v1/users/u-lee", {"disabled": False})
    assert (await root.call("PATCH", "/api/v1/users/u-root", change))[0] == 200


async def test_who_is_disabled_is_signed_out_at_once_and_cannot_sign_in(rig: ConsoleRig, root: Browser) -> None:
    script = await rig.script("kim")
    kim = await rig.agent("kim")
    async with kim.session.ws_connect(f"{rig.url}/api/v1/stream", headers={"Origin": rig.url}) as socket:
        await socket.receive_json(timeout=5)
        status, changed = await root.call("PATCH", "/api/v1/users/u-kim", {"disabled": True})
        assert (status, changed["user"]["disabled_at"]) == (200, "2026-11-23T10:00:00Z")
        assert await closed(socket) == 4401
    assert (await kim.call("GET", "/api/v1/queue"))[1]["code"] == "session_expired"
    assert (await script.call("GET", "/api/v1/queue"))[0] == 401
    refused = await kim.sign_in("kim")
    assert (refused[0], refused[1]["code"]) == (401, "disabled")
    assert (await kim.sign_in("kim", "a wrong one"))[1]["code"] == "unauthorised"
    await root.call("PATCH", "/api/v1/users/u-kim", {"disabled": False})
    assert (await kim.call("GET", "/api/v1/queue"))[0] == 401
    assert (await kim.sign_in("kim"))[0] == 200


async def test_what_a_disabled_user_has_stays_theirs_until_a_supervisor_takes_it_back(
    rig: ConsoleRig, root: Browser
) -> None:
    identity = await rig.waiting()
    kim, sue = await rig.agent("kim"), await rig.agent("sue")
    await kim.post(f"/api/v1/conversations/{identity}/claim")
    await root.call("PATCH", "/api/v1/users/u-kim", {"disabled": True})
    assert (await rig.core.conversation()).agent == "u-kim"
    assert (await sue.post(f"/api/v1/conversations/{identity}/return"))["conversation"]["agent"] is None


async def test_two_admins_never_overwrite_each_other_unseen(rig: ConsoleRig, root: Browser) -> None:
    seen = await tag_of(root, "/api/v1/users/u-kim")
    path = "/api/v1/users/u-kim"
    assert (await root.call("PATCH", path, {"display_name": "Kim K."}, headers={"If-Match": seen}))[0] == 200
    status, problem = await root.call("PATCH", path, {"role": "admin"}, headers={"If-Match": seen})
    assert (status, problem["code"]) == (412, "precondition_failed")
    assert "read it again" in problem["detail"]
    now = await tag_of(root, path)
    assert now != seen
    assert (await root.call("PATCH", path, {"role": "viewer"}, headers={"If-Match": f'"x", {now}'}))[0] == 200
    assert (await root.call("PATCH", path, {"role": "agent"}, headers={"If-Match": "*"}))[0] == 200
    assert (await root.call("PATCH", path, {"role": "admin"}, headers={"If-Match": f"W/{now}"}))[0] == 412
    assert (await root.call("PATCH", path, {"role": "admin"}, headers={"If-Match": "nonsense"}))[0] == 412
    assert (await root.get(path))["user"]["role"] == "agent"


async def test_of_two_changes_at_once_upon_the_same_state_one_is_refused(rig: ConsoleRig, root: Browser) -> None:
    path = "/api/v1/users/u-kim"
    seen = {"If-Match": await tag_of(root, path)}
    outcomes = await asyncio.gather(
        root.call("PATCH", path, {"role": "viewer"}, headers=seen),
        root.call("PATCH", path, {"role": "supervisor"}, headers=seen),
    )
    assert sorted(status for status, _ in outcomes) == [200, 412]


async def test_what_has_not_changed_is_not_sent_again(rig: ConsoleRig, root: Browser) -> None:
    for path in ("/api/v1/users", "/api/v1/users/u-kim", "/api/v1/tokens", "/api/v1/audit", "/api/v1/sessions"):
        tag = await tag_of(root, path)
        assert await root.call("GET", path, headers={"If-None-Match": f"W/{tag}"}) == (304, "")
        assert (await root.call("GET", path, headers={"If-None-Match": '"other"'}))[0] == 200
    tag = await tag_of(root, "/api/v1/users")
    await root.call("PATCH", "/api/v1/users/u-kim", {"display_name": "Kimberly"})
    assert (await root.call("GET", "/api/v1/users", headers={"If-None-Match": tag}))[0] == 200


async def test_a_user_who_does_not_exist_is_404(root: Browser) -> None:
    assert (await root.call("GET", "/api/v1/users/nobody"))[0] == 404
    assert (await root.call("PATCH", "/api/v1/users/nobody", {}))[0] == 404


async def test_a_socket_is_closed_when_its_browser_may_no_longer_listen(rig: ConsoleRig) -> None:
    """Also when another process signed it out, which nobody tells this one."""
    kim, lee = await rig.agent("kim"), await rig.agent("lee")
    origin = {"Origin": rig.url}
    async with (
        kim.session.ws_connect(f"{rig.url}/api/v1/stream", headers=origin) as ended,
        lee.session.ws_connect(f"{rig.url}/api/v1/stream", headers=origin) as open_,
    ):
        for socket in (ended, open_):
            await socket.receive_json(timeout=5)
        async with rig.core.store.unit() as unit:
            kim_now = await unit.users.get("u-kim")
            assert kim_now is not None
            await unit.users.save(replace(kim_now, disabled_at=rig.core.clock.now()))
        await rig.console._stream.look_after()
        assert await closed(ended) == 4401
        await rig.waiting()
        assert await told(open_, "changed")


async def test_a_script_listens_without_an_origin_until_its_token_is_revoked(rig: ConsoleRig) -> None:
    script = await rig.script("sue", Role.VIEWER)
    headers = {"Authorization": f"Bearer {script.token}"}
    async with script.session.ws_connect(f"{rig.url}/api/v1/stream", headers=headers) as socket:
        assert await told(socket, "hello")
        sue = await rig.agent("sue")
        assert (await sue.call("DELETE", f"/api/v1/tokens/{script.id}"))[0] == 204
        await rig.console._stream.look_after()
        assert await closed(socket) == 4401
    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        await script.session.ws_connect(f"{rig.url}/api/v1/stream", headers=headers)
    assert caught.value.status == 401
