"""② Gives every stored event its turn: in order within a conversation, many conversations at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import structlog

from bot.errors import BabeldeskError, Retryable, StorageUnavailable
from bot.metrics import Metrics
from bot.ports import Clock, Received, Store
from bot.turn import Turns
from bot.workers import KeyedWorkers, pause

log = structlog.get_logger(__name__)

MAX_ATTEMPTS = 4
"""Turns of one event before it is given up and a human is called."""


class Dispatcher:
    """Takes waiting events of an address one by one, oldest first."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        turns: Turns,
        metrics: Metrics,
        finished: Callable[[], None],
        concurrency: int = 32,
    ) -> None:
        self._store = store
        self._clock = clock
        self._turns = turns
        self._metrics = metrics
        self._finished = finished
        self.workers: KeyedWorkers[str] = KeyedWorkers("dispatcher", self._serve, self._refill, concurrency=concurrency)

    def wake(self, key: str) -> None:
        """An event was stored for this address."""
        self.workers.wake(key)

    async def _serve(self, key: str) -> float | None:
        while True:
            async with self._store.unit(write=False) as unit:
                received = await unit.inbox.head(key)
                if received is None:
                    return None
                conversation = await unit.conversations.at(received.inbound.address)
            try:
                await self._turns.take(received, conversation)
            except StorageUnavailable:
                raise  # not the event's fault: it keeps its place and its attempts
            except Exception as error:  # one event must never block the ones behind it for good
                delay = await self._failed(received, error)
                if delay is not None:
                    return delay
            self._finished()

    async def _failed(self, received: Received, error: Exception) -> float | None:
        """Seconds until the next try, or None when the event is given up."""
        attempts = received.attempts + 1
        final = attempts >= MAX_ATTEMPTS or not isinstance(error, Retryable)
        reason = str(error) or type(error).__name__
        log.error(
            "turn failed",
            channel=received.inbound.address.channel,
            inbound=received.inbound.id,
            attempts=attempts,
            final=final,
            error=reason,
            exc_info=not isinstance(error, BabeldeskError),
        )
        self._metrics.turns_failed.labels(received.inbound.address.channel).inc()
        if not final:
            async with self._store.unit() as unit:
                await unit.inbox.failed(received.seq, reason, self._clock.now(), final=False)
            return max(pause(attempts), getattr(error, "retry_after", None) or 0.0)
        await self._turns.give_up(received, reason)
        return None

    async def _refill(self, limit: int) -> Iterable[tuple[str, float]]:
        async with self._store.unit(write=False) as unit:
            return [(key, 0.0) for key in await unit.inbox.waiting(limit)]
