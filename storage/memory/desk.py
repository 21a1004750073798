"""Desks on other platforms, in memory: handoffs' threads, what agents did in them, and whose accounts are whose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.conversation import Handoff, HandoffState
from bot.desk_values import Account, DeskEvent, DeskLink, DeskReply, DeskThread, LinkCode, OwedReply, StoredEvent
from bot.errors import Conflict
from storage.codec import copy
from storage.memory.state import DeskRow, HeldThread, State


class MemoryDeskThreads:
    """Handoffs' threads. See `bot.ports_desk.DeskThreads`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def missing(self, channel: str, limit: int = 200) -> Sequence[Handoff]:
        """Open handoffs without a thread in a channel."""
        found = [
            handoff
            for handoff in self._state.handoffs.values()
            if handoff.state is not HandoffState.DONE and (handoff.id, channel) not in self._state.desk_threads
        ]
        return sorted(found, key=lambda handoff: (handoff.opened_at, handoff.id))[:limit]

    async def add(self, thread: DeskThread) -> bool:
        """Store a new one."""
        key = (thread.handoff, thread.channel)
        if key in self._state.desk_threads:
            return False
        self._state.desk_threads[key] = HeldThread(copy(thread))
        return True

    async def at(self, channel: str, root: str) -> DeskThread | None:
        """By its first message."""
        held = self._state.desk_threads.values()
        return next((h.thread for h in held if h.thread.channel == channel and h.thread.root == root), None)

    async def open(self, channel: str, limit: int = 1_000) -> Sequence[DeskThread]:
        """Those that are not done."""
        held = self._state.desk_threads.values()
        found = [h.thread for h in held if h.thread.channel == channel and not h.thread.done]
        return sorted(found, key=lambda thread: (thread.opened_at, thread.handoff))[:limit]

    async def take(self, thread: DeskThread, holder: str, at: datetime, until: datetime) -> DeskThread | None:
        """Hold a thread that nobody holds."""
        key = (thread.handoff, thread.channel)
        held = self._state.desk_threads.get(key)
        if held is None or held.thread.done or (held.until is not None and held.until > at):
            return None
        self._state.desk_threads[key] = replace(held, holder=holder, until=until)
        return replace(held.thread, unsure=True) if held.holder is not None else held.thread

    async def save(self, thread: DeskThread, holder: str, until: datetime) -> None:
        """Store a change, and go on holding."""
        key = (thread.handoff, thread.channel)
        held = self._state.desk_threads.get(key)
        if held is None or held.holder != holder:
            raise Conflict(f"the thread of handoff {thread.handoff!r} is held by somebody else")
        self._state.desk_threads[key] = HeldThread(copy(thread), holder, until)

    async def release(self, thread: DeskThread, holder: str) -> None:
        """Hold it no longer."""
        key = (thread.handoff, thread.channel)
        held = self._state.desk_threads.get(key)
        if held is not None and held.holder == holder:
            self._state.desk_threads[key] = HeldThread(held.thread)


