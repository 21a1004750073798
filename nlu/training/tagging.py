"""Trains the tagger on examples with annotated entities (`[text](entity)`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from bot.understanding import Entity
from nlu.encoder import Encoded
from nlu.intents import Floats
from nlu.tagger import OUTSIDE, Span, Tagger, features, words_of
from nlu.training.dataset import Example

FEWEST = 10
"""Annotations from which an entity can be learned; of fewer, patterns and lists are the better teachers."""

STRENGTH = 20.0
"""scikit-learn's C, the inverse of the regularisation; chosen on MASSIVE's English dev split."""

ITERATIONS = 200

IMPOSSIBLE = -1e4
SMOOTHING = 0.5


def taught_entities(examples: Sequence[Example]) -> tuple[str, ...]:
    """The entities with enough annotations to be learned, in alphabetical order."""
    counts = Counter(entity.entity for example in examples for entity in example.entities)
    return tuple(sorted(name for name, count in counts.items() if count >= FEWEST))


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
    model = LogisticRegression(C=STRENGTH, max_iter=ITERATIONS, tol=1e-3).fit(np.concatenate(rows), tags)
    count = 2 * len(entities) + 1
    weights, bias = _of_all_tags(model, count)
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


def _of_all_tags(model: LogisticRegression, count: int) -> tuple[Floats, Floats]:
    """Weights and bias with a column for each tag; one that never occurred is never likely."""
    known: NDArray[np.intp] = model.classes_
    rows, bias = model.coef_, model.intercept_
    if len(known) == 2:  # noqa: PLR2004 - of two classes scikit-learn gives the difference
        rows, bias = np.concatenate([-rows / 2, rows / 2]), np.concatenate([-bias / 2, bias / 2])
    weights = np.zeros((rows.shape[1], count), np.float32)
    intercepts = np.full(count, IMPOSSIBLE, np.float32)
    weights[:, known], intercepts[known] = rows.T, bias
    # Half precision changes no decision and halves the file; what is saved is what was made.
    return weights.astype(np.float16).astype(np.float32), intercepts


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
