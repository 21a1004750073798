"""The composition root: builds everything from the settings, runs it, and takes it down in reverse."""

from __future__ import annotations

import asyncio
import signal
import socket
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import structlog
from aiohttp import web

from adapters.actions import HttpActions
from adapters.console import Console, ensure_admin
from adapters.http import error_middleware
from adapters.ops import mount_ops
from bot.app_channels import PREVIEWS, Endpoint, agent_desk_of, build_channels, channel_problems, reveal, supervised
from bot.app_studio import build_studio, followers, model_problems, open_understander, open_workspace, similar_to
from bot.clock import SystemClock
from bot.core import Core, build_core
from bot.errors import BabeldeskError, ConfigurationError
from bot.live import Hub
from bot.metrics import Metrics
from bot.model_versions import Models
from bot.pack import Pack
from bot.ports import Understander
from bot.routing import RoutingRules
from bot.settings import Settings
from bot.setup import set_up
from bot.shadow import Shadow
from bot.shell import TerminalChannel, converse
from bot.sla import SlaRules
from storage.blobs import FileBlobs
from storage.memory import MemoryStore
from storage.sql import open_store

log = structlog.get_logger(__name__)

OpenModel = Callable[[Settings, Pack], AbstractAsyncContextManager[tuple[Understander, Models | None]]]
"""Makes the `Understander`, and the versions of the model behind it, if it has any."""


@dataclass(slots=True)
class Running:
    """A running server."""

    core: Core
    url: str
    channels: Mapping[str, Endpoint]
    admin_password: str | None
    """The first admin's password, if it was made just now."""
    started_in: float
    """Seconds from the settings to the first message that could be taken."""


def routing_rules(settings: Settings) -> RoutingRules:
    """How the desk works, as the settings say."""
    return RoutingRules(
        automatic=settings.assignment == "automatic",
        capacity=settings.agent_capacity,
        offer_for=timedelta(seconds=settings.offer_seconds),
        language_wait=timedelta(seconds=settings.language_wait),
        away_after=timedelta(seconds=settings.away_after),
        offline_after=timedelta(seconds=settings.offline_after),
        place_every=timedelta(seconds=settings.place_every),
    )


