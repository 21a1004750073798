"""Signing in and out under `/api/v1/session`, and one's signed-in browsers under `/api/v1/sessions`."""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import datetime
from http import HTTPStatus
from typing import Protocol

from aiohttp import hdrs, web
from pydantic import Field

from adapters.console import render, views
from adapters.console.auth import hash_password, matches, save_password
from adapters.console.gate import REMEMBERED, Gate
from adapters.console.guard import COOKIE, caller_of, check_origin
from adapters.console.route import Route
from adapters.console.views import Body, View
from adapters.etags import tagged
from adapters.http import InvalidField, NotFound, answer, read_json
from bot.conversation import SignIn, User
from bot.ports import Clock, Store


class Session(View):
    """Who is signed in; of a script, with its token's role."""

    user: views.Account


class BrowserView(View):
    """A signed-in browser: its `User-Agent`, and whether it is the one that asks. `used_at` is a recent use."""

    id: str
    browser: str
    signed_in_at: datetime
    used_at: datetime
    expires_at: datetime
    present: bool


class Browsers(View):
    """One's signed-in browsers, the last used first."""

    items: list[BrowserView]


class SignInBody(Body):
    """Name and password."""

    name: str = Field(max_length=200)
    password: str = Field(max_length=1000)


class PasswordBody(Body):
    """The old password and the new one."""

    old: str = Field(max_length=1000)
    new: str = Field(min_length=8, max_length=1000)


ROUTES: tuple[Route, ...] = (
    Route("POST", "/api/v1/session", "sign_in", "Sign in", "anyone", SignInBody, Session),
    Route("GET", "/api/v1/session", "me", "Who is signed in", "viewer", gives=Session),
    Route("DELETE", "/api/v1/session", "sign_out", "Sign out", "anyone", status=204),
    Route(
        "POST", "/api/v1/session/password", "change_password", "Change one's own password; every browser is signed out",
        "viewer", PasswordBody, status=204, browser=True,
    ),
    Route(
        "GET", "/api/v1/sessions", "browsers", "One's signed-in browsers", "viewer", gives=Browsers, browser=True,
        tagged=True,
    ),
    Route(
        "DELETE", "/api/v1/sessions/{id}", "sign_out_browser", "Sign out one of one's browsers", "viewer", status=204,
        browser=True,
    ),
)  # fmt: skip


class SignedOut(Protocol):
    """Closes the sockets of a user, or of one of their browsers."""

    def __call__(self, user: str, browser: str | None = None) -> Awaitable[None]:
        """`browser` is the hash of its cookie's token."""
        ...


class SessionRoutes:
    """The routes' handlers."""

    def __init__(self, store: Store, clock: Clock, gate: Gate, signed_out: SignedOut, *, secure_cookies: bool) -> None:
        self._store = store
        self._clock = clock
        self._gate = gate
        self._signed_out = signed_out
        self._secure = secure_cookies

    async def sign_in(self, request: web.Request) -> web.Response:
        """Let a browser in by name and password."""
        check_origin(request)
        body = await read_json(request, SignInBody)
        agent = request.headers.get(hdrs.USER_AGENT, "")
        user, token = await self._gate.sign_in(body.name, body.password, request.remote or "", agent)
        # Whoever was signed in on this browser before no longer is.
        if (old := request.cookies.get(COOKIE)) is not None:
            await self._gate.sign_out(old)
        response = answer(Session(user=render.account(user)))
        response.set_cookie(
            COOKIE,
            token,
            # Longer than anybody stays signed in: an expired one is told so, which one that is gone cannot be.
            max_age=int(REMEMBERED.total_seconds()),
            httponly=True,
            samesite="Strict",
            secure=self._secure or request.secure,
            path="/",
        )
        return response

    async def me(self, _: web.Request, user: User) -> web.Response:
        """Who asks."""
        return answer(Session(user=render.account(user)))

    async def sign_out(self, request: web.Request) -> web.Response:
        """Sign out the browser that asks."""
        check_origin(request)
        if (token := request.cookies.get(COOKIE)) is not None:
            known = await self._gate.sign_out(token)
            if known is not None:
                await self._signed_out(known.user, known.token_hash)
        response = web.Response(status=HTTPStatus.NO_CONTENT)
        response.del_cookie(COOKIE, path="/")
        return response

    async def change_password(self, request: web.Request, user: User) -> web.Response:
        """Give oneself another password."""
        body = await read_json(request, PasswordBody)
        if not await matches(body.old, user.password_hash):
            raise InvalidField("old", "is not the present password")
        hashed = await hash_password(body.new)
        async with self._store.unit() as unit:
            await save_password(unit, user, hashed, self._clock.now(), caller_of(request).actor)
        await self._signed_out(user.id)
        return web.Response(status=HTTPStatus.NO_CONTENT)

    async def browsers(self, request: web.Request, user: User) -> web.Response:
        """One's signed-in browsers."""
        async with self._store.unit(write=False) as unit:
            found = await unit.sign_ins.of(user.id, self._clock.now())
        present = caller_of(request).sign_in
        return tagged(request, Browsers(items=[_browser(one, present) for one in found]))

    async def sign_out_browser(self, request: web.Request, user: User) -> web.Response:
        """Sign out one of them."""
        identity = request.match_info["id"]
        now = self._clock.now()
        async with self._store.unit() as unit:
            found = next((one for one in await unit.sign_ins.of(user.id, now) if one.id == identity), None)
            if found is None:
                raise NotFound(f"you have no signed-in browser {identity!r}")
            await unit.sign_ins.end(now, token_hash=found.token_hash)
        await self._signed_out(user.id, found.token_hash)
        return web.Response(status=HTTPStatus.NO_CONTENT)


def _browser(sign_in: SignIn, present: SignIn | None) -> BrowserView:
    return BrowserView(
        id=sign_in.id,
        browser=sign_in.browser,
        signed_in_at=sign_in.created_at,
        used_at=sign_in.used_at,
        expires_at=sign_in.expires_at,
        present=present is not None and present.token_hash == sign_in.token_hash,
    )
