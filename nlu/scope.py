"""Whether a message is in scope at all: what tells it, and the chance that comes of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]

NEIGHBOURS = 5
"""Training sentences whose nearness counts."""

ENERGY_TEMPERATURE = 0.05
"""Where the energy lies between the highest score (0) and the sum of all; intents' scores differ by some tenths."""

DIRECTIONS = np.array([1, 1, -1, 1, 1, -1], np.float32)
"""Whether more of a feature can only speak for being in scope, or against it."""

FEATURES = len(DIRECTIONS)


@dataclass(frozen=True, slots=True)
class Scope:
    """A logistic over `scope_features`; `coefficients` are theirs, (FEATURES,)."""

    coefficients: Floats
    constant: float

    def chance(self, features: Floats) -> Floats:
        """The chance (n,) to be in scope, from features (n, FEATURES)."""
        logits = features @ self.coefficients + self.constant
        chance: Floats = (1 / (1 + np.exp(-np.clip(logits, -60, 60)))).astype(np.float32)
        return chance


def scope_features(scores: Floats, outside: Bools, cosines: Floats, anchors_in_scope: Bools) -> Floats:
    """What tells whether messages are in scope, (n, FEATURES).

    Of `scores` (n, labels), `outside` (labels,) being true for out-of-scope: the highest of an intent, the energy of
    all (Liu et al. 2020, «Energy-based Out-of-distribution Detection»), and that of out-of-scope. Of `cosines`
    (n, anchors): the mean of the nearest in scope, the very nearest, and the mean of the nearest known to be outside.
    What nothing was taught of counts as 0.
    """
    inside = scores[:, ~outside]
    best = inside.max(axis=1)
    spread = np.exp((inside - best[:, None]) / ENERGY_TEMPERATURE).sum(axis=1)
    energy = best + ENERGY_TEMPERATURE * np.log(spread)
    nothing = np.zeros(len(scores), np.float32)
    taught = scores[:, outside].max(axis=1) if outside.any() else nothing
    # A choice of columns is a copy; where all are chosen, none is needed.
    all_in_scope = bool(anchors_in_scope.all())
    near = _nearest(cosines if all_in_scope else cosines[:, anchors_in_scope])
    far = nothing if all_in_scope else _nearest(cosines[:, ~anchors_in_scope]).mean(axis=1)
    columns = [best, energy, taught, near.mean(axis=1), near.max(axis=1), far]
    features: Floats = np.stack(columns, axis=1).astype(np.float32)
    return features


def _nearest(cosines: Floats) -> Floats:
    """The highest of each row, (n, `NEIGHBOURS` or fewer), in no order."""
    count = min(NEIGHBOURS, cosines.shape[1])
    best: Floats = np.partition(cosines, -count, axis=1)[:, -count:]
    return best
