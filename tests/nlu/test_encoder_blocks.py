from __future__ import annotations

import numpy as np
import pytest

from nlu.weights.blocks import Bits, from_q4_0, quantise
from tests.nlu.tiny_encoders import q4_0, q4_0_values


def weights(rows: int = 6, columns: int = 96) -> np.ndarray:
    return np.random.default_rng(1).standard_normal((rows, columns)).astype(np.float32)


def test_the_low_and_the_high_nibbles_of_q4_0_come_out_in_their_places() -> None:
    raw = np.frombuffer(q4_0(weights()), np.uint8)

    np.testing.assert_array_equal(from_q4_0(raw, 6, 96).dense(), q4_0_values(weights()))


def test_even_columns_lie_in_the_low_nibbles_as_the_kernels_want_them() -> None:
    row = np.array([[-8, 7, *[0] * 30]], np.float32)

    packed = quantise(row, 4).packed

    assert packed[0, 0] == (7 + 8) << 4 | 0
    assert set(packed[0, 1:]) == {8 << 4 | 8}


@pytest.mark.parametrize(("bits", "steps"), [(4, 8), (8, 128)])
def test_a_quantised_weight_is_off_by_half_a_step_at_most_and_a_whole_one_at_the_short_end(
    bits: Bits, steps: int
) -> None:
    original = weights()
    blocks = quantise(original, bits)

    step = np.abs(original.reshape(6, 3, 32)).max(axis=-1, keepdims=True) / steps
    error = np.abs(blocks.dense() - original).reshape(6, 3, 32) / step

    assert blocks.shape == (6, 96)
    # The scale itself is rounded to sixteen bits, which moves the outermost levels a little.
    assert np.quantile(error, 0.95) < 0.55
    assert error.max() < 1.1


def test_blocks_of_zeros_stay_zeros() -> None:
    assert not quantise(np.zeros((2, 64), np.float32), 4).dense().any()


def test_single_rows_can_be_read() -> None:
    blocks = quantise(weights(), 4)

    np.testing.assert_array_equal(blocks.dense(np.array([4, 1])), blocks.dense()[[4, 1]])
