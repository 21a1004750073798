"""What is taught and what has learned it, put together: the pack's revisions, the model that serves, the studio."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import structlog
from threadpoolctl import threadpool_limits

from bot.clock import SystemClock
from bot.evaluations import Evaluations
from bot.metrics import Metrics
from bot.model_versions import Models
from bot.pack import Pack
from bot.pack_examples import examples_of
from bot.ports import Live, Store, Understander
from bot.revisions import Snapshot
from bot.settings import Settings
from bot.setup import Setup
from bot.studio import Studio
from bot.training import Training
from bot.workspace import Workspace
from nlu.champion import ServingModels
from nlu.measurer import ProcessMeasurer
from nlu.neighbours import EncoderNeighbours
from nlu.pack_checks import wrong_entities
from nlu.similar import SimilarTexts
from nlu.trainer import ProcessTrainer
from storage.pack_folders import DiskPackFolders
from storage.sql import open_store

log = structlog.get_logger(__name__)


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


def build_studio(
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


def followers(models: Models | None, studio: Studio, setup: Setup) -> dict[str, Coroutine[Any, Any, None]]:
    """What goes on beside the messages, until the server stops."""
    followers = {"workspace": studio.workspace.watch(), "troubles": setup.watch()}
    if models is not None:
        followers["models"] = models.watch()
    if studio.training is not None:
        followers["training"] = studio.training.run()
    if studio.evaluations is not None:
        followers["evaluations"] = studio.evaluations.run()
    return followers


def similar_to(models: Models | None) -> SimilarTexts | None:
    """Groups messages by the model that serves, where that is one of ours."""
    return SimilarTexts(models.centred, lambda: models.champion) if isinstance(models, ServingModels) else None


def model_problems(models: Models | None) -> dict[str, str | None]:
    """What is wrong with the model that serves, and with its challenger."""
    if models is None:
        return {"model": None}
    challenger = models.challenger_problem
    return {"model": models.problem, **({} if challenger is None else {"challenger": challenger})}
