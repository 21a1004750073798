"""An encoder of the BERT family as plain arrays: what every weights reader yields and the ONNX graph is built from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from nlu.weights.blocks import Matrix

Vector = NDArray[np.float32]

Pooling = Literal["mean", "cls"]
"""How the tokens' vectors become one: their mean, or the first token's."""


@dataclass(frozen=True, slots=True)
class Linear:
    """`x @ weight.T + bias`; weight (outputs, inputs), bias (outputs,)."""

    weight: Matrix
    bias: Vector


@dataclass(frozen=True, slots=True)
class Norm:
    """The gain and the shift of a layer normalisation, both (hidden,)."""

    weight: Vector
    bias: Vector


@dataclass(frozen=True, slots=True)
class Adapter:
    """A bottleneck after a layer's feed-forward part: `x + up(gelu(down(x)))` (Houlsby et al. 2019).

    down.weight is (bottleneck, hidden), up.weight (hidden, bottleneck).
    """

    down: Linear
    up: Linear


@dataclass(frozen=True, slots=True)
class Layer:
    """One transformer layer with its normalisations after the residual sums (post-norm)."""

    query: Linear
    key: Linear
    value: Linear
    attention_output: Linear
    attention_norm: Norm
    inner: Linear
    outer: Linear
    output_norm: Norm
    adapter: Adapter | None = None


@dataclass(frozen=True, slots=True)
class Bert:
    """An encoder without pooler.

    `words` is (vocabulary, hidden). `positions` is (longest input in tokens, hidden); its first row belongs to the
    first token, whatever offset the model's own numbering starts at. `token_type` is the (hidden,) row of segment 0,
    the only one we use.
    """

    heads: int
    epsilon: float
    words: Matrix
    positions: NDArray[np.float32]
    token_type: Vector
    norm: Norm
    layers: tuple[Layer, ...]
    pooling: Pooling = "mean"

    @property
    def hidden(self) -> int:
        """Dimensions of an embedding."""
        return len(self.token_type)
