"""The web chat's server over the core's bench."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import web

from adapters.http import error_middleware
from adapters.webchat import RestChannel, WebChatChannel
from bot.core import Core, build_core
from bot.live import Hub
from bot.metrics import Metrics
from bot.ports import Intake, Store
from storage.memory import MemoryStore
from tests.bot.rig import PACK, running_core
from tests.fakes import FakeActions, FakeClock, MemoryBlobs, ScriptedUnderstander


@dataclass
class WebRig:
    """A running web chat."""

    url: str
    core: Core
    store: Store
    clock: FakeClock
    model: ScriptedUnderstander
    blobs: MemoryBlobs
    webchat: WebChatChannel


@asynccontextmanager
async def web_rig(
    *,
    intake: Intake | None = None,
    direct_line_secret: str | None = None,
    rest_token: str | None = None,
    allowed_origins: tuple[str, ...] = ("*",),
) -> AsyncIterator[WebRig]:
    """Start it; `intake` takes the place of the core's own."""
    store, live, clock, blobs = MemoryStore(), Hub(), FakeClock(), MemoryBlobs()
    model = ScriptedUnderstander()
    webchat = WebChatChannel(
        store=store,
        live=live,
        blobs=blobs,
        clock=clock,
        secret_key="test secret",
        direct_line_secret=direct_line_secret,
        allowed_origins=allowed_origins,
        max_upload=20_000,
    )
    rest = RestChannel(store=store, live=live, clock=clock, token=rest_token)
    core = build_core(
        pack=PACK,
        store=store,
        understander=model,
        actions=FakeActions({"12345": "packed"}),
        blobs=blobs,
        channels={"webchat": webchat, "rest": rest},
        clock=clock,
        live=live,
        metrics=Metrics(),
    )
    app = web.Application(middlewares=[error_middleware], client_max_size=150_000)
    webchat.mount(app, intake or core.intake)
    rest.mount(app, intake or core.intake)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        async with webchat, rest, running_core(core):
            yield WebRig(f"http://127.0.0.1:{runner.addresses[0][1]}", core, store, clock, model, blobs, webchat)
    finally:
        await runner.cleanup()
