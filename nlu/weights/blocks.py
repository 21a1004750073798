"""Matrices in blocks of 32 weights that share a scale: how the encoder's weights are stored, moved and multiplied.

Blocks run along the input axis (the columns). A stored value is unsigned; subtracting half its range makes it signed,
so a weight is `(value - 8) * scale` with four bits and `(value - 128) * scale` with eight.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

BLOCK = 32
"""Weights that share a scale; both formats that we read and every ONNX Runtime kernel that we use know this size."""

Bits = Literal[4, 8]


@dataclass(frozen=True, slots=True)
class Blocks:
    """A matrix of shape (rows, columns), quantised.

    `packed` is uint8 of shape (rows, columns * bits / 8); with four bits the even column is the low nibble, as ONNX
    Runtime's `MatMulNBits` and `GatherBlockQuantized` expect. `scales` is float16 or float32, (rows, columns / 32).
    """

    bits: Bits
    packed: NDArray[np.uint8]
    scales: NDArray[np.floating]

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the matrix that this stands for."""
        return self.packed.shape[0], self.packed.shape[1] * 8 // self.bits

    def dense(self, rows: NDArray[np.integer] | slice = slice(None)) -> NDArray[np.float32]:
        """The weights as float32 (rows, columns), of all rows or of those asked for."""
        packed = self.packed[rows]
        values = _unpack_nibbles(packed) if self.bits == 4 else packed  # noqa: PLR2004 - four is the number of bits
        signed = values.astype(np.float32) - float(2 ** (self.bits - 1))
        scales = self.scales[rows].astype(np.float32)
        blocks: NDArray[np.float32] = signed.reshape(*scales.shape, BLOCK) * scales[..., None]
        return blocks.reshape(values.shape)


Matrix = Blocks | NDArray[np.float32]
"""Weights of shape (rows, columns), as a file holds them: quantised or plain."""


def dense(matrix: Matrix) -> NDArray[np.float32]:
    """The weights as float32, whatever form they have."""
    return matrix.dense() if isinstance(matrix, Blocks) else matrix


def from_q4_0(raw: NDArray[np.uint8], rows: int, columns: int) -> Blocks:
    """Read ggml's Q4_0: per block an fp16 scale, then 16 bytes with weight j in the low and j + 16 in the high nibble.

    `raw` holds rows * columns / 32 blocks of 18 bytes. Source of the format: `block_q4_0` in ggml's ggml-common.h.
    """
    blocks = raw.reshape(rows, columns // BLOCK, 18)
    scales = np.ascontiguousarray(blocks[..., :2]).view(np.float16)[..., 0]
    quants = blocks[..., 2:]
    values = np.concatenate([quants & 0x0F, quants >> 4], axis=-1).reshape(rows, columns)
    return Blocks(4, _pack_nibbles(values), scales)


def quantise(weights: NDArray[np.float32], bits: Bits) -> Blocks:
    """Quantise (rows, columns) weights; `columns` is a multiple of 32.

    The weight of largest magnitude in a block falls on the end of the range that has one value more (-8 or -128), as
    ggml's `quantize_row_q4_0_ref` does it; that uses the whole range.
    """
    half = 2 ** (bits - 1)
    rows, columns = weights.shape
    blocks = weights.reshape(rows, columns // BLOCK, BLOCK)
    peak = np.take_along_axis(blocks, np.abs(blocks).argmax(axis=-1, keepdims=True), axis=-1)
    scales = (peak / -half).astype(np.float16)
    wide = scales.astype(np.float32)
    # A block of zeros has scale zero; any divisor will do.
    levels = np.rint(blocks / np.where(wide == 0, 1, wide)) + half
    values = np.clip(levels, 0, 2 * half - 1).astype(np.uint8).reshape(rows, columns)
    return Blocks(bits, _pack_nibbles(values) if bits == 4 else values, scales[..., 0])  # noqa: PLR2004 - as above


def _pack_nibbles(values: NDArray[np.uint8]) -> NDArray[np.uint8]:
    packed = values[..., 0::2] | (values[..., 1::2] << 4)
    return packed.astype(np.uint8, copy=False)


def _unpack_nibbles(packed: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.stack([packed & 0x0F, packed >> 4], axis=-1).reshape(*packed.shape[:-1], -1)
