"""From examples to an encoder's folder: tokens, frozen layers, training, export."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from bot.errors import ConfigurationError
from nlu.encoder import Encoder
from nlu.training.dataset import Example
from nlu.training.deep.activations import make_activations
from nlu.training.deep.checkpoint import Checkpoints
from nlu.training.deep.frozen import as_served
from nlu.training.deep.loop import Training
from nlu.training.deep.network import DeepNetwork
from nlu.training.deep.settings import DeepSettings
from nlu.training.deep.splits import Ints, held_out
from nlu.training.deep.task import Epoch, Inputs, Task
from nlu.weights.bert import Bert
from nlu.weights.convert import convert
from nlu.weights.progress import Progress
from nlu.weights.sources import Source
from nlu.weights.store import DEFAULT_VARIANT

RECIPE = 2
"""Raised when the same settings begin to mean another training; checkpoints of the old one are then not used."""


FAITHFUL = 0.9
"""Least cosine of the exported encoder: one that was trained to exaggerate small differences does so with the rounding
of activations too. A wrong kernel falls below it all the same, and the report measures what is exported."""


@dataclass(frozen=True, slots=True)
class Tuned:
    """A fine-tuned encoder: its folder, the texts that it learned from, and how it went."""

    folder: Path
    learned: frozenset[str]
    epochs: Sequence[Epoch]
    examples: Mapping[str, int]
    trained_layers: int
    device: str
    cpu_seconds: float

    @property
    def best_accuracy(self) -> float:
        """That of the network's own head on the validation examples, at its best epoch."""
        return max(epoch.validation_accuracy for epoch in self.epochs)


class TokenIds:
    """Texts as token ids, for a network whose words are trained."""

    def __init__(self, tokens: Sequence[Sequence[int]]) -> None:
        self._tokens = tokens

    def read(self, texts: Ints) -> tuple[Tensor, Tensor]:
        """Token ids (texts, longest) and the mask of tokens."""
        rows = [self._tokens[text] for text in texts.tolist()]
        ids = np.zeros((len(rows), max(map(len, rows))), np.int64)
        mask = np.zeros(ids.shape, np.bool_)
        for row, tokens in enumerate(rows):
            ids[row, : len(tokens)] = tokens
            mask[row, : len(tokens)] = True
        return torch.from_numpy(ids), torch.from_numpy(mask)


def fine_tune(
    examples: Sequence[Example],
    embeddings: NDArray[np.float32],
    base: Encoder,
    source: Source,
    settings: DeepSettings,
    work: Path,
    *,
    seed: int,
    progress: Progress,
) -> Tuned:
    """Fine-tune the encoder of `source` on examples and write it to `work/encoder`.

    `embeddings` are those that `base`, which is `source` converted, has for them, (n, hidden). What is in `work` of the
    same training, killed before its end, is used again.

    Raises:
        ConfigurationError: the settings do not fit the encoder, the examples are too few, or `work` cannot be written.
        ModelError: the encoder's weights cannot be read, or the result not be written.
    """
    began = time.process_time()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    bert, tokenizer = source.load()
    bert = as_served(bert)
    frozen = settings.frozen_layers(len(bert.layers), accelerated=device != "cpu")
    rows = [[e.language, e.intent, e.text] for e in examples]
    fingerprint = _digest([RECIPE, base.fingerprint, rows, settings.model_dump(), frozen, seed, device])
    labels = sorted({e.intent for e in examples})
    targets = np.array([labels.index(e.intent) for e in examples])
    out = held_out([(e.intent, e.language) for e in examples], settings.validation_share, seed)
    if not out.any():
        raise ConfigurationError(f"{len(examples)} examples are too few to hold some out for validation")
    tokens = base.tokens([e.text for e in examples])
    lengths = np.array([len(ids) for ids in tokens])

    def train(inputs: Inputs) -> tuple[Bert, list[Epoch]]:
        task = Task(inputs, targets, lengths, np.flatnonzero(~out), np.flatnonzero(out))
        with torch.random.fork_rng(devices=[0] if device == "cuda" else []):
            torch.manual_seed(seed)
            network = DeepNetwork(bert, frozen, len(labels), settings)
            network.start_head(embeddings[~out], targets[~out])
            training = Training(network, task, settings, seed, Checkpoints(work, fingerprint), device)
            epochs = training.run(progress)
            return network.export(bert), epochs

    if settings.train_words:
        trained, epochs = train(TokenIds(tokens))
    else:
        lower = replace(bert, layers=bert.layers[:frozen])
        key = _digest([base.fingerprint, frozen, [e.text for e in examples]])
        with make_activations(lower, tokens, work, key, device, progress) as activations:
            trained, epochs = train(activations)
    folder = work / "encoder"
    shutil.rmtree(folder, ignore_errors=True)
    result = Source(source.name, _weights_digest(trained), source.prefixes, lambda: (trained, tokenizer))
    convert(result, folder, DEFAULT_VARIANT, progress, faithful=FAITHFUL)
    return Tuned(
        folder=folder,
        learned=frozenset(e.text for e, held in zip(examples, out.tolist(), strict=True) if not held),
        epochs=epochs,
        examples={"training": int((~out).sum()), "validation": int(out.sum())},
        trained_layers=len(bert.layers) - frozen,
        device=device,
        # A training that was resumed spent most of it in another process.
        cpu_seconds=max(time.process_time() - began, sum(epoch.seconds for epoch in epochs)),
    )


def _digest(content: object) -> str:
    return hashlib.sha256(json.dumps(content).encode("utf-8", "surrogatepass")).hexdigest()


def _weights_digest(bert: Bert) -> str:
    """A sha256 over every weight: encoders with the same embeddings have the same."""
    digest = hashlib.sha256()

    def add(part: object) -> None:
        if is_dataclass(part):
            for field in fields(part):
                add(getattr(part, field.name))
        elif isinstance(part, tuple):
            for item in part:
                add(item)
        elif isinstance(part, np.ndarray):
            digest.update(np.ascontiguousarray(part).data)
        else:
            digest.update(repr(part).encode())

    add(bert)
    return digest.hexdigest()
