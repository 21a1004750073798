"""The versions of the model under `/api/v1/models`: what admins see of them, and how they choose."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Literal

from aiohttp import web
from pydantic import Field

from adapters.console.guard import caller_of
from adapters.console.intent_views import ShareView
from adapters.console.measuring import losses_view
from adapters.console.route import Route
from adapters.console.teaching import with_more
from adapters.console.views import Body, View
from adapters.http import NotFound, answer, read_json
from adapters.problems import problem_response
from bot.audit import AuditEntry, JsonValue, difference
from bot.comparison import Agreement, Disagreement, Tally, Verdict
from bot.conversation import User
from bot.errors import Conflict, InvalidInput, ModelError
from bot.evaluations import Evaluations
from bot.measuring import share_of
from bot.model_versions import LineUp, Models, ModelVersion
from bot.ports import Clock, Store
from bot.ports_studio import Share

LATEST = 50
"""Disagreements that are shown."""


class MadeByView(View):
    """What had a version trained, who if that is known, and from which revision of the pack."""

    how: Literal["console", "command"]
    who: str | None
    revision: int | None


class VersionView(View):
    """A version of the model; of one with a `problem` little else is known.

    `data` is the hash of its examples. `left_out` is the accuracy on examples left out of the training,
    `calibration_error` how far its confidence was off there. `tests` is what it makes of the pack's tests, if that was
    measured. `made_by` is null for versions from before that was written down.
    """

    name: str
    created_at: datetime | None
    kind: Literal["frozen", "deep"] | None
    languages: dict[str, int]
    examples: int
    intents: int
    left_out: float | None
    parent: str | None
    problem: str | None
    data: str | None
    seed: int | None
    code: str | None
    calibration_error: float | None
    made_by: MadeByView | None
    tests: ShareView | None


class TallyView(View):
    """Messages that both judged, those judged alike, and their share, 0 to 1."""

    judged: int
    agreed: int
    share: float | None


class VerdictView(View):
    """What a version made of a message."""

    version: str
    intent: str | None
    confidence: float
    in_scope: bool


class DisagreementView(View):
    """A message that the bot would have treated otherwise, or that the challenger failed on."""

    message: str
    conversation: str
    at: datetime
    language: str
    text: str
    champion: VerdictView
    challenger: VerdictView | None
    error: str | None


class AgreementView(View):
    """How the challenger stands beside the champion. `dropped` counts messages that it had no time for, since start."""

    total: TallyView
    by_language: dict[str, TallyView]
    failed: int
    dropped: int
    disagreements: list[DisagreementView]


class ModelsView(View):
    """All versions, the latest first, and their parts; `agreement` is there while there is a challenger."""

    versions: list[VersionView]
    champion: str | None
    challenger: str | None
    previous: str | None
    problem: str | None
    challenger_problem: str | None
    agreement: AgreementView | None


class VersionBody(Body):
    """A version's name."""

    version: str = Field(min_length=1, max_length=200)


class PromoteBody(VersionBody):
    """A version, and the intents that may get worse with it: without them, one that is worse is not promoted."""

    override: list[str] | None = Field(default=None, max_length=1000)


class ChallengeBody(Body):
    """A version's name, or null to end the challenge."""

    version: str | None = Field(min_length=1, max_length=200)


ROUTES: tuple[Route, ...] = (
    Route("GET", "/api/v1/models", "models", "The model's versions", "admin", gives=ModelsView),
    Route(
        "POST", "/api/v1/models/promote", "promote_model",
        "Let a version answer; one that is worse on the pack's tests, only by `override`", "admin",
        takes=PromoteBody, gives=ModelsView,
    ),
    Route(
        "POST", "/api/v1/models/rollback", "rollback_model", "Let the version before answer", "admin",
        gives=ModelsView,
    ),
    Route(
        "POST", "/api/v1/models/challenge", "challenge_model", "Run a version in shadow, or none", "admin",
        takes=ChallengeBody, gives=ModelsView,
    ),
)  # fmt: skip


