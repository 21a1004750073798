"""Which messages mean about the same, by the embeddings of the model that serves: the core's `Similar`."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from nlu.grouping import grouped

Floats = NDArray[np.float32]

BATCH = 32
"""Texts that are read in one go; between two goes, messages that want an answer get their turn."""

REMEMBERED = 10_000
"""Texts whose embeddings are kept (15 MB at 384 dimensions)."""


class SimilarTexts:
    """Groups texts by their centred embeddings, off the event loop, and remembers the embeddings by text.

    `read` gives the centred embeddings (texts, hidden) of texts in their languages, with the model that serves now;
    `version` names that model: another one's embeddings are of no use.
    """

    def __init__(
        self, read: Callable[[Sequence[str], Sequence[str]], Awaitable[Floats]], version: Callable[[], str]
    ) -> None:
        self._read = read
        self._version = version
        self._known: OrderedDict[tuple[str, str, str], Floats] = OrderedDict()
        self._one_at_a_time = asyncio.Lock()

    async def groups(self, texts: Sequence[str], languages: Sequence[str]) -> Sequence[Sequence[int]]:
        """Every position once, in groups. See `bot.review.Similar`."""
        if not texts:
            return []
        async with self._one_at_a_time:
            vectors = await self._vectors(texts, languages)
        return await asyncio.to_thread(grouped, vectors)

    async def _vectors(self, texts: Sequence[str], languages: Sequence[str]) -> Floats:
        version = self._version()
        keys = [(version, language, text) for text, language in zip(texts, languages, strict=True)]
        found = {key: self._known[key] for key in keys if key in self._known}
        missing = list(dict.fromkeys(key for key in keys if key not in found))
        for start in range(0, len(missing), BATCH):
            batch = missing[start : start + BATCH]
            rows = await self._read([text for _, _, text in batch], [language for _, language, _ in batch])
            found.update(zip(batch, rows, strict=True))
        for key in keys:
            self._known[key] = found[key]
            self._known.move_to_end(key)
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return np.stack([found[key] for key in keys])
