"""What is trained: the upper layers of an encoder, whole or by narrow additions, and a softmax head on top."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from nlu.training.deep.activations import through, without_words
from nlu.training.deep.settings import DeepSettings
from nlu.training.network import Bottleneck, from_torch, pool, to_torch
from nlu.weights.bert import Bert

Floats = NDArray[np.float32]

HEAD_RIDGE = 0.1
"""Strength of the ridge that the head starts from, in embeddings whose features have a variance of one."""

START_SCALES = np.geomspace(0.5, 64, 29)


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
        return pool(through(self._bert(), states, mask), mask, self._pooling)

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
        standard = (embeddings - centre) / spread
        wanted = np.eye(self.head.out_features, dtype=np.float32)[targets]
        share = wanted.mean(axis=0)
        gram = standard.T @ standard / len(standard)
        gram[np.diag_indices(len(gram))] += HEAD_RIDGE
        weights = np.linalg.solve(gram, standard.T @ (wanted - share) / len(standard))
        scores = standard @ weights + share
        rows = np.arange(len(scores))
        losses = [float((_logsumexp(scores * s) - scores[rows, targets] * s).mean()) for s in START_SCALES]
        scale = float(START_SCALES[int(np.argmin(losses))])
        with torch.no_grad():
            self.centre.copy_(torch.from_numpy(centre))
            self.spread.copy_(torch.from_numpy(spread))
            self.head.weight.copy_(torch.from_numpy(weights.T * scale))
            self.head.bias.copy_(torch.from_numpy(share * scale))

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
        return self.encoder.base_model.model if self._lora else self.encoder


def _prepared(model: Any, settings: DeepSettings) -> Any:
    """The `BertModel` with what the method adds, and gradients for what learns."""
    if settings.gradient_checkpointing:
        model.gradient_checkpointing_enable({"use_reentrant": False})
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
    from peft import LoraConfig, get_peft_model

    config = LoraConfig(
        r=settings.lora_rank,
        lora_alpha=settings.lora_alpha,
        lora_dropout=settings.dropout,
        target_modules=["query", "key", "value", "dense"],
    )
    return get_peft_model(model, config)


def _logsumexp(scores: Floats) -> Floats:
    highest = scores.max(axis=1, keepdims=True)
    result: Floats = np.log(np.exp(scores - highest).sum(axis=1)) + highest[:, 0]
    return result
