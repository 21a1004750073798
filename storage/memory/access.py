"""Signed-in browsers, scripts' tokens and the audit log, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.api_tokens import ApiToken
from bot.audit import Audited, AuditEntry, AuditFilter
from bot.conversation import SignIn
from bot.errors import Conflict
from storage.codec import copy
from storage.memory.state import State


class MemorySignIns:
    """Signed-in browsers. See `bot.ports_access.SignIns`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def add(self, sign_in: SignIn, forget: datetime) -> None:
        """Remember a browser, and forget those that expired long ago."""
        for token_hash, known in list(self._state.sign_ins.items()):
            if known.expires_at < forget:
                del self._state.sign_ins[token_hash]
        self._state.sign_ins[sign_in.token_hash] = copy(sign_in)

    async def get(self, token_hash: str) -> SignIn | None:
        """The browser with this cookie."""
        return self._state.sign_ins.get(token_hash)

    async def of(self, user: str, at: datetime) -> Sequence[SignIn]:
        """A user's browsers that are signed in."""
        found = [one for one in self._state.sign_ins.values() if one.user == user and one.valid(at)]
        return sorted(found, key=lambda one: (one.used_at, one.token_hash), reverse=True)

    async def prolong(self, token_hash: str, used_at: datetime, expires_at: datetime) -> None:
        """It was used."""
        known = self._state.sign_ins.get(token_hash)
        if known is not None and known.ended_at is None:
            self._state.sign_ins[token_hash] = replace(known, used_at=used_at, expires_at=expires_at)

    async def end(self, at: datetime, *, token_hash: str | None = None, user: str | None = None) -> None:
        """Sign out one browser, or all of a user's."""
        for known in list(self._state.sign_ins.values()):
            if known.ended_at is None and (known.token_hash == token_hash or known.user == user):
                self._state.sign_ins[known.token_hash] = replace(known, ended_at=at)


class MemoryApiTokens:
    """Scripts' tokens. See `bot.ports_access.ApiTokens`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def add(self, token: ApiToken) -> None:
        """Store a new one."""
        if token.id in self._state.tokens or await self.hashed(token.token_hash) is not None:
            raise Conflict(f"there is a token {token.id!r} already")
        self._state.tokens[token.id] = copy(token)

    async def get(self, token: str) -> ApiToken | None:
        """By id."""
        return self._state.tokens.get(token)

    async def hashed(self, token_hash: str) -> ApiToken | None:
        """By its SHA-256."""
        return next((one for one in self._state.tokens.values() if one.token_hash == token_hash), None)

    async def list(self, user: str | None = None) -> Sequence[ApiToken]:
        """Those that are not revoked."""
        found = [t for t in self._state.tokens.values() if t.revoked_at is None and user in {None, t.user}]
        return sorted(found, key=lambda token: (token.created_at, token.id), reverse=True)

    async def used(self, token: str, at: datetime) -> None:
        """It was used."""
        if (known := self._state.tokens.get(token)) is not None:
            self._state.tokens[token] = replace(known, used_at=at)

    async def revoke(self, token: str, at: datetime) -> bool:
        """Let it be used no more."""
        known = self._state.tokens.get(token)
        if known is None or known.revoked_at is not None:
            return False
        self._state.tokens[token] = replace(known, revoked_at=at)
        return True


class MemoryAudit:
    """The audit log. See `bot.ports_access.Audit`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def add(self, entry: AuditEntry) -> None:
        """Store an entry."""
        self._state.audit[len(self._state.audit) + 1] = copy(entry)

    async def list(self, wanted: AuditFilter) -> Sequence[Audited]:
        """The latest first."""
        found = [Audited(seq, entry) for seq, entry in self._state.audit.items() if _fits(seq, entry, wanted)]
        return sorted(found, key=lambda one: one.seq, reverse=True)[: wanted.limit]


def _fits(seq: int, entry: AuditEntry, wanted: AuditFilter) -> bool:
    action = wanted.action
    return (
        wanted.actor in {None, entry.actor.id}
        and (action is None or entry.action == action or entry.action.startswith(f"{action}."))
        and (wanted.since is None or entry.at >= wanted.since)
        and (wanted.until is None or entry.at < wanted.until)
        and (wanted.before is None or seq < wanted.before)
    )
