"""A handoff's thread while one process writes in it: noted message by message, and none posted twice."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final, TypeVar

from bot.desk_values import DeskThread
from bot.errors import ChannelUnavailable
from bot.ports import Clock, Store
from bot.ports_desk import DeskBoard, ThreadGone

T = TypeVar("T")

CALL: Final = 40.0
UPLOAD: Final = 180.0
"""Seconds that a message, and a file, may take. A thread is held for a little longer than that."""
HOLD: Final = timedelta(seconds=CALL + 20)
HOLD_UPLOAD: Final = timedelta(seconds=UPLOAD + 20)


class Hand:
    """A thread that one holds, as it was stored last. `writing`: a call to the platform has not come back."""

    def __init__(self, thread: DeskThread, store: Store, clock: Clock, holder: str) -> None:
        self.thread = thread
        self.writing = False
        self._store = store
        self._clock = clock
        self._holder = holder

    @property
    def root(self) -> str:
        """The thread's first message."""
        if self.thread.root is None:
            raise ThreadGone("the thread has no first message")
        return self.thread.root

    async def save(self, **changes: Any) -> None:
        """Store a change, and go on holding."""
        await self._store_it(replace(self.thread, **changes), HOLD)

    async def once(self, key: str, board: DeskBoard, post: Callable[[], Awaitable[str]], *, slow: bool = False) -> str:
        """Post a message with this key, unless the try before, which broke off, has done so; its id."""
        if self.thread.unsure:
            thread = self.thread
            found = await self.calling(lambda: board.find(thread.root, key, thread.opened_at))
            self.thread = replace(thread, unsure=False)
            if found is not None:
                return found
        if slow:
            await self._store_it(self.thread, HOLD_UPLOAD)
        return await self.calling(post, UPLOAD if slow else CALL)

    async def calling(self, call: Callable[[], Awaitable[T]], seconds: float = CALL) -> T:
        """Call the platform, for so long at the most."""
        self.writing = True
        try:
            async with asyncio.timeout(seconds):
                result = await call()
        except TimeoutError:
            self.writing = False
            raise ChannelUnavailable(f"no answer within {seconds:.0f} seconds") from None
        except Exception:
            self.writing = False
            raise
        self.writing = False
        return result

    async def _store_it(self, thread: DeskThread, hold: timedelta) -> None:
        async with self._store.unit() as unit:
            await unit.desk_threads.save(thread, self._holder, self._clock.now() + hold)
        self.thread = thread
