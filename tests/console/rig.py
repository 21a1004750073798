"""A running console over the core's bench, and a browser-like client."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import aiohttp
from aiohttp import web
from argon2 import PasswordHasher
from pydantic import SecretStr

from adapters.console import Console
from adapters.http import error_middleware
from bot.app_channels import PREVIEWS
from bot.conversation import Role, User
from bot.evaluations import Evaluations
from bot.ports import Store
from bot.revisions import Snapshot
from bot.setting_sources import described
from bot.settings import Settings
from bot.setup import ChannelState, Setup
from bot.studio import Studio
from bot.training import Training
from tests.bot.rig import Bench, bench, workspace_of
from tests.fakes import MORNING, AlikeByWord, FakeMeasurer, FakeModels, FakeTrainer, MemoryBlobs, inbound

PASSWORD = "correct horse battery"

SETTINGS = Settings(rest_token=SecretStr("hush"), nats_url="nats://joe:pass@broker:4222", allowed_origins=("a", "b"))
ENVIRONMENT = {"BABELDESK_REST_TOKEN": "hush"}

STAFF = (
    ("vic", Role.VIEWER),
    ("kim", Role.AGENT),
    ("lee", Role.AGENT),
    ("sue", Role.SUPERVISOR),
    ("root", Role.ADMIN),
)
"""Who works at the desk."""


@cache
def hashed() -> str:
    """The password's hash, made once: making it is slow on purpose."""
    return PasswordHasher().hash(PASSWORD)


@dataclass
class Browser:
    """A client with its own cookies that sends what our pages send."""

    session: aiohttp.ClientSession
    url: str

    async def call(self, method: str, path: str, body: Any = None, **options: Any) -> tuple[int, Any]:
        headers = {"X-Requested-With": "babeldesk", "Origin": self.url, **options.pop("headers", {})}
        async with self.session.request(method, self.url + path, json=body, headers=headers, **options) as response:
            text = await response.text(errors="replace")  # a zip is no text
            return response.status, json.loads(text) if response.content_type.endswith("json") else text

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
class Script:
    """A client that sends a token, and nothing that a page sends."""

    session: aiohttp.ClientSession
    url: str
    token: str
    id: str = ""

    async def call(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {self.token}"}
        async with self.session.request(method, self.url + path, json=body, headers=headers) as response:
            text = await response.text(errors="replace")  # a zip is no text
            return response.status, json.loads(text) if response.content_type.endswith("json") else text


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
    measurer: FakeMeasurer

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

    async def script(self, name: str, role: Role | None = None, called: str = "", **more: Any) -> Script:
        """A script of a user's, with a token of a role."""
        browser = await self.agent(name)
        wanted = role or next(r for n, r in STAFF if n == name)
        made = await browser.post("/api/v1/tokens", {"name": called or f"{name}'s script", "role": wanted, **more})
        return Script(self.stranger().session, self.url, made["token"], made["made"]["id"])

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
    async with bench(store) as core, workspace_of(core) as workspace:
        async with core.store.unit() as unit:
            for name, role in STAFF:
                await unit.users.add(User(f"u-{name}", name, name.title(), role, hashed(), core.clock.now()))

        async def status() -> dict[str, str | None]:
            return {"database": None, "telegram": "another process polls with this token"}

        known = {one.name: one for one in described(SETTINGS, ENVIRONMENT)}
        states = [
            ChannelState(
                "memory", configured=True, receives="http", path="/webhooks/memory", settings=(known["rest_token"],)
            ),
            ChannelState(
                "telegram",
                configured=False,
                receives=None,
                path=None,
                settings=(known["telegram_bot_token"],),
                problem="has not reached Telegram yet",
                since=MORNING,
            ),
        ]

        async def pause() -> None:
            """There is nothing to watch."""

        models, trainer = FakeModels(), FakeTrainer()
        training = Training(
            workspace=workspace,
            trainer=trainer,
            models=models,
            store=core.store,
            live=core.core.live,
            clock=core.clock,
            quiet=0.02,
        )

        measurer = FakeMeasurer()
        evaluations = Evaluations(workspace=workspace, measurer=measurer, clock=core.clock)

        async def follow(snapshot: Snapshot) -> None:
            await models.use(snapshot.pack)

        workspace.on_change(follow)
        console = Console(
            store=core.store,
            desk=core.core.desk,
            pack=lambda: workspace.pack,
            presences=core.core.presences,
            roster=core.core.roster,
            live=core.core.live,
            blobs=MemoryBlobs(),
            clock=core.clock,
            deliveries=core.core.retry_delivery,
            status=status,
            max_upload=10_000,
            secure_cookies=False,
            models=models,
            dropped=lambda: 3,
            similar=AlikeByWord(),
            teaching=Studio(workspace, core.model, core.clock, training, trainer, evaluations=evaluations),
            renders=PREVIEWS,
            setup=Setup(tuple(known.values()), lambda: states, core.core.probes, pause, "https://desk.example"),
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
        running = [asyncio.create_task(training.run()), asyncio.create_task(evaluations.run())]
        try:
            async with console:
                yield ConsoleRig(core, url, sessions, app, models, console, trainer, training, measurer)
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
            for session in sessions:
                await session.close()
            await runner.cleanup()


async def told(socket: aiohttp.ClientWebSocketResponse, kind: str) -> Any:
    """The next event of a kind; who has come and gone meanwhile is passed over."""
    while (event := await socket.receive_json(timeout=5))["type"] == "presence":
        pass
    assert event["type"] == kind, event
    return event


async def closed(socket: aiohttp.ClientWebSocketResponse) -> int:
    """The code that a socket is closed with, whatever it is told before."""
    while (message := await socket.receive(timeout=5)).type is aiohttp.WSMsgType.TEXT:
        pass
    code: int = message.data
    return code
