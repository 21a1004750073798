"""Trains the classifier on a dataset: embed, centre by language, fit, calibrate, tell what is in scope.

Everything is chosen from the dataset alone by cross-validation, and is the same again for the same seed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from threadpoolctl import threadpool_limits

from bot.errors import ConfigurationError
from bot.understanding import OUT_OF_SCOPE
from nlu.artifacts import EncoderOf, Metadata, Model
from nlu.intents import Classifier, Floats, LanguageMeans, scope_features, softmax
from nlu.language import phrase_key
from nlu.means import means_for
from nlu.training.cache import EmbeddingCache
from nlu.training.dataset import Dataset, Example
from nlu.weights.progress import Progress, silent

Ints = NDArray[np.intp]

REGULARISATION = 5.0
"""The inverse strength C of the L2 penalty; between 2 and 10 cross-validated accuracy hardly moves."""
MOST_ITERATIONS = 200
FOLDS = 4

OWN_MEAN_FROM = 100
"""Examples of a language from which their own mean says something; it then counts for half."""

SCOPE_RECALL = 0.97
"""The share of in-scope messages that must be taken for such, by which the scope's threshold is chosen."""

LONGEST_PHRASE = 24
"""Characters; longer sentences fastText knows by itself."""


class Encoder(Protocol):
    """What training needs of an encoder."""

    @property
    def hidden(self) -> int:
        """Dimensions of an embedding."""
        ...

    @property
    def fingerprint(self) -> str:
        """The same for encoders with the same embeddings."""
        ...

    def encode(self, texts: Sequence[str]) -> Floats:
        """Embeddings (texts, hidden) of length one."""
        ...


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a dataset comes from, for the record: the encoder's source, and the pack if it is one's."""

    encoder_source: str
    pack: str | None = None
    pack_fingerprint: str | None = None


def fit(
    dataset: Dataset,
    encoder: Encoder,
    origin: Origin,
    *,
    seed: int = 0,
    cache: EmbeddingCache | None = None,
    progress: Progress = silent,
) -> Model:
    """Train a model.

    Raises:
        ConfigurationError: the dataset has fewer than two intents, or an intent with a single example.
    """
    examples = _checked(dataset)
    languages = [example.language for example in examples]
    embeddings = _embed([example.text for example in examples], encoder, cache, progress)
    means = _mixed_means(means_for(encoder), embeddings, languages)
    centred = means.centre(embeddings, languages)
    labels = tuple(sorted({example.intent for example in examples}))
    targets = np.array([labels.index(example.intent) for example in examples])
    # More threads than one change the order of sums, and so the last digits.
    with threadpool_limits(limits=1, user_api="blas"):
        logits, features = _cross_validate(centred, targets, labels, seed, progress)
        temperature = _temperature(logits, targets)
        inside = targets != labels.index(OUT_OF_SCOPE) if OUT_OF_SCOPE in labels else np.ones(len(targets), bool)
        scope, threshold = _fit_scope(features, inside)
        progress("fitting", 0, 1)
        weights, bias = _fit_linear(centred, targets, len(labels))
        progress("fitting", 1, 1)
    classifier = Classifier(labels, weights, bias, temperature, centred, inside, scope, threshold)
    metadata = Metadata(
        created_at=datetime.now(UTC),
        seed=seed,
        encoder=EncoderOf(source=origin.encoder_source, fingerprint=encoder.fingerprint, hidden=encoder.hidden),
        labels=labels,
        languages=dict(sorted(Counter(languages).items())),
        entities=dataset.entities,
        data_fingerprint=dataset.fingerprint,
        pack=origin.pack,
        pack_fingerprint=origin.pack_fingerprint,
        quality=_quality(logits, targets, temperature),
    )
    return Model(metadata, classifier, means, phrases_of(examples))


def phrases_of(examples: Sequence[Example]) -> dict[str, str]:
    """Short sentences that only one language has: they tell the language where fastText has too little to go by."""
    seen: dict[str, set[str]] = {}
    for example in examples:
        key = phrase_key(example.text)
        # Out-of-scope texts are in any language, and requests for a language are often in that one.
        if key and len(key) <= LONGEST_PHRASE and example.intent not in {OUT_OF_SCOPE, "change_language"}:
            seen.setdefault(key, set()).add(example.language)
    return {key: next(iter(found)) for key, found in sorted(seen.items()) if len(found) == 1}


def _checked(dataset: Dataset) -> Sequence[Example]:
    counts = Counter(example.intent for example in dataset.examples)
    if len(set(counts) - {OUT_OF_SCOPE}) < 2:  # noqa: PLR2004 - one intent leaves nothing to tell apart
        raise ConfigurationError(f"training needs at least two intents; there is {', '.join(counts)}")
    single = [intent for intent, count in counts.items() if count < 2]  # noqa: PLR2004 - one to learn, one to test
    if single:
        raise ConfigurationError(f"training needs two examples of each intent; there is one of {', '.join(single)}")
    return dataset.examples


def _embed(texts: Sequence[str], encoder: Encoder, cache: EmbeddingCache | None, progress: Progress) -> Floats:
    known = cache.read() if cache is not None else {}
    missing = sorted({text for text in texts if text not in known}, key=len)
    # In pieces, so that progress can be shown.
    for start in range(0, len(missing), 256):
        piece = missing[start : start + 256]
        known.update(zip(piece, encoder.encode(piece), strict=True))
        progress("reading the examples", start + len(piece), len(missing))
    if cache is not None and missing:
        cache.write({text: known[text] for text in texts})
    return np.stack([known[text] for text in texts])


def _mixed_means(built_in: LanguageMeans, embeddings: Floats, languages: Sequence[str]) -> LanguageMeans:
    """The built-in means, half-way to the dataset's own where it has enough examples of a language."""
    means = dict(zip(built_in.languages, built_in.means, strict=True))
    rows = np.array(languages)
    for code in sorted(set(languages)):
        mine = embeddings[rows == code]
        if len(mine) >= OWN_MEAN_FROM or not means:
            own = mine.mean(axis=0)
            means[code] = (own + means[code]) / 2 if code in means else own
    codes = tuple(means)
    stacked: Floats = np.stack([means[code] for code in codes]).astype(np.float32)
    fallback = built_in.fallback if built_in.languages else stacked.mean(axis=0)
    return LanguageMeans(codes, stacked, fallback)


