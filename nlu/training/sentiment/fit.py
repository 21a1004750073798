"""Fits the head, and calibrates it on languages that it has not seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import inv, solve
from sklearn.linear_model import LogisticRegression

from nlu.intents import Floats, LanguageMeans, softmax
from nlu.sentiment import LABELS, SentimentModel, nearness
from nlu.training.sentiment.sentences import Sentence

REGULARISATION = 0.1
"""The ridge's strength, as a share of a sentence's nearness to itself."""

Predictor = Callable[[Floats], Floats]
"""Features (n, f) in, outputs (n, 5) out."""

Learner = Callable[[Floats, Floats], Predictor]
"""Features (n, f) and targets (n, 5) in."""


def targets_of(sentences: Sequence[Sentence]) -> Floats:
    """One column for each of `nlu.sentiment.OUTPUTS` (n, 5), 0 or 1."""
    rows = [[*(s.sentiment == label for label in LABELS), s.anger, s.urgent] for s in sentences]
    return np.array(rows, np.float32)


def ridge(features: Floats, targets: Floats, regularisation: float = REGULARISATION) -> tuple[Floats, Floats]:
    """Weights (n, 5) and constants (5,) of kernel ridge regression; every sentence is an anchor."""
    gram = nearness(features, features).astype(np.float64)
    gram[np.diag_indices(len(gram))] += regularisation
    average = targets.mean(axis=0)
    weights = solve(gram, targets - average, assume_a="pos")
    return weights.astype(np.float32), average.astype(np.float32)


def ridge_with(regularisation: float = REGULARISATION) -> Learner:
    """`ridge` as a learner."""

    def learn(features: Floats, targets: Floats) -> Predictor:
        weights, constants = ridge(features, targets, regularisation)

        def predict(seen: Floats) -> Floats:
            outputs: Floats = nearness(seen, features) @ weights + constants
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


def ridge_left_out(
    features: Floats, targets: Floats, groups: NDArray[np.str_], regularisation: float = REGULARISATION
) -> Floats:
    """What `left_out` gives for `ridge`, (n, 5), in closed form: nothing is fitted again.

    The outputs for a group are y - B⁻¹(A(y - c)), A being the group's rows and B its block of the inverse, c the
    average of the others; see `nlu.training.ridge`.
    """
    gram = nearness(features, features).astype(np.float64)
    gram[np.diag_indices(len(gram))] += regularisation
    inverse = inv(gram, overwrite_a=True, check_finite=False)
    outputs = np.zeros(targets.shape, np.float32)
    for group in np.unique(groups):
        mine = groups == group
        rows = inverse[mine]
        outputs[mine] = targets[mine] - solve(rows[:, mine], rows @ (targets - targets[~mine].mean(axis=0)))
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
    weights, averages = ridge(features, targets)
    return SentimentModel(encoder, means, features, weights * factors, averages * factors + constants)
