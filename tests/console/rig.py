"""A running console over the core's bench, and a browser-like client."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
from aiohttp import web

from adapters.console import Console, make_user
from adapters.http import error_middleware
from bot.conversation import Role
from bot.revisions import Snapshot
from bot.studio import Studio
from bot.training import Training
from tests.bot.rig import Bench, bench, workspace_of
from tests.fakes import FakeModels, FakeTrainer, MemoryBlobs, inbound

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
    trainer: FakeTrainer
    training: Training

    async def trained(self) -> dict[str, Any]:
        """The latest training, once it has come to an end, as an admin sees it."""
        root = await self.agent("root")
        async with asyncio.timeout(10):
            while True:
                runs = (await root.get("/api/v1/training"))["runs"]
                if runs and runs[0]["ended_at"] is not None:
                    return dict(runs[0])
                await asyncio.sleep(0.01)

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
async def console_rig() -> AsyncIterator[ConsoleRig]:
    async with bench() as core, workspace_of(core) as workspace:
        for name, role in (("kim", Role.AGENT), ("lee", Role.AGENT), ("root", Role.ADMIN)):
            await make_user(core.store, core.clock, name=name, display_name=name.title(), role=role, password=PASSWORD)

        async def status() -> dict[str, str | None]:
            return {"database": None, "telegram": "another process polls with this token"}

        models, trainer = FakeModels(), FakeTrainer()
        training = Training(
            workspace=workspace, trainer=trainer, models=models, live=core.core.live, clock=core.clock, quiet=0.02
        )

        async def follow(snapshot: Snapshot) -> None:
            await models.use(snapshot.pack)

        workspace.on_change(follow)
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
            teaching=Studio(workspace, core.model, core.clock, training, trainer),
        )
        app = web.Application(middlewares=[error_middleware], client_max_size=50_000)
        console.mount(app)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        sessions: list[aiohttp.ClientSession] = []
        url = f"http://127.0.0.1:{port}"
        running = asyncio.create_task(training.run())
        try:
            async with console:
                yield ConsoleRig(core, url, sessions, app, models, console, trainer, training)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            for session in sessions:
                await session.close()
            await runner.cleanup()
