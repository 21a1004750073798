from __future__ import annotations

import numpy as np
import pytest

from nlu.intents import Floats, kernel
from nlu.training import points as module
from nlu.training.points import WRITING, Writing

TEXTS = ("where is my order", "where is my parcel", "cancel it", "أين طلبي", "أين طردي", "where")


def meaning(count: int) -> Floats:
    vectors = np.random.default_rng(0).standard_normal((count, 8)).astype(np.float32)
    unit: Floats = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit


@pytest.mark.parametrize("common", [0, 5, 1000])
def test_sentences_are_near_by_what_they_mean_and_by_how_they_are_written(
    common: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "COMMON", common)
    monkeypatch.setattr(module, "ROWS", 2)
    meant, writing = meaning(len(TEXTS)), Writing.of(TEXTS)
    points, vectors = writing.points(meant), writing.vectors.toarray()

    near = points.nearness(points.at(np.array([0, 3])))

    expected = kernel(meant @ meant[[0, 3]].T) + WRITING * vectors @ vectors[[0, 3]].T
    assert near == pytest.approx(expected, abs=1e-5)
    assert near[0, 0] == pytest.approx(1 + WRITING, abs=1e-5)


def test_the_weights_of_ngrams_say_what_the_sentences_do() -> None:
    writing, chosen = Writing.of(TEXTS), np.array([0, 2, 3])
    weights = np.random.default_rng(1).standard_normal((3, 2)).astype(np.float32)
    vectors = writing.vectors.toarray()

    scores = writing.scores(chosen, weights).score(TEXTS)

    assert scores == pytest.approx(WRITING * vectors @ vectors[chosen].T @ weights, abs=2e-3)
