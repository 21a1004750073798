"""What an encoder made of the latest texts, so that a message that many customers write is read once.

Two texts are the same to an encoder if its tokenizer makes the same tokens of them: so a text that differs from a known
one in white space or in the forms of its characters alone costs its tokens, and no run. Whatever the tokenizer, that
needs no rules of our own, and the result is the known one; only the spans are the text's own.

No text is kept, and none can be found by guessing: the keys are digests under a secret of the process. What is kept
lives in memory alone.
"""

from __future__ import annotations

import secrets
import sys
from array import array
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Literal, Protocol

from nlu.encoder import Encoded, Tokenised
from nlu.understander import ReadsOne

Outcome = Literal["exact", "normalised", "miss"]
"""The very text was known; one with the same tokens was; neither."""

OVERHEAD = 300
"""Bytes for the objects around an entry's content: its key, its place in the order, the headers of its arrays."""

_SPAN = sys.getsizeof((0, 0)) + 2 * sys.getsizeof(1) + 8
_DIGEST = 16


class Tokenises(Protocol):
    """What is needed of an encoder."""

    def tokenise(self, texts: Sequence[str]) -> list[Tokenised]:
        """See `Encoder.tokenise`."""
        ...


@dataclass(frozen=True, slots=True)
class _Spelling:
    """A text: which reading is its own, and where its tokens stand in it."""

    reading: bytes
    spans: tuple[tuple[int, int], ...]

    @property
    def size(self) -> int:
        return OVERHEAD + _SPAN * len(self.spans)


@dataclass(frozen=True, slots=True)
class _Reading:
    """What a run made of some token ids; it has no spans, which are a text's own."""

    encoded: Encoded

    @property
    def size(self) -> int:
        return OVERHEAD + self.encoded.embedding.nbytes + self.encoded.tokens.nbytes


class EncoderCache:
    """Stands before an encoder's micro-batcher: what it knows it gives at once, and the rest it asks for.

    It belongs to one encoder, as its batcher does, and to one event loop. At most `max_bytes` are kept; what was asked
    for longest ago goes first. `count` is told of every text.
    """

    def __init__(
        self,
        encoder: Tokenises,
        batcher: ReadsOne,
        *,
        max_bytes: int,
        count: Callable[[Outcome], None] = lambda _: None,
    ) -> None:
        self._encoder = encoder
        self._batcher = batcher
        self._max_bytes = max_bytes
        self._count = count
        self._secret = secrets.token_bytes(32)
        self._entries: OrderedDict[bytes, _Spelling | _Reading] = OrderedDict()
        self.size = 0
        """Bytes that are kept."""

    def __len__(self) -> int:
        return len(self._entries)

    async def read(self, text: str) -> Encoded:
        """What the encoder makes of one text; its arrays are read-only. See `MicroBatcher.read`."""
        name = self._digest(b"text", text.encode("utf-8", "surrogatepass"))
        spelling = self._entries.get(name)
        if isinstance(spelling, _Spelling) and (known := self._reading(spelling.reading)) is not None:
            self._entries.move_to_end(name)
            self._count("exact")
            return replace(known, spans=spelling.spans)
        (tokenised,) = self._encoder.tokenise([text])
        ids = self._digest(b"tokens", array("q", [len(tokenised.own), *tokenised.own, *tokenised.ids]).tobytes())
        known = self._reading(ids)
        self._count("miss" if known is None else "normalised")
        if known is None:
            known = _shareable(await self._batcher.read(text))
            self._put(ids, _Reading(known))
        self._put(name, _Spelling(ids, tokenised.spans))
        return replace(known, spans=tokenised.spans)

    def _digest(self, kind: bytes, content: bytes) -> bytes:
        return blake2b(content, digest_size=_DIGEST, key=self._secret, person=kind).digest()

    def _reading(self, key: bytes) -> Encoded | None:
        reading = self._entries.get(key)
        if not isinstance(reading, _Reading):
            return None
        self._entries.move_to_end(key)
        return reading.encoded

    def _put(self, key: bytes, entry: _Spelling | _Reading) -> None:
        before = self._entries.pop(key, None)
        if before is not None:
            self.size -= before.size
        if entry.size > self._max_bytes:  # it would put out everything else, and then itself
            return
        self._entries[key] = entry
        self.size += entry.size
        while self.size > self._max_bytes:
            _, oldest = self._entries.popitem(last=False)
            self.size -= oldest.size


def _shareable(encoded: Encoded) -> Encoded:
    """The same without spans, no longer part of a batch's arrays, which would stay in memory with it; read-only."""
    embedding, tokens = encoded.embedding.copy(), encoded.tokens.copy()
    embedding.flags.writeable = tokens.flags.writeable = False
    return Encoded(embedding, tokens, ())
