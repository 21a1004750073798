"""Replies that agents insert by shortcut, in memory."""

from __future__ import annotations

from collections.abc import Sequence

from bot.errors import Conflict
from bot.ports_inbox import CannedReply
from storage.codec import copy
from storage.memory.state import State


class MemoryCannedReplies:
    """Canned replies. See `bot.ports_inbox.CannedReplies`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def add(self, reply: CannedReply) -> None:
        """Store a new one."""
        reply = copy(reply)
        self._check(reply)
        self._state.canned[reply.id] = reply

    async def get(self, reply: str) -> CannedReply | None:
        """By id."""
        return self._state.canned.get(reply)

    async def save(self, reply: CannedReply) -> None:
        """Store a change."""
        reply = copy(reply)
        stored = self._state.canned.get(reply.id)
        if stored is None or stored.version != reply.version - 1:
            raise Conflict(f"the reply {reply.shortcut!r} was changed in the meantime")
        self._check(reply)
        self._state.canned[reply.id] = reply

    async def remove(self, reply: str) -> bool:
        """Forget one."""
        return self._state.canned.pop(reply, None) is not None

    async def of(self, user: str) -> Sequence[CannedReply]:
        """A user's own and the shared ones, by shortcut."""
        found = [reply for reply in self._state.canned.values() if reply.owner in {None, user}]
        return sorted(found, key=lambda reply: (reply.shortcut, reply.owner or ""))

    def _check(self, reply: CannedReply) -> None:
        for other in self._state.canned.values():
            if other.id != reply.id and (other.owner, other.shortcut) == (reply.owner, reply.shortcut):
                raise Conflict(f"there is a reply {reply.shortcut!r} already")
