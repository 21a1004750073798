"""Groups concurrent requests to the encoder, and keeps its work off the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from bot.errors import BabeldeskError, ModelError, Overloaded, Retryable, TimedOut

T = TypeVar("T")


class MicroBatcher(Generic[T]):
    """An async context that runs an encoder for many callers.

    `read` makes one result of each text; it blocks, and is called in one thread only.

    Whatever waits when the thread becomes free goes together, at most `max_batch` texts; nobody waits for company.
    Callers with the same text share one run, also one that is at work already. At most `max_queue` callers wait, each
    for at most `timeout` seconds, its own run included. On leaving, the batch at work is finished and those still
    waiting are refused.
    """

    def __init__(
        self,
        read: Callable[[Sequence[str]], Sequence[T]],
        *,
        max_batch: int = 16,
        max_queue: int = 1024,
        timeout: float = 5.0,
    ) -> None:
        self._read = read
        self._max_batch = max_batch
        self._max_queue = max_queue
        self._timeout = timeout
        self._queue: dict[asyncio.Future[T], str] = {}
        self._changed = asyncio.Event()
        self._open = False
        self._worker: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="encoder")

    async def __aenter__(self) -> Self:
        self._open = True
        self._worker = asyncio.create_task(self._work(), name="encoder")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._open = False
        self._changed.set()
        try:
            if self._worker is not None:
                await self._worker
        finally:
            for future in self._queue:
                _fail(future, _closed())
            # A run that is still going cannot be stopped; waiting for it must not stop the loop.
            await asyncio.to_thread(self._thread.shutdown)

    @property
    def waiting(self) -> int:
        """Callers in the queue, without those whose text was put to work."""
        return len(self._queue)

    async def read(self, text: str) -> T:
        """What the encoder makes of one text.

        Raises:
            Overloaded: the queue is full.
            TimedOut: it took longer than `timeout`; the text is no longer waiting.
            Retryable: the batcher is closed.
            ModelError: the encoder failed on this very text.
        """
        if not self._open:
            raise _closed()
        if len(self._queue) >= self._max_queue:
            raise Overloaded(f"{len(self._queue)} texts wait for the encoder already")
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._queue[future] = text
        self._changed.set()
        try:
            async with asyncio.timeout(self._timeout):
                return await future
        except TimeoutError:
            raise TimedOut(f"the encoder did not answer within {self._timeout:g} seconds") from None
        finally:
            self._queue.pop(future, None)

    async def _work(self) -> None:
        while self._open:
            batch = self._taken()
            if batch:
                await self._run(batch)
            else:
                self._changed.clear()
                await self._changed.wait()

    def _taken(self) -> dict[str, list[asyncio.Future[T]]]:
        """The next texts out of the queue, each with everybody who waits for it, wherever they stand."""
        batch: dict[str, list[asyncio.Future[T]]] = {}
        for future, text in self._queue.items():
            if text in batch or len(batch) < self._max_batch:
                batch.setdefault(text, []).append(future)
        for future in chain.from_iterable(batch.values()):
            del self._queue[future]
        return batch

    async def _run(self, batch: dict[str, list[asyncio.Future[T]]]) -> None:
        texts = list(batch)
        try:
            read = await asyncio.get_running_loop().run_in_executor(self._thread, self._read, texts)
            results = dict(zip(texts, read, strict=True))
        except Exception as error:  # whatever it is, it belongs to the callers who sent the text
            if len(batch) > 1:
                await self._run_singly(batch)
            else:
                for future in batch[texts[0]]:
                    _fail(future, _explained(error, texts[0]))
            return
        # Who came with the same text while it was at work has waited enough.
        late = [(future, text) for future, text in self._queue.items() if text in results]
        for future, text in late:
            del self._queue[future]
            batch[text].append(future)
        for text, result in results.items():
            for future in batch[text]:
                if not future.done():
                    future.set_result(result)

    async def _run_singly(self, batch: dict[str, list[asyncio.Future[T]]]) -> None:
        """One text that the encoder cannot take must not fail its neighbours."""
        for text, callers in batch.items():
            if not all(future.done() for future in callers):
                await self._run({text: callers})


def _fail(future: asyncio.Future[Any], error: BabeldeskError) -> None:
    if not future.done():
        future.set_exception(error)


def _explained(error: Exception, text: str) -> BabeldeskError:
    if isinstance(error, BabeldeskError):
        return error
    explained = ModelError(f"the encoder failed on a text of {len(text)} characters: {error}")
    explained.__cause__ = error
    return explained


def _closed() -> BabeldeskError:
    return Retryable("the encoder is shutting down")
