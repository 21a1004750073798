from __future__ import annotations

import numpy as np
import pytest

from nlu.training.operating_point import at_error


def test_as_much_is_answered_as_the_wanted_error_allows() -> None:
    sureness = np.array([0.9, 0.8, 0.7, 0.6, 0.5])
    wrong = np.array([False, False, True, False, True])

    point = at_error(sureness, wrong, 0.25)

    # One in four is wrong from 0.6 on, two in five from 0.5 on.
    assert (point["threshold"], point["answered"], point["error"]) == (0.6, pytest.approx(0.8), pytest.approx(0.25))


def test_the_order_of_the_messages_does_not_matter() -> None:
    sureness, wrong = np.array([0.5, 0.9, 0.6, 0.8, 0.7]), np.array([True, False, False, False, True])

    assert at_error(sureness, wrong, 0.25)["threshold"] == 0.6


def test_messages_of_one_confidence_are_answered_together_or_not_at_all() -> None:
    sureness = np.array([0.9, 0.7, 0.7, 0.7])
    wrong = np.array([False, False, True, True])

    assert at_error(sureness, wrong, 0.4)["threshold"] == 0.9


def test_what_the_model_refuses_is_not_answered_however_right_it_is() -> None:
    point = at_error(np.array([0.9, 0.8, -0.1, -0.2]), np.zeros(4, bool), 0.5)

    assert (point["threshold"], point["answered"], point["error"]) == (0.8, 0.5, 0.0)


def test_where_nothing_is_good_enough_nothing_is_answered() -> None:
    point = at_error(np.array([0.9, 0.8]), np.array([True, True]), 0.02)

    assert (point["threshold"], point["answered"], point["error"]) == (None, 0.0, None)
    assert point["interval"] == {"threshold": [None, None], "answered": [0.0, 0.0], "error": [None, None]}


def test_the_intervals_hold_what_is_true_of_the_messages_drawn_from() -> None:
    draws = np.random.default_rng(7)
    sureness = draws.random(2000)
    wrong = draws.random(2000) > sureness  # perfectly calibrated: from t on, (1 - t) / 2 are wrong

    point = at_error(sureness, wrong, 0.1)

    for key, truth in (("threshold", 0.8), ("answered", 0.2)):
        low, high = point["interval"][key]
        assert low < truth < high
        assert high - low < 0.2
    low, high = point["interval"]["error"]
    assert low < point["error"] < high


def test_the_same_seed_gives_the_same_intervals() -> None:
    draws = np.random.default_rng(1)
    sureness, wrong = draws.random(200), draws.random(200) < 0.1

    assert at_error(sureness, wrong, 0.1) == at_error(sureness, wrong, 0.1)
    assert at_error(sureness, wrong, 0.1) != at_error(sureness, wrong, 0.1, seed=1)
