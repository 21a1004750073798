"""The composition root: builds everything from the settings, runs it, and takes it down in reverse."""

from __future__ import annotations

import asyncio
import signal
import socket
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from types import TracebackType
from typing import Any, Protocol

import structlog
from aiohttp import web
from threadpoolctl import threadpool_limits

from adapters.actions import HttpActions
from adapters.console import Console, ensure_admin
from adapters.http import error_middleware
from adapters.ops import mount_ops
from adapters.slack import SlackChannel
from adapters.slack import preview as slack_preview
from adapters.telegram import TelegramChannel
from adapters.telegram import preview as telegram_preview
from adapters.webchat import RestChannel, WebChatChannel
from adapters.webchat import preview as webchat_preview
from bot.clock import SystemClock
from bot.core import Core, build_core
from bot.errors import BabeldeskError, ConfigurationError
from bot.evaluations import Evaluations
from bot.live import Hub
from bot.metrics import Metrics
from bot.model_versions import Models
from bot.pack import Pack
from bot.pack_examples import examples_of
from bot.ports import Channel, Intake, Live, Store, Understander
from bot.ports_desk import AgentDesk
from bot.preview import Render
from bot.revisions import Snapshot
from bot.routing import RoutingRules
from bot.settings import Settings
from bot.setup import Setup, set_up
from bot.shadow import Shadow
from bot.shell import TerminalChannel, converse
from bot.sla import SlaRules
from bot.studio import Studio
from bot.training import Training
from bot.workers import pause
from bot.workspace import Workspace
from nlu.champion import ServingModels
from nlu.measurer import ProcessMeasurer
from nlu.neighbours import EncoderNeighbours
from nlu.pack_checks import wrong_entities
from nlu.similar import SimilarTexts
from nlu.trainer import ProcessTrainer
from storage.blobs import FileBlobs
from storage.memory import MemoryStore
from storage.pack_folders import DiskPackFolders
from storage.sql import open_store

log = structlog.get_logger(__name__)

PREVIEWS: Mapping[str, Render] = {
    "webchat": webchat_preview.preview,
    "telegram": telegram_preview.preview,
    "slack": slack_preview.preview,
}
"""How a text looks on each channel, in the order in which they are shown."""

OpenModel = Callable[[Settings, Pack], AbstractAsyncContextManager[tuple[Understander, Models | None]]]
"""Makes the `Understander`, and the versions of the model behind it, if it has any."""


class Endpoint(Channel, Protocol):
    """A channel as the composition root sees it: with routes, a life and its troubles."""

    @property
    def problem(self) -> str | None:
        """What is wrong with it, in a sentence; None if nothing is."""
        ...

    def mount(self, app: web.Application, intake: Intake) -> None:
        """Add its HTTP routes."""
        ...

    async def __aenter__(self) -> object: ...
    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool | None: ...


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


def build_channels(settings: Settings, **shared: Any) -> dict[str, Endpoint]:
    """The channels that the settings ask for: the web chat always, others when they have their token."""
    store, live, blobs, clock = (shared[name] for name in ("store", "live", "blobs", "clock"))
    secret = settings.secret()
    channels: list[Endpoint] = [
        WebChatChannel(
            store=store,
            live=live,
            blobs=blobs,
            clock=clock,
            secret_key=secret,
            direct_line_secret=_reveal(settings.direct_line_secret),
            allowed_origins=settings.allowed_origins,
            max_upload=settings.max_upload,
        ),
        RestChannel(store=store, live=live, clock=clock, token=_reveal(settings.rest_token)),
    ]
    if settings.telegram_bot_token is not None:
        channels.append(
            TelegramChannel(
                token=settings.telegram_bot_token.get_secret_value(),
                base_url=settings.telegram_api_base_url,
                public_url=settings.public_url,
                secret=secret,
                blobs=blobs,
                max_download=settings.max_upload,
            )
        )
    if settings.slack_bot_token is not None:
        if settings.slack_signing_secret is None and settings.slack_app_token is None:
            raise ConfigurationError(
                "SLACK_BOT_TOKEN needs SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (HTTP) beside it"
            )
        channels.append(
            SlackChannel(
                bot_token=settings.slack_bot_token.get_secret_value(),
                signing_secret=_reveal(settings.slack_signing_secret),
                app_token=_reveal(settings.slack_app_token),
                base_url=settings.slack_api_base_url,
                store=store,
                blobs=blobs,
                max_download=settings.max_upload,
                desk_channel=settings.slack_desk_channel,
            )
        )
    return {channel.name: channel for channel in channels}


