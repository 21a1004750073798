"""Other heads, to see by the same cross-validation that the one in use is the right one."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from sklearn.linear_model import LogisticRegression

from nlu.intents import Floats, kernel
from nlu.training.sentiment.fit import Learner


def logistic(strength: float) -> Learner:
    """Logistic regressions: one of three classes for the sentiment, one of two each for anger and urgency."""

    def learn(features: Floats, targets: Floats) -> Callable[[Floats], Floats]:
        def fitted(labels: Floats) -> LogisticRegression:
            return LogisticRegression(C=strength, max_iter=5000).fit(features, labels)

        heads = [fitted(targets[:, :3].argmax(axis=1)), fitted(targets[:, 3]), fitted(targets[:, 4])]
        return lambda seen: np.column_stack([head.decision_function(seen) for head in heads]).astype(np.float32)

    return learn


def ridge(regularisation: float) -> Learner:
    """Kernel ridge regression on the five targets, with the kernel of the intent classifier."""

    def learn(features: Floats, targets: Floats) -> Callable[[Floats], Floats]:
        gram = kernel(features @ features.T)
        gram[np.diag_indices(len(gram))] += regularisation
        average = targets.mean(axis=0)
        weights = np.linalg.solve(gram, targets - average)
        return lambda seen: (kernel(seen @ features.T) @ weights + average).astype(np.float32)

    return learn


HEADS: Mapping[str, Learner] = {
    "logistic regression, C 3": logistic(3),
    "logistic regression, C 10": logistic(10),
    "logistic regression, C 30": logistic(30),
    "kernel ridge, 0.03": ridge(0.03),
    "kernel ridge, 0.1": ridge(0.1),
    "kernel ridge, 0.3": ridge(0.3),
}
