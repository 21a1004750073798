"""The figures of an evaluation: pure functions from columns of gold intents, predictions and confidences."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

from nlu.training.predictions import Bools, Figures, Names

CALIBRATION_BINS = 15
"""As in Guo et al. 2017."""

HISTOGRAM_BINS = 20
COVERAGE_STEPS = 20

Z95 = 1.959964
"""Standard deviations on either side of the mean that hold 95 % of a normal distribution."""


def share(values: Bools) -> float | None:
    """The share that is true; None of nothing."""
    return float(values.mean()) if len(values) else None


def macro_f1(gold: Names, predicted: Names) -> float:
    """The mean F1 over the intents that the examples have."""
    scores = []
    for intent in np.unique(gold):
        asked, said = gold == intent, predicted == intent
        scores.append(2 * int((asked & said).sum()) / int(asked.sum() + said.sum()))
    return float(np.mean(scores))


def wilson(hits: int, n: int) -> tuple[float, float]:
    """The 95 % interval of a share, `hits` of `n` (Wilson 1927); it stays within 0 and 1 for few examples too."""
    if not n:
        return 0.0, 1.0
    p, z2 = hits / n, Z95**2
    middle = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = Z95 * (p * (1 - p) / n + z2 / (4 * n**2)) ** 0.5 / (1 + z2 / n)
    return max(0.0, middle - half), min(1.0, middle + half)


@dataclass(frozen=True, slots=True)
class Bins:
    """Equal-width bins of confidence: `edges` (bins + 1,), `right` and `wrong` predictions in each, (bins,).

    `confidence` (bins,) is the mean of each; NaN in an empty one.
    """

    edges: Figures
    right: Figures
    wrong: Figures
    confidence: Figures

    @property
    def total(self) -> Figures:
        """Predictions in each bin."""
        return self.right + self.wrong

    @property
    def accuracy(self) -> Figures:
        """The share of right ones in each bin; NaN in an empty one."""
        with np.errstate(invalid="ignore"):
            accuracy: Figures = self.right / self.total
        return accuracy


def binned(confidence: Figures, right: Bools, bins: int) -> Bins:
    """Count right and wrong predictions by confidence; a bin holds its lower edge, and the last one both."""
    place = np.clip((confidence * bins).astype(int), 0, bins - 1)
    total = np.bincount(place, minlength=bins).astype(float)
    hits = np.bincount(place[right], minlength=bins).astype(float)
    with np.errstate(invalid="ignore"):
        mean = np.bincount(place, weights=confidence, minlength=bins) / total
    return Bins(np.linspace(0, 1, bins + 1), hits, total - hits, mean)


def calibration_error(confidence: Figures, right: Bools) -> float | None:
    """The expected calibration error over equal-width bins (Guo et al. 2017); None of no predictions."""
    if not len(confidence):
        return None
    bins = binned(confidence, right, CALIBRATION_BINS)
    held = bins.total > 0
    gaps = np.abs(bins.confidence - bins.accuracy)[held] * bins.total[held]
    return float(gaps.sum() / len(confidence))


def auroc(score: Figures, positive: Bools) -> float | None:
    """The chance that a positive scores above a negative, ties counting half (Mann and Whitney's U); or None."""
    count = int(positive.sum())
    others = len(positive) - count
    if not count or not others:
        return None
    above = rankdata(score)[positive].sum() - count * (count + 1) / 2
    return float(above / (count * others))


def risk_coverage(sureness: Figures, wrong: Bools) -> list[list[float]]:
    """For each share of the surest messages, in twentieths, the share of wrong answers among them."""
    order = np.argsort(-sureness, kind="stable")
    counts = sorted({max(1, round(len(order) * step / COVERAGE_STEPS)) for step in range(1, COVERAGE_STEPS + 1)})
    return [[count / len(order), float(wrong[order[:count]].mean())] for count in counts]


def by_language(languages: Names, right: Bools) -> dict[str, dict[str, float]]:
    """Examples and accuracy of each language."""
    return {
        str(code): {"n": int((languages == code).sum()), "accuracy": float(right[languages == code].mean())}
        for code in np.unique(languages)
    }
