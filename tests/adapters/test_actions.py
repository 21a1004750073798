"""Flows' actions over HTTP, with an owner's system that misbehaves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

import adapters.actions
from adapters.actions import HttpActions
from bot.ports import ActionCall, ActionResult

CALL = ActionCall("order_status", {"order_number": "12345"}, "key-1", "c1", "de")
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def owner(answer: Answer) -> AsyncIterator[tuple[HttpActions, list[web.Request]]]:
    """The owner's system, answering as told."""
    requests: list[web.Request] = []

    async def handle(request: web.Request) -> web.StreamResponse:
        await request.read()
        requests.append(request)
        return await answer(request)

    app = web.Application()
    app.router.add_post("/actions", handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        async with HttpActions(url=f"http://127.0.0.1:{runner.addresses[0][1]}/actions", token="t0k") as actions:
            yield actions, requests
    finally:
        await runner.cleanup()


def says(body: Any, status: int = 200) -> Answer:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.json_response(body, status=status)

    return answer


async def test_the_owner_is_told_the_slots_and_answers_with_an_outcome() -> None:
    async with owner(says({"outcome": "found", "values": {"status": "packed", "days": 3}})) as (actions, requests):
        assert await actions.run(CALL) == ActionResult("found", {"status": "packed", "days": "3"})
        assert await requests[0].json() == {
            "action": "order_status",
            "slots": {"order_number": "12345"},
            "conversation": "c1",
            "language": "de",
        }
        assert requests[0].headers["Authorization"] == "Bearer t0k"


async def test_a_call_that_is_made_again_has_the_same_idempotency_key() -> None:
    broken = True

    async def answer(request: web.Request) -> web.StreamResponse:
        nonlocal broken
        if broken:
            broken = False
            assert request.transport is not None
            request.transport.abort()
        return web.json_response({"outcome": "found"})

    async with owner(answer) as (actions, requests):
        assert (await actions.run(CALL)).outcome == "found"
        assert len({request.headers["Idempotency-Key"] for request in requests}) == 1
        assert len(requests) == 2


@pytest.mark.parametrize(
    "answer",
    [
        says({"outcome": "found"}, status=500),
        says({"outcome": "found"}, status=302),
        says({"status": "packed"}),
        says(["found"]),
        says({"outcome": ""}),
        says({"outcome": "found", "values": {"x": "y" * 200_000}}),
    ],
    ids=["500", "redirect", "no outcome", "no object", "empty outcome", "endless"],
)
async def test_what_is_no_answer_is_unavailable(answer: Answer) -> None:
    async with owner(answer) as (actions, _):
        assert await actions.run(CALL) == ActionResult("unavailable")


async def test_text_that_is_no_json_is_unavailable() -> None:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(text="<html>")

    async with owner(answer) as (actions, _):
        assert await actions.run(CALL) == ActionResult("unavailable")


async def test_a_slow_system_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    async def answer(_: web.Request) -> web.StreamResponse:
        await asyncio.sleep(2)
        return web.json_response({"outcome": "found"})

    monkeypatch.setattr(adapters.actions, "TIMEOUT", 0.2)
    async with owner(answer) as (actions, _):
        assert await actions.run(CALL) == ActionResult("unavailable")


async def test_without_an_address_every_action_is_unavailable() -> None:
    async with HttpActions(url=None, token=None) as actions:
        assert await actions.run(CALL) == ActionResult("unavailable")
