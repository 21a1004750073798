"""The intent classifier on top of the encoder: calibrated probabilities, and whether a message is in scope at all.

NumPy only. What a message means counts by its embedding, how it is written by its character n-grams. Embeddings are
centred by language first: they carry a strong component of the language itself, and without it the same intent lies at
the same place in every language.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from bot.understanding import OUT_OF_SCOPE, RankedIntent
from nlu.calibration import RiskCurve, Temperatures
from nlu.ngrams import NgramScores, Vocabulary
from nlu.scope import FEATURES, Scope, scope_features

Floats = NDArray[np.float32]

MOST_RANKED = 10

MOST_GAIN = 4
"""How much larger a label's scores are made at most."""


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


ABROAD = 0.25
"""The power of how many times fewer languages a label was taught in, by which its scores are larger."""


class Typical(NamedTuple):
    """Of a typical label: what it scores for its own left-out examples, how many these are, in how many languages."""

    score: float
    examples: float
    languages: float


@dataclass(frozen=True, slots=True)
class Classifier:
    """Kernel ridge regression on the intents, temperatures, and a logistic that tells what is in scope.

    A message's score for each label is a sum over training sentences: how near each is, times what it says for the
    label. How near is a sum too, of a kernel of what both mean (`kernel`) and the product of their n-gram vectors; the
    second is linear, so that one weight for each n-gram, in `ngrams`, stands for all sentences. `anchors` (anchors,
    hidden) are the centred embeddings of those sentences, `weights` (anchors, labels) what they say, by `gains`
    (labels,) more than ones and zeros would have it (see `gains`), `anchors_in_scope` (anchors,) whether each is in
    scope. `curve` says how often answers of a confidence are wrong.
    """

    labels: tuple[str, ...]
    anchors: Floats
    weights: Floats
    gains: Floats
    ngrams: NgramScores
    anchors_in_scope: NDArray[np.bool_]
    temperatures: Temperatures
    scope: Scope
    curve: RiskCurve

    def rank(self, texts: Sequence[str], centred: Floats, languages: Sequence[str]) -> list[tuple[RankedIntent, ...]]:
        """The likeliest labels of each message, out-of-scope among them whether it was taught or not.

        Of a message are given the text, the centred embedding, (n, hidden) for all, and the language.
        """
        labels = (*intents_of(self.labels), OUT_OF_SCOPE)
        probabilities = self.probabilities(texts, centred, languages)
        order = np.argsort(-probabilities, axis=1, kind="stable")[:, :MOST_RANKED]
        return [
            tuple(RankedIntent(labels[i], float(row[i]), self.curve.risk(float(row[i]))) for i in best)
            for row, best in zip(probabilities, order, strict=True)
        ]

    def probabilities(self, texts: Sequence[str], centred: Floats, languages: Sequence[str]) -> Floats:
        """Calibrated probabilities (n, intents + 1) of `intents_of` the labels, and of being out of scope."""
        cosines, scores = self.scores(texts, centred)
        outside = is_outside(self.labels)
        in_scope = self.scope.chance(scope_features(scores, outside, cosines, self.anchors_in_scope))
        return joint(softmax(scores[:, ~outside] / self.temperatures.of(languages)), in_scope)

    def scores(self, texts: Sequence[str], centred: Floats) -> tuple[Floats, Floats]:
        """The cosine with each anchor, (n, anchors), and what that and the n-grams say for each label, (n, labels)."""
        cosines: Floats = centred @ self.anchors.T
        scores: Floats = kernel(cosines) @ self.weights + self.ngrams.score(texts)
        return cosines, scores

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Everything but the labels, for a file."""
        codes = sorted(self.temperatures.by_language)
        return {
            "anchors": self.anchors.astype(np.float16),
            "weights": self.weights,
            "gains": self.gains,
            "ngrams": self.ngrams.vocabulary.buckets,
            "ngram_idf": np.append(self.ngrams.vocabulary.idf, np.float32(self.ngrams.vocabulary.unknown)),
            "ngram_weights": self.ngrams.weights,
            "anchors_in_scope": self.anchors_in_scope,
            "temperature": np.array(self.temperatures.fallback, np.float32),
            "temperature_languages": np.array(codes, dtype=np.str_),
            "temperatures": np.array([self.temperatures.by_language[code] for code in codes], np.float32),
            "scope": np.append(self.scope.coefficients, np.float32(self.scope.constant)),
            "risk_curve": self.curve.points,
        }

    @classmethod
    def from_arrays(cls, labels: Sequence[str], arrays: Mapping[str, NDArray[Any]]) -> Self:
        """What `to_arrays` wrote.

        Raises:
            KeyError: an array is missing.
            ValueError: the arrays do not fit the labels or each other.
        """
        anchors, weights, scope = arrays["anchors"].astype(np.float32), arrays["weights"], arrays["scope"]
        if weights.shape != (len(anchors), len(labels)) or arrays["anchors_in_scope"].shape != (len(anchors),):
            raise ValueError(f"weights of shape {weights.shape} for {len(anchors)} anchors and {len(labels)} labels")
        ngrams, idf, ngram_weights = arrays["ngrams"].astype(np.intp), arrays["ngram_idf"], arrays["ngram_weights"]
        if ngram_weights.shape != (len(ngrams), len(labels)) or idf.shape != (len(ngrams) + 1,):
            raise ValueError(f"weights of shape {ngram_weights.shape} for {len(ngrams)} n-grams, {len(labels)} labels")
        if arrays["gains"].shape != (len(labels),):
            raise ValueError(f"gains of shape {arrays['gains'].shape} for {len(labels)} labels")
        if scope.shape != (FEATURES + 1,):
            raise ValueError(f"{len(scope)} coefficients of the scope instead of {FEATURES + 1}")
        by_language = zip(arrays["temperature_languages"], arrays["temperatures"], strict=True)
        return cls(
            labels=tuple(labels),
            anchors=anchors,
            weights=weights,
            gains=arrays["gains"],
            ngrams=NgramScores(Vocabulary(ngrams, idf[:-1], float(idf[-1])), ngram_weights),
            anchors_in_scope=arrays["anchors_in_scope"],
            temperatures=Temperatures(
                float(arrays["temperature"]), {str(code): float(value) for code, value in by_language}
            ),
            scope=Scope(scope[:-1], float(scope[-1])),
            curve=RiskCurve(arrays["risk_curve"]),
        )


def intents_of(labels: Sequence[str]) -> tuple[str, ...]:
    """The labels but out-of-scope."""
    return tuple(label for label in labels if label != OUT_OF_SCOPE)


def is_outside(labels: Sequence[str]) -> NDArray[np.bool_]:
    """For each label, whether it is out-of-scope, (labels,)."""
    return np.array([label == OUT_OF_SCOPE for label in labels], np.bool_)


def joint(shares: Floats, in_scope: Floats) -> Floats:
    """One distribution (n, intents + 1) of shares among the intents (n, intents) and the chance (n,) to be in scope.

    An intent has its share of that chance; what is left, in the last column, is out-of-scope's. So a message that is
    near nothing is never sure of anything.
    """
    inside = shares * in_scope[:, None]
    result: Floats = np.concatenate([inside, 1 - in_scope[:, None]], axis=1).astype(np.float32)
    return result


def kernel(cosines: Floats) -> Floats:
    """The radial basis function exp(-|x - y|²) of vectors of length one, by their cosine."""
    near: Floats = cosines - 1
    near *= 2
    return np.exp(near, out=near)


def gains(own: Floats, examples: Floats, languages: Floats, typical: Typical) -> Floats:
    """By how much scores of labels are to be larger, (labels,).

    Given what labels score for their `own` left-out examples, how many `examples` they have, and in how many
    `languages`, (labels,) each. A regression on ones and zeros says little for a label with few examples beside others
    with many: it is right to, on average, and a new intent would hardly ever be told. Made larger, it scores for what
    is its own as much as a typical one, and a little more where others have been taught in languages that it has not. A
    label with as many examples as others stays as it is: what it scores less has other reasons.
    """
    most = np.clip(np.sqrt(typical.examples / np.maximum(examples, 1)), 1, MOST_GAIN)
    larger = np.clip(typical.score / np.maximum(own, 1e-6), 1, most)
    fewer = np.where(most > 1, np.maximum(typical.languages / np.maximum(languages, 1), 1) ** ABROAD, 1)
    gained: Floats = (larger * fewer).astype(np.float32)
    return gained


def softmax(logits: Floats) -> Floats:
    """Rows that sum to one."""
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    result: Floats = shifted / shifted.sum(axis=1, keepdims=True)
    return result
