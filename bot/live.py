"""Tells everybody who watches in this process what has just happened."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.ports import Lagged, LiveEvent

CAPACITY = 1_000
"""Events that a subscriber may be behind before it is told that it lagged."""


class Hub:
    """In-process `Live`: a bounded queue for each subscriber, so that a slow one holds up nobody."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._subscribers: set[asyncio.Queue[LiveEvent]] = set()

    def publish(self, event: LiveEvent) -> None:
        """Hand an event to all subscribers without waiting for them."""
        for queue in self._subscribers:
            if queue.qsize() >= self._capacity:
                while not queue.empty():
                    queue.get_nowait()
                queue.put_nowait(Lagged())
            queue.put_nowait(event)

    @asynccontextmanager
    async def subscribe(self) -> AsyncIterator[AsyncIterator[LiveEvent]]:
        """Events from now on."""
        queue: asyncio.Queue[LiveEvent] = asyncio.Queue()
        self._subscribers.add(queue)

        async def events() -> AsyncIterator[LiveEvent]:
            while True:
                yield await queue.get()

        try:
            yield events()
        finally:
            self._subscribers.discard(queue)
