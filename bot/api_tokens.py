"""Tokens by which scripts use the console's API. Pure values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.conversation import Role


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A script's key: it may do what `role` may, and never more than its user may at the time.

    Only the token's SHA-256 is stored.
    """

    id: str
    user: str
    name: str
    role: Role
    token_hash: str
    created_at: datetime
    expires_at: datetime | None = None
    used_at: datetime | None = None
    revoked_at: datetime | None = None

    def usable(self, at: datetime) -> bool:
        """Whether it is neither expired nor revoked."""
        return self.revoked_at is None and (self.expires_at is None or at < self.expires_at)
