"""Scripts' tokens: made, used, listed, revoked."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.conversation import Role
from tests.console.rig import ConsoleRig, Script, console_rig


@pytest.fixture
async def rig() -> AsyncIterator[ConsoleRig]:
    async with console_rig() as running:
        yield running


async def test_a_script_reads_and_changes_without_our_pages_headers(rig: ConsoleRig) -> None:
    identity = await rig.waiting()
    script = await rig.script("kim")
    assert len((await script.call("GET", "/api/v1/queue"))[1]["items"]) == 1
    assert (await script.call("POST", f"/api/v1/conversations/{identity}/claim"))[0] == 200
    assert (await rig.core.conversation()).agent == "u-kim"
    assert (await script.call("GET", "/api/v1/session"))[1]["user"]["role"] == "agent"


async def test_a_token_may_do_what_its_role_may_and_never_more_than_its_user(rig: ConsoleRig) -> None:
    root = await rig.agent("root")
    reader, writer = await rig.script("root", Role.VIEWER), await rig.script("root", Role.ADMIN)
    assert (await reader.call("GET", "/api/v1/users"))[0] == 403
    assert (await writer.call("GET", "/api/v1/users"))[0] == 200
    assert (await root.call("PATCH", "/api/v1/users/u-lee", {"role": "admin"}))[0] == 200
    assert (await root.call("PATCH", "/api/v1/users/u-root", {"role": "agent"}))[0] == 200
    assert (await writer.call("GET", "/api/v1/users"))[0] == 403
    assert (await writer.call("GET", "/api/v1/queue"))[0] == 200


async def test_a_token_is_shown_once_and_stored_as_its_digest(rig: ConsoleRig) -> None:
    script = await rig.script("kim")
    kim = await rig.agent("kim")
    listed = await kim.get("/api/v1/tokens")
    assert script.token.startswith("bdk_")
    assert script.token not in str(listed)
    async with rig.core.store.unit(write=False) as unit:
        (stored,) = await unit.tokens.list()
    assert stored.token_hash == hashlib.sha256(script.token.encode()).hexdigest()
    (one,) = listed["items"]
    assert (one["name"], one["role"], one["user"]["name"], one["used_at"]) == ("kim's script", "agent", "Kim", None)


async def test_the_last_use_is_shown_and_written_down_once_a_minute(rig: ConsoleRig) -> None:
    script, kim = await rig.script("kim"), await rig.agent("kim")
    seen = []
    for seconds in (0, 30, 31):
        rig.core.clock.advance(seconds)
        await script.call("GET", "/api/v1/queue")
        seen.append((await kim.get("/api/v1/tokens"))["items"][0]["used_at"])
    assert seen == ["2026-11-23T10:00:00Z", "2026-11-23T10:00:00Z", "2026-11-23T10:01:01Z"]


async def test_a_revoked_and_an_expired_token_are_told_for_what_they_are(rig: ConsoleRig) -> None:
    kim = await rig.agent("kim")
    ends = (rig.core.clock.now() + timedelta(hours=1)).isoformat()
    short, revoked = await rig.script("kim", expires_at=ends), await rig.script("kim")
    assert (await kim.call("DELETE", f"/api/v1/tokens/{revoked.id}"))[0] == 204
    assert (await kim.call("DELETE", f"/api/v1/tokens/{revoked.id}"))[0] == 404
    assert (await revoked.call("GET", "/api/v1/queue"))[1]["code"] == "token_revoked"
    assert (await short.call("GET", "/api/v1/queue"))[0] == 200
    rig.core.clock.advance(3600)
    status, problem = await short.call("GET", "/api/v1/queue")
    assert (status, problem["code"]) == (401, "token_expired")
    (left,) = (await kim.get("/api/v1/tokens"))["items"]
    assert (left["id"], left["expired"]) == (short.id, True)


@pytest.mark.parametrize("header", ["Bearer bdk_wrong", "Bearer", "Bearer \udce4", "Basic a2ltOng=", ""])
async def test_a_wrong_token_is_401_also_beside_a_good_cookie(rig: ConsoleRig, header: str) -> None:
    kim = await rig.agent("kim")
    async with kim.session.get(f"{rig.url}/api/v1/queue", headers={"Authorization": header}) as response:
        assert response.status == 401
        assert response.headers["WWW-Authenticate"].startswith("Bearer")
        assert (await response.json(content_type=None))["code"] == "unauthorised"


async def test_guessing_tokens_is_slowed_down(rig: ConsoleRig) -> None:
    good = await rig.script("kim")
    guess = Script(good.session, rig.url, "bdk_guess")
    assert [(await guess.call("GET", "/api/v1/queue"))[0] for _ in range(31)] == [401] * 30 + [429]
    async with good.session.get(
        f"{rig.url}/api/v1/queue", headers={"Authorization": f"Bearer {good.token}"}
    ) as response:
        assert response.status == 429
        assert int(response.headers["Retry-After"]) > 0
    assert (await rig.stranger().sign_in("kim"))[0] == 200


@pytest.mark.parametrize(
    ("who", "body", "status", "field"),
    [
        ("kim", {"role": "supervisor"}, 400, "role"),
        ("kim", {"role": "agent", "user": "u-lee"}, 403, None),
        ("kim", {"role": "agent", "user": "nobody"}, 403, None),
        ("root", {"role": "supervisor", "user": "u-lee"}, 400, "role"),
        ("root", {"role": "agent", "user": "nobody"}, 400, "user"),
        ("root", {"role": "agent", "expires_at": "2026-11-23T09:59:59Z"}, 400, "expires_at"),
        ("root", {"role": "agent", "expires_at": "2026-12-01T00:00:00"}, 400, "expires_at"),
        ("root", {"role": "agent", "name": ""}, 400, "name"),
        ("root", {"role": "agent", "user": "u-lee"}, 201, None),
        ("vic", {"role": "viewer", "user": "u-vic"}, 201, None),
    ],
)
async def test_a_token_is_made_for_oneself_or_as_an_admin_for_others(
    rig: ConsoleRig, who: str, body: dict[str, str], status: int, field: str | None
) -> None:
    browser = await rig.agent(who)
    answered, told = await browser.call("POST", "/api/v1/tokens", {"name": "export", **body})
    assert (answered, told.get("field")) == (status, field)
    async with rig.core.store.unit(write=False) as unit:
        assert len(await unit.tokens.list()) == (status == 201)


async def test_everybody_sees_and_revokes_their_own_and_admins_all(rig: ConsoleRig) -> None:
    kims, lees = await rig.script("kim"), await rig.script("lee")
    kim, root = await rig.agent("kim"), await rig.agent("root")
    assert [t["id"] for t in (await kim.get("/api/v1/tokens"))["items"]] == [kims.id]
    assert (await kim.call("GET", "/api/v1/tokens?user=all"))[0] == 403
    assert (await kim.call("DELETE", f"/api/v1/tokens/{lees.id}"))[0] == 404
    assert (await root.get("/api/v1/tokens"))["items"] == []
    assert {t["id"] for t in (await root.get("/api/v1/tokens?user=all"))["items"]} == {kims.id, lees.id}
    assert [t["id"] for t in (await root.get("/api/v1/tokens?user=u-lee"))["items"]] == [lees.id]
    assert (await root.call("DELETE", f"/api/v1/tokens/{lees.id}"))[0] == 204
    assert (await lees.call("GET", "/api/v1/queue"))[0] == 401
    assert (await kims.call("GET", "/api/v1/queue"))[0] == 200
