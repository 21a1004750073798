"""Examples of different intents that mean nearly the same: the model can hardly tell them apart."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.pack_examples import Taught, comparable
from bot.ports_studio import Near
from nlu.artifacts import Model
from nlu.embedding_cache import EmbeddingCache
from nlu.encoder import Encoder
from nlu.intents import Floats

NEAR = 0.85
"""The cosine, centred by language, from which two examples count as near."""

ROWS, PIECE = 1024, 64
"""Examples that are compared, and encoded, at a time; it bounds the memory."""


class EncoderNeighbours:
    """See `bot.ports_studio.Neighbours`; what was found is kept until the examples or the model change."""

    def __init__(self, data_dir: Path, reading: Callable[[], tuple[Encoder, Model]]) -> None:
        self._data_dir = data_dir
        self._reading = reading
        self._one_at_a_time = asyncio.Lock()
        self._found: tuple[str, Sequence[Near]] = ("", ())

    async def near(self, examples: Sequence[Taught], limit: int) -> Sequence[Near]:
        """The nearest pairs across intents, nearest first. See `Neighbours.near`."""
        encoder, model = self._reading()
        key = _key(examples, encoder.fingerprint, limit)
        async with self._one_at_a_time:
            if self._found[0] != key:
                found = await asyncio.to_thread(self._compared, list(examples), encoder, model, limit)
                self._found = key, found
        return _placed(self._found[1], examples)

    def _compared(self, examples: list[Taught], encoder: Encoder, model: Model, limit: int) -> Sequence[Near]:
        if not examples:
            return ()
        embeddings = self._embedded([example.text for example in examples], encoder)
        centred = model.means.centre(embeddings, [example.language for example in examples])
        _, intents = np.unique([example.intent for example in examples], return_inverse=True)
        best = sorted(_pairs(centred, intents, limit), reverse=True)
        return [Near(examples[one], examples[other], cosine) for cosine, one, other in best[:limit]]

    def _embedded(self, texts: Sequence[str], encoder: Encoder) -> Floats:
        """Most are in the cache of the last training."""
        known = EmbeddingCache(self._data_dir / "cache", encoder.fingerprint).read()
        missing = sorted({text for text in texts if text not in known}, key=len)
        for start in range(0, len(missing), PIECE):
            piece = missing[start : start + PIECE]
            known.update(zip(piece, encoder.encode(piece), strict=True))
        return np.stack([known[text] for text in texts])


def _pairs(points: Floats, intents: NDArray[np.intp], limit: int) -> Iterator[tuple[float, int, int]]:
    """The nearest pairs of each block of rows: cosine and both positions."""
    for start in range(0, len(points), ROWS):
        rows = slice(start, start + ROWS)
        cosines = points[rows] @ points[start:].T
        height, width = cosines.shape
        apart = intents[rows, None] != intents[None, start:]
        apart &= np.arange(width)[None, :] > np.arange(height)[:, None]
        cosines[~apart] = -1
        near = np.flatnonzero(cosines >= NEAR)
        if len(near) > limit:
            near = near[np.argpartition(cosines.flat[near], -limit)[-limit:]]
        for place in near:
            row, column = divmod(int(place), width)
            yield min(1.0, float(cosines[row, column])), start + row, start + column


def _key(examples: Sequence[Taught], fingerprint: str, limit: int) -> str:
    said = sorted(f"{example.language}\0{example.intent}\0{example.text}" for example in examples)
    return hashlib.sha256("\n".join([fingerprint, str(limit), *said]).encode()).hexdigest()


def _placed(found: Sequence[Near], examples: Sequence[Taught]) -> Sequence[Near]:
    """The pairs where they stand now: lines move when other examples change place."""
    places = {(example.language, example.intent, comparable(example.text)): example for example in examples}

    def now(example: Taught) -> Taught:
        return places.get((example.language, example.intent, comparable(example.text)), example)

    return [Near(now(near.one), now(near.other), near.similarity) for near in found]
