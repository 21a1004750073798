"""What makes confidence mean something: temperatures by language, and how often answers of a confidence are wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

WANTED_ERRORS = (0.02, 0.05, 0.1)
"""Shares of wrong answers for which training tells the threshold."""


@dataclass(frozen=True, slots=True)
class Temperatures:
    """What scores are divided by to become probabilities: by language, and for the languages without examples."""

    fallback: float
    by_language: Mapping[str, float] = field(default_factory=dict)

    def of(self, languages: Sequence[str]) -> Floats:
        """The temperature of each language, (n, 1)."""
        found: Floats = np.array([[self.by_language.get(code, self.fallback)] for code in languages], np.float32)
        return found.reshape(-1, 1)


@dataclass(frozen=True, slots=True)
class Threshold:
    """If all messages at least this `confidence` are answered, `error` of the answers are wrong.

    `coverage` is the share of the messages that are then answered: 0, with a confidence above 1, where no threshold
    keeps the error that low.
    """

    error: float
    confidence: float
    coverage: float


@dataclass(frozen=True, slots=True)
class RiskCurve:
    """How often answers are wrong, by how sure they must be, as measured on examples left out of training.

    `points` (points, 3), by falling confidence: the confidence from which is answered, the share of the answers that
    are wrong, and the share of the messages that are answered.
    """

    points: Floats

    def risk(self, confidence: float) -> float:
        """The share of wrong answers at the lowest threshold that is still kept by this confidence.

        The largest coverage with an error of at most e is had by answering whatever has a risk of at most e. 1 below
        all that was measured.
        """
        kept = self.points[self.points[:, 0] <= confidence]
        return float(kept[:, 1].min()) if len(kept) else 1.0

    def threshold(self, error: float) -> Threshold:
        """The threshold that answers most with at most `error` of the answers wrong."""
        good = self.points[self.points[:, 1] <= error]
        if not len(good):
            return Threshold(error, 2.0, 0.0)
        best = good[-1]
        return Threshold(error, float(best[0]), float(best[2]))
