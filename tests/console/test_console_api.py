"""The console's API, as agents' and admins' browsers use it."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from adapters.console.routes import ROUTES
from bot.errors import DeliveryRefused
from tests.console.rig import PASSWORD, ConsoleRig, console_rig
from tests.fakes import inbound


@pytest.fixture
async def rig() -> AsyncIterator[ConsoleRig]:
    async with console_rig() as running:
        yield running


async def test_an_agent_answers_a_waiting_customer_and_gives_the_conversation_back(rig: ConsoleRig) -> None:
    identity = await rig.waiting()
    kim = await rig.agent("kim")
    (item,) = (await kim.get("/api/v1/queue"))["items"]
    assert item["conversation"]["id"] == identity
    assert item["handoff"]["reason"] == "requested"
    assert item["conversation"]["customer"]["name"] == "Ana"
    claimed = await kim.post(f"/api/v1/conversations/{identity}/claim")
    assert claimed["conversation"]["agent"]["name"] == "Kim"
    await kim.post(f"/api/v1/conversations/{identity}/reply", {"text": "Hello Ana, Kim here."})
    await rig.core.settled()
    assert "Hello Ana, Kim here." in rig.core.memory.texts()
    opened = await kim.get(f"/api/v1/conversations/{identity}")
    first = opened["messages"][0]
    assert (first["author"], first["understanding"]["intent"]["name"]) == ("customer", "talk_to_human")
    returned = await kim.post(f"/api/v1/conversations/{identity}/return")
    assert returned["conversation"]["owner"] == "bot"
    assert (await kim.get("/api/v1/queue"))["items"] == []


async def test_of_two_agents_who_claim_at_once_one_is_told_who_has_it(rig: ConsoleRig) -> None:
    identity = await rig.waiting()
    kim, lee = await rig.agent("kim"), await rig.agent("lee")
    path = f"/api/v1/conversations/{identity}/claim"
    outcomes = await asyncio.gather(kim.call("POST", path), lee.call("POST", path))
    assert sorted(status for status, _ in outcomes) == [200, 409]
    winner = next(body["conversation"]["agent"]["name"] for status, body in outcomes if status == 200)
    refused = next(body for status, body in outcomes if status == 409)
    assert winner in refused["error"]["message"]


async def test_a_console_sees_what_happens_as_it_happens(rig: ConsoleRig) -> None:
    kim = await rig.agent("kim")
    async with kim.session.ws_connect(f"{rig.url}/api/v1/stream", headers={"Origin": rig.url}) as socket:
        assert (await socket.receive_json(timeout=5))["type"] == "hello"
        identity = await rig.waiting()
        seen: list[dict[str, Any]] = []
        while not any(e["type"] == "delivered" for e in seen):
            seen.append(await socket.receive_json(timeout=5))
        changed = next(e for e in seen if e["type"] == "changed")
        assert changed["summary"]["conversation"]["id"] == identity
        assert changed["summary"]["handoff"]["state"] == "waiting"
        assert [m["text"] for m in changed["messages"]] == ["a person please", "I am calling a colleague."]
        await rig.core.core.intake.typing(inbound("x").address)
        assert await socket.receive_json(timeout=5) == {
            "type": "typing",
            "conversation": identity,
            "author": "customer",
        }


async def test_signing_out_closes_the_open_socket(rig: ConsoleRig) -> None:
    kim = await rig.agent("kim")
    async with kim.session.ws_connect(f"{rig.url}/api/v1/stream", headers={"Origin": rig.url}) as socket:
        await socket.receive_json(timeout=5)
        status, _ = await kim.call("DELETE", "/api/v1/session")
        assert status == 204
        closed = await socket.receive(timeout=5)
        assert closed.type is aiohttp.WSMsgType.CLOSE
        assert closed.data == 4401
    assert (await kim.call("GET", "/api/v1/session"))[0] == 401


@pytest.mark.parametrize("origin", ["https://evil.example", None])
async def test_a_socket_from_another_site_is_refused(rig: ConsoleRig, origin: str | None) -> None:
    kim = await rig.agent("kim")
    headers = {"Origin": origin} if origin else {}
    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        await kim.session.ws_connect(f"{rig.url}/api/v1/stream", headers=headers)
    assert caught.value.status == 403


async def test_every_route_but_signing_in_and_out_wants_a_signed_in_user(rig: ConsoleRig) -> None:
    stranger = rig.stranger()
    for route in ROUTES:
        if route.access == "anyone":
            continue
        path = re.sub(r"\{\w+\}", "x", route.path).replace("{blob}", "x").replace("{message}", "x")
        status, body = await stranger.call(route.method, path)
        assert status == 401, (route, status, body)


async def test_admin_routes_are_for_admins(rig: ConsoleRig) -> None:
    kim = await rig.agent("kim")
    for route in ROUTES:
        if route.access == "admin":
            status, _ = await kim.call(route.method, re.sub(r"\{\w+\}", "x", route.path), {})
            assert status == 403, route


async def test_a_changing_request_from_another_site_is_refused(rig: ConsoleRig) -> None:
    identity = await rig.waiting()
    kim = await rig.agent("kim")
    path = f"/api/v1/conversations/{identity}/claim"
    assert (await kim.call("POST", path, headers={"Origin": "https://evil.example"}))[0] == 403
    assert (await kim.call("POST", path, headers={"X-Requested-With": ""}))[0] == 403
    assert (await rig.core.conversation()).agent is None


async def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(rig: ConsoleRig) -> None:
    stranger = rig.stranger()
    wrong = await stranger.sign_in("kim", "wrong password")
    unknown = await stranger.sign_in("nobody", "wrong password")
    assert wrong == unknown
    assert wrong[0] == 401


async def test_guessing_passwords_is_slowed_down(rig: ConsoleRig) -> None:
    stranger = rig.stranger()
    assert [(await stranger.sign_in("kim", "guess"))[0] for _ in range(6)] == [401] * 5 + [429]
    assert (await stranger.sign_in("kim"))[0] == 429
    assert (await stranger.sign_in("lee"))[0] == 200


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(rig: ConsoleRig) -> None:
    stranger = rig.stranger()
    async with stranger.session.post(
        f"{rig.url}/api/v1/session",
        json={"name": "kim", "password": PASSWORD},
        headers={"X-Requested-With": "babeldesk"},
    ) as response:
        cookie = response.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie


async def test_signing_in_gives_a_new_token_and_ends_the_old_one(rig: ConsoleRig) -> None:
    browser = await rig.agent("kim")
    (old,) = [c.value for c in browser.session.cookie_jar]
    await browser.sign_in("kim")
    (new,) = [c.value for c in browser.session.cookie_jar]
    assert old != new
    thief = rig.stranger()
    status, _ = await thief.call("GET", "/api/v1/session", headers={"Cookie": f"babeldesk_session={old}"})
    assert status == 401


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        (b"{", None),
        (b"\xff\xfe", None),
        (b"[" * 100_000, None),
        (b'{"text": 5}', "text"),
        (b'{"text": "hi", "colour": "red"}', "colour"),
        (b'{"attachments": [{"name": "x"}]}', "attachments.0.blob"),
    ],
)
async def test_a_malformed_body_is_refused_and_the_field_named(rig: ConsoleRig, raw: bytes, field: str | None) -> None:
    identity = await rig.waiting()
    kim = await rig.agent("kim")
    await kim.post(f"/api/v1/conversations/{identity}/claim")
    async with kim.session.post(
        f"{rig.url}/api/v1/conversations/{identity}/reply", data=raw, headers={"X-Requested-With": "babeldesk"}
    ) as response:
        body = json.loads(await response.text())
        assert response.status in {400, 413}
    assert body["error"].get("field") == field


async def test_what_does_not_exist_is_404(rig: ConsoleRig) -> None:
    kim = await rig.agent("kim")
    for method, path in (
        ("GET", "/api/v1/conversations/nope"),
        ("POST", "/api/v1/conversations/nope/claim"),
        ("POST", "/api/v1/dead-letters/nope/retry"),
        ("GET", "/api/v1/nothing"),
    ):
        assert (await kim.call(method, path))[0] == 404, path


async def test_a_message_that_was_given_up_is_shown_and_can_be_tried_again(rig: ConsoleRig) -> None:
    rig.core.memory.failures = [DeliveryRefused("blocked by the user")]
    await rig.waiting()
    kim = await rig.agent("kim")
    (letter,) = (await kim.get("/api/v1/dead-letters"))["items"]
    assert (letter["error"], letter["channel"]) == ("blocked by the user", "memory")
    await kim.post(f"/api/v1/dead-letters/{letter['message']['id']}/retry")
    await rig.core.settled()
    assert (await kim.get("/api/v1/dead-letters"))["items"] == []
    assert list(rig.core.memory.texts()) == ["I am calling a colleague."]


async def test_turns_that_were_given_up_and_problems_of_components_are_shown(rig: ConsoleRig) -> None:
    rig.core.model.error = RuntimeError("the model is broken")
    await rig.core.hears(inbound("hello"))
    await rig.core.settled()
    kim = await rig.agent("kim")
    (failure,) = (await kim.get("/api/v1/failures"))["items"]
    assert "the model is broken" in failure["error"]
    assert (await kim.get("/api/v1/status"))["components"]["telegram"] == "another process polls with this token"


async def test_conversations_are_listed_by_owner_and_in_pages(rig: ConsoleRig) -> None:
    for i in range(5):
        rig.core.clock.advance(1)
        await rig.core.hears(inbound("hello", conversation=f"c{i}"))
        await rig.core.settled()
    await rig.waiting("ana")
    kim = await rig.agent("kim")
    page = await kim.get("/api/v1/conversations?owner=bot&limit=3")
    assert [s["conversation"]["address"] for s in page["items"]] == ["c4", "c3", "c2"]
    rest = await kim.get(f"/api/v1/conversations?owner=bot&limit=3&before={page['next']}")
    assert [s["conversation"]["address"] for s in rest["items"]] == ["c1", "c0"]
    assert rest["next"] is None
    assert (await kim.call("GET", "/api/v1/conversations?owner=nobody"))[0] == 400
    assert (await kim.call("GET", "/api/v1/conversations?limit=x"))[0] == 400
    assert (await kim.call("GET", "/api/v1/conversations?before=yesterday"))[0] == 400


async def test_an_agent_sends_a_file_and_it_is_served_safely(rig: ConsoleRig) -> None:
    kim = await rig.agent("kim")
    form = aiohttp.FormData()
    form.add_field("file", b"<script>alert(1)</script>", filename="übel.html", content_type="text/html")
    async with kim.session.post(
        f"{rig.url}/api/v1/files", data=form, headers={"X-Requested-With": "babeldesk"}
    ) as response:
        stored = await response.json()
    assert stored["size"] == 25
    async with kim.session.get(f"{rig.url}/api/v1/files/{stored['blob']}?name=übel.html&type=text/html") as response:
        assert await response.read() == b"<script>alert(1)</script>"
        assert response.headers["Content-Disposition"].startswith("attachment")
        assert response.content_type == "application/octet-stream"
        assert response.headers["X-Content-Type-Options"] == "nosniff"


async def test_a_file_over_the_limit_is_refused(rig: ConsoleRig) -> None:
    kim = await rig.agent("kim")
    form = aiohttp.FormData()
    form.add_field("file", b"x" * 10_001, filename="big.bin")
    async with kim.session.post(
        f"{rig.url}/api/v1/files", data=form, headers={"X-Requested-With": "babeldesk"}
    ) as response:
        assert response.status == 400


async def test_an_admin_adds_a_user_who_can_sign_in(rig: ConsoleRig) -> None:
    root = await rig.agent("root")
    user = {"name": "mia", "display_name": "Mia", "role": "agent", "password": "a long password"}
    assert (await root.call("POST", "/api/v1/users", user))[0] == 201
    assert (await root.call("POST", "/api/v1/users", {**user, "name": "MIA"}))[0] == 409
    assert (await root.call("POST", "/api/v1/users", {**user, "name": "x", "password": "short"}))[0] == 400
    assert (await rig.stranger().sign_in("Mia", "a long password"))[0] == 200


async def test_a_new_password_signs_the_user_out_everywhere(rig: ConsoleRig) -> None:
    kim, root = await rig.agent("kim"), await rig.agent("root")
    (user,) = [u for u in (await root.get("/api/v1/users"))["items"] if u["name"] == "kim"]
    assert (await root.call("PATCH", f"/api/v1/users/{user['id']}", {"password": "another one"}))[0] == 200
    assert (await kim.call("GET", "/api/v1/session"))[0] == 401
    assert (await kim.sign_in("kim", "another one"))[0] == 200
    wrong = await kim.call("POST", "/api/v1/session/password", {"old": "nope", "new": "long enough"})
    assert (wrong[0], wrong[1]["error"]["field"]) == (400, "old")


async def test_the_last_admin_stays_one(rig: ConsoleRig) -> None:
    root = await rig.agent("root")
    me = (await root.get("/api/v1/session"))["user"]
    assert (await root.call("PATCH", f"/api/v1/users/{me['id']}", {"role": "agent"}))[0] == 409


async def test_openapi_describes_every_route_that_is_mounted(rig: ConsoleRig) -> None:
    document = await rig.stranger().get("/openapi.json")
    mounted = {
        (route.method, route.resource.canonical)
        for route in rig.app.router.routes()
        if route.resource is not None and route.resource.canonical.startswith("/api/") and route.method != "HEAD"
    }
    described = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    assert described == mounted
    assert "Summary" in document["components"]["schemas"]
