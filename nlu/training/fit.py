"""Trains the classifier on a dataset: embed, centre by language, fit, calibrate, tell what is in scope.

Everything is chosen from the dataset alone, by how well each example is told when it is left out, and is the same again
for the same seed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_solve, cholesky, solve_triangular
from sklearn.linear_model import LogisticRegression

from bot.errors import ConfigurationError
from bot.understanding import OUT_OF_SCOPE
from nlu.artifacts import EncoderOf, Metadata, Model
from nlu.intents import Classifier, Floats, LanguageMeans, kernel, scope_features, softmax
from nlu.lexicon import Lexicon, count_words, phrase_key
from nlu.means import Described, means_for
from nlu.training.cache import EmbeddingCache
from nlu.training.dataset import Dataset, Example
from nlu.training.provenance import code_version
from nlu.understander import Encodes
from nlu.weights.progress import Progress, silent

Ints = NDArray[np.intp]

REGULARISATION = 0.1
"""The ridge's strength, as a share of a sentence's nearness to itself."""

MOST_ANCHORS = 8192
"""Sentences that a model keeps; of more, as many are drawn (the Nyström method, Williams and Seeger 2001)."""

JITTER = 1e-3
"""Keeps the kernel of sentences that say almost the same invertible in single precision."""

OWN_MEAN_FROM = 100
"""Examples of a language from which their own mean says something; it then counts for half."""

FARTHEST, CHANCE, STEEPNESS = 0.02, 0.9, 20.0
"""Where nothing was taught to be out of scope: the chance to be in scope as far out as that share of the examples lies
from the others, and how fast it falls beyond, in logits by cosine."""

LONGEST_PHRASE = 24
"""Characters; longer sentences fastText knows by itself."""


class Encoder(Described, Encodes, Protocol):
    """What training needs of an encoder."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a model comes from, for the record: the encoder, the pack if it is one's, the version before it."""

    encoder_source: str
    pack: str | None = None
    pack_fingerprint: str | None = None
    encoder_variant: str | None = None
    parent: str | None = None


