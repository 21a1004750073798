from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from nlu.intents import Floats
from nlu.training import ridge as ridges
from nlu.training.points import Points, Writing
from nlu.training.ridge import fit_ridge

COUNT, LABELS = 60, 3


@pytest.fixture(scope="module")
def points() -> Points:
    return made_up(COUNT, seed=1)


def made_up(count: int, *, seed: int) -> Points:
    """Sentences of one word that nobody knows, with some meaning."""
    random = np.random.default_rng(seed)
    meaning = random.standard_normal((count, 8)).astype(np.float32)
    texts = ["".join(random.choice(list("abcdefgh"), size=6)) for _ in range(count)]
    return Writing.of(texts).points(meaning / np.linalg.norm(meaning, axis=1, keepdims=True))


@pytest.fixture(scope="module")
def wanted() -> Floats:
    targets = np.random.default_rng(2).integers(LABELS, size=COUNT)
    return np.eye(LABELS, dtype=np.float32)[targets]


def trained_without(points: Points, wanted: Floats, group: list[int]) -> Floats:
    """The scores of a group by a regression that has never seen it."""
    others = np.setdiff1d(np.arange(COUNT), group)
    ridge = fit_ridge(points.at(others), np.arange(len(others)), wanted[others])
    return points.at(np.array(group)).nearness(points.at(others)) @ ridge.weights


def test_scores_of_an_example_left_out_are_those_of_training_without_it(points: Points, wanted: Floats) -> None:
    left_out = fit_ridge(points, np.arange(COUNT), wanted).left_out()

    for n in range(0, COUNT, 7):
        assert left_out[n] == pytest.approx(trained_without(points, wanted, [n])[0], abs=2e-3)


def test_scores_of_examples_left_out_together_are_those_of_training_without_them(
    points: Points, wanted: Floats
) -> None:
    ridge = fit_ridge(points, np.arange(COUNT), wanted)

    for group in ([3], [0, 1, 2], list(range(20, 45)), list(range(1, COUNT, 2))):
        together = ridge.left_out_together(np.array(group))
        assert together == pytest.approx(trained_without(points, wanted, group), abs=5e-3)


def test_with_some_of_the_examples_as_anchors_the_rest_still_counts(points: Points, wanted: Floats) -> None:
    anchors, group = np.arange(40), np.arange(45, COUNT)
    some = fit_ridge(points, anchors, wanted)
    fewer = fit_ridge(points.at(np.arange(45)), anchors, wanted[:45])

    assert some.weights.shape == (40, LABELS)
    assert np.abs(some.weights - fewer.weights).max() > 0.01
    expected = points.at(group).nearness(points.at(anchors)) @ fewer.weights
    assert some.left_out_together(group) == pytest.approx(expected, abs=1e-2)


def test_more_examples_than_anchors_can_be_left_out_together(points: Points, wanted: Floats) -> None:
    anchors, group = np.arange(15), np.arange(20, COUNT)
    some = fit_ridge(points, anchors, wanted)
    fewer = fit_ridge(points.at(np.arange(20)), anchors, wanted[:20])

    expected = points.at(group).nearness(points.at(anchors)) @ fewer.weights
    assert some.left_out_together(group) == pytest.approx(expected, abs=1e-2)


def test_examples_that_pass_by_in_blocks_count_as_they_do_in_one(
    points: Points, wanted: Floats, monkeypatch: pytest.MonkeyPatch
) -> None:
    anchors, groups = np.arange(0, COUNT, 3), (np.arange(10), np.arange(5, 50))
    whole = fit_ridge(points, anchors, wanted)
    monkeypatch.setattr(ridges, "ROWS", 7)
    blocks = fit_ridge(points, anchors, wanted)

    assert blocks.weights == pytest.approx(whole.weights, abs=1e-3)
    assert blocks.left_out() == pytest.approx(whole.left_out(), abs=1e-4)
    for group in groups:
        assert blocks.left_out_together(group) == pytest.approx(whole.left_out_together(group), abs=1e-4)


def test_memory_does_not_grow_with_examples_times_anchors(monkeypatch: pytest.MonkeyPatch) -> None:
    many = made_up(8000, seed=3)
    wanted = np.eye(LABELS, dtype=np.float32)[np.random.default_rng(3).integers(LABELS, size=8000)]
    monkeypatch.setattr(ridges, "ROWS", 500)
    tracemalloc.start()
    try:
        ridge = fit_ridge(many, np.arange(400), wanted)
        ridge.left_out_together(np.arange(0, 8000, 2))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 8000 * 400 * 4 / 2  # half of one matrix of all examples and all anchors


def test_left_out_together_a_group_of_one_is_left_out(points: Points, wanted: Floats) -> None:
    for anchors in (COUNT, 30):
        ridge = fit_ridge(points, np.arange(anchors), wanted)
        alone = np.concatenate([ridge.left_out_together(np.array([n])) for n in range(COUNT)])
        assert alone == pytest.approx(ridge.left_out(), abs=2e-2)


def test_the_same_sentence_many_times_is_fitted(wanted: Floats) -> None:
    same = Writing.of(["tea"] * COUNT).points(np.tile(np.eye(1, 8, dtype=np.float32), (COUNT, 1)))

    for anchors in (COUNT, 30):
        ridge = fit_ridge(same, np.arange(anchors), wanted)
        assert np.isfinite(ridge.weights).all()
        assert same.at(np.arange(1)).nearness(same.at(np.arange(anchors))) @ ridge.weights == pytest.approx(
            wanted.mean(axis=0)[None], abs=0.02
        )


@pytest.mark.parametrize("anchors", [COUNT, 40])
def test_scaled_scores_are_those_of_a_training_for_scaled_ones(points: Points, wanted: Floats, anchors: int) -> None:
    gains = np.array([1, 2.5, 4], np.float32)
    scaled = fit_ridge(points, np.arange(anchors), wanted).scaled(gains)
    trained = fit_ridge(points, np.arange(anchors), wanted * gains)
    group = np.arange(5, 25)
    assert scaled.weights == pytest.approx(trained.weights, abs=1e-3)
    assert scaled.left_out() == pytest.approx(trained.left_out(), abs=1e-3)
    assert scaled.left_out_together(group) == pytest.approx(trained.left_out_together(group), abs=1e-3)
