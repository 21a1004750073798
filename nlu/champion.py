"""The models that are open in a server: the champion, which answers, and the challenger, which reads along.

Both are exchanged between two messages when `current.json` changes, whoever changed it. A version that cannot be opened
leaves the one before it at work.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Self

import structlog

from bot.errors import BabeldeskError, ModelError, Overloaded
from bot.model_versions import LineUp
from bot.pack import Pack
from bot.pack_examples import Taught
from bot.understanding import Hints, LanguageGuess, Understanding
from nlu.artifacts import Model
from nlu.batching import MicroBatcher
from nlu.choosing import Choice
from nlu.encoder import Embedding, Encoded, Encoder
from nlu.encoder_cache import EncoderCache, Outcome
from nlu.increment import Lesson, news, with_news
from nlu.model_store import Current
from nlu.serving import model_store, open_encoder, open_interpreter, trained_model, version_of
from nlu.understander import Interpreter, ModelUnderstander, ReadsOne

log = structlog.get_logger(__name__)

CHECK_SECONDS = 3.0
"""How often to look whether another process has changed which version serves."""

CLOSE_SECONDS = 5.0
"""How long a challenger is waited for when it goes; one that hangs is left behind."""

RECENT = 512
"""Readings that are kept for a challenger on the champion's encoder: it reads a second after the champion."""

MOST_PENDING = 64
"""Messages that a challenger may have before it; more are refused."""

LOWLY = 10
"""How far a challenger's threads stand back behind those that answer (`nice`)."""


class Recent:
    """What the encoder made of the latest texts, for as long as somebody wants them."""

    def __init__(self) -> None:
        self.wanted = False
        self._known: OrderedDict[str, Encoded] = OrderedDict()

    def put(self, text: str, encoded: Encoded) -> None:
        """Keep the reading of a text, and forget the oldest beyond `RECENT`."""
        if self.wanted:
            self._known[text] = encoded
            self._known.move_to_end(text)
            while len(self._known) > RECENT:
                self._known.popitem(last=False)

    def get(self, text: str) -> Encoded:
        """The reading of a text.

        Raises:
            Overloaded: it is there no more.
        """
        if text not in self._known:
            raise Overloaded("the champion's reading of this text is there no more")
        return self._known[text]

    def forget(self) -> None:
        """Keep nothing until somebody wants them again."""
        self.wanted = False
        self._known.clear()


class Engine:
    """An open encoder behind its micro-batcher, and `reader` before both: the batcher itself, or a cache."""

    def __init__(self, encoder: Encoder, batcher: MicroBatcher[Encoded], reader: ReadsOne, recent: Recent) -> None:
        self.encoder = encoder
        self._batcher = batcher
        self._reader = reader
        self._recent = recent
        self._users = 0
        self._idle = asyncio.Event()
        self._idle.set()

    async def read(self, text: str) -> Encoded:
        """What the encoder makes of one text; see `MicroBatcher.read`."""
        encoded = await self._reader.read(text)
        self._recent.put(text, encoded)
        return encoded

    def __enter__(self) -> Self:
        self._users += 1
        self._idle.clear()
        return self

    def __exit__(self, *_: object) -> None:
        self._users -= 1
        if not self._users:
            self._idle.set()

    async def close(self) -> None:
        """Let those who use it finish, and stop."""
        await self._idle.wait()
        await self._batcher.__aexit__(None, None, None)


@dataclass(frozen=True, slots=True)
class Champion:
    """The version that answers."""

    version: str
    engine: Engine
    understander: ModelUnderstander
    model: Model
    added: int = 0
    """Examples taught since, which it has learned beside its training."""


@dataclass(slots=True)
class Challenger:
    """The version that reads along: in a thread of its own, and with an encoder of its own if it needs another."""

    version: str
    interpreter: Interpreter
    encoder: MicroBatcher[Encoded] | None
    thread: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(1, "challenger", initializer=stand_back)
    )
    pending: int = 0

    async def judge(self, text: str, language: LanguageGuess, recent: Recent) -> Understanding:
        """See `Models.judge`."""
        if self.pending >= MOST_PENDING:
            raise Overloaded(f"{self.pending} messages wait for the challenger already")
        encoded = recent.get(text) if self.encoder is None else await self.encoder.read(text)
        work = self.thread.submit(self.interpreter.interpret, [text], [language], [encoded])
        self.pending += 1
        loop = asyncio.get_running_loop()
        work.add_done_callback(lambda _: loop.call_soon_threadsafe(self._done))
        (result,) = await asyncio.wrap_future(work)
        return replace(result, model=self.version)

    def _done(self) -> None:
        self.pending -= 1

    async def close(self) -> None:
        """Stop; what hangs is left behind."""
        self.thread.shutdown(wait=False, cancel_futures=True)
        if self.encoder is not None:
            closing = asyncio.ensure_future(self.encoder.__aexit__(None, None, None))
            await asyncio.wait({closing}, timeout=CLOSE_SECONDS)


