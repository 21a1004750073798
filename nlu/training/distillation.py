"""Relational distillation: an encoder's updates trained so that its embeddings lie where a teacher's do.

The student learns two things of each text: which of a bank of the teacher's embeddings it is near to, as a distribution
(the loss of relational knowledge distillation in the form of Fang et al. 2021, «SEED»), and where its own target lies
(cosine). Only low-rank updates learn, so that what was learnt can be kept in a small file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from peft import LoraConfig, inject_adapter_in_model
from torch import Tensor, nn

from nlu.training.deep.activations import Activations
from nlu.training.deep.frozen import through
from nlu.training.network import pool
from nlu.weights.adaptation import LINEARS, Update
from nlu.weights.progress import Progress

Ints = NDArray[np.intp]

LEAST_RATE = 0.02
"""Of the highest learning rate, at the end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DistillationSettings:
    """How a student learns.

    Updates have `rank`; `temperature` and `bank`, the number of further targets, make the teacher's distribution;
    `cosine` is the weight of the distance to the text's own target.
    """

    rank: int = 32
    rate: float = 1e-3
    batch: int = 256
    epochs: float = 1.5
    temperature: float = 0.07
    bank: int = 3072
    cosine: float = 2.0
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Targets:
    """A teacher's embeddings (texts, hidden), their `mean` (hidden,) taken off, of length one."""

    embeddings: Tensor
    mean: Tensor

    @classmethod
    def of(cls, embeddings: Tensor) -> Self:
        """Centre some embeddings."""
        mean = embeddings.mean(0)
        return cls(nn.functional.normalize(embeddings - mean, dim=-1), mean)


@dataclass(frozen=True, slots=True)
class Lessons:
    """What is read, and what should come of it: states of texts, and for each lesson the text and its target's row."""

    states: Activations
    lengths: Ints
    texts: Ints
    targets: Ints


def with_updates(network: Any, rank: int) -> Any:
    """The network with low-rank updates of all of its layers' matrices, which alone learn."""
    modules = ["query", "key", "value", "dense"]
    config = LoraConfig(r=rank, lora_alpha=2 * rank, target_modules=modules, lora_dropout=0.0)
    return inject_adapter_in_model(config, network)


def distil(
    student: Any, lessons: Lessons, targets: Targets, settings: DistillationSettings, progress: Progress, called: str
) -> None:
    """Train the student's updates; `called` names the work in progress."""
    random = np.random.default_rng(settings.seed)
    parameters = [parameter for parameter in student.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=settings.rate, weight_decay=0.01)
    steps = max(1, int(len(lessons.texts) * settings.epochs / settings.batch))
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, _schedule(steps))
    student.train()
    batches = _batches(lessons.lengths[lessons.texts], settings.batch, random)
    for step, rows in zip(range(steps), batches, strict=False):
        x, mask = lessons.states.read(lessons.texts[rows])
        embeddings = nn.functional.normalize(pool(through(student, x, mask), mask, "mean") - targets.mean, dim=-1)
        others = random.integers(0, len(targets.embeddings), settings.bank)
        own = targets.embeddings[lessons.targets[rows]]
        loss = relational_loss(embeddings, own, targets.embeddings[others], settings)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        schedule.step()
        progress(called, step + 1, steps, note=f"loss {loss.item():.2f}")


def relational_loss(student: Tensor, own: Tensor, bank: Tensor, settings: DistillationSettings) -> Tensor:
    """The distance of embeddings (n, hidden) to their own targets (n, hidden), and of what they are near in the bank.

    All have length one. The divergence is Kullback and Leibler's, of the teacher's softmax over cosines to the batch's
    targets and the bank (m, hidden).
    """
    near = torch.cat([own, bank]).T
    wanted = torch.softmax(own @ near / settings.temperature, dim=1)
    found = torch.log_softmax(student @ near / settings.temperature, dim=1)
    divergence = nn.functional.kl_div(found, wanted, reduction="batchmean")
    return divergence + settings.cosine * (1 - (student * own).sum(1).mean())


def updates_of(student: Any, first: int) -> Mapping[tuple[int, str], Update]:
    """What the student's layers have learnt, by position in the encoder, the student's first layer being at `first`."""
    updates: dict[tuple[int, str], Update] = {}
    for index, layer in enumerate(student.encoder.layer):
        attention = layer.attention
        modules = (
            attention.self.query,
            attention.self.key,
            attention.self.value,
            attention.output.dense,
            layer.intermediate.dense,
            layer.output.dense,
        )
        for name, module in zip(LINEARS, modules, strict=True):
            down, up = module.lora_A["default"].weight, module.lora_B["default"].weight * module.scaling["default"]
            updates[first + index, name] = Update(_half(down), _half(up))
    return updates


def _half(values: Tensor) -> NDArray[np.float16]:
    array: NDArray[np.float16] = values.detach().numpy().astype(np.float16)
    return array


def _schedule(steps: int) -> Callable[[int], float]:
    warm = min(max(20, steps // 20), steps)

    def rate(step: int) -> float:
        decay = 0.5 * (1 + np.cos(np.pi * min(1, step / steps)))
        return float(min(1, (step + 1) / warm) * max(LEAST_RATE, decay))

    return rate


def _batches(lengths: Ints, size: int, random: np.random.Generator) -> Iterator[Ints]:
    """Endless batches of sentences of like length, so that little is padded, in random order."""
    while True:
        order = random.permutation(len(lengths))
        for start in range(0, len(order), size * 32):
            chunk = order[start : start + size * 32]
            chunk = chunk[np.argsort(lengths[chunk] + random.random(len(chunk)), kind="stable")]
            batches = [chunk[at : at + size] for at in range(0, len(chunk), size)]
            for index in random.permutation(len(batches)):
                yield batches[index]
