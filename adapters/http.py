"""What every HTTP route shares: errors as JSON, bodies read and validated, headers that keep browsers safe."""

from __future__ import annotations

import json
import math
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar
from urllib.parse import quote, unquote

import structlog
from aiohttp import BodyPartReader, web
from pydantic import BaseModel, ValidationError

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

log = structlog.get_logger(__name__)

M = TypeVar("M", bound=BaseModel)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

SHOWN = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
"""Types of files that a browser may show; everything else is downloaded."""

SAFE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


class InvalidField(InvalidInput):
    """A body's field is wrong; `field` is its path with dots."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}" if field else reason)
        self.field = field


class Forbidden(Unauthorised):
    """It is known who asks, and they may not."""


class NotFound(InvalidInput):
    """There is no such thing."""


def answer(view: BaseModel, status: int = 200) -> web.Response:
    """A model as JSON."""
    return web.Response(text=view.model_dump_json(), content_type="application/json", status=status)


def error_response(status: int, code: str, message: str, **more: str) -> web.Response:
    """An error as every route gives it: `{"error": {"code", "message", …}}`."""
    return web.json_response({"error": {"code": code, "message": message, **more}}, status=status)


def response_for(error: BabeldeskError) -> web.Response:  # noqa: PLR0911 - a table of errors
    """The answer that an error of ours gets."""
    field = {"field": error.field} if isinstance(error, InvalidField) and error.field else {}
    match error:
        case NotFound():
            return error_response(404, "not_found", str(error))
        case InvalidInput():
            return error_response(400, "invalid", str(error), **field)
        case Forbidden():
            return error_response(403, "forbidden", str(error))
        case Unauthorised():
            return error_response(401, "unauthorised", str(error))
        case Conflict():
            return error_response(409, "conflict", str(error))
        case Retryable():
            code = "overloaded" if isinstance(error, Overloaded) else "unavailable"
            response = error_response(503, code, str(error))
            response.headers["Retry-After"] = str(max(1, math.ceil(error.retry_after or 1)))
            return response
        case _:
            return error_response(500, "error", str(error))


@web.middleware
async def error_middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn errors into JSON; an unexpected one gets an id that is logged with the stack, and tells nothing else."""
    try:
        response = await handler(request)
    except BabeldeskError as error:
        if isinstance(error, Retryable) and not isinstance(error, Conflict):
            log.warning("request refused", path=request.path, error=str(error))
        response = response_for(error)
    except web.HTTPException as error:
        if error.status < 400:  # noqa: PLR2004 - redirects and the like are no errors
            raise
        code = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}.get(error.status, "refused")
        response = error_response(error.status, code, error.reason)
        response.headers.update({k: v for k, v in error.headers.items() if k in {"Allow", "Retry-After"}})
    except Exception:
        identity = new_id()
        log.exception("request failed", path=request.path, method=request.method, id=identity)
        response = error_response(500, "error", f"something went wrong; the log says what under {identity}")
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
