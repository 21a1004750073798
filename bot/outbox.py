"""⑥ Delivers what was committed: in order per conversation, retried, and given up only where people see it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import structlog

from bot.errors import BabeldeskError, DeliveryRefused
from bot.messages import Address, Delivery, DeliveryState
from bot.metrics import Metrics
from bot.ports import Channel, Clock, Delivered, Live, OutboxItem, Store
from bot.workers import KeyedWorkers, pause

log = structlog.get_logger(__name__)

MAX_ATTEMPTS = 12
FIRST_PAUSE = 1.0
LONGEST_PAUSE = 600.0
"""Seconds. Twelve tries spread over about an hour; then the message is a dead letter."""


class Deliveries:
    """The outbox of one channel. Each channel has its own, so that a slow one holds up no other."""

    def __init__(
        self, channel: Channel, store: Store, clock: Clock, live: Live, metrics: Metrics, concurrency: int = 16
    ) -> None:
        self._channel = channel
        self._store = store
        self._clock = clock
        self._live = live
        self._metrics = metrics
        name = f"outbox {channel.name}"
        self.workers: KeyedWorkers[Address] = KeyedWorkers(name, self._serve, self._refill, concurrency=concurrency)

    def wake(self, address: Address) -> None:
        """Messages were committed for this address."""
        self.workers.wake(address)

    async def _serve(self, address: Address) -> float | None:
        while True:
            async with self._store.unit(write=False) as unit:
                item = await unit.outbox.head(address)
            if item is None:
                return None
            wait = (item.due_at - self._clock.now()).total_seconds()
            if wait > 0:
                return wait
            await self._deliver(item)

    async def _deliver(self, item: OutboxItem) -> None:
        outbound = item.outbound
        attempts = item.attempts + 1
        try:
            receipt = await self._channel.send(outbound)
        except Exception as error:  # an unknown failure is retried like a known one, and shown
            await self._failed(item, attempts, error)
            return
        async with self._store.unit() as unit:
            await unit.outbox.sent(outbound.message.id, receipt, self._clock.now())
        self._metrics.delivered.labels(self._channel.name).inc()
        self._tell(item, Delivery(DeliveryState.SENT, attempts))

    async def _failed(self, item: OutboxItem, attempts: int, error: Exception) -> None:
        message = item.outbound.message.id
        reason = str(error) or type(error).__name__
        dead = isinstance(error, DeliveryRefused) or attempts >= MAX_ATTEMPTS
        log.log(
            40 if dead else 30,
            "delivery given up" if dead else "delivery put off",
            channel=self._channel.name,
            message=message,
            attempts=attempts,
            error=reason,
            exc_info=not isinstance(error, BabeldeskError),
        )
        now = self._clock.now()
        async with self._store.unit() as unit:
            if dead:
                await unit.outbox.dead(message, reason, now)
            else:
                asked = getattr(error, "retry_after", None) or 0.0
                delay = max(asked, pause(attempts, first=FIRST_PAUSE, longest=LONGEST_PAUSE))
                await unit.outbox.retry(message, now + timedelta(seconds=delay), reason)
        counter = self._metrics.dead_letters if dead else self._metrics.delivery_retries
        counter.labels(self._channel.name).inc()
        self._tell(item, Delivery(DeliveryState.DEAD if dead else DeliveryState.PENDING, attempts, reason))

    async def _refill(self, limit: int) -> Iterable[tuple[Address, float]]:
        async with self._store.unit(write=False) as unit:
            waiting = await unit.outbox.waiting(self._channel.name, limit)
        now = self._clock.now()
        return [(address, (due - now).total_seconds()) for address, due in waiting]

    def _tell(self, item: OutboxItem, delivery: Delivery) -> None:
        message = item.outbound.message
        self._live.publish(Delivered(item.outbound.address, message.conversation, message.id, delivery))
