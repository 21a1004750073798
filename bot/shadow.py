"""Shows a challenger the messages that the champion has read, and stores how the two agree.

It follows what has been committed, so that it stands in nobody's way: a challenger that is slow, fails or hangs costs
its own comparisons and nothing else. What it cannot keep up with is dropped and counted.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress

import structlog

from bot.comparison import Comparison, verdict
from bot.errors import Overloaded
from bot.messages import Author, Message
from bot.metrics import Metrics
from bot.model_versions import Models
from bot.ports import Clock, Committed, Lagged, Live, Store
from bot.understanding import Understanding

log = structlog.get_logger(__name__)

CAPACITY = 256
"""Messages that wait to be compared; beyond that they are dropped."""

MOST_AT_ONCE = 32

PAUSE = 0.5
"""Seconds that the first message waits for company: comparisons are written together, not one transaction each."""

PATIENCE = 5.0
"""Seconds after which the challenger has failed on a message."""


class Shadow:
    """The comparing task."""

    def __init__(
        self,
        *,
        store: Store,
        live: Live,
        models: Models,
        clock: Clock,
        metrics: Metrics,
        pause: float = PAUSE,
        patience: float = PATIENCE,
        capacity: int = CAPACITY,
    ) -> None:
        self._store = store
        self._live = live
        self._models = models
        self._clock = clock
        self._metrics = metrics
        self._pause = pause
        self._patience = patience
        self._waiting: asyncio.Queue[Message | None] = asyncio.Queue(capacity)
        self._stopping = asyncio.Event()
        self.dropped = 0
        """Messages that no challenger saw since the start, because there was no time for them."""

    async def run(self) -> None:
        """Compare until told to stop."""
        listener = asyncio.create_task(self._listen(), name="shadow listener")
        try:
            while not self._stopping.is_set():
                await self._round()
        finally:
            listener.cancel()
            with suppress(asyncio.CancelledError):
                await listener

    def stop(self) -> None:
        """Finish the comparisons at hand, begin no others."""
        self._stopping.set()
        with suppress(asyncio.QueueFull):  # then it is awake already
            self._waiting.put_nowait(None)

    async def _listen(self) -> None:
        async with self._live.subscribe() as events:
            async for event in events:
                if self._models.challenger is None:
                    continue
                if isinstance(event, Committed):
                    for message in event.messages:
                        self._offer(message)
                elif isinstance(event, Lagged):
                    self._drop()

    def _offer(self, message: Message) -> None:
        read = message.understanding
        # An edited entry was compared when it was new.
        if message.author is not Author.CUSTOMER or message.edited_at is not None or read is None or not read.ranking:
            return
        try:
            self._waiting.put_nowait(message)
        except asyncio.QueueFull:
            self._drop()

    async def _round(self) -> None:
        first = await self._waiting.get()
        with suppress(TimeoutError):
            async with asyncio.timeout(self._pause):
                await self._stopping.wait()
        batch = [first]
        while len(batch) < MOST_AT_ONCE and not self._waiting.empty():
            batch.append(self._waiting.get_nowait())
        judged = await asyncio.gather(*(self._compared(message) for message in batch if message is not None))
        await self._keep([comparison for comparison in judged if comparison is not None])

    async def _compared(self, message: Message) -> Comparison | None:
        read, challenger = message.understanding, self._models.challenger
        if read is None or read.model is None or challenger is None or challenger == read.model:
            return None
        judged: Understanding | None = None
        error: str | None = None
        try:
            async with asyncio.timeout(self._patience):
                judged = await self._models.judge(read.text, read.language)
        except Overloaded:
            self._drop()
            return None
        except TimeoutError:
            error = f"no answer within {self._patience:g} seconds"
        except Exception as failure:  # whatever a challenger does, it only ends its own comparison
            error = f"{type(failure).__name__}: {failure}"
        if self._models.challenger != challenger:
            return None  # exchanged in the middle; it says nothing about either
        return Comparison(
            message=message.id,
            conversation=message.conversation,
            at=self._clock.now(),
            language=read.language.code,
            champion=verdict(read.model, read),
            challenger=challenger,
            verdict=None if judged is None else verdict(challenger, judged),
            error=error,
        )

    async def _keep(self, comparisons: Sequence[Comparison]) -> None:
        if not comparisons:
            return
        failures = [comparison.error for comparison in comparisons if comparison.error is not None]
        if failures:
            log.warning("challenger failed", times=len(failures), error=failures[-1])
        try:
            async with self._store.unit() as unit:
                await unit.comparisons.add(comparisons)
        except Exception as error:  # the comparisons are lost; the messages are answered all the same
            log.warning("comparisons not stored", count=len(comparisons), error=str(error))
            self._drop(len(comparisons))
            return
        for comparison in comparisons:
            outcome = "failed" if comparison.error is not None else "agree" if comparison.agrees else "disagree"
            self._metrics.shadow.labels(outcome).inc()

    def _drop(self, count: int = 1) -> None:
        self.dropped += count
        self._metrics.shadow.labels("dropped").inc(count)
