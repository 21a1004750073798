"""What versions of the model make of the pack's tests, under `/api/v1/models`: one, or two side by side."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from aiohttp import web

from adapters.console.guard import caller_of
from adapters.console.route import Parameter, Route
from adapters.console.teaching import with_more
from adapters.console.views import View
from adapters.http import InvalidField, NotFound, answer
from adapters.problems import problem_response
from bot.audit import AuditEntry, JsonValue
from bot.conversation import User
from bot.errors import ModelError
from bot.evaluations import Evaluations, Run
from bot.measuring import (
    Difference,
    Interval,
    Judgement,
    Losses,
    Measurement,
    Pair,
    Tests,
    by_intent,
    by_language,
    losses,
    paired,
)
from bot.model_versions import Models
from bot.ports import Store
from bot.studio import Studio


class EvaluationRunView(View):
    """A version that is, or was, measured because somebody asked for it; `reason` says why it failed."""

    version: str
    state: Literal["waiting", "measuring", "done", "failed"]
    asked_at: datetime
    asked_by: str
    ended_at: datetime | None
    step: str | None
    done: int
    total: int
    reason: str | None


class JudgementView(View):
    """What a version made of a test; `risk` is the share of wrong answers from this confidence on, as it knew it."""

    text: str
    language: str
    expected: str
    intent: str
    confidence: float
    risk: float | None


class MeasuredView(View):
    """What a version made of the pack's tests. Nothing was `measured` of versions from before that was kept."""

    version: str
    measured_at: datetime | None
    judgements: list[JudgementView]
    run: EvaluationRunView | None


class IntervalView(View):
    """A figure of two versions, the difference in favour of the first, and its 95 % interval from `low` to `high`."""

    this: float
    other: float
    difference: float
    low: float
    high: float


class TestsView(View):
    """Of `n` tests, how many each version told right; `interval` is there by language."""

    __test__ = False  # for pytest, which takes it for a test

    name: str
    n: int
    this: int
    other: int
    interval: IntervalView | None = None


class OpinionView(View):
    """The intent that the bot would act on, and its probability, 0 to 1."""

    intent: str
    confidence: float


class ChangedView(View):
    """A test that the two versions tell differently."""

    text: str
    language: str
    expected: str
    change: Literal["fixed", "broken", "still_wrong"]
    this: OpinionView
    other: OpinionView


class LossesView(View):
    """In what a version is worse than the one that serves."""

    total: TestsView
    intents: list[TestsView]
    languages: list[TestsView]


class ComparedView(View):
    """Two versions on the tests that both were measured on; `left_out` counts tests that only one of them has.

    `verdict` is `better` or `worse` if the whole interval of the accuracy lies on one side of zero; `p_value` is
    McNemar's. `worse` is there if `this` tells fewer tests right.
    """

    this: str
    other: str
    n: int
    left_out: int
    accuracy: IntervalView
    macro_f1: IntervalView
    p_value: float
    verdict: Literal["better", "worse", "unclear"]
    by_intent: list[TestsView]
    by_language: list[TestsView]
    changed: list[ChangedView]
    worse: LossesView | None


ROUTES: tuple[Route, ...] = (
    Route(
        "GET", "/api/v1/models/{version}/tests", "measured", "What a version makes of the pack's tests", "admin",
        gives=MeasuredView,
    ),
    Route(
        "POST", "/api/v1/models/{version}/tests", "measure", "Measure a version on the pack's tests", "admin",
        gives=EvaluationRunView, status=202,
    ),
    Route(
        "GET", "/api/v1/models/compare", "compared", "Two versions side by side on the pack's tests", "admin",
        gives=ComparedView,
        query=(
            Parameter("this", does="Needed: the version that is looked at"),
            Parameter("other", does="Needed: the version that it is compared with"),
        ),
    ),
)  # fmt: skip


