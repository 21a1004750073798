"""Stands before every route of the console: known, allowed, and asked from our own pages or by a script's token."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import urlsplit

import structlog
from aiohttp import hdrs, web

from adapters.console.gate import Caller, Gate
from adapters.console.route import Route
from adapters.http import Forbidden, Handler
from adapters.problems import Unauthenticated
from bot.conversation import Role, User
from bot.errors import BabeldeskError

log = structlog.get_logger(__name__)

COOKIE: Final = "babeldesk_session"
OUR_HEADER: Final = "X-Requested-With"
"""A page of another site cannot set it without our permission (CORS), so it tells our own requests."""

_CALLER: Final = web.RequestKey("caller", Caller)

Handle = Callable[[web.Request, User], Awaitable[web.StreamResponse]]


class Guard:
    """Wraps routes so that only who may gets through.

    `active` is told who did something.
    """

    def __init__(self, gate: Gate, active: Callable[[str], Awaitable[None]]) -> None:
        self._gate = gate
        self._active = active

    def before(self, route: Route, handle: Handle) -> Handler:
        """A route for whoever has its role. Its handler is given the user, with a token's role if one speaks."""
        if route.access == "anyone":
            raise ValueError(f"{route.method} {route.path} is open to anyone")
        least = Role(route.access)

        async def guarded(request: web.Request) -> web.StreamResponse:
            caller = await self.caller(request)
            if route.browser and caller.token is not None:
                raise Forbidden("this is for people who have signed in, not for tokens")
            if not caller.user.role.includes(least):
                raise Forbidden(f"this needs the role {least}; yours is {caller.user.role}")
            response = await handle(request, caller.user)
            # Who changes something is there; a page reads also without anybody before it, and a script is nobody.
            if request.method not in {"GET", "HEAD"} and caller.token is None:
                try:
                    await self._active(caller.user.id)
                except BabeldeskError as error:  # what was asked for is done all the same
                    log.warning("presence not stored", error=str(error))
            return response

        return guarded

    async def caller(self, request: web.Request, *, socket: bool = False) -> Caller:
        """Who asks: a script by its token if it sends one, else a browser by its cookie.

        Raises:
            Unauthenticated: nobody who is known.
            Forbidden: a browser, but not from our own pages.
        """
        if (header := request.headers.get(hdrs.AUTHORIZATION)) is not None:
            # No page can make a browser send this header to us: there is nothing to forge.
            scheme, _, token = header.partition(" ")
            if scheme.casefold() != "bearer":
                raise Unauthenticated("the header Authorization is not of the scheme Bearer", bearer=True)
            caller = await self._gate.by_bearer(token.strip(), request.remote or "")
        else:
            check_origin(request, socket=socket)
            if not (cookie := request.cookies.get(COOKIE)):
                raise Unauthenticated("sign in first")
            caller = await self._gate.by_cookie(cookie)
        request[_CALLER] = caller
        return caller


def caller_of(request: web.Request) -> Caller:
    """Who asks, in a handler that the guard has let through."""
    return request[_CALLER]


def check_origin(request: web.Request, *, socket: bool = False) -> None:
    """Refuse a changing request or a socket that another site's page sends with our user's cookie.

    Raises:
        Forbidden: it does not come from our own pages.
    """
    if request.method in {"GET", "HEAD"} and not socket:
        return
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.host:
        raise Forbidden(f"requests from {origin} are not accepted")
    if not socket and request.headers.get(OUR_HEADER) != "babeldesk":
        raise Forbidden(f"the header {OUR_HEADER}: babeldesk is missing")
    if socket and origin is None:
        raise Forbidden("the header Origin is missing")
