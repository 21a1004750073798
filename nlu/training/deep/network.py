"""What is trained: the upper layers of an encoder, whole or by narrow additions, and a softmax head on top."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from nlu.training.deep.frozen import through, without_words
from nlu.training.deep.settings import DeepSettings
from nlu.training.network import Bottleneck, from_torch, pool, to_torch
from nlu.weights.bert import Bert

Floats = NDArray[np.float32]

START_RIDGES = (0.01, 0.1, 1.0, 10.0, 100.0)
"""Strengths of the ridge that the head starts from, where features have a variance of one."""

LEAST_LEFT = 0.5
"""What the head's loss on the examples has to be at least, as a share of that on examples left out: where it knows them
by heart, nothing is left for the encoder to learn from."""

START_SCALES = np.geomspace(0.5, 64, 29)
"""Factors that make logits of the ridge's scores."""


class DeepNetwork(nn.Module):
    """The trained layers of an encoder, its pooling, and a linear head that sees standardised embeddings.

    Embeddings of length one differ by little in each dimension; `centre` and `spread` (hidden,) are their mean and
    standard deviation before training, so that the head's scale fits its learning rate.
    """

    def __init__(self, bert: Bert, frozen: int, classes: int, settings: DeepSettings) -> None:
        super().__init__()
        upper = replace(bert, layers=bert.layers[frozen:])
        self._whole = settings.train_words
        self._like = upper if self._whole else without_words(upper)
        self._pooling = bert.pooling
        self._lora = settings.method == "lora"
        self._recompute = settings.gradient_checkpointing
        self.encoder = _prepared(to_torch(self._like, dropout=settings.dropout), settings)
        self.dropout = nn.Dropout(settings.dropout)
        self.head = nn.Linear(bert.hidden, classes)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)
        self.register_buffer("centre", torch.zeros(bert.hidden))
        self.register_buffer("spread", torch.ones(bert.hidden))

    def inputs(self, x: Tensor) -> Tensor:
        """States (texts, tokens, hidden) of token ids (texts, tokens) if the words are trained; else `x` as it is."""
        states: Tensor = x if x.is_floating_point() else self._bert().embeddings(input_ids=x)
        return states

    def embed(self, states: Tensor, mask: Tensor) -> Tensor:
        """Embeddings of length one (texts, hidden) of states (texts, tokens, hidden)."""
        recompute = self._recompute and self.training
        return pool(through(self._bert(), states, mask, recompute=recompute), mask, self._pooling)

    def logits(self, embeddings: Tensor) -> Tensor:
        """Logits (texts, classes)."""
        standard = (embeddings - self.centre) / self.spread
        logits: Tensor = self.head(self.dropout(standard))
        return logits

    def start_head(self, embeddings: Floats, targets: NDArray[np.intp]) -> None:
        """Let the head begin with what a linear ridge regression makes of embeddings (n, hidden) before training.

        So the first steps move the encoder by what is really wrong, and not by a head that knows nothing yet.
        """
        centre, spread = embeddings.mean(axis=0), np.maximum(embeddings.std(axis=0), 1e-6)
        wanted = np.eye(self.head.out_features, dtype=np.float32)[targets]
        weights, bias = _start((embeddings - centre) / spread, wanted)
        with torch.no_grad():
            self.centre.copy_(torch.from_numpy(centre))
            self.spread.copy_(torch.from_numpy(spread))
            self.head.weight.copy_(torch.from_numpy(weights.T))
            self.head.bias.copy_(torch.from_numpy(bias))

    def trained(self) -> Iterator[tuple[str, nn.Parameter]]:
        """The parameters that learn, by name."""
        return ((name, parameter) for name, parameter in self.named_parameters() if parameter.requires_grad)

    def export(self, bert: Bert) -> Bert:
        """The whole encoder with the trained layers in place of its own; the network is of no use afterwards.

        LoRA's additions are merged into the weights; what changed is quantised to eight bits.
        """
        model = self.encoder.merge_and_unload() if self._lora else self.encoder
        upper = from_torch(model, self._like)
        kept = bert.layers[: len(bert.layers) - len(upper.layers)]
        return replace(upper if self._whole else bert, layers=(*kept, *upper.layers))

    def _bert(self) -> Any:
        return self.encoder.model if self._lora else self.encoder


def _prepared(model: Any, settings: DeepSettings) -> Any:
    """The `BertModel` with what the method adds, and gradients for what learns."""
    model.requires_grad_(requires_grad=False)
    embeddings = model.embeddings
    if settings.method == "lora":
        model = _with_lora(model, settings)
    elif settings.method == "adapters":
        for layer in model.encoder.layer:
            layer.output.dense = Bottleneck(layer.output.dense, settings.adapter_size)
            for part in (layer.output.dense.down, layer.output.dense.up):
                part.requires_grad_(requires_grad=True)
            # As Houlsby et al. 2019 do: an adapter wants the normalisations around it to follow.
            for norm in (layer.attention.output.LayerNorm, layer.output.LayerNorm):
                norm.requires_grad_(requires_grad=True)
    else:
        model.encoder.requires_grad_(requires_grad=True)
    embeddings.requires_grad_(requires_grad=settings.train_words)
    return model


def _with_lora(model: Any, settings: DeepSettings) -> Any:
    from peft import LoraConfig, LoraModel

    config = LoraConfig(
        r=settings.lora_rank,
        lora_alpha=settings.lora_alpha,
        lora_dropout=settings.dropout,
        target_modules=["query", "key", "value", "dense"],
    )
    return LoraModel(model, config, "default")


def _start(standard: Floats, wanted: Floats) -> tuple[Floats, Floats]:
    """Weights (hidden, classes) and biases (classes,) of a linear head: a ridge regression times a factor.

    Both strength and factor are those with the least loss on examples left out (Allen's PRESS statistic, as in
    `nlu.training.fit`), among those that leave enough to learn.
    """
    share = wanted.mean(axis=0)
    gram = standard.T @ standard / len(standard)
    best = np.inf, np.zeros((standard.shape[1], len(share))), share
    for ridge in START_RIDGES:
        inverse = np.linalg.inv(gram + ridge * np.eye(len(gram), dtype=np.float32))
        weights = inverse @ (standard.T @ (wanted - share) / len(standard))
        hat = (standard @ inverse * standard).sum(axis=1) / len(standard)
        scores = standard @ weights + share
        left_out = wanted - (wanted - scores) / np.maximum(1 - hat, 1e-2)[:, None]
        for scale in START_SCALES:
            loss = _loss(left_out * scale, wanted)
            if loss < best[0] and _loss(scores * scale, wanted) >= LEAST_LEFT * loss:
                best = loss, weights * scale, share * scale
    return best[1].astype(np.float32), best[2].astype(np.float32)


def _loss(scores: Floats, wanted: Floats) -> float:
    """The mean cross-entropy."""
    highest = scores.max(axis=1, keepdims=True)
    sums = np.log(np.exp(scores - highest).sum(axis=1)) + highest[:, 0]
    return float((sums - (scores * wanted).sum(axis=1)).mean())
