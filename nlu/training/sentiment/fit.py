"""Fits the head, and calibrates it on languages that it has not seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cholesky, solve, solve_triangular
from sklearn.linear_model import LogisticRegression

from nlu.intents import Floats, LanguageMeans, softmax
from nlu.sentiment import LABELS, SentimentModel, nearness
from nlu.training.sentiment.sentences import Sentence

ANCHORS = 512
"""Sentences that the head keeps; more change nothing (see docs/decisions/0009-sentiment.md)."""

REGULARISATION = 0.1
"""The ridge's strength, as a share of a sentence's nearness to itself."""

JITTER = 1e-6
"""Keeps the kernel of sentences that say almost the same invertible."""

Predictor = Callable[[Floats], Floats]
"""Features (n, f) in, outputs (n, 5) out."""

Learner = Callable[[Floats, Floats], Predictor]
"""Features (n, f) and targets (n, 5) in."""


def targets_of(sentences: Sequence[Sentence]) -> Floats:
    """One column for each of `nlu.sentiment.OUTPUTS` (n, 5), 0 or 1."""
    rows = [[*(s.sentiment == label for label in LABELS), s.anger, s.urgent] for s in sentences]
    return np.array(rows, np.float32)


def ridge(
    features: Floats, targets: Floats, anchors: int = ANCHORS, regularisation: float = REGULARISATION
) -> tuple[Floats, Floats, Floats]:
    """Anchors (m, f), weights (m, 5) and constants (5,) of kernel ridge regression.

    Of more sentences than there are to be anchors, as many are drawn, and all are learnt from (the Nyström method,
    Williams and Seeger 2001).
    """
    chosen = np.sort(np.random.default_rng(0).permutation(len(features))[:anchors])
    kept = features[chosen]
    gram = nearness(kept, kept).astype(np.float64)
    gram[np.diag_indices(len(gram))] += JITTER
    lower = cholesky(gram, lower=True)
    # Rows of `mapped` are the sentences in the coordinates in which the kernel is a plain dot product.
    mapped = solve_triangular(lower, nearness(kept, features).astype(np.float64), lower=True).T
    average = targets.mean(axis=0)
    normal = mapped.T @ mapped
    normal[np.diag_indices(len(normal))] += regularisation
    inner = solve(normal, mapped.T @ (targets - average), assume_a="pos")
    weights = solve_triangular(lower.T, inner, lower=False)
    return kept, weights.astype(np.float32), average.astype(np.float32)


def ridge_with(anchors: int = ANCHORS, regularisation: float = REGULARISATION) -> Learner:
    """`ridge` as a learner."""

    def learn(features: Floats, targets: Floats) -> Predictor:
        kept, weights, constants = ridge(features, targets, anchors, regularisation)

        def predict(seen: Floats) -> Floats:
            outputs: Floats = nearness(seen, kept) @ weights + constants
            return outputs

        return predict

    return learn


def left_out(learn: Learner, features: Floats, targets: Floats, groups: NDArray[np.str_]) -> Floats:
    """The outputs (n, 5) for every sentence of a head that has not seen its group."""
    outputs = np.zeros(targets.shape, np.float32)
    for group in np.unique(groups):
        mine = groups == group
        outputs[mine] = learn(features[~mine], targets[~mine])(features[mine])
    return outputs


def calibration(outputs: Floats, targets: Floats) -> tuple[Floats, Floats]:
    """Factors and constants (5,) that make logits of left-out outputs.

    Sentiment has one temperature (Guo et al. 2017, «On Calibration», section 4.2), anger and urgency a factor and a
    constant each (Platt 1999).
    """
    factors, constants = np.ones(5, np.float32), np.zeros(5, np.float32)
    truth = targets[:, :3].argmax(axis=1)
    candidates = np.geomspace(0.1, 100, 301)
    rows = np.arange(len(truth))
    losses = [-np.log(softmax(outputs[:, :3] * c)[rows, truth] + 1e-12).mean() for c in candidates]
    factors[:3] = candidates[int(np.argmin(losses))]
    for column in (3, 4):
        platt = LogisticRegression(C=1e6, max_iter=1000).fit(outputs[:, [column]], targets[:, column])
        factors[column], constants[column] = platt.coef_[0, 0], platt.intercept_[0]
    return factors, constants


def fit(
    encoder: str, means: LanguageMeans, features: Floats, targets: Floats, factors: Floats, constants: Floats
) -> SentimentModel:
    """The head, trained on all, with its calibration made part of its weights."""
    anchors, weights, averages = ridge(features, targets)
    return SentimentModel(encoder, means, anchors, weights * factors, averages * factors + constants)
