"""Errors of the HTTP API as RFC 9457's problem documents."""

from __future__ import annotations

from http import HTTPStatus

from aiohttp import web
from pydantic import BaseModel, ConfigDict

from bot.errors import InvalidInput, Permanent, Retryable, Unauthorised

PROBLEM_JSON = "application/problem+json"


class ErrorMember(BaseModel):
    """The same once more, in the shape of before."""

    model_config = ConfigDict(frozen=True)

    code: str
    message: str
    field: str | None = None


class Problem(BaseModel):
    """What went wrong.

    `code` is for programs, `detail` for people; `field` is the path with dots of what is wrong in the request. The
    type is always `about:blank`: the status and `code` say all.
    """

    model_config = ConfigDict(frozen=True)

    type: str
    title: str
    status: int
    detail: str
    code: str
    field: str | None = None
    error: ErrorMember


class InvalidField(InvalidInput):
    """A body's field or a query's parameter is wrong; `field` is its path with dots."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}" if field else reason)
        self.field = field


class Unauthenticated(Unauthorised):
    """It is not known who asks; `code` says why, for programs. With `bearer` a token was tried."""

    def __init__(self, message: str, code: str = "unauthorised", *, bearer: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.bearer = bearer


class Forbidden(Unauthorised):
    """It is known who asks, and they may not."""


class NotFound(InvalidInput):
    """There is no such thing."""


class PreconditionFailed(Permanent):
    """It has changed since whoever asks last read it."""


class PreconditionRequired(Permanent):
    """It may be changed only by whoever says which state they have seen."""


class TooManyTries(Retryable):
    """Whoever asks has been wrong too often; `retry_after` is there."""


def problem_response(status: int, code: str, detail: str, field: str | None = None) -> web.Response:
    """A problem as an answer."""
    problem = Problem(
        type="about:blank",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        code=code,
        field=field,
        error=ErrorMember(code=code, message=detail, field=field),
    )
    return web.Response(text=problem.model_dump_json(exclude_none=True), content_type=PROBLEM_JSON, status=status)
