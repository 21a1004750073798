"""Work ordered per key and concurrent across keys: the one mechanism behind the dispatcher and the outbox.

The work itself waits in the database; here are only the keys that have some. So memory stays small whatever the
backlog, and a restart loses nothing.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Iterable
from typing import Generic, TypeVar

import structlog

from bot.errors import BabeldeskError

K = TypeVar("K", bound=Hashable)

log = structlog.get_logger(__name__)

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
"""Seconds between tries of a key whose handler fails: doubled each time, with jitter."""


class KeyedWorkers(Generic[K]):
    """Runs `handle(key)` for every key that is woken: never twice at once for a key, `concurrency` keys at once.

    `handle` does all the key's waiting work and returns None, or the seconds after which there will be some again.
    If it raises, the key is tried again after a growing pause: what waits in the database is not lost. Beyond
    `capacity` keys a wake is dropped and made up for by `refill`, which names keys with waiting work.
    """

    def __init__(
        self,
        name: str,
        handle: Callable[[K], Awaitable[float | None]],
        refill: Callable[[int], Awaitable[Iterable[tuple[K, float]]]],
        *,
        concurrency: int = 32,
        capacity: int = 10_000,
    ) -> None:
        self._name = name
        self._handle = handle
        self._refill = refill
        self._concurrency = concurrency
        self._capacity = capacity
        self._ready: deque[K] = deque()
        self._known: set[K] = set()
        self._running: set[K] = set()
        self._again: set[K] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._failures: dict[K, int] = {}
        self._timers: dict[K, asyncio.TimerHandle] = {}
        self._overflowed = True  # at the start, the database knows more than we do
        self._wakeups = asyncio.Event()
        self._idle = asyncio.Event()
        self._closing = False

    @property
    def busy(self) -> int:
        """Keys that wait or are being worked on."""
        return len(self._known) + len(self._running)

    def wake(self, key: K) -> None:
        """There is work for a key. Called from the event loop's thread."""
        if key in self._running:
            self._again.add(key)
        elif key in self._known:
            return
        elif len(self._known) >= self._capacity:
            self._overflowed = True
        else:
            self._cancel_timer(key)
            self._known.add(key)
            self._ready.append(key)
        self._wakeups.set()

    def wake_later(self, key: K, seconds: float) -> None:
        """There will be work for a key; an earlier wake wins."""
        if key in self._running or key in self._known:
            return
        loop = asyncio.get_running_loop()
        if (timer := self._timers.get(key)) is not None:
            if timer.when() <= loop.time() + seconds:
                return
            timer.cancel()
        if len(self._timers) >= self._capacity:
            self._overflowed = True
            return
        self._timers[key] = loop.call_later(max(0.0, seconds), self._due, key)

    async def run(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as group:
            slots = asyncio.Semaphore(self._concurrency)
            while True:
                if self._overflowed and not self._ready and await self._failed_to_top_up():
                    continue
                if self._closing:  # perhaps only since the database was asked
                    break
                if not self._ready:
                    self._wakeups.clear()
                    await self._wakeups.wait()
                    continue
                await slots.acquire()
                if not self._ready:
                    slots.release()
                    continue
                key = self._ready.popleft()
                self._known.discard(key)
                self._running.add(key)
                task = group.create_task(self._work(key), name=f"{self._name} {key}")
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
                task.add_done_callback(lambda _: slots.release())

    async def drain(self) -> None:
        """Start nothing new, and return once what is running has ended."""
        self._closing = True
        self._wakeups.set()
        for timer in self._timers.values():
            timer.cancel()
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def idle(self) -> None:
        """Return once no key waits or is being worked on; a key that is to be tried later does not count."""
        while self.busy:
            self._idle.clear()
            await self._idle.wait()

    async def _work(self, key: K) -> None:
        delay: float | None = None
        try:
            delay = await self._handle(key)
            self._failures.pop(key, None)
        except Exception as error:  # whatever it was, the work is still stored and is tried again
            failures = self._failures[key] = self._failures.get(key, 0) + 1
            delay = pause(failures)
            expected = isinstance(error, BabeldeskError)
            log.warning(
                "work failed",
                worker=self._name,
                key=str(key),
                error=str(error) or type(error).__name__,
                retry_in=round(delay, 1),
                exc_info=not expected,
            )
        finally:
            self._running.discard(key)
        if key in self._again:
            self._again.discard(key)
            # A new event does not cut short the pause after a failure.
            delay = 0.0 if key not in self._failures else delay
        if delay is not None and not self._closing:
            if delay <= 0:
                self.wake(key)
            else:
                self.wake_later(key, delay)
        if not self.busy:
            self._idle.set()

    async def _failed_to_top_up(self) -> bool:
        """Wake keys with waiting work; True, after a pause, if they cannot be read and should be tried again."""
        self._overflowed = False
        try:
            for key, delay in await self._refill(self._capacity):
                if delay <= 0:
                    self.wake(key)
                else:
                    self.wake_later(key, delay)
        except BabeldeskError as error:
            log.warning("waiting work cannot be read", worker=self._name, error=str(error))
            self._overflowed = True
            await asyncio.sleep(FIRST_PAUSE)
            return not self._closing
        return False

    def _due(self, key: K) -> None:
        self._timers.pop(key, None)
        self.wake(key)

    def _cancel_timer(self, key: K) -> None:
        if (timer := self._timers.pop(key, None)) is not None:
            timer.cancel()


def pause(failures: int, *, first: float = FIRST_PAUSE, longest: float = LONGEST_PAUSE) -> float:
    """Seconds to wait after the n-th failure: exponential with equal jitter, so that retries spread out."""
    whole = min(longest, first * 2.0 ** min(failures - 1, 30))
    return whole / 2 + random.uniform(0, whole / 2)  # noqa: S311 - spreads retries; guards nothing
