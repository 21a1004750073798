"""Who may do what: every route as nobody and as every role, and what supervisors may do with others' work."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest

from adapters.console.route import Route
from adapters.console.routes import ROUTES
from bot.conversation import Owner, Role
from tests.console.rig import STAFF, Browser, ConsoleRig, Script, console_rig

NAMES = {role: name for name, role in STAFF}
SIGN_OUT = ("DELETE", "/api/v1/session")
"""Tried last, for nobody is signed in after it."""


@pytest.fixture
async def rig() -> AsyncIterator[ConsoleRig]:
    async with console_rig() as running:
        yield running


async def refusals(caller: Browser | Script) -> dict[tuple[str, str], int]:
    """The routes that do not let a caller in, each with its status; what they are asked can have no effect."""
    refused = {}
    for route in sorted(ROUTES, key=lambda route: (route.method, route.path) == SIGN_OUT):
        path = re.sub(r"\{\w+\}", "nothing", route.path)
        status, body = await caller.call(route.method, path, None if route.method == "GET" else {})
        assert status < 500, (route, body)
        if status in {401, 403}:
            assert body["status"] == status
            refused[route.method, route.path] = status
    return refused


def expected(role: Role, *, token: bool = False) -> dict[tuple[str, str], int]:
    """What the table says."""

    def may(route: Route) -> bool:
        if route.access == "anyone":
            return not token or route.path != SIGN_OUT[1]
        return role.includes(Role(route.access)) and not (token and route.browser)

    return {(route.method, route.path): 403 for route in ROUTES if not may(route)}


async def test_nobody_gets_through_but_to_sign_in_and_out(rig: ConsoleRig) -> None:
    closed = {(route.method, route.path): 401 for route in ROUTES if route.access != "anyone"}
    assert await refusals(rig.stranger()) == closed
    assert {route.path for route in ROUTES if route.access == "anyone"} == {"/api/v1/session"}


@pytest.mark.parametrize("role", Role)
async def test_a_role_gets_through_where_the_table_says_so(rig: ConsoleRig, role: Role) -> None:
    assert await refusals(await rig.agent(NAMES[role])) == expected(role)


@pytest.mark.parametrize("role", Role)
async def test_a_token_gets_through_where_its_role_does(rig: ConsoleRig, role: Role) -> None:
    """Whatever its user may do, and nowhere where only people may."""
    assert await refusals(await rig.script("root", role)) == expected(role, token=True)


def test_what_changes_something_is_not_for_viewers_but_for_what_is_their_own() -> None:
    own = {"/api/v1/session/password", "/api/v1/sessions/{id}", "/api/v1/tokens", "/api/v1/tokens/{id}"}
    own |= {"/api/v1/conversations/{id}/read", "/api/v1/mentions/seen", "/api/v1/me/slack"}
    changing = {route.path for route in ROUTES if route.method != "GET" and route.access == "viewer"}
    assert changing == own


async def test_a_supervisor_gives_back_what_an_agent_has_and_it_is_told_who_did(rig: ConsoleRig) -> None:
    identity = await rig.waiting()
    kim, lee, sue = [await rig.agent(name) for name in ("kim", "lee", "sue")]
    await kim.post(f"/api/v1/conversations/{identity}/claim")

    status, refused = await lee.call("POST", f"/api/v1/conversations/{identity}/return")
    assert (status, refused["detail"]) == (409, "the conversation is with Kim")
    returned = await sue.post(f"/api/v1/conversations/{identity}/return")

    assert (returned["conversation"]["owner"], returned["conversation"]["agent"]) == ("bot", None)
    history = await rig.core.history()
    assert [m.text for m in history if m.internal] == ["given back by Sue, from Kim"]
    await rig.core.settled()
    assert "Kim has left." in rig.core.memory.texts()
    (entry,) = (await sue.get("/api/v1/audit?action=conversation"))["items"]
    assert (entry["action"], entry["actor"]["name"], entry["target"]) == ("conversation.return", "Sue", identity)
    assert (entry["before"]["agent_name"], entry["after"]["owner"]) == ("Kim", "bot")


async def test_a_supervisor_closes_what_an_agent_has(rig: ConsoleRig) -> None:
    identity = await rig.waiting()
    kim, sue = await rig.agent("kim"), await rig.agent("sue")
    await kim.post(f"/api/v1/conversations/{identity}/claim")
    await sue.post(f"/api/v1/conversations/{identity}/close")
    assert (await rig.core.conversation()).owner is Owner.CLOSED
    assert (await kim.call("POST", f"/api/v1/conversations/{identity}/close"))[0] == 409


async def test_a_supervisor_does_not_speak_for_an_agent(rig: ConsoleRig) -> None:
    identity = await rig.waiting()
    kim, sue = await rig.agent("kim"), await rig.agent("sue")
    await kim.post(f"/api/v1/conversations/{identity}/claim")
    assert (await sue.call("POST", f"/api/v1/conversations/{identity}/reply", {"text": "hi"}))[0] == 409


async def test_what_one_has_oneself_is_closed_without_an_entry(rig: ConsoleRig) -> None:
    identity = await rig.waiting()
    sue = await rig.agent("sue")
    await sue.post(f"/api/v1/conversations/{identity}/claim")
    await sue.post(f"/api/v1/conversations/{identity}/close")
    assert (await sue.get("/api/v1/audit"))["items"] == []
    assert not any(m.internal for m in await rig.core.history())


async def test_an_agents_token_of_a_supervisor_overrules_nobody(rig: ConsoleRig) -> None:
    identity = await rig.waiting()
    kim, script = await rig.agent("kim"), await rig.script("sue", Role.AGENT)
    await kim.post(f"/api/v1/conversations/{identity}/claim")
    assert (await script.call("POST", f"/api/v1/conversations/{identity}/close"))[0] == 409
