"""Trains the tagger on examples with annotated entities (`[text](entity)`)."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from bot.understanding import Entity
from nlu.encoder import Encoded
from nlu.intents import Floats
from nlu.tagger import OUTSIDE, Span, Tagger, features, words_of
from nlu.training.dataset import Dataset, Example
from nlu.training.intent_report import entity_report
from nlu.understander import Encodes
from nlu.weights.progress import Progress, silent

FEWEST = 10
"""Annotations from which an entity can be learned; of fewer, patterns and lists are the better teachers."""

STRENGTH = 800.0
"""scikit-learn's C, the inverse of the regularisation; chosen on 800 English train sentences of MASSIVE."""

LEAST_DEVIATION = 1e-3
"""A feature that varies less counts as if it varied so much."""

ITERATIONS = 60
"""Steps of the fitting at most; it need not come to an end."""

IMPOSSIBLE = -1e4
SMOOTHING = 0.5


HELD_OUT = 5
"""One example in so many measures what the others teach."""

PIECE = 256
"""Examples that are read between two steps of progress."""


def taught_entities(examples: Sequence[Example], declared: Mapping[str, Mapping[str, Any]]) -> tuple[str, ...]:
    """The entities with enough annotations to be learned, in alphabetical order.

    What is declared by a pattern or a type is left out: the declaration says all.
    """
    counts = Counter(entity.entity for example in examples for entity in example.entities)
    learnable = {name for name in counts if name not in declared or declared[name].get("list") is not None}
    return tuple(sorted(name for name in learnable if counts[name] >= FEWEST))


def train_tagger(
    dataset: Dataset, encoder: Encodes, *, seed: int = 0, progress: Progress = silent
) -> tuple[Tagger, float | None] | None:
    """Train on a dataset's annotated examples and as many others; None if no entity has enough annotations.

    With the tagger comes the F1 (kind and both offsets right, 0 to 1) of one trained on four fifths, on the rest; None
    if nothing is annotated there.
    """
    entities = taught_entities(dataset.examples, dataset.entities)
    if not entities:
        return None
    draws = np.random.default_rng(seed)
    examples = _drawn(dataset.examples, frozenset(entities), draws)
    encoded: list[Encoded] = []
    for start in range(0, len(examples), PIECE):
        encoded += encoder.read([example.text for example in examples[start : start + PIECE]])
        progress("reading entities", len(encoded), len(examples))
    held = draws.permutation(len(examples)) % HELD_OUT == 0
    pairs = list(zip(examples, encoded, strict=True))
    kept = [pair for pair, out in zip(pairs, held, strict=True) if not out]
    tests = [pair for pair, out in zip(pairs, held, strict=True) if out]
    trial = fit_tagger([example for example, _ in kept], [read for _, read in kept], entities)
    report = entity_report(
        [[entity for entity in example.entities if entity.entity in entities] for example, _ in tests],
        [trial.find(example.text, read) for example, read in tests],
    )
    return fit_tagger(examples, encoded, entities), None if report is None else report["micro avg"]["f1-score"]


def _drawn(examples: Sequence[Example], entities: frozenset[str], draws: np.random.Generator) -> list[Example]:
    """The examples that annotate an entity, and as many that do not, in the order of their texts.

    In an order of their own, so that the same examples in other files give the same tagger.
    """
    ordered = sorted(examples, key=lambda e: (e.language, e.text))
    shown = [not entities.isdisjoint(entity.entity for entity in example.entities) for example in ordered]
    bare = np.flatnonzero(~np.array(shown))
    chosen = np.array(shown)
    chosen[draws.permutation(bare)[: sum(shown)]] = True
    return [example for example, take in zip(ordered, chosen, strict=True) if take]