def fit(
    dataset: Dataset,
    encoder: Encoder,
    origin: Origin,
    *,
    seed: int = 0,
    replies: Iterable[tuple[str, str]] = (),
    cache: EmbeddingCache | None = None,
    progress: Progress = silent,
    learned: frozenset[str] = frozenset(),
) -> Model:
    """Train a model; `replies` are (language, text) of what the bot says, whose words tell languages too.

    `learned` are texts that the encoder was fine-tuned on. It tells them apart better than anything it has not seen, so
    that temperature, scope and quality are measured on the others, if there are any.

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
    inside = np.array([example.intent != OUT_OF_SCOPE for example in examples])
    chosen = _anchors(len(examples), seed)
    progress("fitting", 0, 3)
    weights, left_out = _ridge(centred, centred[chosen], targets, len(labels))
    progress("fitting", 1, 3)
    honest = np.array([example.text not in learned for example in examples])
    honest |= not honest.any()
    temperature = _temperature(left_out[honest], targets[honest])
    cosines = centred @ centred[chosen].T
    cosines[chosen, np.arange(len(chosen))] = -1.0  # a sentence is no neighbour of itself
    progress("fitting", 2, 3)
    scope = _fit_scope(scope_features(left_out, labels, cosines, inside[chosen])[honest], inside[honest])
    progress("fitting", 3, 3)
    # Half precision changes no decision and halves the file; what is saved is what was made.
    anchors = centred[chosen].astype(np.float16).astype(np.float32)
    classifier = Classifier(labels, anchors, weights, inside[chosen], temperature, scope)
    metadata = Metadata(
        created_at=datetime.now(UTC),
        code=code_version(),
        seed=seed,
        settings={"regularisation": REGULARISATION, "most_anchors": MOST_ANCHORS, "own_mean_from": OWN_MEAN_FROM},
        encoder=EncoderOf(
            source=origin.encoder_source,
            variant=origin.encoder_variant,
            fingerprint=encoder.fingerprint,
            hidden=encoder.hidden,
        ),
        labels=labels,
        languages=dict(sorted(Counter(languages).items())),
        entities=dataset.entities,
        data_fingerprint=dataset.fingerprint,
        pack=origin.pack,
        pack_fingerprint=origin.pack_fingerprint,
        quality=_quality(left_out[honest], targets[honest], temperature),
        parent=origin.parent,
    )
    return Model(metadata, classifier, means, lexicon_of(examples, replies))


def lexicon_of(examples: Sequence[Example], replies: Iterable[tuple[str, str]] = ()) -> Lexicon:
    """The words of the examples and of what the bot says itself, and short sentences that only one language has."""
    # Out-of-scope texts are in any language, and requests for a language are often in that one.
    telling = [e for e in examples if e.intent not in {OUT_OF_SCOPE, "change_language"}]
    seen: dict[str, set[str]] = {}
    for example in telling:
        key = phrase_key(example.text)
        if key and len(key) <= LONGEST_PHRASE:
            seen.setdefault(key, set()).add(example.language)
    phrases = {key: next(iter(found)) for key, found in sorted(seen.items()) if len(found) == 1}
    return Lexicon(count_words([*((e.language, e.text) for e in telling), *replies]), phrases)


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
        if len(mine) >= OWN_MEAN_FROM or not built_in.languages:
            own = mine.mean(axis=0)
            means[code] = (own + means[code]) / 2 if code in means else own
    codes = tuple(means)
    stacked: Floats = np.stack([means[code] for code in codes]).astype(np.float32)
    fallback = built_in.fallback if built_in.languages else stacked.mean(axis=0)
    return LanguageMeans(codes, stacked, fallback)


def _anchors(count: int, seed: int) -> Ints:
    """The positions of the sentences that the model keeps, in order."""
    if count <= MOST_ANCHORS:
        return np.arange(count)
    return np.sort(np.random.default_rng(seed).permutation(count)[:MOST_ANCHORS])


def _ridge(centred: Floats, anchors: Floats, targets: Ints, count: int) -> tuple[Floats, Floats]:
    """Kernel ridge regression: weights (anchors, count), and scores (n, count) of every example as if left out.

    Scores of left-out examples have a closed form, y - (y - f) / (1 - h), h being the diagonal of the hat matrix
    (Allen's PRESS statistic, 1974): so nothing needs to be trained a second time to be calibrated.
    """
    wanted: Floats = np.eye(count, dtype=np.float32)[targets]
    gram = kernel(anchors @ anchors.T)
    gram[np.diag_indices(len(gram))] += JITTER
    lower = cholesky(gram, lower=True, overwrite_a=True, check_finite=False)
    # Rows of `mapped` are the examples in the coordinates in which the kernel is a plain dot product.
    mapped: Floats = solve_triangular(lower, kernel(anchors @ centred.T), lower=True, check_finite=False).T
    normal = mapped.T @ mapped
    normal[np.diag_indices(len(normal))] += REGULARISATION
    factor = cholesky(normal, lower=True, overwrite_a=True, check_finite=False)
    inner = cho_solve((factor, True), mapped.T @ wanted, check_finite=False)
    hat = (solve_triangular(factor, mapped.T, lower=True, check_finite=False) ** 2).sum(axis=0)
    left_out: Floats = wanted - (wanted - mapped @ inner) / np.maximum(1 - hat, 1e-3)[:, None]
    weights: Floats = solve_triangular(lower.T, inner, lower=False, check_finite=False)
    return weights.astype(np.float32), left_out.astype(np.float32)


def _temperature(logits: Floats, targets: Ints) -> float:
    """The temperature with the least negative log-likelihood (Guo et al. 2017, «On Calibration», section 4.2)."""
    candidates = np.geomspace(0.01, 10, 301)
    losses = [float(-np.log(softmax(logits / t)[np.arange(len(targets)), targets] + 1e-12).mean()) for t in candidates]
    return float(candidates[int(np.argmin(losses))])


def _fit_scope(features: Floats, inside: NDArray[np.bool_]) -> Floats:
    """Coefficients of the features and a constant, (5,).

    Without out-of-scope examples only nearness to the training data counts.
    """
    if inside.all():
        border = float(np.quantile(features[:, 2], FARTHEST))
        return np.array([0, 0, STEEPNESS, 0, np.log(CHANCE / (1 - CHANCE)) - STEEPNESS * border], np.float32)
    scale = np.maximum(features.std(axis=0), 1e-6)
    model = LogisticRegression(max_iter=1000).fit(features / scale, inside)
    return np.concatenate([model.coef_[0] / scale, model.intercept_]).astype(np.float32)


def _quality(logits: Floats, targets: Ints, temperature: float) -> dict[str, float]:
    probabilities = softmax(logits / temperature)
    predicted = probabilities.argmax(axis=1)
    return {
        "left_out_accuracy": round(float((predicted == targets).mean()), 4),
        "temperature": round(temperature, 4),
    }
