"""Fits the head, and calibrates it on languages that it has not seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier

from nlu.intents import Floats, LanguageMeans, softmax
from nlu.sentiment import LABELS, SURFACE, SentimentModel, surface
from nlu.training.sentiment.sentences import Sentence

UNITS, DECAY, EPOCHS, RATE, BATCH = 32, 0.02, 40, 3e-3, 64
"""Of each network: hidden units, weight decay, passes over the sentences, learning rate, sentences a step."""

NETWORKS = 5
"""Networks that vote; side by side they are one hidden layer."""

SURFACE_WEIGHT = 0.3
"""Of the surface beside an embedding of length one, so that decay treats both alike."""

Weights = tuple[Floats, Floats, Floats, Floats]
"""`inner`, `inner_constant`, `outer` and `outer_constant` of `nlu.sentiment.SentimentModel`."""

Learner = Callable[[Floats, Floats], Callable[[Floats], Floats]]
"""Features (n, f) and targets (n, 5) in; out comes what turns features into logits (n, 5)."""


def targets_of(sentences: Sequence[Sentence]) -> Floats:
    """One column for each of `nlu.sentiment.OUTPUTS` (n, 5), 0 or 1."""
    rows = [[*(s.sentiment == label for label in LABELS), s.anger, s.urgent] for s in sentences]
    return np.array(rows, np.float32)


def perceptrons(features: Floats, targets: Floats, seed: int = 0) -> Weights:
    """A few small networks, side by side as one; their logits are averaged."""
    networks = []
    for number in range(NETWORKS):
        network = MLPClassifier(
            (UNITS,),
            alpha=DECAY * len(features) / BATCH,
            max_iter=EPOCHS,
            learning_rate_init=RATE,
            batch_size=BATCH,
            tol=0,
            n_iter_no_change=EPOCHS,
            random_state=seed + number,
        )
        networks.append(network.fit(features, targets.astype(int)))
    inner = np.hstack([network.coefs_[0] for network in networks])
    inner_constant = np.concatenate([network.intercepts_[0] for network in networks])
    outer = np.vstack([network.coefs_[1] for network in networks]) / NETWORKS
    outer_constant = sum(network.intercepts_[1] for network in networks) / NETWORKS
    parts = (inner, inner_constant, outer, outer_constant)
    return tuple(np.asarray(part, np.float32) for part in parts)  # type: ignore[return-value]  # four in, four out


def left_out(learner: Learner, features: Floats, targets: Floats, groups: NDArray[np.str_]) -> Floats:
    """The logits (n, 5) of every sentence from a head that has not seen its group."""
    logits = np.zeros(targets.shape, np.float32)
    for group in np.unique(groups):
        mine = groups == group
        logits[mine] = learner(features[~mine], targets[~mine])(features[mine])
    return logits


def calibration(logits: Floats, targets: Floats) -> tuple[Floats, Floats]:
    """Factors and constants (5,) that make chances of left-out logits.

    Sentiment has one temperature (Guo et al. 2017, «On Calibration», section 4.2), anger and urgency a factor and a
    constant each (Platt 1999).
    """
    factors, constants = np.ones(5, np.float32), np.zeros(5, np.float32)
    truth = targets[:, :3].argmax(axis=1)
    candidates = np.geomspace(0.1, 10, 201)
    rows = np.arange(len(truth))
    losses = [-np.log(softmax(logits[:, :3] * c)[rows, truth] + 1e-12).mean() for c in candidates]
    factors[:3] = candidates[int(np.argmin(losses))]
    for column in (3, 4):
        platt = LogisticRegression(C=1e6, max_iter=1000).fit(logits[:, [column]], targets[:, column])
        factors[column], constants[column] = platt.coef_[0, 0], platt.intercept_[0]
    return factors, constants


def learn(features: Floats, targets: Floats) -> Callable[[Floats], Floats]:
    """The `Learner` of the head in use."""
    inner, inner_constant, outer, outer_constant = perceptrons(features, targets)
    return lambda seen: np.maximum(seen @ inner + inner_constant, 0) @ outer + outer_constant


def features_of(embeddings: Floats, languages: Sequence[str], texts: Sequence[str], means: LanguageMeans) -> Floats:
    """Centred embeddings beside the weighted surface (n, hidden + 6)."""
    return np.hstack([means.centre(embeddings, languages), SURFACE_WEIGHT * surface(texts)])


def fit(
    encoder: str, means: LanguageMeans, features: Floats, targets: Floats, factors: Floats, constants: Floats
) -> SentimentModel:
    """The head, trained on all, with its calibration and the surface's weight made part of its own weights."""
    inner, inner_constant, outer, outer_constant = perceptrons(features, targets)
    weights = np.ones((len(inner), 1), np.float32)
    weights[-len(SURFACE) :] = SURFACE_WEIGHT
    return SentimentModel(
        encoder, means, inner * weights, inner_constant, outer * factors, outer_constant * factors + constants
    )
