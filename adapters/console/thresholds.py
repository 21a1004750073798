"""When the bot answers by itself, under `/api/v1/pack/thresholds`: chosen from the curve of a version's tests."""

from __future__ import annotations

from typing import Self

from aiohttp import web
from pydantic import Field, model_validator

from adapters.console.route import Route
from adapters.console.teaching import author, if_match, tagged, told
from adapters.console.views import Body, View
from adapters.http import read_json
from bot.conversation import User
from bot.revisions import Snapshot, etag
from bot.threshold_edit import put_thresholds, thresholds
from bot.workspace import Workspace


class ThresholdsView(View):
    """When the bot answers by itself.

    Either from the probability `answer` on, or whatever keeps the share of wrong answers at `max_error`; the other one
    is null. Above the probability `clarify` it asks "did you mean" instead, below that it does not guess.
    """

    answer: float | None
    clarify: float
    max_error: float | None
    revision: int
    etag: str


class ThresholdsBody(Body):
    """See `ThresholdsView`: `answer` or `max_error`, and not both."""

    answer: float | None = Field(default=None, ge=0, le=1)
    clarify: float = Field(ge=0, le=1)
    max_error: float | None = Field(default=None, gt=0, lt=1)

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.answer is None) == (self.max_error is None):
            raise ValueError("give either answer (a probability) or max_error (a share of wrong answers)")
        return self


ROUTES: tuple[Route, ...] = (
    Route(
        "GET", "/api/v1/pack/thresholds", "thresholds", "When the bot answers by itself", "admin",
        gives=ThresholdsView,
    ),
    Route(
        "PUT", "/api/v1/pack/thresholds", "put_thresholds", "Change when the bot answers by itself (If-Match)", "admin",
        takes=ThresholdsBody, gives=ThresholdsView, matches=True,
    ),
)  # fmt: skip


class ThresholdRoutes:
    """The routes' handlers."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    async def thresholds(self, _: web.Request, __: User) -> web.Response:
        """The thresholds."""
        return _answered(self._workspace.current)

    @told
    async def put_thresholds(self, request: web.Request, _: User) -> web.Response:
        """Change them; they count from the next message on."""
        tag, body = if_match(request), await read_json(request, ThresholdsBody)
        wanted = body.model_dump()
        said = f"answers from {body.answer:.0%} on" if body.answer is not None else f"errs at most {body.max_error:.1%}"
        done = await self._workspace.change(
            lambda now: put_thresholds(now, wanted, tag), author(request), f"changes the thresholds: {said}"
        )
        return _answered(done)


def _answered(now: Snapshot) -> web.Response:
    found = thresholds(now)
    tag = etag(found)
    return tagged(ThresholdsView(**found, revision=now.revision.number, etag=tag), tag)
