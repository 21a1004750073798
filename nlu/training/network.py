"""An encoder as a PyTorch network and back: the one bridge between converted weights and training.

Only training imports this; it needs the `train` extra (torch and transformers).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from transformers import BertConfig, BertModel

from nlu.weights.bert import Adapter, Bert, Layer, Linear, Norm
from nlu.weights.blocks import Bits, Matrix, dense, quantise


class Bottleneck(nn.Module):
    """A linear layer with an adapter after it, see `nlu.weights.bert.Adapter`; a new one changes nothing yet."""

    def __init__(self, outer: nn.Linear, size: int) -> None:
        super().__init__()
        self.outer = outer
        self.down = nn.Linear(outer.out_features, size)
        self.up = nn.Linear(size, outer.out_features)
        nn.init.zeros_(self.up.weight)
        nn.init.zeros_(self.up.bias)

    def forward(self, x: Tensor) -> Tensor:
        """`x` and the result are (..., inputs) and (..., hidden)."""
        y: Tensor = self.outer(x)
        adapted: Tensor = y + self.up(nn.functional.gelu(self.down(y)))
        return adapted


def to_torch(bert: Bert, *, dropout: float = 0.0) -> BertModel:
    """The encoder as `transformers.BertModel` without pooler, in float32, in evaluation mode.

    Quantised weights become what they stand for. Positions start at zero, whatever the source's numbering was.
    `dropout` is that of the hidden states and of the attention, for training.
    """
    config = BertConfig(
        vocab_size=bert.words.shape[0],
        hidden_size=bert.hidden,
        num_hidden_layers=len(bert.layers),
        num_attention_heads=bert.heads,
        intermediate_size=bert.layers[0].inner.weight.shape[0] if bert.layers else bert.hidden,
        max_position_embeddings=len(bert.positions),
        type_vocab_size=1,
        layer_norm_eps=bert.epsilon,
        hidden_dropout_prob=dropout,
        attention_probs_dropout_prob=dropout,
        hidden_act="gelu",
        attn_implementation="sdpa",
    )
    with torch.device("meta"):
        model = BertModel(config, add_pooling_layer=False)
    model.to_empty(device="cpu")
    with torch.no_grad():
        model.embeddings.position_ids.copy_(torch.arange(len(bert.positions))[None])
        model.embeddings.token_type_ids.zero_()
        embeddings = model.embeddings
        _copy(embeddings.word_embeddings.weight, dense(bert.words))
        _copy(embeddings.position_embeddings.weight, bert.positions)
        _copy(embeddings.token_type_embeddings.weight, bert.token_type[None])
        _copy_norm(embeddings.LayerNorm, bert.norm)
        for layer, module in zip(bert.layers, _layers(model), strict=True):
            for linear, target in zip(_linears(layer), _linear_modules(module), strict=True):
                _copy(target.weight, dense(linear.weight))
                _copy(target.bias, linear.bias)
            _copy_norm(module.attention.output.LayerNorm, layer.attention_norm)
            _copy_norm(module.output.LayerNorm, layer.output_norm)
            if layer.adapter is not None:
                module.output.dense = _bottleneck(module.output.dense, layer.adapter)
    model.eval()
    return model


def from_torch(model: BertModel, like: Bert, *, bits: Bits | None = 8) -> Bert:
    """The network's weights as arrays.

    A matrix that did not change stays as `like` has it. One that did is quantised in blocks of `bits`, or left plain
    if that is None: what fine-tuning changes is often smaller than a step of four bits.
    """

    def kept(old: Matrix | None, new: Tensor) -> Matrix:
        values = _array(new)
        if old is not None and np.array_equal(dense(old), values):
            return old
        return values if bits is None else quantise(values, bits)

    def adapter(module: Any, old: Adapter | None) -> Adapter | None:
        if not isinstance(module, Bottleneck):
            return None
        narrow = (module.down, old and old.down), (module.up, old and old.up)
        down, up = (Linear(kept(o.weight if o else None, new.weight), _array(new.bias)) for new, o in narrow)
        return Adapter(down, up)

    layers = []
    for layer, module in zip(like.layers, _layers(model), strict=True):
        query, key, value, attention_output, inner, outer = (
            Linear(kept(old.weight, new.weight), _array(new.bias))
            for old, new in zip(_linears(layer), _linear_modules(module), strict=True)
        )
        layers.append(
            Layer(
                query=query,
                key=key,
                value=value,
                attention_output=attention_output,
                attention_norm=_norm(module.attention.output.LayerNorm),
                inner=inner,
                outer=outer,
                output_norm=_norm(module.output.LayerNorm),
                adapter=adapter(module.output.dense, layer.adapter),
            )
        )
    embeddings = model.embeddings
    return replace(
        like,
        words=kept(like.words, embeddings.word_embeddings.weight),
        positions=_array(embeddings.position_embeddings.weight),
        token_type=_array(embeddings.token_type_embeddings.weight)[0],
        norm=_norm(embeddings.LayerNorm),
        layers=tuple(layers),
    )


def pool(hidden: Tensor, mask: Tensor, pooling: str) -> Tensor:
    """Embeddings of length one, (texts, hidden), of states (texts, tokens, hidden); `mask` is (texts, tokens)."""
    if pooling == "mean":
        weights = mask[:, :, None].to(hidden.dtype)
        pooled = (hidden * weights).sum(1) / weights.sum(1)
    else:
        pooled = hidden[:, 0]
    return nn.functional.normalize(pooled, dim=-1)


def _layers(model: Any) -> Iterator[Any]:
    yield from model.encoder.layer


def _linears(layer: Layer) -> tuple[Linear, ...]:
    return layer.query, layer.key, layer.value, layer.attention_output, layer.inner, layer.outer


def _linear_modules(module: Any) -> Iterator[Any]:
    attention = module.attention
    yield from (attention.self.query, attention.self.key, attention.self.value, attention.output.dense)
    outer = module.output.dense
    yield from (module.intermediate.dense, outer.outer if isinstance(outer, Bottleneck) else outer)


def _bottleneck(outer: nn.Linear, adapter: Adapter) -> Bottleneck:
    module = Bottleneck(outer, len(adapter.down.bias))
    for linear, target in ((adapter.down, module.down), (adapter.up, module.up)):
        _copy(target.weight, dense(linear.weight))
        _copy(target.bias, linear.bias)
    return module


def _copy(target: Tensor, values: NDArray[np.float32]) -> None:
    target.copy_(torch.from_numpy(np.array(values, np.float32)))


def _copy_norm(target: Any, norm: Norm) -> None:
    _copy(target.weight, norm.weight)
    _copy(target.bias, norm.bias)


def _norm(module: Any) -> Norm:
    return Norm(_array(module.weight), _array(module.bias))


def _array(values: Any) -> NDArray[np.float32]:
    array: NDArray[np.float32] = values.detach().cpu().numpy().copy()
    return array
