"""What augmentation gives to a training."""

from __future__ import annotations

from dataclasses import dataclass

from nlu.training.augmentation.ablation import Trial
from nlu.training.dataset import Example


@dataclass(frozen=True, slots=True)
class Augmentation:
    """Copies to train with, the texts of the examples that have one, and how each way to make them did."""

    copies: tuple[Example, ...] = ()
    copied: frozenset[str] = frozenset()
    trials: tuple[Trial, ...] = ()
