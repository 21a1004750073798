"""What the core stores of those who use the console: signed-in browsers, scripts' tokens, and what they changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bot.api_tokens import ApiToken
from bot.audit import Audited, AuditEntry, AuditFilter
from bot.conversation import SignIn


class SignIns(Protocol):
    """Signed-in browsers; those that have expired or were signed out are remembered for a while."""

    async def add(self, sign_in: SignIn, forget: datetime) -> None:
        """Remember a browser, and forget those that expired before `forget`."""
        ...

    async def get(self, token_hash: str) -> SignIn | None:
        """The browser with this cookie, whether it is still signed in or not."""
        ...

    async def of(self, user: str, at: datetime) -> Sequence[SignIn]:
        """A user's browsers that are signed in at a time, the last used first."""
        ...

    async def prolong(self, token_hash: str, used_at: datetime, expires_at: datetime) -> None:
        """It was used; does nothing to one that was signed out."""
        ...

    async def end(self, at: datetime, *, token_hash: str | None = None, user: str | None = None) -> None:
        """Sign out one browser, or all of a user's."""
        ...


class ApiTokens(Protocol):
    """Scripts' tokens."""

    async def add(self, token: ApiToken) -> None:
        """Store a new one."""
        ...

    async def get(self, token: str) -> ApiToken | None:
        """By id, revoked or not."""
        ...

    async def hashed(self, token_hash: str) -> ApiToken | None:
        """By its SHA-256, revoked or not."""
        ...

    async def list(self, user: str | None = None) -> Sequence[ApiToken]:
        """Those of a user, or of all, that are not revoked; the newest first."""
        ...

    async def used(self, token: str, at: datetime) -> None:
        """It was used."""
        ...

    async def revoke(self, token: str, at: datetime) -> bool:
        """Let it be used no more; False if it was revoked before."""
        ...


class Audit(Protocol):
    """Who changed what. Entries are added in the transaction of the change itself, and never altered."""

    async def add(self, entry: AuditEntry) -> None:
        """Store an entry."""
        ...

    async def list(self, wanted: AuditFilter) -> Sequence[Audited]:
        """The latest first."""
        ...
