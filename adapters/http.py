"""What every HTTP route shares: errors as JSON, bodies read and validated, headers that keep browsers safe."""

from __future__ import annotations

import json
import math
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar
from urllib.parse import quote, unquote

import structlog
from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import HttpProcessingError
from pydantic import BaseModel, ValidationError

from adapters.problems import (
    Forbidden,
    InvalidField,
    NotFound,
    PreconditionFailed,
    PreconditionRequired,
    TooManyTries,
    Unauthenticated,
    problem_response,
)
from bot.clock import new_id
from bot.errors import (
    BabeldeskError,
    Conflict,
    InvalidInput,
    Overloaded,
    Retryable,
    Unauthorised,
)
from bot.inbox import clean_text

__all__ = [
    "SAFE_HEADERS",
    "Forbidden",
    "Handler",
    "InvalidField",
    "NotFound",
    "answer",
    "error_middleware",
    "error_response",
    "file_name",
    "media_type",
    "parse_data",
    "parse_json",
    "read_body",
    "read_json",
    "readable_form",
    "response_for",
    "send_file",
]

log = structlog.get_logger(__name__)

M = TypeVar("M", bound=BaseModel)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

API = "/api/"
"""Under it, errors are problem documents."""

Show = Callable[..., web.Response]
"""Makes an answer of a status, a code, a message and perhaps a `field`."""

SHOWN = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
"""Types of files that a browser may show; everything else is downloaded."""

SAFE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def answer(view: BaseModel, status: int = 200) -> web.Response:
    """A model as JSON."""
    return web.Response(text=view.model_dump_json(), content_type="application/json", status=status)


def error_response(status: int, code: str, message: str, **more: str) -> web.Response:
    """An error as routes outside the console's API give it: `{"error": {"code", "message", …}}`."""
    return web.json_response({"error": {"code": code, "message": message, **more}}, status=status)


def response_for(error: BabeldeskError, show: Show = error_response) -> web.Response:
    """The answer that an error of ours gets."""
    status, code = _meaning(error)
    field = getattr(error, "field", None) or None
    response = show(status, code, str(error), **({"field": field} if field else {}))
    if isinstance(error, Retryable) and status in {429, 503}:
        response.headers["Retry-After"] = str(max(1, math.ceil(error.retry_after or 1)))
    if isinstance(error, Unauthenticated) and error.bearer:
        response.headers["WWW-Authenticate"] = 'Bearer error="invalid_token"'
    return response


def _meaning(error: BabeldeskError) -> tuple[int, str]:  # noqa: PLR0911 - a table of errors
    match error:
        case NotFound():
            return 404, "not_found"
        case InvalidInput():
            return 400, "invalid"
        case Forbidden():
            return 403, "forbidden"
        case Unauthenticated():
            return 401, error.code
        case Unauthorised():
            return 401, "unauthorised"
        case PreconditionFailed():
            return 412, "precondition_failed"
        case PreconditionRequired():
            return 428, "precondition_required"
        case Conflict():
            return 409, "conflict"
        case TooManyTries():
            return 429, "too_many_tries"
        case Overloaded():
            return 503, "overloaded"
        case Retryable():
            return 503, "unavailable"
        case _:
            return 500, "error"


@web.middleware
async def error_middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn errors into JSON; an unexpected one gets an id that is logged with the stack, and tells nothing else.

    The console's API gives RFC 9457's problem documents; channels give what their protocols want.
    """
    show: Show = problem_response if request.path.startswith(API) else error_response
    try:
        response = await handler(request)
    except BabeldeskError as error:
        if isinstance(error, Retryable) and not isinstance(error, Conflict):
            log.warning("request refused", path=request.path, error=str(error))
        response = response_for(error, show)
    except web.HTTPException as error:
        if error.status < 400:  # noqa: PLR2004 - redirects and the like are no errors
            raise
        code = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}.get(error.status, "refused")
        response = show(error.status, code, error.reason)
        response.headers.update({k: v for k, v in error.headers.items() if k in {"Allow", "Retry-After"}})
    except Exception:
        identity = new_id()
        log.exception("request failed", path=request.path, method=request.method, id=identity)
        response = show(500, "error", f"something went wrong; the log says what under {identity}")
    if not response.prepared:
        for name, value in SAFE_HEADERS.items():
            response.headers.setdefault(name, value)
    return response


async def read_body(request: web.Request) -> bytes:
    """The raw body.

    Raises:
        web.HTTPRequestEntityTooLarge: it is over the application's limit.
    """
    return await request.read()


@contextmanager
def readable_form() -> Iterator[None]:
    """A form without a boundary, or with broken headers, is the sender's mistake.

    Raises:
        InvalidField: it cannot be read.
    """
    try:
        yield
    except (ValueError, HttpProcessingError) as error:
        raise InvalidField("", f"the form cannot be read: {error}") from None


def file_name(part: BodyPartReader) -> str:
    """The name of an uploaded file, without folders; clients percent-encode it more or less."""
    name = unquote(part.filename or part.name or "").replace("\\", "/")
    return clean_text(name.rsplit("/", 1)[-1])[:200] or "file"


def media_type(part: BodyPartReader) -> str:
    """The media type of a part, without parameters."""
    return part.headers.get("Content-Type", "application/octet-stream").split(";", 1)[0].strip()[:200]


async def send_file(request: web.Request, chunks: AsyncIterator[bytes], name: str, kind: str) -> web.StreamResponse:
    """Answer with a file that somebody sent: nothing in it may run.

    Raises:
        InvalidInput: the first read says that there is no such file.
    """
    first = await anext(chunks, b"")
    shown = kind in SHOWN
    response = web.StreamResponse(
        headers={
            "Content-Type": kind if shown else "application/octet-stream",
            "Content-Disposition": f"{'inline' if shown else 'attachment'}; filename*=UTF-8''{quote(name)}",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, max-age=3600",
        }
    )
    await response.prepare(request)
    await response.write(first)
    async for chunk in chunks:
        await response.write(chunk)
    await response.write_eof()
    return response


async def read_json(request: web.Request, model: type[M]) -> M:
    """The body as a model.

    Raises:
        InvalidField: it is no UTF-8, no JSON, or a field is wrong; the message names the field.
    """
    return parse_json(await read_body(request), model)


def parse_json(body: bytes, model: type[M]) -> M:
    """Bytes of JSON as a model. See `read_json`."""
    try:
        data = json.loads(body)
    except UnicodeDecodeError:
        raise InvalidField("", "the body is not UTF-8") from None
    except (ValueError, RecursionError):
        raise InvalidField("", "the body is no JSON") from None
    return parse_data(data, model)


def parse_data(data: object, model: type[M]) -> M:
    """Parsed JSON as a model. See `read_json`."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        raise InvalidField(".".join(str(part) for part in first["loc"]), first["msg"]) from None
