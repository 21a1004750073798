"""A running console over the core's bench, and a browser-like client."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
from aiohttp import web

from adapters.console import Console, make_user
from adapters.http import error_middleware
from bot.conversation import Role
from bot.ports import Store
from tests.bot.rig import PACK, Bench, bench
from tests.fakes import AlikeByWord, FakeModels, MemoryBlobs, inbound

PASSWORD = "correct horse battery"


@dataclass
class Browser:
    """A client with its own cookies that sends what our pages send."""

    session: aiohttp.ClientSession
    url: str

    async def call(self, method: str, path: str, body: Any = None, **options: Any) -> tuple[int, Any]:
        headers = {"X-Requested-With": "babeldesk", "Origin": self.url, **options.pop("headers", {})}
        async with self.session.request(method, self.url + path, json=body, headers=headers, **options) as response:
            text = await response.text()
            is_json = response.content_type == "application/json"
            return response.status, await response.json() if is_json else text

    async def get(self, path: str) -> Any:
        status, body = await self.call("GET", path)
        assert status == 200, body
        return body

    async def post(self, path: str, body: Any = None) -> Any:
        status, answer = await self.call("POST", path, body)
        assert status < 300, answer
        return answer

    async def sign_in(self, name: str, password: str = PASSWORD) -> tuple[int, Any]:
        return await self.call("POST", "/api/v1/session", {"name": name, "password": password})


@dataclass
class ConsoleRig:
    """The core, a server, and as many browsers as wanted."""

    core: Bench
    url: str
    stack: list[aiohttp.ClientSession]
    app: web.Application
    models: FakeModels
    console: Console

    def stranger(self) -> Browser:
        session = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
        self.stack.append(session)
        return Browser(session, self.url)

    async def agent(self, name: str) -> Browser:
        browser = self.stranger()
        status, _ = await browser.sign_in(name)
        assert status == 200
        return browser

    async def waiting(self, customer: str = "ana") -> str:
        """A customer who waits for a human; the conversation's id."""
        await self.core.hears(inbound("a person please", conversation=customer))
        await self.core.settled()
        return (await self.core.conversation(customer)).id


@asynccontextmanager
async def console_rig(store: Store | None = None) -> AsyncIterator[ConsoleRig]:
    async with bench(store) as core:
        for name, role in (("kim", Role.AGENT), ("lee", Role.AGENT), ("root", Role.ADMIN)):
            await make_user(core.store, core.clock, name=name, display_name=name.title(), role=role, password=PASSWORD)

        async def status() -> dict[str, str | None]:
            return {"database": None, "telegram": "another process polls with this token"}

        models = FakeModels()
        console = Console(
            store=core.store,
            desk=core.core.desk,
            live=core.core.live,
            blobs=MemoryBlobs(),
            clock=core.clock,
            deliveries=core.core.retry_delivery,
            status=status,
            max_upload=10_000,
            secure_cookies=False,
            models=models,
            dropped=lambda: 3,
            intents=PACK.intents,
            similar=AlikeByWord(),
        )
        app = web.Application(middlewares=[error_middleware], client_max_size=50_000)
        console.mount(app)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        sessions: list[aiohttp.ClientSession] = []
        try:
            async with console:
                yield ConsoleRig(core, f"http://127.0.0.1:{port}", sessions, app, models, console)
        finally:
            for session in sessions:
                await session.close()
            await runner.cleanup()