class MeasuringRoutes:
    """The routes' handlers."""

    def __init__(self, studio: Studio, models: Models | None, store: Store) -> None:
        self._known = studio.evaluations
        self._clock = studio.clock
        self._models = models
        self._store = store

    async def measured(self, request: web.Request, _: User) -> web.Response:
        """One version."""
        evaluations, version = self._evaluations(), await self._version(request.match_info["version"])
        found = await evaluations.measured(version)
        run = evaluations.run_of(version)
        view = MeasuredView(
            version=version,
            measured_at=None if found is None else found.at,
            judgements=[] if found is None else [_judgement(one) for one in found.judgements],
            run=None if run is None else _run(run),
        )
        response = answer(view)
        response.enable_compression()
        return response

    async def measure(self, request: web.Request, user: User) -> web.Response:
        """Measure it."""
        evaluations, version = self._evaluations(), await self._version(request.match_info["version"])
        run = evaluations.ask(version, user.display_name)
        # What is measured lies beside the version: there is no transaction to share with it.
        async with self._store.unit() as unit:
            actor, after = caller_of(request).actor, dict[str, JsonValue]()
            await unit.audit.add(AuditEntry(self._clock.now(), actor, "model.measure", version, None, after))
        return answer(_run(run), 202)

    async def compared(self, request: web.Request, _: User) -> web.Response:
        """Two versions."""
        evaluations = self._evaluations()
        names = [await self._version(_needed(request, part)) for part in ("this", "other")]
        found = [await evaluations.measured(name) for name in names]
        missing = [name for name, measurement in zip(names, found, strict=True) if measurement is None]
        mine, theirs = found
        if mine is None or theirs is None:
            detail = f"never measured on the pack's tests: {', '.join(missing)}"
            return with_more(problem_response(409, "not_measured", detail), versions=missing)
        try:
            difference = await evaluations.difference(names[0], mine, names[1], theirs)
        except ModelError as error:
            return problem_response(409, "not_comparable", str(error))
        response = answer(compared_view(names[0], mine, names[1], theirs, difference))
        response.enable_compression()
        return response

    def _evaluations(self) -> Evaluations:
        if self._known is None:
            raise NotFound("this server's model has no versions")
        return self._known

    async def _version(self, name: str) -> str:
        line_up = None if self._models is None else await self._models.line_up()
        if line_up is None or name not in {version.name for version in line_up.versions}:
            raise NotFound(f"no version is called {name!r}")
        return name


def compared_view(
    this: str, mine: Measurement, other: str, theirs: Measurement, difference: Difference
) -> ComparedView:
    """Two versions as JSON."""
    pairs = paired(mine, theirs)
    lost = losses(pairs)
    tests = {judgement.test for judgement in mine.judgements} ^ {judgement.test for judgement in theirs.judgements}
    return ComparedView(
        this=this,
        other=other,
        n=len(pairs),
        left_out=len(tests),
        accuracy=_interval(difference.accuracy),
        macro_f1=_interval(difference.macro_f1),
        p_value=difference.p_value,
        verdict=difference.verdict,
        by_intent=render_tests(by_intent(pairs)),
        by_language=render_tests(by_language(pairs), difference.by_language),
        changed=[_changed(pair) for pair in pairs if pair.change is not None],
        worse=None if lost is None else losses_view(lost),
    )


def losses_view(lost: Losses) -> LossesView:
    """What gets worse, as JSON."""
    (total,) = render_tests({"": lost.total})
    return LossesView(total=total, intents=render_tests(lost.intents), languages=render_tests(lost.languages))


def render_tests(tests: Mapping[str, Tests], intervals: Mapping[str, Interval] | None = None) -> list[TestsView]:
    """Tests by name, as JSON."""
    known = intervals or {}
    return [
        TestsView(
            name=name,
            n=one.n,
            this=one.this,
            other=one.other,
            interval=_interval(known[name]) if name in known else None,
        )
        for name, one in tests.items()
    ]


def _changed(pair: Pair) -> ChangedView:
    return ChangedView(
        text=pair.this.text,
        language=pair.this.language,
        expected=pair.this.expected,
        change=pair.change,
        this=OpinionView(intent=pair.this.intent, confidence=pair.this.confidence),
        other=OpinionView(intent=pair.other.intent, confidence=pair.other.confidence),
    )


def _judgement(one: Judgement) -> JudgementView:
    return JudgementView(
        text=one.text,
        language=one.language,
        expected=one.expected,
        intent=one.intent,
        confidence=one.confidence,
        risk=one.risk,
    )


def _interval(one: Interval) -> IntervalView:
    return IntervalView(this=one.this, other=one.other, difference=one.difference, low=one.low, high=one.high)


def _run(run: Run) -> EvaluationRunView:
    return EvaluationRunView(
        version=run.version,
        state=run.state.value,
        asked_at=run.asked_at,
        asked_by=run.asked_by,
        ended_at=run.ended_at,
        step=run.step,
        done=run.done,
        total=run.total,
        reason=run.reason,
    )


def _needed(request: web.Request, name: str) -> str:
    value = request.query.get(name)
    if not value:
        raise InvalidField(name, "is missing")
    return value
