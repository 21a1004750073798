"""Reader of E5S1: one little-endian file with the architecture, the tokenizer and 4-bit weights of an e5 encoder."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from bot.errors import ModelError
from nlu.weights.bert import Bert, Layer, Linear, Norm
from nlu.weights.blocks import BLOCK, Blocks, Matrix, from_q4_0
from nlu.weights.vocabulary import Vocabulary

MAGIC = b"E5S1"
VERSION = 1
Q4_0_BLOCK_BYTES = 18
MASK = "<mask>"


@dataclass(frozen=True, slots=True)
class _Tensor:
    elements: int
    offset: int
    size: int


class _Cursor:
    """Reads values one after another and never past the end."""

    def __init__(self, path: Path, data: NDArray[np.uint8]) -> None:
        self.path = path
        self.data = data
        self.at = 0

    def take(self, size: int, what: str) -> NDArray[np.uint8]:
        if size < 0 or self.at + size > len(self.data):
            raise ModelError(
                f"{self.path}: truncated or damaged: {what} needs {size} bytes at offset {self.at}, "
                f"the file has {len(self.data)}"
            )
        self.at += size
        return self.data[self.at - size : self.at]

    def values(self, layout: str, what: str) -> tuple[Any, ...]:
        return struct.unpack(f"<{layout}", self.take(struct.calcsize(f"<{layout}"), what).tobytes())

    def array(self, dtype: DTypeLike, count: int, what: str) -> NDArray[Any]:
        return np.frombuffer(self.take(count * np.dtype(dtype).itemsize, what), dtype=dtype)


def read(path: Path) -> tuple[Bert, Vocabulary]:
    """Read the encoder and its vocabulary.

    Raises:
        ModelError: it is no E5S1 file, of another version, truncated, or lacks a tensor.
    """
    cursor = _Cursor(path, np.fromfile(path, dtype=np.uint8))
    magic, version = cursor.values("4sI", "the header")
    if magic != MAGIC or version != VERSION:
        raise ModelError(f"{path}: not an E5S1 file of version {VERSION} (found {magic!r}, version {version})")
    hidden, layers, heads, ffn, vocabulary, positions, types = cursor.values("7i", "the architecture")
    epsilon, block = cursor.values("fi", "the architecture")
    sizes = hidden, layers, heads, ffn, vocabulary, positions, types
    if min(sizes) < 1 or hidden % heads or hidden % BLOCK or ffn % BLOCK:
        raise ModelError(f"{path}: damaged: no encoder has the architecture {sizes}")
    if block != BLOCK:
        raise ModelError(f"{path}: weights come in blocks of {block}, only {BLOCK} is supported")
    pieces = _read_vocabulary(cursor)
    tensors = _Tensors(cursor, _read_directory(cursor))
    bert = Bert(
        heads=heads,
        epsilon=epsilon,
        words=tensors.matrix("emb.word", vocabulary, hidden),
        positions=tensors.floats("emb.pos", positions * hidden).reshape(positions, hidden),
        token_type=tensors.floats("emb.type", types * hidden)[:hidden],
        norm=tensors.norm("emb.ln", hidden),
        layers=tuple(tensors.layer(index, hidden, ffn) for index in range(layers)),
    )
    return bert, pieces


def _read_vocabulary(cursor: _Cursor) -> Vocabulary:
    count, bos, eos, pad, unk = cursor.values("5i", "the vocabulary's header")
    (blob_size,) = cursor.values("Q", "the vocabulary's size")
    offsets = cursor.array("<u4", count + 1, "the pieces' offsets").tolist()
    scores = cursor.array("<f4", count, "the pieces' scores").tolist()
    blob = cursor.take(blob_size, "the pieces").tobytes()
    # A map of single code points that the file's own engine normalises with; `Vocabulary` stands for the whole one.
    _, map_size = cursor.values("iI", "the normalisation map's header")
    cursor.take(map_size, "the normalisation map")
    ordered = all(start <= end for start, end in pairwise(offsets))
    if not ordered or offsets[-1] > blob_size or not all(0 <= token < count for token in (bos, eos, pad, unk)):
        raise ModelError(f"{cursor.path}: damaged: the vocabulary's offsets or special tokens lie outside it")
    try:
        texts = [blob[start:end].decode() for start, end in pairwise(offsets)]
    except UnicodeDecodeError as error:
        raise ModelError(f"{cursor.path}: damaged: a piece of the vocabulary is not UTF-8") from error
    controls = frozenset({pad, *(token for token, text in enumerate(texts) if text == MASK)})
    return Vocabulary(tuple(zip(texts, scores, strict=True)), bos, eos, unk, controls)


def _read_directory(cursor: _Cursor) -> Iterator[tuple[str, _Tensor]]:
    (entries,) = cursor.values("i", "the directory")
    for _ in range(entries):
        (length,) = cursor.values("H", "a tensor's name")
        name = cursor.take(length, "a tensor's name").tobytes().decode(errors="replace")
        _, elements, offset, size = cursor.values("BIQQ", f"the place of {name}")
        yield name, _Tensor(elements, offset, size)


class _Tensors:
    """The file's tensors by name, checked against the shape that the architecture gives them."""

    def __init__(self, cursor: _Cursor, directory: Iterator[tuple[str, _Tensor]]) -> None:
        self._cursor = cursor
        self._directory = dict(directory)

    def _raw(self, name: str, elements: int, size: int) -> NDArray[np.uint8]:
        tensor = self._directory.get(name)
        if tensor is None:
            raise ModelError(f"{self._cursor.path}: the tensor {name} is missing")
        if (tensor.elements, tensor.size) != (elements, size):
            raise ModelError(
                f"{self._cursor.path}: {name} has {tensor.elements} elements in {tensor.size} bytes, "
                f"expected {elements} in {size}"
            )
        self._cursor.at = tensor.offset
        return self._cursor.take(size, name)

    def floats(self, name: str, elements: int) -> NDArray[np.float32]:
        return self._raw(name, elements, elements * 4).copy().view("<f4")

    def matrix(self, name: str, rows: int, columns: int) -> Blocks:
        raw = self._raw(name, rows * columns, rows * columns // BLOCK * Q4_0_BLOCK_BYTES)
        return from_q4_0(raw, rows, columns)

    def norm(self, name: str, hidden: int) -> Norm:
        return Norm(self.floats(f"{name}.w", hidden), self.floats(f"{name}.b", hidden))

    def linear(self, name: str, outputs: int, inputs: int) -> Linear:
        weight: Matrix = self.matrix(f"{name}.w", outputs, inputs)
        return Linear(weight, self.floats(f"{name}.b", outputs))

    def layer(self, index: int, hidden: int, ffn: int) -> Layer:
        prefix = f"l{index}"
        return Layer(
            query=self.linear(f"{prefix}.q", hidden, hidden),
            key=self.linear(f"{prefix}.k", hidden, hidden),
            value=self.linear(f"{prefix}.v", hidden, hidden),
            attention_output=self.linear(f"{prefix}.ao", hidden, hidden),
            attention_norm=self.norm(f"{prefix}.aln", hidden),
            inner=self.linear(f"{prefix}.fi", ffn, hidden),
            outer=self.linear(f"{prefix}.fo", hidden, ffn),
            output_norm=self.norm(f"{prefix}.oln", hidden),
        )
