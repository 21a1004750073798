from __future__ import annotations

import numpy as np
import pytest

from nlu.calibration import RiskCurve, Temperatures, Threshold
from nlu.intents import Floats, softmax
from nlu.training.calibrate import calibration_error, fit_curve, fit_temperatures

CURVE = RiskCurve(np.array([[0.9, 0.01, 0.2], [0.8, 0.04, 0.4], [0.7, 0.03, 0.6], [0.5, 0.2, 1.0]], np.float32))


def scored(count: int, temperature: float, seed: int = 0) -> tuple[Floats, np.ndarray]:
    """Scores of two intents, and labels drawn by the probabilities that this temperature makes of them."""
    random = np.random.default_rng(seed)
    scores = random.uniform(0, 1, (count, 2)).astype(np.float32)
    return scores, (random.random(count) > softmax(scores / temperature)[:, 0]).astype(np.intp)


# --- temperatures -----------------------------------------------------------------------------------------------------


def test_the_temperature_that_made_the_labels_is_found() -> None:
    scores, targets = scored(4000, 0.2)

    found = fit_temperatures(scores, targets, ["en"] * 4000)

    assert found.by_language["en"] == pytest.approx(0.2, rel=0.15)
    assert found.fallback == pytest.approx(0.2, rel=0.15)


def test_a_language_has_its_own_temperature_if_it_has_many_examples_and_the_global_one_if_it_has_few() -> None:
    (sharp, first), (flat, second) = scored(3000, 0.1), scored(3000, 0.6, seed=1)
    scores, targets = np.concatenate([sharp, flat]), np.concatenate([first, second])

    many = fit_temperatures(scores, targets, ["en"] * 3000 + ["hi"] * 3000).by_language
    few = fit_temperatures(scores[:3010], targets[:3010], ["en"] * 3000 + ["hi"] * 10).by_language

    assert many["en"] < 0.15
    assert many["hi"] > 0.4
    assert few["hi"] == pytest.approx(few["en"], rel=0.25)


def test_languages_without_examples_have_the_temperature_of_languages_left_out() -> None:
    scores, targets = scored(3000, 0.1)
    strangers = scored(3000, 0.6, seed=1)

    found = fit_temperatures(scores, targets, ["en"] * 3000, strangers)

    assert found.of(["en", "sw"])[:, 0] == pytest.approx([0.1, 0.6], rel=0.2)


def test_temperatures_of_no_messages_have_the_shape_of_a_column() -> None:
    assert Temperatures(0.5).of([]).shape == (0, 1)


# --- risk and coverage ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("confidence", "risk"),
    [(1.0, 0.01), (0.9, 0.01), (0.85, 0.03), (0.8, 0.03), (0.7, 0.03), (0.6, 0.2), (0.5, 0.2), (0.4, 1.0)],
)
def test_the_risk_of_a_confidence_is_that_of_the_lowest_threshold_that_it_keeps(confidence: float, risk: float) -> None:
    assert CURVE.risk(confidence) == pytest.approx(risk)


@pytest.mark.parametrize("error", [0.01, 0.02, 0.03, 0.05, 0.1, 0.2])
def test_what_has_at_most_the_wanted_risk_is_what_lies_above_the_threshold(error: float) -> None:
    threshold = CURVE.threshold(error)

    for confidence in np.linspace(0, 1, 101):
        assert (CURVE.risk(confidence) <= error + 1e-6) == (confidence >= threshold.confidence - 1e-6)


def test_the_threshold_is_the_one_that_answers_most() -> None:
    assert CURVE.threshold(0.05).coverage == pytest.approx(0.6)
    assert CURVE.threshold(0.005) == Threshold(0.005, 2.0, 0.0)


def test_without_a_single_answer_nothing_is_sure() -> None:
    curve = fit_curve(np.ones(3, np.float32), np.zeros(3, np.bool_), np.zeros(3, np.bool_))

    assert curve.risk(1.0) == 1.0
    assert curve.threshold(0.5).coverage == 0


def test_a_curve_counts_wrong_answers_from_the_surest_down() -> None:
    confidence = np.array([0.9, 0.2, 0.8, 0.7, 0.6], np.float32)
    right = np.array([True, True, True, False, True])
    answered = np.array([True, True, True, True, False])

    points = fit_curve(confidence, right, answered).points

    assert points[:, 0] == pytest.approx([0.9, 0.8, 0.7, 0.2])
    assert points[:, 1] == pytest.approx([1 / 3, 1 / 4, 2 / 5, 2 / 6])
    assert points[:, 2] == pytest.approx([0.2, 0.4, 0.6, 0.8])


def test_a_handful_of_right_answers_promises_little() -> None:
    few, many = (
        fit_curve(np.linspace(1, 0.5, n, dtype=np.float32), np.ones(n, np.bool_), np.ones(n, np.bool_))
        for n in (10, 1000)
    )

    assert few.threshold(0.05).coverage == 0
    assert many.threshold(0.05).coverage == 1
    assert len(many.points) <= 200


def test_confidence_that_is_how_often_it_is_right_has_no_calibration_error() -> None:
    confidence = np.array([0.5, 0.5, 0.9], np.float32)

    assert calibration_error(confidence, np.array([True, False, True])) == pytest.approx(0.1 / 3)
    assert calibration_error(confidence[:0], np.zeros(0, np.bool_)) == 0