class MemoryDeskEvents:
    """What agents did. See `bot.ports_desk.DeskEvents`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def add(self, event: DeskEvent, at: datetime) -> bool:  # noqa: ARG002 - only kept for people who look
        """Store an event; False for a repeat."""
        rows = self._state.desk_events
        if any(row.event.channel == event.channel and row.event.id == event.id for row in rows.values()):
            return False
        rows[len(rows) + 1] = DeskRow(copy(event))
        return True

    async def head(self, channel: str, thread: str) -> StoredEvent | None:
        """The oldest that waits."""
        for seq, row in sorted(self._state.desk_events.items()):
            if row.status == "waiting" and (row.event.channel, row.event.thread) == (channel, thread):
                return StoredEvent(seq, row.event, row.attempts)
        return None

    async def waiting(self, channel: str, limit: int) -> Sequence[str]:
        """Threads with something to do."""
        rows = [row for _, row in sorted(self._state.desk_events.items())]
        found = [row.event.thread for row in rows if row.status != "done" and row.event.channel == channel]
        return list(dict.fromkeys(found))[:limit]

    async def done(
        self, seq: int, at: datetime, reply: DeskReply | None = None, wrote: tuple[str, int] | None = None
    ) -> bool:
        """It was acted on."""
        row = self._state.desk_events.get(seq)
        if row is None or row.status != "waiting":
            return False
        if reply is None:
            self._state.desk_events[seq] = replace(row, status="done", wrote=wrote)
        else:
            self._state.desk_events[seq] = replace(row, status="owing", attempts=0, due_at=at, reply=reply, wrote=wrote)
        return True

    async def failed(self, seq: int, error: str) -> None:  # noqa: ARG002 - only kept for people who look
        """It is to be tried again."""
        row = self._state.desk_events.get(seq)
        if row is not None and row.status == "waiting":
            self._state.desk_events[seq] = replace(row, attempts=row.attempts + 1)

    async def owed(self, channel: str, thread: str) -> OwedReply | None:
        """The reply to be told first."""
        found = [
            OwedReply(seq, row.event, row.reply, row.attempts, row.due_at)
            for seq, row in self._state.desk_events.items()
            if row.status == "owing" and (row.event.channel, row.event.thread) == (channel, thread)
            if row.reply is not None and row.due_at is not None
        ]
        return min(found, key=lambda owed: (owed.due_at, owed.seq), default=None)

    async def told(self, seq: int, at: datetime, error: str | None = None) -> None:  # noqa: ARG002 - as above
        """A reply was told."""
        row = self._state.desk_events.get(seq)
        if row is not None and row.status == "owing":
            self._state.desk_events[seq] = replace(row, status="done", reply=None)

    async def put_off(self, seq: int, due_at: datetime, error: str) -> None:  # noqa: ARG002 - as above
        """A reply is to be tried again."""
        row = self._state.desk_events.get(seq)
        if row is not None and row.status == "owing":
            self._state.desk_events[seq] = replace(row, attempts=row.attempts + 1, due_at=due_at)

    async def written(self, channel: str, conversation: str, after: int) -> Sequence[int]:
        """Entries that were written in threads."""
        rows = self._state.desk_events.values()
        wrote = [row.wrote for row in rows if row.wrote is not None and row.event.channel == channel]
        return sorted(entry for where, entry in wrote if where == conversation and entry > after)


class MemoryDeskLinks:
    """Whose accounts are whose. See `bot.ports_desk.DeskLinks`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def of(self, account: Account) -> DeskLink | None:
        """An account's."""
        return self._state.desk_links.get((account.platform, account.id))

    async def of_user(self, platform: str, user: str) -> DeskLink | None:
        """A user's."""
        links = self._state.desk_links.values()
        return next((link for link in links if link.account.platform == platform and link.user == user), None)

    async def put(self, link: DeskLink) -> None:
        """Link the two, and nobody else to either."""
        await self.remove(link.account.platform, link.user)
        self._state.desk_links[link.account.platform, link.account.id] = copy(link)

    async def remove(self, platform: str, user: str) -> bool:
        """Forget a user's."""
        link = await self.of_user(platform, user)
        return link is not None and self._state.desk_links.pop((platform, link.account.id), None) is not None

    async def add_code(self, code: LinkCode, at: datetime) -> None:
        """Store an account's new code."""
        account = (code.account.platform, code.account.id)
        for hashed, known in list(self._state.desk_codes.items()):
            if known.expires_at <= at or (known.account.platform, known.account.id) == account:
                del self._state.desk_codes[hashed]
        self._state.desk_codes[code.code_hash] = copy(code)

    async def code(self, code_hash: str, at: datetime) -> LinkCode | None:
        """A code that has not expired."""
        known = self._state.desk_codes.get(code_hash)
        return known if known is not None and known.expires_at > at else None

    async def spend(self, code_hash: str) -> bool:
        """Forget a code that is used."""
        return self._state.desk_codes.pop(code_hash, None) is not None
