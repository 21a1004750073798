"""The pretrained multilingual encoder: texts in, embeddings out, by ONNX Runtime on the CPU."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from bot.errors import ModelError
from nlu.text import unshouted
from nlu.tokenizer import Tokenizer, open_tokenizer
from nlu.weights.manifest import Kind, Manifest

QUERY_TOKENS = 128
"""Tokens of a customer's message that are read, about 90 words; what a message wants stands in its beginning."""

Embedding = NDArray[np.float32]

BATCH_TOKENS = 4096
"""Tokens, padding included, of one run: it bounds the memory for activations to about 100 MB."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """One text as the encoder reads it, all from a single pass.

    `embedding` (hidden,) has length one. `tokens` (tokens, hidden) are the last layer's states of the text's own
    tokens, without prefix and special tokens; `spans` says where each stands in the text, [start, end) in code points
    without the space before a word.
    """

    embedding: Embedding
    tokens: Embedding
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Tokenised:
    """One text as it goes into the encoder: the `ids`, which of them are its `own` (no prefix, nothing special).

    What the encoder makes of a text depends on `ids` alone. `spans` are those of the own tokens, as in `Encoded`.
    """

    ids: list[int]
    own: list[int]
    spans: tuple[tuple[int, int], ...]


class Encoder:
    """An open encoder; any number of threads may call `encode` and `read` at once."""

    def __init__(self, manifest: Manifest, tokenizer: Tokenizer, session: onnxruntime.InferenceSession) -> None:
        self._manifest = manifest
        self._tokenizer = tokenizer
        self._session = session

    @classmethod
    def open(cls, folder: Path, *, threads: int = 1, verify: bool = False) -> Self:
        """Open a converted encoder's folder.

        `threads` work on each run. Sizes of the files are always checked, their sha256 only if `verify` is set.

        Raises:
            ModelError: the folder is no encoder of this format, or is damaged.
        """
        manifest = Manifest.read(folder)
        if verify:
            manifest.verify(folder)
        try:
            session = onnxruntime.InferenceSession(
                folder / "model.onnx", session_options(threads), providers=["CPUExecutionProvider"]
            )
            tokenizer = open_tokenizer(folder / manifest.tokenizer)
        except Exception as error:  # both libraries raise bare RuntimeErrors and their like
            raise ModelError(f"{folder} cannot be opened: {error}") from error
        return cls(manifest, tokenizer, session)

    @property
    def hidden(self) -> int:
        """Dimensions of an embedding."""
        return self._manifest.hidden

    @property
    def fingerprint(self) -> str:
        """The same for encoders with the same embeddings; models trained on them record it."""
        return self._manifest.fingerprint

    def encode(self, texts: Sequence[str], kind: Kind = "query", batch_size: int = 32) -> NDArray[np.float32]:
        """Embeddings of length one, (texts, hidden), in the order of the texts.

        Queries are cut to `QUERY_TOKENS`, passages to the model's longest input. No text is refused: an empty one has
        an embedding too, broken Unicode is mended, and shouting is read in small letters. Texts of like length share a
        run.
        """
        tokens = self.tokens(texts, kind)
        embeddings = np.empty((len(tokens), self.hidden), np.float32)
        for batch in _batches([len(ids) for ids in tokens], batch_size):
            embeddings[batch] = self._run([tokens[index] for index in batch])
        return embeddings

    def read(self, texts: Sequence[str], batch_size: int = 32) -> list[Encoded]:
        """Embeddings of customers' messages as from `encode`, and the states of their tokens."""
        tokenised = self.tokenise(texts)
        results: list[Encoded | None] = [None] * len(tokenised)
        for batch in _batches([len(text.ids) for text in tokenised], batch_size):
            embeddings, states = self._session.run(["embedding", "tokens"], padded([tokenised[i].ids for i in batch]))
            for row, index in enumerate(batch):
                results[index] = Encoded(embeddings[row], states[row, tokenised[index].own], tokenised[index].spans)
        return [result for result in results if result is not None]

    def tokenise(self, texts: Sequence[str]) -> list[Tokenised]:
        """Customers' messages as `read` takes them in; it takes a small part of the time of a run."""
        prefix = self._manifest.prefixes["query"]
        located = self._tokenizer.locate([prefix + unshouted(text) for text in texts], self._limit("query"))
        results = []
        for text, found in zip(texts, located, strict=True):
            own = [
                (number, start - len(prefix), end - len(prefix))
                for number, (start, end) in enumerate(found.spans)
                if end > len(prefix)
            ]
            spans = tuple(_without_space(text, max(start, 0), end) for _, start, end in own)
            results.append(Tokenised(found.ids, [number for number, _, _ in own], spans))
        return results

    def tokens(self, texts: Sequence[str], kind: Kind = "query") -> list[list[int]]:
        """The token ids of each text as the model reads them: with prefix and special tokens, cut to the limit."""
        prefix = self._manifest.prefixes[kind]
        return self._tokenizer.encode([prefix + unshouted(text) for text in texts], self._limit(kind))

    def _limit(self, kind: Kind) -> int:
        return min(QUERY_TOKENS, self._manifest.max_tokens) if kind == "query" else self._manifest.max_tokens

    def _run(self, tokens: list[list[int]]) -> NDArray[np.float32]:
        embeddings: NDArray[np.float32]
        (embeddings,) = self._session.run(["embedding"], padded(tokens))
        return embeddings


def padded(tokens: Sequence[Sequence[int]]) -> dict[str, NDArray[np.int64]]:
    """The graph's inputs, both (texts, longest): token ids, and a mask that is 1 for tokens and 0 for padding."""
    shape = len(tokens), max(map(len, tokens))
    ids = np.zeros(shape, np.int64)
    mask = np.zeros(shape, np.int64)
    for row, text in enumerate(tokens):
        ids[row, : len(text)] = text
        mask[row, : len(text)] = 1
    return {"input_ids": ids, "attention_mask": mask}


def _without_space(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), end


def _batches(lengths: list[int], batch_size: int) -> Iterator[list[int]]:
    """Indices in batches of ascending length, so that little is padded, within `BATCH_TOKENS`."""
    batch: list[int] = []
    for index in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch and (len(batch) == batch_size or (len(batch) + 1) * lengths[index] > BATCH_TOKENS):
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch


def session_options(threads: int) -> onnxruntime.SessionOptions:
    """How ONNX Runtime runs an encoder's graph, on so many threads."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Plans of memory are kept per input shape, and texts have every shape.
    options.enable_mem_pattern = False
    # A thread that waits for its next piece by spinning takes the core from the event loop.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options
