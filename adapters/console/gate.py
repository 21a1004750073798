"""Who asks: signed-in browsers by their cookie, scripts by their token, and patience with those who guess."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import structlog

from adapters.console.auth import hash_password, matches
from adapters.problems import TooManyTries, Unauthenticated
from adapters.throttle import Throttle
from bot.api_tokens import ApiToken
from bot.audit import Actor
from bot.conversation import Role, SignIn, User
from bot.errors import Retryable
from bot.ports import Clock, Store

log = structlog.get_logger(__name__)

LIFETIME: Final = timedelta(hours=12)
"""How long a browser stays signed in without being used: a working day."""

LONGEST: Final = timedelta(days=7)
"""After this it has to sign in again, used or not."""

NOTICED: Final = timedelta(minutes=5)
"""A browser's use is written down once in so long, for each write costs."""

TOKEN_NOTICED: Final = timedelta(minutes=1)
"""The same for scripts."""

REMEMBERED: Final = timedelta(days=30)
"""How long after its expiry a browser's cookie is still known, so that it can be told what has become of it."""

PREFIX: Final = "bdk_"
"""Begins every script's token, so that one that got loose is told for what it is."""

_SECRET = secrets.token_hex()


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and by which browser or token; a token's role bounds the user's."""

    user: User
    sign_in: SignIn | None = None
    token: ApiToken | None = None

    @property
    def actor(self) -> Actor:
        """For the audit log."""
        return Actor.of(self.user, self.token.name if self.token else None)


def token_hash(token: str) -> str:
    """What is stored of a cookie's or a script's token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def new_token() -> str:
    """A script's token: 256 random bits."""
    return PREFIX + secrets.token_urlsafe(32)


class Gate:
    """Signs users in and out, and says who is behind a cookie or a token."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._nobody: str | None = None
        self.by_name = Throttle(limit=5, window=900)
        self.by_address = Throttle(limit=30, window=900)
        self.by_token = Throttle(limit=30, window=900)

    async def sign_in(self, name: str, password: str, address: str, browser: str) -> tuple[User, str]:
        """The user and a new token for the browser's cookie.

        Raises:
            Unauthenticated: the name or the password is wrong; which one is not told, nor by the time it takes. Or
                both are right, and the user is disabled.
            TooManyTries: this name or this address has been wrong too often.
        """
        key = f"{name.casefold()} {address}"
        wait = max(self.by_name.wait(key), self.by_address.wait(address))
        if wait > 0:
            raise TooManyTries("too many wrong passwords; try again later", retry_after=wait)
        async with self._store.unit(write=False) as unit:
            user = await unit.users.named(name)
        right = await matches(password, user.password_hash if user else await self._hash_of_nobody())
        if user is None or not right:
            self.by_name.count(key)
            self.by_address.count(address)
            raise Unauthenticated("wrong name or password")
        self.by_name.forget(key)
        token = secrets.token_urlsafe(32)
        now = self._clock.now()
        sign_in = SignIn(token_hash(token), user.id, now, now + LIFETIME, now, browser[:300])
        async with self._store.unit() as unit:
            # Read once more: who is being disabled, or given another password, at this moment must not slip in.
            present = next((one for one in await unit.users.locked() if one.id == user.id), user)
            if present.password_hash != user.password_hash:
                raise Unauthenticated("wrong name or password")
            if present.disabled_at is not None:
                raise Unauthenticated("this user is disabled; ask an admin", "disabled")
            await unit.sign_ins.add(sign_in, forget=now - REMEMBERED)
        return present, token

    async def by_cookie(self, token: str) -> Caller:
        """Who is behind a cookie; a browser that is in use stays signed in.

        Raises:
            Unauthenticated: nobody; its code is `session_expired` if somebody was.
        """
        now = self._clock.now()
        async with self._store.unit(write=False) as unit:
            sign_in = await unit.sign_ins.get(token_hash(token))
            user = None if sign_in is None else await unit.users.get(sign_in.user)
        if sign_in is None or user is None:
            raise Unauthenticated("sign in first")
        if not sign_in.valid(now) or user.disabled_at is not None:
            raise Unauthenticated("you have been signed out; sign in again", "session_expired")
        if now - sign_in.used_at >= NOTICED:
            sign_in = await self._prolonged(sign_in, now)
        return Caller(user, sign_in=sign_in)

    async def by_bearer(self, token: str, address: str) -> Caller:
        """Who is behind a script's token.

        Raises:
            Unauthenticated: nobody; its code says whether the token was `token_expired` or `token_revoked`.
            TooManyTries: too many wrong tokens came from this address.
        """
        if (wait := self.by_token.wait(address)) > 0:
            raise TooManyTries("too many wrong tokens; try again later", retry_after=wait)
        now = self._clock.now()
        async with self._store.unit(write=False) as unit:
            known = await unit.tokens.hashed(token_hash(token))
            user = None if known is None else await unit.users.get(known.user)
        if known is None or user is None:
            self.by_token.count(address)
            raise Unauthenticated("the token is wrong", bearer=True)
        if known.revoked_at is not None:
            raise Unauthenticated("the token has been revoked", "token_revoked", bearer=True)
        if not known.usable(now):
            raise Unauthenticated("the token has expired", "token_expired", bearer=True)
        if user.disabled_at is not None:
            raise Unauthenticated("the token's user is disabled", "disabled", bearer=True)
        if known.used_at is None or now - known.used_at >= TOKEN_NOTICED:
            await self._noticed(known, now)
        return Caller(replace(user, role=lesser(user.role, known.role)), token=known)

    async def still(self, caller: Caller) -> bool:
        """Whether a caller of some time ago would still be let in; asking does not count as use."""
        now = self._clock.now()
        async with self._store.unit(write=False) as unit:
            user = await unit.users.get(caller.user.id)
            if user is None or user.disabled_at is not None:
                return False
            if caller.token is not None:
                token = await unit.tokens.get(caller.token.id)
                return token is not None and token.usable(now)
            sign_in = None if caller.sign_in is None else await unit.sign_ins.get(caller.sign_in.token_hash)
        return sign_in is not None and sign_in.valid(now)

    async def sign_out(self, token: str) -> SignIn | None:
        """Sign out the browser with this cookie; what was known of it."""
        hashed = token_hash(token)
        async with self._store.unit() as unit:
            known = await unit.sign_ins.get(hashed)
            await unit.sign_ins.end(self._clock.now(), token_hash=hashed)
        return known

    async def _prolonged(self, sign_in: SignIn, now: datetime) -> SignIn:
        longer = replace(sign_in, used_at=now, expires_at=min(now + LIFETIME, sign_in.created_at + LONGEST))
        try:
            async with self._store.unit() as unit:
                await unit.sign_ins.prolong(sign_in.token_hash, longer.used_at, longer.expires_at)
        except Retryable as error:  # a database that cannot be written can still be read
            log.warning("use of a browser not noted", error=str(error))
        return longer

    async def _noticed(self, token: ApiToken, now: datetime) -> None:
        try:
            async with self._store.unit() as unit:
                await unit.tokens.used(token.id, now)
        except Retryable as error:  # as above
            log.warning("use of a token not noted", token=token.name, error=str(error))

    async def _hash_of_nobody(self) -> str:
        """Checked for names that do not exist, so that they take as long as names that do."""
        if self._nobody is None:
            self._nobody = await hash_password(_SECRET)
        return self._nobody


def lesser(one: Role, other: Role) -> Role:
    """Of two roles the one that may do less."""
    return other if one.includes(other) else one