@asynccontextmanager
async def running(settings: Settings, pack: Pack, open_with: OpenModel | None = None) -> AsyncIterator[Running]:
    """A server that takes and answers messages while the block runs.

    Leaving it stops the intake, lets what has begun come to an end within `drain_seconds`, and cancels the rest; what
    was not reached waits in the database.

    Raises:
        ConfigurationError: a setting is wrong, or the port is taken.
        StorageUnavailable: the database cannot be reached.
        ModelError: there is no usable model.
    """
    began = time.perf_counter()
    clock, live, metrics = SystemClock(), Hub(), Metrics()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(open_store(settings.database))
        workspace = await open_workspace(settings, pack, store, live)
        blobs = FileBlobs(settings.data_dir / "blobs")
        made_password = await ensure_admin(store, clock, reveal(settings.admin_password))
        understander, models = await stack.enter_async_context(
            (open_with or partial(open_understander, metrics=metrics))(settings, workspace.pack)
        )
        actions = await stack.enter_async_context(
            HttpActions(url=settings.actions_url, token=reveal(settings.actions_token))
        )
        channels = build_channels(settings, store=store, live=live, blobs=blobs, clock=clock)
        core = build_core(
            pack=lambda: workspace.pack,
            store=store,
            understander=understander,
            actions=actions,
            blobs=blobs,
            channels=channels,
            clock=clock,
            live=live,
            metrics=metrics,
            max_upload=settings.max_upload,
            max_waiting=settings.max_waiting,
            routing=routing_rules(settings),
            sla=SlaRules(settings.sla_first_answer, settings.sla_resolution, settings.sla_warning),
            agent_desk=agent_desk_of(channels),
            public_url=settings.public_url,
        )
        await core.intake.start()
        setup = set_up(settings, channels, core.probes, clock)

        async def status() -> dict[str, str | None]:
            problems = channel_problems(channels, core)
            if workspace.problem is not None:
                problems["pack"] = workspace.problem
            return {"database": await _database_problem(core), **model_problems(models), **problems}

        studio = build_studio(settings, workspace, understander, models, store, live)
        shadow = None if models is None else Shadow(store=store, live=live, models=models, clock=clock, metrics=metrics)
        console = Console(
            store=store,
            desk=core.desk,
            pack=lambda: workspace.pack,
            presences=core.presences,
            roster=core.roster,
            live=live,
            blobs=blobs,
            clock=clock,
            deliveries=core.retry_delivery,
            status=status,
            models=models,
            zone=lambda: workspace.pack.zone,
            similar=similar_to(models),
            dropped=lambda: 0 if shadow is None else shadow.dropped,
            max_upload=settings.max_upload,
            secure_cookies=(settings.public_url or "").startswith("https://"),
            teaching=studio,
            slack_desk=core.mirror is not None,
            renders=PREVIEWS,
            setup=setup,
        )
        app = web.Application(middlewares=[error_middleware], client_max_size=settings.max_upload + 1_000_000)
        for channel in channels.values():
            channel.mount(app, core.intake)
        console.mount(app)
        mount_ops(app, status=status, metrics=metrics)
        await stack.enter_async_context(console)
        for channel in channels.values():
            await stack.enter_async_context(channel)
        # One group owns every task: should the dispatcher or an outbox fail, the whole process stops, loudly.
        group = await stack.enter_async_context(asyncio.TaskGroup())
        tasks = [group.create_task(core.dispatcher.workers.run(), name="dispatcher")]
        for name, deliveries in core.deliveries.items():
            tasks.append(group.create_task(deliveries.workers.run(), name=f"outbox {name}"))
        tasks += [group.create_task(work, name=name) for name, work in core.beside().items()]
        if shadow is not None:
            tasks.append(group.create_task(shadow.run(), name="shadow"))
        url = await stack.enter_async_context(_listening(app, settings))
        intakes = [
            group.create_task(supervised(channel, core.intake), name=f"channel {channel.name}")
            for channel in channels.values()
        ]
        intakes += [group.create_task(work, name=name) for name, work in followers(models, studio, setup).items()]
        try:
            yield Running(core, url, channels, made_password, time.perf_counter() - began)
        finally:
            for task in intakes:
                task.cancel()
            with suppress(TimeoutError):
                async with asyncio.timeout(settings.drain_seconds):
                    await core.drain()
                    if shadow is not None:
                        shadow.stop()
                    # They end by themselves now; cut off while they read the database, they leave a thread behind.
                    await asyncio.wait(tasks)
            for task in tasks:
                task.cancel()
            log.info("stopped", waiting=core.intake.waiting)


async def serve(settings: Settings, pack: Pack, announce: Callable[[Running], None]) -> None:
    """Run until SIGINT or SIGTERM."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with running(settings, pack) as server:
        announce(server)
        await stop.wait()


@asynccontextmanager
async def _listening(app: web.Application, settings: Settings) -> AsyncIterator[str]:
    runner = web.AppRunner(app, handle_signals=False, access_log=None, shutdown_timeout=settings.drain_seconds)
    await runner.setup()
    try:
        listener = _bound(settings.host, settings.port)
        await web.SockSite(runner, listener, backlog=1024).start()
        port = listener.getsockname()[1]
        shown = "localhost" if settings.host in {"127.0.0.1", "0.0.0.0", "::", "::1"} else settings.host  # noqa: S104 - compares, binds nothing
        yield f"http://{shown}:{port}"
    finally:
        await runner.cleanup()


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise ConfigurationError(f"cannot listen on {host}:{port}: {error.strerror}") from None
    return listener


async def _database_problem(core: Core) -> str | None:
    try:
        await core.store.ping()
    except BabeldeskError as error:
        return str(error)
    else:
        return None


async def in_terminal(
    settings: Settings, pack: Pack, lines: AsyncIterator[str], write: Callable[[str], None], *, explain: bool
) -> None:
    """A conversation in the terminal over a store in memory, until the lines end."""
    channel = TerminalChannel(write)
    async with (
        MemoryStore() as store,
        open_understander(settings, pack) as (understander, _),
        HttpActions(url=settings.actions_url, token=reveal(settings.actions_token)) as actions,
    ):
        core = build_core(
            pack=pack,
            store=store,
            understander=understander,
            actions=actions,
            blobs=FileBlobs(settings.data_dir / "blobs"),
            channels={channel.name: channel},
            clock=SystemClock(),
            live=Hub(),
            metrics=Metrics(),
        )
        await core.intake.start()
        await converse(core, channel, lines, explain=explain)
