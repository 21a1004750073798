"""Where to hand over: the confidence from which answers are wrong no more often than wanted, and how sure that is."""

from __future__ import annotations

from typing import Any

import numpy as np

from nlu.training.predictions import Bools, Figures

RESAMPLES = 2000
CHUNK = 50
"""Resamples at a time; it bounds the memory."""

TAILS = (0.025, 0.975)


def at_error(sureness: Figures, wrong: Bools, max_error: float, *, seed: int = 0) -> dict[str, Any]:
    """The most that can be answered with at most `max_error` of the answers wrong, from the risk-coverage curve.

    `threshold` is the confidence from which to answer, `answered` the share of messages that reach it and `error` the
    share of wrong answers among these. What the model refuses (`sureness` below 0) is never answered. `interval` holds
    the 95 % intervals of a bootstrap (Efron 1979, percentiles): of the threshold and the share that would have been
    chosen, and of the error at the threshold that was. Where no threshold will do, it and the error are None and
    nothing is answered.
    """
    order = np.argsort(-sureness, kind="stable")
    scores, wrongs = sureness[order], wrong[order].astype(float)
    n = len(scores)
    # Messages of one confidence are answered together; a cut lies only behind the last of them.
    cuts = np.append(scores[1:] != scores[:-1], True) & (scores >= 0)
    chosen, counts, errors = _choose(np.ones((1, n)), wrongs, cuts, max_error)
    point = int(chosen[0])
    draws = np.random.default_rng(seed)
    thresholds, answered, at_point = [], [], []
    for start in range(0, RESAMPLES, CHUNK):
        size = min(CHUNK, RESAMPLES - start)
        weights = draws.multinomial(n, np.full(n, 1 / n), size=size).astype(float)
        places, sums, shares = _choose(weights, wrongs, cuts, max_error)
        found = places >= 0
        thresholds.append(np.where(found, scores[places], np.inf))
        answered.append(np.where(found, sums[np.arange(size), places] / n, 0.0))
        at_point.append(shares[:, point])
    return {
        "max_error": max_error,
        "threshold": float(scores[point]) if point >= 0 else None,
        "answered": float(counts[0, point] / n) if point >= 0 else 0.0,
        "error": float(errors[0, point]) if point >= 0 else None,
        "interval": {
            "threshold": _interval(thresholds),
            "answered": _interval(answered),
            "error": _interval(at_point) if point >= 0 else [None, None],
        },
    }


def _choose(
    weights: Figures, wrongs: Figures, cuts: Bools, max_error: float
) -> tuple[np.ndarray[Any, np.dtype[np.intp]], Figures, Figures]:
    """For each row of weights, (rows, n): the last good cut or -1, (rows,); messages and errors up to each, (rows, n).

    A share of nothing is wrong: NaN, and no cut.
    """
    counts = weights.cumsum(axis=1)
    with np.errstate(invalid="ignore"):
        errors = (weights * wrongs).cumsum(axis=1) / counts
    # The slack is for sums of floats only.
    good = cuts & (errors <= max_error + 1e-12)
    n = len(wrongs)
    last = n - 1 - good[:, ::-1].argmax(axis=1)
    return np.where(good.any(axis=1), last, -1), counts, errors


def _interval(parts: list[Figures]) -> list[float | None]:
    """The middle 95 %; None stands for «no threshold will do», which lies above all."""
    values = np.concatenate(parts)
    values = values[~np.isnan(values)]
    if not len(values):
        return [None, None]
    # Not interpolated: there is nothing between a threshold and none.
    ends = np.quantile(values, TAILS, method="nearest")
    return [float(end) if np.isfinite(end) else None for end in ends]
