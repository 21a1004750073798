"""What there is to learn, and the figures of learning it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from torch import Tensor

from nlu.training.deep.splits import Ints


class Inputs(Protocol):
    """The texts as the network takes them."""

    def read(self, texts: Ints) -> tuple[Tensor, Tensor]:
        """States (texts, tokens, hidden) or token ids (texts, tokens) of some texts, and the mask of tokens."""
        ...


@dataclass(frozen=True, slots=True)
class Task:
    """What to learn: inputs, the label and the number of tokens of each text (n,), and which of them are for what."""

    inputs: Inputs
    targets: Ints
    lengths: Ints
    training: Ints
    validation: Ints


@dataclass(frozen=True, slots=True)
class Epoch:
    """The figures of an epoch; `seconds` are of the process's CPU time."""

    number: int
    loss: float
    validation_loss: float
    validation_accuracy: float
    seconds: float
