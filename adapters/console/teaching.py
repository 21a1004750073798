"""What the routes through which the bot is taught have in common: their errors, tags, and who asks."""

from __future__ import annotations

import functools
import json
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, TypeVar

from aiohttp import web
from pydantic import BaseModel

from adapters.console.guard import caller_of
from adapters.console.views import View
from adapters.http import NotFound, answer
from adapters.problems import PreconditionRequired, problem_response
from bot.conversation import User
from bot.errors import Conflict
from bot.pack_edit import NoSuchThing, Stale
from bot.revisions import Author, etag
from bot.workspace import BrokenPack
from bot.yamledit import CannotEdit
from bot.yamlsource import Finding

Area = TypeVar("Area")
Call = Callable[[Area, web.Request, User], Awaitable[web.StreamResponse]]


class FindingView(View):
    """Something wrong in a file; `line` and `column` count from 1, 0 stands for the file or the line as a whole."""

    file: str
    line: int
    column: int
    reason: str


def told(handler: Call[Area]) -> Call[Area]:
    """A handler whose errors tell more than a message: both contents of a clash, every finding of a broken pack."""

    @functools.wraps(handler)
    async def handle(area: Area, request: web.Request, user: User) -> web.StreamResponse:
        try:
            return await handler(area, request, user)
        except Stale as error:
            response = with_more(
                problem_response(412, "precondition_failed", str(error)),
                current=error.current,
                yours=error.yours,
                etag=etag(error.current),
            )
            response.headers["ETag"] = quoted(etag(error.current))
            return response
        except BrokenPack as error:
            found = [finding(one).model_dump() for one in error.findings]
            return with_more(problem_response(422, "broken_pack", str(error)), findings=found)
        except CannotEdit as error:
            raise Conflict(str(error)) from None
        except NoSuchThing as error:
            raise NotFound(str(error)) from None

    return handle


def with_more(response: web.Response, **more: Any) -> web.Response:
    """A problem that tells more."""
    body = json.loads(response.text or "{}")
    return web.json_response({**body, **more}, status=response.status, content_type=response.content_type)


def finding(found: Finding) -> FindingView:
    """A finding as JSON."""
    file = found.file.as_posix()
    return FindingView(file="" if file == "." else file, line=found.line, column=found.column, reason=found.reason)


def findings(found: Iterable[Finding]) -> list[FindingView]:
    """Findings as JSON."""
    return [finding(one) for one in found]


def tagged(view: BaseModel, tag: str, status: int = 200) -> web.Response:
    """An answer with its tag."""
    response = answer(view, status)
    response.headers["ETag"] = quoted(tag)
    return response


def quoted(tag: str) -> str:
    """A tag as HTTP writes it."""
    return f'"{tag}"'


def if_match(request: web.Request) -> str:
    """The tag of the content that the one who asks has seen; `*` for whatever there is.

    Raises:
        PreconditionRequired: they did not say.
    """
    given = request.headers.get("If-Match")
    if given is None:
        raise PreconditionRequired("the header If-Match is missing: send the ETag of what was changed, or *")
    return given.strip().removeprefix("W/").strip('"')


def author(request: web.Request) -> Author:
    """Who asks, as revisions and the audit log name them."""
    caller = caller_of(request)
    return Author(caller.user.id, caller.user.display_name, caller.actor)
