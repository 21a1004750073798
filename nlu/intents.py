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
    """A multinomial logistic regression with a temperature, and a second one that tells what is in scope.

    `weights` (labels, hidden), `bias` (labels,). `known` (examples, hidden) are the centred training embeddings and
    `known_in_scope` (examples,) whether each is in scope. `scope` are the coefficients of `scope_features` and a
    constant; a message is in scope if their logistic is at least `scope_threshold`.
    """

    labels: tuple[str, ...]
    weights: Floats
    bias: Floats
    temperature: float
    known: Floats
    known_in_scope: NDArray[np.bool_]
    scope: Floats
    scope_threshold: float

    def logits(self, centred: Floats) -> Floats:
        """Scores (n, labels) of centred embeddings (n, hidden)."""
        scores: Floats = centred @ self.weights.T + self.bias
        return scores

    def probabilities(self, centred: Floats) -> Floats:
        """Calibrated probabilities (n, labels)."""
        return softmax(self.logits(centred) / self.temperature)

    def in_scope(self, centred: Floats) -> Floats:
        """A score between 0 and 1 for each message, (n,)."""
        features = scope_features(self.logits(centred), self.labels, centred, self.known, self.known_in_scope)
        score: Floats = 1 / (1 + np.exp(-(features @ self.scope[:-1] + self.scope[-1])))
        return score

    def rank(self, centred: Floats) -> list[tuple[tuple[RankedIntent, ...], bool, float]]:
        """For each message its likeliest intents, whether it is in scope, and the in-scope score."""
        probabilities, scores = self.probabilities(centred), self.in_scope(centred)
        results = []
        for row, score in zip(probabilities, scores, strict=True):
            order = np.argsort(-row)[:MOST_RANKED]
            ranked = tuple(RankedIntent(self.labels[i], float(row[i])) for i in order)
            inside = bool(score >= self.scope_threshold) and ranked[0].name != OUT_OF_SCOPE
            results.append((ranked, inside, float(score)))
        return results


def softmax(logits: Floats) -> Floats:
    """Rows that sum to one."""
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    result: Floats = shifted / shifted.sum(axis=1, keepdims=True)
    return result


def scope_features(
    logits: Floats, labels: Sequence[str], centred: Floats, known: Floats, known_in_scope: NDArray[np.bool_]
) -> Floats:
    """What tells whether a message is in scope, (n, 4).

    The highest logit of an intent, its lead over out-of-scope, the mean cosine to the nearest in-scope examples, and
    the lead of that over the nearest out-of-scope ones.
    """
    labelled = np.array([label == OUT_OF_SCOPE for label in labels])
    inside = logits[:, ~labelled].max(axis=1)
    outside = logits[:, labelled].max(axis=1) if labelled.any() else np.zeros(len(logits), np.float32)
    cosines = centred @ known.T
    near = _nearest(cosines[:, known_in_scope])
    far = _nearest(cosines[:, ~known_in_scope]) if (~known_in_scope).any() else np.zeros_like(near)
    features: Floats = np.stack([inside, inside - outside, near, near - far], axis=1).astype(np.float32)
    return features


def _nearest(cosines: Floats) -> Floats:
    count = min(NEIGHBOURS, cosines.shape[1])
    best = np.partition(cosines, -count, axis=1)[:, -count:]
    mean: Floats = best.mean(axis=1)
    return mean
