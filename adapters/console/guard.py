"""Stands before every route of the console: signed in, allowed, and asked from our own pages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import structlog
from aiohttp import web

from adapters.console.auth import Gate
from adapters.http import Forbidden
from bot.conversation import Role, User
from bot.errors import BabeldeskError, Unauthorised

log = structlog.get_logger(__name__)

COOKIE = "babeldesk_session"
OUR_HEADER = "X-Requested-With"
"""A page of another site cannot set it without our permission (CORS), so it tells our own requests."""

Route = Callable[[web.Request, User], Awaitable[web.StreamResponse]]


class Guard:
    """Wraps routes so that only a signed-in user, coming from our own pages, gets through.

    `active` is told who did something.
    """

    def __init__(self, gate: Gate, active: Callable[[str], Awaitable[None]]) -> None:
        self._gate = gate
        self._active = active

    def signed_in(self, route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """A route for every user."""

        async def handle(request: web.Request) -> web.StreamResponse:
            check_origin(request)
            return await self._answered(route, request, await self.user(request))

        return handle

    def admin(self, route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """A route for admins."""

        async def handle(request: web.Request) -> web.StreamResponse:
            check_origin(request)
            user = await self.user(request)
            if user.role is not Role.ADMIN:
                raise Forbidden("this is for admins")
            return await self._answered(route, request, user)

        return handle

    async def _answered(self, route: Route, request: web.Request, user: User) -> web.StreamResponse:
        """The route's answer. Who changes something is there; a page reads also without anybody before it."""
        response = await route(request, user)
        if request.method not in {"GET", "HEAD"}:
            try:
                await self._active(user.id)
            except BabeldeskError as error:  # what was asked for is done all the same
                log.warning("presence not stored", error=str(error))
        return response

    async def user(self, request: web.Request) -> User:
        """Who asks.

        Raises:
            Unauthorised: nobody who is signed in.
        """
        token = request.cookies.get(COOKIE)
        user = await self._gate.user_of(token) if token else None
        if user is None:
            raise Unauthorised("sign in first")
        return user


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