class ModelRoutes:
    """The routes' handlers."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        models: Models | None,
        dropped: Callable[[], int],
        evaluations: Evaluations | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._known = models
        self._dropped = dropped
        self._evaluations = evaluations

    async def models(self, _: web.Request, __: User) -> web.Response:
        """All versions, and how the challenger does."""
        return await self._line_up()

    async def promote_model(self, request: web.Request, _: User) -> web.Response:
        """Let a version answer from now on, unless it is worse on the pack's tests and nobody says that it may."""
        body = await read_json(request, PromoteBody)
        line_up = await self._models().line_up()
        version = _whole(body.version, line_up)
        lost = None
        if self._evaluations is not None:
            lost = await self._evaluations.losses(version, line_up.champion)
        if lost is not None and not set(lost.intents) <= set(body.override or ()):
            view = losses_view(lost)
            detail = f"{version} is worse than {line_up.champion}, which serves: {lost}"
            return with_more(problem_response(409, "worse", detail), worse=view.model_dump(mode="json"))
        more: dict[str, JsonValue] = {} if lost is None else {"override": [*lost.intents], "worse": str(lost)}
        return await self._change(request, "model.promote", lambda models: models.promote(version), more)

    async def rollback_model(self, request: web.Request, _: User) -> web.Response:
        """Let the version answer that did before."""
        return await self._change(request, "model.rollback", lambda models: models.rollback())

    async def challenge_model(self, request: web.Request, _: User) -> web.Response:
        """Let a version run in shadow, or none."""
        body = await read_json(request, ChallengeBody)
        return await self._change(request, "model.challenge", lambda models: models.challenge(body.version))

    async def _change(
        self,
        request: web.Request,
        action: str,
        change: Callable[[Models], Awaitable[None]],
        more: Mapping[str, JsonValue] | None = None,
    ) -> web.Response:
        models = self._models()
        had = await models.line_up()
        try:
            await change(models)
        except InvalidInput as error:
            raise NotFound(str(error)) from None
        except ModelError as error:  # the versions as they are do not allow it
            raise Conflict(str(error)) from None
        has = await models.line_up()
        # The versions are files: there is no transaction to share with them, so what was done is written after it.
        before, after = difference(_parts(had), _parts(has))
        target = (has.challenger or had.challenger if action == "model.challenge" else has.champion) or ""
        async with self._store.unit() as unit:
            after = {**after, **(more or {})}
            entry = AuditEntry(self._clock.now(), caller_of(request).actor, action, target, before, after)
            await unit.audit.add(entry)
        return await self._line_up()

    def _models(self) -> Models:
        if self._known is None:
            raise NotFound("this server's model has no versions")
        return self._known

    async def _line_up(self) -> web.Response:
        line_up = await self._models().line_up()
        return answer(render(line_up, await self._agreement(line_up), await self._tests(line_up)))

    async def _tests(self, line_up: LineUp) -> Mapping[str, Share]:
        """How many of the tests each measured version told right."""
        if self._evaluations is None:
            return {}
        found = {one.name: await self._evaluations.measured(one.name) for one in line_up.versions if not one.problem}
        return {name: share_of(measurement) for name, measurement in found.items() if measurement is not None}

    async def _agreement(self, line_up: LineUp) -> AgreementView | None:
        champion, challenger = line_up.champion, line_up.challenger
        if champion is None or challenger is None:
            return None
        async with self._store.unit(write=False) as unit:
            agreement = await unit.comparisons.agreement(champion, challenger)
            latest = await unit.comparisons.disagreements(champion, challenger, LATEST)
        return _agreement(agreement, self._dropped(), latest)


def _whole(name: str, line_up: LineUp) -> str:
    """The whole name of a version, of which its beginning is enough; what names none or several stays as it is."""
    names = [version.name for version in line_up.versions]
    fitting = [name] if name in names else [other for other in names if other.startswith(name)]
    return fitting[0] if len(fitting) == 1 else name


def _parts(line_up: LineUp) -> dict[str, JsonValue]:
    return {"champion": line_up.champion, "challenger": line_up.challenger, "previous": line_up.previous}


def render(line_up: LineUp, agreement: AgreementView | None, tests: Mapping[str, Share]) -> ModelsView:
    """All versions and their parts."""
    return ModelsView(
        versions=[_version(version, tests.get(version.name)) for version in line_up.versions],
        champion=line_up.champion,
        challenger=line_up.challenger,
        previous=line_up.previous,
        problem=line_up.problem,
        challenger_problem=line_up.challenger_problem,
        agreement=agreement,
    )


def _version(version: ModelVersion, tests: Share | None) -> VersionView:
    by = version.made_by
    return VersionView(
        name=version.name,
        created_at=version.created_at,
        kind=version.kind,
        languages=dict(version.languages),
        examples=version.examples,
        intents=version.intents,
        left_out=version.left_out,
        parent=version.parent,
        problem=version.problem,
        data=version.data,
        seed=version.seed,
        code=version.code,
        calibration_error=version.calibration_error,
        made_by=None if by is None else MadeByView(how=by.how, who=by.who, revision=by.revision),
        tests=None if tests is None or tests.accuracy is None else ShareView(n=tests.n, accuracy=tests.accuracy),
    )


def _agreement(agreement: Agreement, dropped: int, latest: Sequence[Disagreement]) -> AgreementView:
    return AgreementView(
        total=_tally(agreement.total),
        by_language={language: _tally(tally) for language, tally in agreement.by_language.items()},
        failed=agreement.failed,
        dropped=dropped,
        disagreements=[_disagreement(one) for one in latest],
    )


def _tally(tally: Tally) -> TallyView:
    return TallyView(judged=tally.judged, agreed=tally.agreed, share=tally.share)


def _verdict(verdict: Verdict) -> VerdictView:
    return VerdictView(
        version=verdict.version, intent=verdict.intent, confidence=verdict.confidence, in_scope=verdict.in_scope
    )


def _disagreement(one: Disagreement) -> DisagreementView:
    comparison = one.comparison
    return DisagreementView(
        message=comparison.message,
        conversation=comparison.conversation,
        at=comparison.at,
        language=comparison.language,
        text=one.text,
        champion=_verdict(comparison.champion),
        challenger=None if comparison.verdict is None else _verdict(comparison.verdict),
        error=comparison.error,
    )
