"""Scripts' tokens under `/api/v1/tokens`: everybody makes their own, admins anybody's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus

from aiohttp import web
from pydantic import AwareDatetime, Field

from adapters.console.gate import lesser, new_token, token_hash
from adapters.console.guard import caller_of
from adapters.console.route import Parameter, Route
from adapters.console.views import Body, Person, RoleName, View
from adapters.etags import tagged
from adapters.http import Forbidden, InvalidField, NotFound, answer, read_json
from bot.api_tokens import ApiToken
from bot.audit import AuditEntry, JsonValue
from bot.clock import new_id
from bot.conversation import Role, User
from bot.ports import Clock, Store

EVERYBODY = "all"


class TokenView(View):
    """A token, without itself. `role` is what it may do at the most; `used_at` is a recent use, null before the first.

    `expired` ones stay in the list until they are revoked.
    """

    id: str
    name: str
    role: RoleName
    user: Person
    created_at: datetime
    expires_at: datetime | None
    expired: bool
    used_at: datetime | None


class Tokens(View):
    """Tokens that are not revoked, the newest first."""

    items: list[TokenView]


class MadeToken(View):
    """A new token. `token` is shown this once, and sent as `Authorization: Bearer …`."""

    token: str
    made: TokenView


class NewTokenBody(Body):
    """A token to be made: for oneself, or as an admin for the user with the id `user`. It may be made to expire."""

    name: str = Field(min_length=1, max_length=100)
    role: RoleName
    expires_at: AwareDatetime | None = None
    user: str | None = Field(default=None, max_length=100)


ROUTES: tuple[Route, ...] = (
    Route(
        "GET", "/api/v1/tokens", "tokens", "Scripts' tokens: one's own, or as an admin a user's or all", "viewer",
        gives=Tokens, tagged=True, browser=True,
        query=(Parameter("user", does="A user's id, or `all`; without it, one's own"),),
    ),
    Route(
        "POST", "/api/v1/tokens", "add_token", "Make a token for a script", "viewer", NewTokenBody, MadeToken,
        status=201, browser=True,
    ),
    Route(
        "DELETE", "/api/v1/tokens/{id}", "revoke_token", "Revoke a token", "viewer", status=204, browser=True,
    ),
)  # fmt: skip


class TokenRoutes:
    """The routes' handlers."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def tokens(self, request: web.Request, user: User) -> web.Response:
        """One's own, or others'."""
        wanted = request.query.get("user") or user.id
        if wanted != user.id:
            _must_be_admin(user)
        async with self._store.unit(write=False) as unit:
            users = {one.id: one for one in await unit.users.list()}
            found = await unit.tokens.list(None if wanted == EVERYBODY else wanted)
        now = self._clock.now()
        return tagged(request, Tokens(items=[_view(token, users, now) for token in found]))

    async def add_token(self, request: web.Request, user: User) -> web.Response:
        """Make one; it is shown this once."""
        body = await read_json(request, NewTokenBody)
        role, now = Role(body.role), self._clock.now()
        if body.expires_at is not None and body.expires_at <= now:
            raise InvalidField("expires_at", "is past")
        async with self._store.unit() as unit:
            holder = user if body.user in {None, user.id} else await unit.users.get(body.user or "")
            if holder is None or holder.id != user.id:
                _must_be_admin(user)
            if holder is None:
                raise InvalidField("user", f"there is no user {body.user!r}")
            if lesser(role, holder.role) is not role:
                raise InvalidField("role", f"{holder.name} is {holder.role}: a token may do no more than its user")
            secret = new_token()
            token = ApiToken(new_id(), holder.id, body.name, role, token_hash(secret), now, body.expires_at)
            await unit.tokens.add(token)
            entry = AuditEntry(now, caller_of(request).actor, "token.add", token.id, None, _recorded(token))
            await unit.audit.add(entry)
        made = MadeToken(token=secret, made=_view(token, {holder.id: holder}, now))
        response = answer(made, status=HTTPStatus.CREATED)
        response.headers["Cache-Control"] = "no-store"
        return response

    async def revoke_token(self, request: web.Request, user: User) -> web.Response:
        """Let one be used no more."""
        identity, now = request.match_info["id"], self._clock.now()
        async with self._store.unit() as unit:
            token = await unit.tokens.get(identity)
            allowed = token is not None and (token.user == user.id or user.role is Role.ADMIN)
            if token is None or not allowed or not await unit.tokens.revoke(identity, now):
                raise NotFound(f"there is no token {identity!r}")
            await unit.audit.add(
                AuditEntry(now, caller_of(request).actor, "token.revoke", token.id, _recorded(token), None)
            )
        return web.Response(status=HTTPStatus.NO_CONTENT)


def _must_be_admin(user: User) -> None:
    if user.role is not Role.ADMIN:
        raise Forbidden("tokens of others are for admins")


def _recorded(token: ApiToken) -> dict[str, JsonValue]:
    return {
        "name": token.name,
        "user": token.user,
        "role": token.role.value,
        "expires_at": token.expires_at.isoformat() if token.expires_at else None,
    }


def _view(token: ApiToken, users: Mapping[str, User], now: datetime) -> TokenView:
    holder = users.get(token.user)
    return TokenView(
        id=token.id,
        name=token.name,
        role=token.role.value,
        user=Person(id=token.user, name=holder.display_name if holder else None),
        created_at=token.created_at,
        expires_at=token.expires_at,
        expired=not token.usable(now),
        used_at=token.used_at,
    )
