"""Compares two models on the same examples: a paired bootstrap, McNemar's counts, and what they decide differently."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

from nlu.training.figures import macro_f1
from nlu.training.operating_point import TAILS
from nlu.training.predictions import Figures, Names, Predictions

RESAMPLES = 10_000
CHUNK = 500
"""Resamples at a time; it bounds the memory."""

BETTER, WORSE, NO_DIFFERENCE = "better", "worse", "no difference shown"

Ints = NDArray[np.intp]


def compare(this: Predictions, other: Predictions, *, resamples: int = RESAMPLES, seed: int = 0) -> dict[str, Any]:
    """How `this` model differs from the `other`: positive differences are in favour of `this`.

    Examples are drawn with replacement, each with both models' predictions (the paired bootstrap: Efron and Tibshirani
    1993; Berg-Kirkpatrick et al. 2012). `interval` is the middle 95 % of the differences, `this_better` and
    `other_better` the shares of the resamples in which each is ahead; the rest are ties. The `verdict` is «better» or
    «worse» if the interval leaves zero out. McNemar's `p_value` is the exact one. Languages have intervals but no
    verdict: among many languages some would differ by chance.
    """
    gold = this.gold
    cells, counts = _cells(gold, this.predicted, other.predicted)
    accuracy, f1 = _resampled(cells, counts, resamples, seed)
    right, others_right = this.right, other.right
    only_this, only_other = int((right & ~others_right).sum()), int((others_right & ~right).sum())
    return {
        "n": len(gold),
        "resamples": resamples,
        "seed": seed,
        "accuracy": _difference(float(right.mean()), float(others_right.mean()), accuracy),
        "macro_f1": _difference(macro_f1(gold, this.predicted), macro_f1(gold, other.predicted), f1),
        "mcnemar": {
            "both_right": int((right & others_right).sum()),
            "only_this_right": only_this,
            "only_other_right": only_other,
            "both_wrong": int((~right & ~others_right).sum()),
            "p_value": float(binomtest(only_this, only_this + only_other).pvalue) if only_this + only_other else 1.0,
        },
        "by_language": _by_language(this, other, resamples, seed),
        "decided_differently": int((this.predicted != other.predicted).sum()),
    }


def differences(this: Predictions, other: Predictions) -> list[dict[str, Any]]:
    """The examples that two models decide differently, with what each says and which of them is right."""
    return [
        {
            "text": example.text,
            "intent": example.intent,
            "language": example.language,
            "right": _who(bool(this.right[index]), bool(other.right[index])),
            "this": _said(this, index),
            "other": _said(other, index),
            "place": str(example),
        }
        for index, example in enumerate(this.examples)
        if this.predicted[index] != other.predicted[index]
    ]


def _said(predictions: Predictions, index: int) -> Mapping[str, Any]:
    return {"name": str(predictions.predicted[index]), "confidence": float(predictions.confidence[index])}


def _who(this: bool, other: bool) -> str:  # noqa: FBT001 - a table of two truths
    return "this" if this else "other" if other else "neither"


def _cells(gold: Names, this: Names, other: Names) -> tuple[Ints, Ints]:
    """The distinct triples of gold and both predictions as numbers, (cells, 3), and how often each occurs, (cells,)."""
    _, codes = np.unique(np.concatenate([gold, this, other]), return_inverse=True)
    cells, counts = np.unique(codes.reshape(3, -1).T, axis=0, return_counts=True)
    return cells, counts


def _resampled(cells: Ints, counts: Ints, resamples: int, seed: int) -> tuple[Figures, Figures]:
    """Differences in accuracy and in macro F1 of each resample, (resamples,) each.

    Examples of one cell are alike, so a resample is a draw from the multinomial distribution over the cells.
    """
    draws = np.random.default_rng(seed)
    n, intents = int(counts.sum()), int(cells.max()) + 1
    gold, this, other = (np.eye(intents)[column] for column in cells.T)
    gain = (cells[:, 1] == cells[:, 0]).astype(float) - (cells[:, 2] == cells[:, 0])
    accuracy, f1 = [], []
    for start in range(0, resamples, CHUNK):
        weights = draws.multinomial(n, counts / n, size=min(CHUNK, resamples - start)).astype(float)
        accuracy.append(weights @ gain / n)
        asked = weights @ gold
        f1.append(_macro_f1(weights, asked, gold, this) - _macro_f1(weights, asked, gold, other))
    return np.concatenate(accuracy), np.concatenate(f1)


def _macro_f1(weights: Figures, asked: Figures, gold: Figures, said: Figures) -> Figures:
    """Macro F1 of each resample, over the intents that it has, (resamples,)."""
    hits = weights @ (gold * said)
    scores = 2 * hits / np.maximum(asked + weights @ said, 1)
    present = asked > 0
    mean: Figures = np.where(present, scores, 0).sum(axis=1) / present.sum(axis=1)
    return mean


def _difference(this: float, other: float, resampled: Figures) -> dict[str, Any]:
    # Sums of floats stop short of zero by less than this; a single example weighs far more.
    resampled = np.where(np.abs(resampled) < 1e-12, 0.0, resampled)  # noqa: PLR2004
    low, high = (float(end) for end in np.quantile(resampled, TAILS))
    return {
        "this": this,
        "other": other,
        "difference": this - other,
        "interval": [low, high],
        "this_better": float((resampled > 0).mean()),
        "other_better": float((resampled < 0).mean()),
        "verdict": BETTER if low > 0 else WORSE if high < 0 else NO_DIFFERENCE,
    }


def _by_language(this: Predictions, other: Predictions, resamples: int, seed: int) -> dict[str, dict[str, Any]]:
    draws = np.random.default_rng(seed)
    languages, right, others_right = this.languages, this.right, other.right
    rows: dict[str, dict[str, Any]] = {}
    for code in np.unique(languages):
        mine = languages == code
        gains = right[mine].astype(int) - others_right[mine]
        n = len(gains)
        shares = np.array([(gains == sign).sum() for sign in (-1, 0, 1)]) / n
        drawn = draws.multinomial(n, shares, size=resamples)
        low, high = np.quantile((drawn[:, 2] - drawn[:, 0]) / n, TAILS)
        rows[str(code)] = {
            "n": n,
            "this": float(right[mine].mean()),
            "other": float(others_right[mine].mean()),
            "difference": float(gains.mean()),
            "interval": [float(low), float(high)],
        }
    return rows