def _fit_linear(centred: Floats, targets: Ints, count: int) -> tuple[Floats, Floats]:
    """Weights (count, hidden) and bias (count,); a class that is absent gets a logit that never wins."""
    model = LogisticRegression(C=REGULARISATION, max_iter=MOST_ITERATIONS, tol=1e-3)
    model.fit(centred, targets)
    coefficients, intercept = model.coef_, model.intercept_
    if len(model.classes_) == 2:  # noqa: PLR2004 - scikit-learn keeps one row for two classes
        coefficients = np.concatenate([-coefficients, coefficients]) / 2
        intercept = np.concatenate([-intercept, intercept]) / 2
    weights = np.zeros((count, centred.shape[1]), np.float32)
    bias = np.full(count, -30.0, np.float32)
    weights[model.classes_], bias[model.classes_] = coefficients, intercept
    return weights, bias


def _cross_validate(
    centred: Floats, targets: Ints, labels: Sequence[str], seed: int, progress: Progress
) -> tuple[Floats, Floats]:
    """Logits (n, labels) and scope features (n, 4) of every example by models that have not seen it."""
    folds = max(2, min(FOLDS, int(np.bincount(targets).min())))
    logits = np.zeros((len(targets), len(labels)), np.float32)
    features = np.zeros((len(targets), 4), np.float32)
    inside = np.array([labels[target] != OUT_OF_SCOPE for target in targets])
    split = StratifiedKFold(folds, shuffle=True, random_state=seed).split(centred, targets)
    for number, (train, test) in enumerate(split, 1):
        weights, bias = _fit_linear(centred[train], targets[train], len(labels))
        logits[test] = centred[test] @ weights.T + bias
        features[test] = scope_features(logits[test], labels, centred[test], centred[train], inside[train])
        progress("cross-validating", number, folds)
    return logits, features


def _temperature(logits: Floats, targets: Ints) -> float:
    """The temperature with the least negative log-likelihood (Guo et al. 2017, «On Calibration», section 4.2)."""
    candidates = np.geomspace(0.1, 10, 201)
    losses = [float(-np.log(softmax(logits / t)[np.arange(len(targets)), targets] + 1e-12).mean()) for t in candidates]
    return float(candidates[int(np.argmin(losses))])


def _fit_scope(features: Floats, inside: NDArray[np.bool_]) -> tuple[Floats, float]:
    """Coefficients of the features and a constant, (5,), and the threshold that keeps `SCOPE_RECALL` of what is inside.

    Without out-of-scope examples only nearness to the training data counts.
    """
    if inside.all():
        scope = np.array([0, 0, 20, 0, 0], np.float32)
    else:
        scale = np.maximum(features.std(axis=0), 1e-6)
        model = LogisticRegression(class_weight="balanced", max_iter=1000).fit(features / scale, inside)
        scope = np.concatenate([model.coef_[0] / scale, model.intercept_]).astype(np.float32)
    raw = features @ scope[:-1] + scope[-1]
    at_recall = float(np.quantile(raw[inside], 1 - SCOPE_RECALL))
    if inside.all():
        scope[-1], at_recall = -at_recall, 0.0
    # No message that is more likely inside is refused only because recall could be had for less.
    return scope, float(1 / (1 + np.exp(-min(at_recall, 0.0))))


def _quality(logits: Floats, targets: Ints, temperature: float) -> dict[str, float]:
    probabilities = softmax(logits / temperature)
    predicted = probabilities.argmax(axis=1)
    return {
        "cross_validated_accuracy": round(float((predicted == targets).mean()), 4),
        "temperature": round(temperature, 4),
    }
