"""Fits what makes confidence mean something, on the scores of examples that were left out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nlu.calibration import RiskCurve, Temperatures
from nlu.intents import Floats

Ints = NDArray[np.intp]
Bools = NDArray[np.bool_]

CANDIDATES = np.geomspace(0.01, 10, 76).astype(np.float32)
"""Temperatures that are tried, a tenth apart."""

BORROWED = 200
"""Examples of all languages that count beside a language's own: with fewer of these, its temperature is the global one,
with many more, its own."""

CURVE_POINTS = 200
CALIBRATION_BINS = 15
"""As in Guo et al. 2017."""


def fit_temperatures(
    scores: Floats, targets: Ints, languages: Sequence[str], strangers: tuple[Floats, Ints] | None = None
) -> Temperatures:
    """The temperatures with the least negative log-likelihood (Guo et al. 2017, «On Calibration», section 4.2).

    `scores` (n, intents) are those of examples left out. `strangers` are scores and targets of examples with all of
    their language left out: they tell the temperature for the languages without examples.
    """
    losses = _losses(scores, targets)
    everywhere = losses.mean(axis=0)
    rows = np.array(languages)
    by_language = {}
    for code in sorted(set(languages)):
        mine = losses[rows == code].sum(axis=0) + BORROWED * everywhere
        by_language[code] = _best(mine)
    unknown = everywhere if strangers is None else _losses(*strangers).mean(axis=0)
    return Temperatures(_best(unknown), by_language)


def _losses(scores: Floats, targets: Ints) -> Floats:
    """The negative log-likelihood (n, candidates) of each example at each candidate temperature."""
    below = scores - scores.max(axis=1, keepdims=True)
    picked = below[np.arange(len(targets)), targets]
    columns = [-np.log(np.exp(picked / t) / np.exp(below / t).sum(axis=1) + 1e-12) for t in CANDIDATES]
    losses: Floats = np.stack(columns, axis=1)
    return losses


def _best(losses: Floats) -> float:
    return float(CANDIDATES[int(np.argmin(losses))])


def fit_curve(confidence: Floats, right: Bools, answered: Bools) -> RiskCurve:
    """How often answers are wrong by how sure they must be.

    Of messages left out: how sure the best answer was, whether it was right, and whether it was one at all. Errors are
    estimated by the rule of succession (Laplace), so that a handful of right answers promises little.
    """
    order = np.flatnonzero(answered)[np.argsort(-confidence[answered], kind="stable")]
    if not len(order):
        return RiskCurve(np.zeros((0, 3), np.float32))
    count = np.arange(1, len(order) + 1)
    error = (np.cumsum(~right[order]) + 1) / (count + 2)
    picked = np.unique(np.linspace(0, len(order) - 1, CURVE_POINTS).round().astype(int))
    points = np.stack([confidence[order], error, count / len(confidence)], axis=1)[picked]
    return RiskCurve(points.astype(np.float32))


def calibration_error(confidence: Floats, right: Bools) -> float:
    """The expected calibration error over equal-width bins (Guo et al. 2017)."""
    if not len(confidence):
        return 0.0
    bins = np.minimum((confidence * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)
    gaps = [abs(confidence[bins == b].mean() - right[bins == b].mean()) * (bins == b).sum() for b in np.unique(bins)]
    return float(sum(gaps) / len(confidence))
