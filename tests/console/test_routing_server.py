"""The whole server, as `bot.app` composes it, routes by itself; and goes on where it was after a restart."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from pydantic import ValidationError

from adapters.console import make_user
from bot.app import Running, routing_rules, running
from bot.clock import SystemClock
from bot.conversation import Role
from bot.model_versions import Models
from bot.pack import Pack
from bot.ports import Understander
from bot.settings import Settings
from tests.bot.rig import PACK
from tests.console.rig import PASSWORD, Browser
from tests.fakes import ScriptedUnderstander
from tests.scenarios.rig import OwnSettings


@asynccontextmanager
async def scripted(_: Settings, __: Pack) -> AsyncIterator[tuple[Understander, Models | None]]:
    yield ScriptedUnderstander(), None


@asynccontextmanager
async def browser(server: Running, name: str) -> AsyncIterator[Browser]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        signed_in = Browser(session, server.url)
        assert (await signed_in.sign_in(name))[0] == 200
        yield signed_in


async def says(server: Running, text: str) -> None:
    async with aiohttp.ClientSession() as session:
        body = {"sender": "ana", "message": text}
        async with session.post(f"{server.url}/webhooks/rest/webhook", json=body) as response:
            assert response.status == 200


async def until(kim: Browser, path: str, wanted: Any) -> Any:
    async with asyncio.timeout(20):
        while not wanted(found := await kim.get(path)):
            await asyncio.sleep(0.05)
    return found


async def test_a_server_offers_a_customer_takes_them_back_and_ends_a_snooze_after_a_restart(tmp_path: Path) -> None:
    settings = OwnSettings(data_dir=tmp_path, port=0, drain_seconds=5)
    async with running(settings, PACK, scripted) as server:
        for name, role in (("kim", Role.AGENT), ("root", Role.ADMIN)):
            await make_user(
                server.core.store, SystemClock(), name=name, display_name=name.title(), role=role, password=PASSWORD
            )
        async with browser(server, "kim") as kim, browser(server, "root") as root:
            identity = (await kim.get("/api/v1/session"))["user"]["id"]
            await root.post("/api/v1/teams", {"name": "Desk", "members": [identity], "default": True})
            await root.call("PATCH", f"/api/v1/agents/{identity}", {"languages": ["en"]})
            async with kim.session.ws_connect(f"{server.url}/api/v1/stream", headers={"Origin": server.url}):
                await says(server, "a person please")
                queue = await until(
                    kim, "/api/v1/queue", lambda q: q["items"] and q["items"][0]["conversation"]["offer"]
                )
                path = f"/api/v1/conversations/{queue['items'][0]['conversation']['id']}"
                await kim.post(f"{path}/claim")
                await kim.post("/api/v1/presence", {"state": "offline"})
                back = await until(kim, path, lambda c: c["conversation"]["owner"] == "queue")
                assert back["messages"][-2]["text"] == "Kim went offline before answering: back to the queue"
                soon = SystemClock().now() + timedelta(seconds=2)
                await kim.post(f"{path}/snooze", {"until": soon.isoformat()})
    async with running(settings, PACK, scripted) as server, browser(server, "kim") as kim:
        assert (await kim.get("/api/v1/presence"))["chosen"] == "offline"
        woken = await until(kim, path, lambda c: c["conversation"]["snoozed"] is None)
        assert woken["messages"][-1]["text"] == "no longer snoozed: its time has come"


def test_an_agent_is_away_before_they_are_offline() -> None:
    with pytest.raises(ValidationError, match=r"offline_after is 60.*away_after"):
        OwnSettings(away_after=60, offline_after=60)


def test_the_settings_say_how_the_desk_works() -> None:
    rules = routing_rules(OwnSettings(assignment="pull", agent_capacity=2, offer_seconds=5, place_every=0))
    assert (rules.automatic, rules.capacity, rules.offer_for.total_seconds()) == (False, 2, 5)
    assert not rules.place_every
    assert routing_rules(OwnSettings()).automatic
