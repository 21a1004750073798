"""Training in the background, under `/api/v1/training`: how it stands, and asking for it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from aiohttp import web

from adapters.console.guard import caller_of
from adapters.console.intent_views import ShareView
from adapters.console.route import Route
from adapters.console.views import View
from adapters.http import NotFound, answer
from bot.audit import AuditEntry, JsonValue
from bot.conversation import User
from bot.ports import Store
from bot.ports_studio import Evaluation, Share, Trained
from bot.runs import Run
from bot.studio import Studio
from bot.training import Training


class EvaluationView(View):
    """What a version makes of the pack's tests."""

    n: int
    accuracy: float | None
    by_intent: dict[str, ShareView]
    by_language: dict[str, ShareView]


class TrainedView(View):
    """What a training made. `left_out` is the accuracy on examples left out; `seconds` is how long each part took.

    `passed_over` are intents that have too few examples to be learned.
    """

    version: str
    examples: int
    left_out: float | None
    evaluation: EvaluationView | None
    before: EvaluationView | None
    passed_over: list[str]
    seconds: dict[str, float]


class RunView(View):
    """A training. It is `kept` and not served, for the `reason`, if it does worse than the one that serves."""

    number: int
    revision: int
    state: Literal["waiting", "training", "served", "kept", "failed"]
    asked_at: datetime
    asked_by: str | None
    started_at: datetime | None
    ended_at: datetime | None
    step: str | None
    done: int
    total: int
    reason: str | None
    trained: TrainedView | None


class TrainingView(View):
    """The latest trainings, latest first."""

    runs: list[RunView]


ROUTES: tuple[Route, ...] = (
    Route("GET", "/api/v1/training", "training", "How the training stands", "admin", gives=TrainingView),
    Route("POST", "/api/v1/training", "train", "Train the current revision now", "admin", gives=RunView, status=202),
)


class TrainingRoutes:
    """The routes' handlers."""

    def __init__(self, studio: Studio, store: Store) -> None:
        self._known = studio.training
        self._clock = studio.clock
        self._store = store

    async def training(self, _: web.Request, __: User) -> web.Response:
        """All trainings."""
        return answer(TrainingView(runs=[_run(run) for run in await self._training().history()]))

    async def train(self, request: web.Request, user: User) -> web.Response:
        """Begin one."""
        run = await self._training().ask(user.display_name)
        # A training is no row of the database: there is no transaction to share with it.
        async with self._store.unit() as unit:
            after: dict[str, JsonValue] = {"revision": run.revision}
            actor = caller_of(request).actor
            await unit.audit.add(AuditEntry(self._clock.now(), actor, "training.start", str(run.number), None, after))
        return answer(_run(run), 202)

    def _training(self) -> Training:
        if self._known is None:
            raise NotFound("this server's model cannot be trained")
        return self._known


def _run(run: Run) -> RunView:
    return RunView(
        number=run.number,
        revision=run.revision,
        state=run.state.value,
        asked_at=run.asked_at,
        asked_by=run.asked_by,
        started_at=run.started_at,
        ended_at=run.ended_at,
        step=run.step,
        done=run.done,
        total=run.total,
        reason=run.reason,
        trained=None if run.trained is None else _trained(run.trained),
    )


def _trained(trained: Trained) -> TrainedView:
    return TrainedView(
        version=trained.version,
        examples=trained.examples,
        left_out=trained.left_out,
        evaluation=_evaluation(trained.evaluation),
        before=_evaluation(trained.before),
        passed_over=list(trained.passed_over),
        seconds=dict(trained.seconds),
    )


def _evaluation(evaluation: Evaluation | None) -> EvaluationView | None:
    if evaluation is None:
        return None
    return EvaluationView(
        n=evaluation.total.n,
        accuracy=evaluation.total.accuracy,
        by_intent=_shares(evaluation.by_intent),
        by_language=_shares(evaluation.by_language),
    )


def _shares(shares: Mapping[str, Share]) -> dict[str, ShareView]:
    return {
        name: ShareView(n=share.n, accuracy=share.accuracy)
        for name, share in shares.items()
        if share.accuracy is not None
    }
