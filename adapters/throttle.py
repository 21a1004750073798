"""Patience with those who try too often."""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Callable


class Throttle:
    """Counts tries per key within a window of seconds; beyond `limit` it says how long to wait. Memory is bounded."""

    def __init__(
        self, limit: int, window: float, *, capacity: int = 10_000, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._limit = limit
        self._window = window
        self._capacity = capacity
        self._now = now
        self._tries: OrderedDict[str, deque[float]] = OrderedDict()

    def wait(self, key: str) -> float:
        """Seconds until another try is allowed; 0 if it is now."""
        times = self._tries.get(key)
        if times is None:
            return 0.0
        now = self._now()
        while times and times[0] <= now - self._window:
            times.popleft()
        if not times:
            del self._tries[key]
        return 0.0 if len(times) < self._limit else times[0] + self._window - now

    def count(self, key: str) -> None:
        """Count a try."""
        self._tries.setdefault(key, deque(maxlen=self._limit)).append(self._now())
        self._tries.move_to_end(key)
        if len(self._tries) > self._capacity:
            self._tries.popitem(last=False)

    def forget(self, key: str) -> None:
        """A success wipes the slate."""
        self._tries.pop(key, None)