def _agent_desk(channels: Mapping[str, Endpoint]) -> AgentDesk | None:
    """Where agents work beside the console, if anywhere."""
    slack = channels.get(SlackChannel.name)
    return slack.desk if isinstance(slack, SlackChannel) else None


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
async def open_understander(
    settings: Settings, pack: Pack, metrics: Metrics | None = None
) -> AsyncIterator[tuple[Understander, Models | None]]:
    """The version of the pack's model that serves, and its challenger.

    Raises:
        ModelError: there is no usable model.
    """
    counted = (metrics or Metrics()).encoder_cache
    serving = ServingModels(
        settings.data_dir,
        pack,
        source=settings.encoder,
        threads=settings.threads,
        timeout=settings.understand_timeout,
        cache_bytes=settings.encoder_cache_mb * 1_000_000,
        count=lambda outcome: counted.labels(outcome).inc(),
    )
    # One message's products are small. On a busy machine, to wait for a second thread takes many times what they take.
    with threadpool_limits(1, user_api="blas"):
        async with serving as models:
            if models.problem is not None:
                log.warning("model", problem=models.problem)
            yield models, models


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
        made_password = await ensure_admin(store, clock, _reveal(settings.admin_password))
        understander, models = await stack.enter_async_context(
            (open_with or partial(open_understander, metrics=metrics))(settings, workspace.pack)
        )
        actions = await stack.enter_async_context(
            HttpActions(url=settings.actions_url, token=_reveal(settings.actions_token))
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
            agent_desk=_agent_desk(channels),
            public_url=settings.public_url,
        )
        await core.intake.start()
        setup = set_up(settings, channels, core.probes, clock)

        async def status() -> dict[str, str | None]:
            problems = _channel_problems(channels, core)
            if workspace.problem is not None:
                problems["pack"] = workspace.problem
            return {"database": await _database_problem(core), **_model_problems(models), **problems}

        studio = _studio(settings, workspace, understander, models, store, live)
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
            similar=_similar(models),
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
            group.create_task(_supervised(channel, core.intake), name=f"channel {channel.name}")
            for channel in channels.values()
        ]
        intakes += [group.create_task(work, name=name) for name, work in _followers(models, studio, setup).items()]
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


def _followers(models: Models | None, studio: Studio, setup: Setup) -> dict[str, Coroutine[Any, Any, None]]:
    """What goes on beside the messages, until the server stops."""
    followers = {"workspace": studio.workspace.watch(), "troubles": setup.watch()}
    if models is not None:
        followers["models"] = models.watch()
    if studio.training is not None:
        followers["training"] = studio.training.run()
    if studio.evaluations is not None:
        followers["evaluations"] = studio.evaluations.run()
    return followers


async def open_workspace(settings: Settings, seed: Pack, store: Store, live: Live | None = None) -> Workspace:
    """The revisions of the pack, and the one that is served.

    Raises:
        PackError: what is there is no sound pack.
    """
    folders = DiskPackFolders(settings.data_dir / "packs")
    workspace = Workspace(
        seed=seed, store=store, folders=folders, clock=SystemClock(), live=live, checks=[wrong_entities]
    )
    await workspace.open()
    return workspace


async def current_pack(settings: Settings, seed: Pack) -> Pack:
    """The pack as it was changed last in the console, or else its folder's."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    async with open_store(settings.database) as store:
        return (await open_workspace(settings, seed, store)).pack


def _studio(
    settings: Settings,
    workspace: Workspace,
    understander: Understander,
    models: Models | None,
    store: Store,
    live: Live,
) -> Studio:
    """What admins teach the bot with; where there are no versions of a model, none is trained."""
    clock = SystemClock()
    if models is None:
        return Studio(workspace, understander, clock)

    async def follow(snapshot: Snapshot) -> None:
        await models.use(snapshot.pack)
        examples, _ = await asyncio.to_thread(examples_of, snapshot.files, snapshot.pack.default_language)
        await models.learn(examples)

    workspace.on_change(follow)
    trainer = ProcessTrainer(settings.data_dir, workspace.name, source=settings.encoder, threads=settings.threads)
    training = Training(workspace=workspace, trainer=trainer, models=models, store=store, live=live, clock=clock)
    neighbours = None
    if isinstance(models, ServingModels):
        neighbours = EncoderNeighbours(settings.data_dir, lambda: models.reading)
    measurer = ProcessMeasurer(settings.data_dir, workspace.name, source=settings.encoder, threads=settings.threads)
    evaluations = Evaluations(workspace=workspace, measurer=measurer, clock=clock)
    return Studio(workspace, understander, clock, training, trainer, neighbours, evaluations)


async def serve(settings: Settings, pack: Pack, announce: Callable[[Running], None]) -> None:
    """Run until SIGINT or SIGTERM."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with running(settings, pack) as server:
        announce(server)
        await stop.wait()


async def _supervised(channel: Endpoint, intake: Intake) -> None:
    """A channel looks after its own connection; should it fail all the same, the others go on and it starts again."""
    failures = 0
    while True:
        try:
            return await channel.run(intake)
        except Exception as error:  # whatever it was, one channel must not take the others down
            failures += 1
            delay = pause(failures)
            log.exception("channel failed", channel=channel.name, error=str(error), retry_in=round(delay, 1))
            await asyncio.sleep(delay)


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


def _similar(models: Models | None) -> SimilarTexts | None:
    """Groups messages by the model that serves, where that is one of ours."""
    return SimilarTexts(models.centred, lambda: models.champion) if isinstance(models, ServingModels) else None


async def _database_problem(core: Core) -> str | None:
    try:
        await core.store.ping()
    except BabeldeskError as error:
        return str(error)
    else:
        return None


def _channel_problems(channels: Mapping[str, Endpoint], core: Core) -> dict[str, str | None]:
    problems = {name: channel.problem for name, channel in channels.items()}
    return problems if core.mirror is None else {**problems, "slack desk": core.mirror.problem}


def _model_problems(models: Models | None) -> dict[str, str | None]:
    if models is None:
        return {"model": None}
    challenger = models.challenger_problem
    return {"model": models.problem, **({} if challenger is None else {"challenger": challenger})}


def _reveal(secret: Any) -> str | None:
    return None if secret is None else secret.get_secret_value()


async def in_terminal(
    settings: Settings, pack: Pack, lines: AsyncIterator[str], write: Callable[[str], None], *, explain: bool
) -> None:
    """A conversation in the terminal over a store in memory, until the lines end."""
    channel = TerminalChannel(write)
    async with (
        MemoryStore() as store,
        open_understander(settings, pack) as (understander, _),
        HttpActions(url=settings.actions_url, token=_reveal(settings.actions_token)) as actions,
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
