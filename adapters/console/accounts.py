"""The desk's users under `/api/v1/users`: admins add and change them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus

from aiohttp import web
from pydantic import Field

from adapters.console import render, views
from adapters.console.auth import hash_password, make_user, recorded, save_password
from adapters.console.guard import caller_of
from adapters.console.route import Route
from adapters.console.sessions import SignedOut
from adapters.console.views import Body, RoleName, View
from adapters.etags import check_match, tagged
from adapters.http import NotFound, read_json
from bot.audit import AuditEntry, difference
from bot.conversation import Role, User
from bot.errors import Conflict
from bot.ports import Clock, Store


class AccountView(View):
    """One user."""

    user: views.Account


class Accounts(View):
    """All users."""

    items: list[views.Account]


class NewUserBody(Body):
    """A user to be made."""

    name: str = Field(pattern=r"^[\w.@+-]{1,100}$")
    display_name: str = Field(min_length=1, max_length=100)
    role: RoleName = "agent"
    password: str = Field(min_length=8, max_length=1000)


class UserChangeBody(Body):
    """What to change of a user. Who is disabled is signed out at once and cannot sign in; nothing of theirs is lost."""

    display_name: str | None = Field(default=None, min_length=1, max_length=100)
    role: RoleName | None = None
    password: str | None = Field(default=None, min_length=8, max_length=1000)
    disabled: bool | None = None


ROUTES: tuple[Route, ...] = (
    Route("GET", "/api/v1/users", "users", "All users", "admin", gives=Accounts, tagged=True),
    Route("POST", "/api/v1/users", "add_user", "Add a user", "admin", NewUserBody, AccountView, status=201),
    Route("GET", "/api/v1/users/{id}", "user", "One user", "admin", gives=AccountView, tagged=True),
    Route(
        "PATCH", "/api/v1/users/{id}", "change_user", "Change a user", "admin", UserChangeBody, AccountView,
        matches=True,
    ),
)  # fmt: skip


class AccountRoutes:
    """The routes' handlers."""

    def __init__(self, store: Store, clock: Clock, signed_out: SignedOut) -> None:
        self._store = store
        self._clock = clock
        self._signed_out = signed_out

    async def users(self, request: web.Request, _: User) -> web.Response:
        """All users, disabled ones among them."""
        async with self._store.unit(write=False) as unit:
            users = await unit.users.list()
        return tagged(request, Accounts(items=[render.account(user) for user in users]))

    async def user(self, request: web.Request, _: User) -> web.Response:
        """One user."""
        async with self._store.unit(write=False) as unit:
            found = _named(request, await unit.users.list())
        return tagged(request, _view(found))

    async def add_user(self, request: web.Request, _: User) -> web.Response:
        """Add a user."""
        body = await read_json(request, NewUserBody)
        made = await make_user(
            self._store,
            self._clock,
            name=body.name,
            display_name=body.display_name,
            role=Role(body.role),
            password=body.password,
            by=caller_of(request).actor,
        )
        return tagged(request, _view(made), HTTPStatus.CREATED)

    async def change_user(self, request: web.Request, _: User) -> web.Response:
        """Change a user; the last admin stays one."""
        body = await read_json(request, UserChangeBody)
        hashed = None if body.password is None else await hash_password(body.password)
        now, actor = self._clock.now(), caller_of(request).actor
        async with self._store.unit() as unit:
            users = await unit.users.locked()
            user = _named(request, users)
            check_match(request, _view(user))
            changed = _changed(user, body, now)
            _keep_an_admin(users, changed)
            if changed != user:
                await unit.users.save(changed)
                before, after = difference(recorded(user), recorded(changed))
                await unit.audit.add(AuditEntry(now, actor, "user.change", user.id, before, after))
            if hashed is not None:
                changed = await save_password(unit, changed, hashed, now, actor)
            if changed.disabled_at is not None:
                await unit.sign_ins.end(now, user=user.id)
        if hashed is not None or changed.disabled_at is not None:
            await self._signed_out(changed.id)
        return tagged(request, _view(changed))


def _view(user: User) -> AccountView:
    return AccountView(user=render.account(user))


def _named(request: web.Request, users: Sequence[User]) -> User:
    identity = request.match_info["id"]
    found = next((user for user in users if user.id == identity), None)
    if found is None:
        raise NotFound(f"there is no user {identity!r}")
    return found


def _changed(user: User, body: UserChangeBody, at: datetime) -> User:
    disabled_at = user.disabled_at
    if body.disabled is not None:
        disabled_at = (disabled_at or at) if body.disabled else None
    return replace(
        user,
        display_name=body.display_name or user.display_name,
        role=Role(body.role) if body.role else user.role,
        disabled_at=disabled_at,
    )


def _keep_an_admin(users: Sequence[User], changed: User) -> None:
    after = [changed if user.id == changed.id else user for user in users]
    if not any(user.role is Role.ADMIN and user.disabled_at is None for user in after):
        raise Conflict(f"{changed.name} is the last admin, and stays one: make somebody else an admin first")
