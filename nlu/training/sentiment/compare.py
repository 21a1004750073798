"""Other heads, to see by the same cross-validation that the one in use is the right one."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from sklearn.linear_model import LogisticRegression

from nlu.intents import Floats
from nlu.training.sentiment.fit import Learner, Predictor, ridge_with


def logistic(strength: float) -> Learner:
    """Logistic regressions: one of three classes for the sentiment, one of two each for anger and urgency."""

    def learn(features: Floats, targets: Floats) -> Predictor:
        def fitted(labels: Floats) -> LogisticRegression:
            return LogisticRegression(C=strength, max_iter=5000).fit(features, labels)

        heads = [fitted(targets[:, :3].argmax(axis=1)), fitted(targets[:, 3]), fitted(targets[:, 4])]
        return lambda seen: np.column_stack([head.decision_function(seen) for head in heads]).astype(np.float32)

    return learn


HEADS: Mapping[str, Learner] = {
    "logistic regression, C 3": logistic(3),
    "logistic regression, C 10": logistic(10),
    "ridge, 0.03": ridge_with(regularisation=0.03),
    "ridge, 0.1": ridge_with(regularisation=0.1),
    "ridge, 0.3": ridge_with(regularisation=0.3),
}
