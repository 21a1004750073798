"""The encoder's arithmetic in plain NumPy and 32 bits: slow, and the measure of every conversion."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nlu.weights.bert import Bert, Layer, Linear, Norm
from nlu.weights.blocks import Blocks, dense

Activations = NDArray[np.float32]

_erf = np.vectorize(math.erf, otypes=[np.float32])


def embed(bert: Bert, tokens: Sequence[int]) -> Activations:
    """The embedding of one text by its token ids, (hidden,), of length one.

    Source of the architecture: Devlin et al. 2019, "BERT", and Reimers and Gurevych 2019, "Sentence-BERT" (pooling).
    """
    ids = np.asarray(tokens)
    words = bert.words.dense(ids) if isinstance(bert.words, Blocks) else bert.words[ids]
    x = _normalise(words + bert.positions[: len(ids)] + bert.token_type, bert.norm, bert.epsilon)
    for layer in bert.layers:
        attended = _linear(_attention(x, layer, bert.heads), layer.attention_output)
        x = _normalise(x + attended, layer.attention_norm, bert.epsilon)
        outer = _linear(_gelu(_linear(x, layer.inner)), layer.outer)
        if layer.adapter is not None:
            outer = outer + _linear(_gelu(_linear(outer, layer.adapter.down)), layer.adapter.up)
        x = _normalise(x + outer, layer.output_norm, bert.epsilon)
    pooled: Activations = x.mean(axis=0) if bert.pooling == "mean" else x[0]
    return pooled / np.linalg.norm(pooled)


def _attention(x: Activations, layer: Layer, heads: int) -> Activations:
    query, key, value = (
        _linear(x, part).reshape(len(x), heads, -1).swapaxes(0, 1) for part in (layer.query, layer.key, layer.value)
    )
    scores = query @ key.swapaxes(1, 2) / math.sqrt(query.shape[-1])
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights /= weights.sum(axis=-1, keepdims=True)
    attended: Activations = (weights @ value).swapaxes(0, 1).reshape(x.shape)
    return attended


def _gelu(x: Activations) -> Activations:
    result: Activations = 0.5 * x * (1 + _erf(x / math.sqrt(2)))
    return result


def _linear(x: Activations, linear: Linear) -> Activations:
    return x @ dense(linear.weight).T + linear.bias


def _normalise(x: Activations, norm: Norm, epsilon: float) -> Activations:
    centred = x - x.mean(axis=-1, keepdims=True)
    scale = np.sqrt(np.square(centred).mean(axis=-1, keepdims=True) + epsilon)
    normalised: Activations = centred / scale * norm.weight + norm.bias
    return normalised