class ServingModels:
    """An `Understander`, and the `Models` behind it; an async context.

    Entering opens the champion. `cache_bytes` of what its encoder made of the latest texts are kept, none with 0, and
    `count` is told how each text was found there.

    Raises:
        ModelError: no version can serve the pack.
    """

    def __init__(
        self,
        data_dir: Path,
        pack: Pack,
        *,
        source: str,
        threads: int,
        timeout: float = 5.0,
        cache_bytes: int = 0,
        count: Callable[[Outcome], None] = lambda _: None,
        check_every: float = CHECK_SECONDS,
    ) -> None:
        self._data_dir = data_dir
        self._pack = pack
        self._source = source
        self._threads = threads
        self._timeout = timeout
        self._cache_bytes = cache_bytes
        self._count = count
        self._check_every = check_every
        self._choice = Choice(data_dir, pack, source)
        self._store = model_store(data_dir, pack.name)
        self._changing = asyncio.Lock()
        self._recent = Recent()
        self._taught: Sequence[Lesson] = ()
        self._seen = Current()
        self._champion: Champion | None = None
        self._challenger: Challenger | None = None
        self._preparing: asyncio.Task[None] | None = None
        self.problem: str | None = None
        self.challenger_problem: str | None = None

    async def __aenter__(self) -> Self:
        current = await asyncio.to_thread(self._store.current)
        model, self.problem = await asyncio.to_thread(self._trained)
        self._champion = await self._opened(model)
        await self._seat_challenger(current.challenger)
        self._seen = current
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._stop_preparing()
        await self._seat_challenger(None)
        if self._champion is not None:
            await self._champion.engine.close()

    # --- messages -------------------------------------------------------------------------------------------------

    async def understand(self, text: str, hints: Hints) -> Understanding:
        """What the champion makes of a message. See `ModelUnderstander.understand`."""
        champion = self._serving()
        with champion.engine:
            understanding = await champion.understander.understand(text, hints)
        return replace(understanding, model=champion.version)

    async def judge(self, text: str, language: LanguageGuess) -> Understanding:
        """What the challenger makes of a message that the champion has read. See `Models.judge`."""
        if self._challenger is None:
            raise Overloaded("there is no challenger")
        return await self._challenger.judge(text, language, self._recent)

    async def centred(self, texts: Sequence[str], languages: Sequence[str]) -> Embedding:
        """What texts mean, (texts, hidden), as the champion compares them; read in a thread."""
        champion = self._serving()
        with champion.engine:
            embeddings = await asyncio.to_thread(champion.engine.encoder.encode, texts)
        return champion.understander.centre(embeddings, languages)

    @property
    def champion(self) -> str:
        """The version that answers."""
        return self._serving().version

    @property
    def challenger(self) -> str | None:
        """The version that runs in shadow."""
        return None if self._challenger is None else self._challenger.version

    # --- versions -------------------------------------------------------------------------------------------------

    async def line_up(self) -> LineUp:
        """All versions and their parts; the champion is the one that answers now."""
        listed = await asyncio.to_thread(self._choice.line_up)
        return replace(
            listed,
            champion=self.champion,
            problem=self.problem,
            challenger_problem=self.challenger_problem,
            added=self._serving().added,
        )

    async def promote(self, version: str) -> None:
        """Let a version answer. See `Models.promote`."""
        await self._after(lambda: self._choice.promote(version))

    async def rollback(self) -> None:
        """Let the version answer that did before. See `Models.rollback`."""
        await self._after(self._choice.rollback)

    async def challenge(self, version: str | None) -> None:
        """Let a version run in shadow, or none. See `Models.challenge`."""
        await self._after(lambda: self._choice.challenge(version))
        if self.challenger_problem is not None:
            raise ModelError(self.challenger_problem)

    async def use(self, pack: Pack) -> None:
        """Serve another state of the pack: its languages and entities count from the next message on.

        Raises:
            ConfigurationError: an entity is declared wrongly; the state before goes on.
        """
        async with self._changing:
            before, self._pack = self._pack, pack
            self._choice = Choice(self._data_dir, pack, self._source)
            if (pack.entities, pack.languages) == (before.entities, before.languages):
                return
            self._champion = await self._opened(self._serving().model)
            await self._seat_challenger(self.challenger)

    async def learn(self, taught: Sequence[Taught]) -> None:
        """Answer with what was taught since the training, from the next message on. See `Models.learn`."""
        async with self._changing:
            self._taught = taught
            serving = self._serving()
            new = await asyncio.to_thread(news, serving.model, taught)
            if not len(new) and not serving.added:
                return
            try:
                self._champion = await self._opened(serving.model)
            except ModelError as error:  # the training takes them in all the same
                self.problem = f"what was taught since the training is not answered yet: {error}"
                log.warning("champion has not learned", version=serving.version, error=str(error))
                return
            log.info("champion has learned", version=serving.version, examples=len(new))

    @property
    def reading(self) -> tuple[Encoder, Model]:
        """The encoder and the model that answer."""
        champion = self._serving()
        return champion.engine.encoder, champion.model

    async def watch(self) -> None:
        """Follow what other processes change, until cancelled."""
        while True:
            await asyncio.sleep(self._check_every)
            try:
                await self.refresh()
            except Exception as error:  # the models at work go on; it is tried again
                log.exception("models not refreshed", error=str(error))

    async def refresh(self) -> None:
        """Open what `current.json` names, if it has changed. What cannot be opened is told in `problem`."""
        async with self._changing:
            current = await asyncio.to_thread(self._store.current)
            if current == self._seen:
                return
            before = self._serving().engine
            await self._seat_champion()
            if current.challenger != self._seen.challenger or self._serving().engine is not before:
                await self._seat_challenger(current.challenger)
            self._seen = current

    async def _after(self, change: Callable[[], object]) -> None:
        await asyncio.to_thread(change)
        await self.refresh()

    # --- exchanging -----------------------------------------------------------------------------------------------

    def _serving(self) -> Champion:
        if self._champion is None:
            raise BabeldeskError("the models are not open")
        return self._champion

    def _trained(self) -> tuple[Model, str | None]:
        return trained_model(self._data_dir, self._pack, source=self._source)

    async def _seat_champion(self) -> None:
        old = self._serving()
        try:
            model, self.problem = await asyncio.to_thread(self._trained)
            if model.version == old.version:
                return
            self._champion = await self._opened(model)
        except ModelError as error:
            log.warning("champion not opened", error=str(error), serving=old.version)
            self.problem = f"{error}; {old.version} goes on"
            return
        log.info("champion", version=self._champion.version, before=old.version)
        if self._champion.engine is not old.engine:
            await old.engine.close()

    async def _opened(self, model: Model) -> Champion:
        engine = None if self._champion is None else self._champion.engine
        if engine is None or engine.encoder.fingerprint != model.metadata.encoder.fingerprint:
            encoder = await asyncio.to_thread(self._encoder, model, self._threads)
            batcher = await MicroBatcher(encoder.read, timeout=self._timeout).__aenter__()
            # Made with the encoder and gone with it: no other encoder's readings can be in it.
            cache = EncoderCache(encoder, batcher, max_bytes=self._cache_bytes, count=self._count)
            engine = Engine(encoder, batcher, cache if self._cache_bytes else batcher, self._recent)
        new = await asyncio.to_thread(news, model, self._taught)
        now = await asyncio.to_thread(with_news, model, new, engine.encoder.encode)
        interpreter = await asyncio.to_thread(open_interpreter, self._data_dir, now, self._pack)
        await self._stop_preparing()
        self._preparing = asyncio.create_task(self._prepare(interpreter), name="languages")
        return Champion(model.version or "", engine, ModelUnderstander(interpreter, engine), model, len(new))

    async def _stop_preparing(self) -> None:
        if self._preparing is not None:
            self._preparing.cancel()
            await asyncio.wait({self._preparing})

    async def _prepare(self, interpreter: Interpreter) -> None:
        """Compile what the pack's languages need; a message that comes before its language's turn waits for that."""
        try:
            for code in self._pack.languages:
                await asyncio.to_thread(interpreter.prepare, code)
        except Exception as error:  # each message in that language will say so again
            log.exception("languages not prepared", error=str(error))

    def _encoder(self, model: Model, threads: int) -> Encoder:
        return open_encoder(self._data_dir, model, source=self._source, threads=threads)

    async def _seat_challenger(self, version: str | None) -> None:
        old, self._challenger, self.challenger_problem = self._challenger, None, None
        self._recent.forget()
        if old is not None:
            await old.close()
        if version is None:
            return
        try:
            self._challenger = await self._challenging(version)
        except ModelError as error:
            log.warning("challenger not opened", version=version, error=str(error))
            self.challenger_problem = str(error)
            return
        self._recent.wanted = self._challenger.encoder is None
        log.info("challenger", version=version)

    async def _challenging(self, version: str) -> Challenger:
        model = await asyncio.to_thread(version_of, self._data_dir, self._pack, version, source=self._source)
        interpreter = await asyncio.to_thread(open_interpreter, self._data_dir, model, self._pack)
        batcher: MicroBatcher[Encoded] | None = None
        if model.metadata.encoder.fingerprint != self._serving().engine.encoder.fingerprint:
            # One thread, and a lowly one: the other cores are for those who wait for an answer.
            encoder = await asyncio.to_thread(self._encoder, model, 1)
            batcher = MicroBatcher(lowly(encoder.read), max_queue=MOST_PENDING, timeout=self._timeout)
            await batcher.__aenter__()
        return Challenger(version, interpreter, batcher)


def lowly(read: Callable[[Sequence[str]], Sequence[Encoded]]) -> Callable[[Sequence[str]], Sequence[Encoded]]:
    """The same, in a thread that stands back behind the others."""
    known: set[int] = set()

    def run(texts: Sequence[str]) -> Sequence[Encoded]:
        if threading.get_ident() not in known:
            known.add(threading.get_ident())
            stand_back()
        return read(texts)

    return run


def stand_back() -> None:
    """Give this thread a lower priority, where the system knows such a thing of a thread."""
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), LOWLY)