def fit_tagger(examples: Sequence[Example], encoded: Sequence[Encoded], entities: Sequence[str]) -> Tagger:
    """Train on examples and what the encoder made of them, in the same order.

    Examples without an annotation teach what is none, so they should be there in number.
    """
    number = {name: index for index, name in enumerate(entities)}
    rows: list[Floats] = []
    sequences: list[list[int]] = []
    for example, read in zip(examples, encoded, strict=True):
        words = words_of(example.text, read.spans)
        if words:
            rows.append(features(read, words))
            sequences.append(tags_of(example.entities, [_place(word, read.spans) for word in words], number))
    tags = np.array([tag for sequence in sequences for tag in sequence])
    count = 2 * len(entities) + 1
    weights, bias = _linear(np.concatenate(rows), tags, count)
    transitions, first = _transitions(sequences, count)
    return Tagger(tuple(entities), weights, bias, transitions, first)


def tags_of(entities: Sequence[Entity], places: Sequence[Span], number: dict[str, int]) -> list[int]:
    """The tag of each word at [start, end): that of the entity that it touches, `OUTSIDE` of all others."""
    tags: list[int] = []
    before: Entity | None = None
    for start, end in places:
        found = next((e for e in entities if e.start < end and start < e.end and e.entity in number), None)
        if found is None:
            tags.append(OUTSIDE)
        else:
            tags.append(2 * number[found.entity] + (2 if found is before else 1))
        before = found
    return tags


def _place(word: Sequence[int], spans: Sequence[Span]) -> Span:
    return spans[word[0]][0], spans[word[-1]][1]


def _linear(rows: Floats, tags: NDArray[np.intp], count: int) -> tuple[Floats, Floats]:
    """Weights and bias with a column for each tag; one that never occurred is never likely."""
    known = np.unique(tags)
    weights = np.zeros((rows.shape[1], count), np.float32)
    intercepts = np.full(count, IMPOSSIBLE, np.float32)
    intercepts[known] = 0
    if len(known) > 1:
        # All states lie close to their mean, and learning from what tells them apart takes a tenth of the steps.
        mean = rows.mean(axis=0)
        scale = 1 / (np.maximum(rows.std(axis=0), LEAST_DEVIATION) * rows.shape[1] ** 0.5)
        model = LogisticRegression(C=STRENGTH, max_iter=ITERATIONS)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit((rows - mean) * scale, tags)
        coefficients, bias = model.coef_, model.intercept_
        if len(known) == 2:  # noqa: PLR2004 - of two classes scikit-learn gives the difference
            coefficients, bias = np.concatenate([-coefficients, coefficients]) / 2, np.concatenate([-bias, bias]) / 2
        # Half precision changes no decision and halves the file; what is saved is what was made.
        weights[:, known] = (coefficients * scale).T.astype(np.float16)
        intercepts[known] = bias - mean @ weights[:, known]
    return weights, intercepts


def _transitions(sequences: Sequence[Sequence[int]], count: int) -> tuple[Floats, Floats]:
    """How much likelier than by chance one tag follows another, and begins, in logarithms.

    The classifier has seen each tag's own share, so only what the neighbour adds is left to say.
    """
    share = np.bincount([tag for sequence in sequences for tag in sequence], minlength=count) + SMOOTHING
    share = share / share.sum()
    follows, begins = np.zeros((count, count)), np.zeros(count)
    for sequence in sequences:
        begins[sequence[0]] += 1
        for pair in pairwise(sequence):
            follows[pair] += 1
    prior = SMOOTHING * count * share
    transitions = np.log((follows + prior) / (follows.sum(axis=1, keepdims=True) + prior.sum()) / share)
    first = np.log((begins + prior) / (begins.sum() + prior.sum()) / share)
    for tag in _continuing(count):
        allowed = np.zeros(count, bool)
        allowed[[tag - 1, tag]] = True
        transitions[~allowed, tag] = IMPOSSIBLE
        first[tag] = IMPOSSIBLE
    return transitions.astype(np.float32), first.astype(np.float32)


def _continuing(count: int) -> Iterator[int]:
    return iter(range(2, count, 2))
