"""The intent classifier on top of the encoder: calibrated probabilities, and whether a message is in scope at all.

NumPy only. Embeddings are centred by language first: they carry a strong component of the language itself, and without
it the same intent lies at the same place in every language.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.understanding import OUT_OF_SCOPE, RankedIntent

Floats = NDArray[np.float32]

NEIGHBOURS = 5
"""Training sentences whose nearness counts."""

MOST_RANKED = 10


@dataclass(frozen=True, slots=True)
class LanguageMeans:
    """The mean embedding of each language, (languages, hidden), and one for languages without data, (hidden,)."""

    languages: tuple[str, ...]
    means: Floats
    fallback: Floats

    def centre(self, embeddings: Floats, languages: Sequence[str]) -> Floats:
        """Embeddings (n, hidden) without their language's mean, of length one."""
        index = {code: i for i, code in enumerate(self.languages)}
        rows = [self._row(index, code) for code in languages]
        centred: Floats = embeddings - np.stack(rows)
        unit: Floats = centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-9)
        return unit

    def _row(self, index: Mapping[str, int], code: str) -> Floats:
        base = code.split("-", 1)[0]
        for candidate in (code, base, f"{base}-Hans"):
            if candidate in index:
                row: Floats = self.means[index[candidate]]
                return row
        return self.fallback


@dataclass(frozen=True, slots=True)
class Classifier:
    """Kernel ridge regression on the intents, a temperature, and a logistic that tells what is in scope.

    A message's score for each label is a sum over training sentences: how near each is (`kernel`), times what it says
    for the label. `anchors` (anchors, hidden) are the centred embeddings of those sentences, `weights` (anchors,
    labels) what they say, `anchors_in_scope` (anchors,) whether each is in scope. `scope` are the coefficients of
    `scope_features` and a constant, (5,), of the logistic that is the chance of being in scope.
    """

    labels: tuple[str, ...]
    anchors: Floats
    weights: Floats
    anchors_in_scope: NDArray[np.bool_]
    temperature: float
    scope: Floats

    def rank(self, centred: Floats) -> list[tuple[RankedIntent, ...]]:
        """The likeliest labels of each message (n, hidden), out-of-scope among them whether it was taught or not."""
        labels = (*self.labels, *({OUT_OF_SCOPE} - set(self.labels)))
        probabilities = self.probabilities(centred)
        order = np.argsort(-probabilities, axis=1, kind="stable")[:, :MOST_RANKED]
        return [
            tuple(RankedIntent(labels[i], float(row[i])) for i in best)
            for row, best in zip(probabilities, order, strict=True)
        ]

    def probabilities(self, centred: Floats) -> Floats:
        """Calibrated probabilities (n, labels), with a last column for out-of-scope if it is no label.

        That of an intent is its share among the labels, times the chance that the message is in scope at all; what is
        left is out-of-scope's. So a message that is near nothing is never sure of anything.
        """
        cosines: Floats = centred @ self.anchors.T
        scores: Floats = kernel(cosines) @ self.weights
        shares = softmax(scores / self.temperature)
        features = scope_features(scores, self.labels, cosines, self.anchors_in_scope)
        in_scope = 1 / (1 + np.exp(-(features @ self.scope[:-1] + self.scope[-1])))
        joint = shares * in_scope[:, None]
        if OUT_OF_SCOPE not in self.labels:
            joint = np.concatenate([joint, np.zeros((len(joint), 1), np.float32)], axis=1)
        outside = self.labels.index(OUT_OF_SCOPE) if OUT_OF_SCOPE in self.labels else -1
        joint[:, outside] = 0
        joint[:, outside] = np.maximum(1 - joint.sum(axis=1), 0)
        result: Floats = joint.astype(np.float32)
        return result


def kernel(cosines: Floats) -> Floats:
    """The radial basis function exp(-|x - y|²) of vectors of length one, by their cosine."""
    near: Floats = np.exp(2 * (cosines - 1))
    return near


def softmax(logits: Floats) -> Floats:
    """Rows that sum to one."""
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    result: Floats = shifted / shifted.sum(axis=1, keepdims=True)
    return result


def scope_features(
    scores: Floats, labels: Sequence[str], cosines: Floats, anchors_in_scope: NDArray[np.bool_]
) -> Floats:
    """What tells whether a message is in scope, (n, 4).

    The highest score of an intent, its lead over out-of-scope, the mean cosine to the nearest in-scope sentences, and
    the lead of that over the nearest out-of-scope ones.
    """
    outside_label = np.array([label == OUT_OF_SCOPE for label in labels])
    inside = scores[:, ~outside_label].max(axis=1)
    outside = scores[:, outside_label].max(axis=1) if outside_label.any() else np.zeros(len(scores), np.float32)
    near = _nearest(cosines[:, anchors_in_scope])
    far = _nearest(cosines[:, ~anchors_in_scope]) if not anchors_in_scope.all() else np.zeros_like(near)
    features: Floats = np.stack([inside, inside - outside, near, near - far], axis=1).astype(np.float32)
    return features


def _nearest(cosines: Floats) -> Floats:
    count = min(NEIGHBOURS, cosines.shape[1])
    best = np.partition(cosines, -count, axis=1)[:, -count:]
    mean: Floats = best.mean(axis=1)
    return mean
