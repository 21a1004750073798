from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest

from nlu.training.compare import compare, differences
from nlu.training.predictions import Predictions
from tests.nlu.foretold import Row, predictions


def said(*runs: tuple[str, str, int], language: str = "en") -> Predictions:
    """So many messages of an intent for which so much is predicted."""
    rows: list[Row] = [(gold, name, 0.9, language) for gold, name, count in runs for _ in range(count)]
    return predictions(rows)


MOSTLY_RIGHT = said(("a", "a", 190), ("a", "b", 10), ("b", "b", 195), ("b", "a", 5))
OFTEN_WRONG = said(("a", "a", 150), ("a", "b", 50), ("b", "b", 170), ("b", "a", 30))


def test_a_model_that_is_plainly_better_is_called_better_and_the_other_worse() -> None:
    report, turned = compare(MOSTLY_RIGHT, OFTEN_WRONG), compare(OFTEN_WRONG, MOSTLY_RIGHT)

    for key in ("accuracy", "macro_f1"):
        assert report[key]["verdict"] == "better"
        assert report[key]["this_better"] > 0.99
        assert turned[key]["verdict"] == "worse"
        assert turned[key]["difference"] == pytest.approx(-report[key]["difference"])
    assert report["accuracy"]["difference"] == pytest.approx((385 - 320) / 400)


def test_a_model_shows_no_difference_to_itself() -> None:
    report = compare(MOSTLY_RIGHT, MOSTLY_RIGHT)

    assert report["accuracy"]["interval"] == [0.0, 0.0]
    for key in ("accuracy", "macro_f1"):
        assert report[key]["verdict"] == "no difference shown"
        assert (report[key]["this_better"], report[key]["other_better"]) == (0.0, 0.0)
    assert report["mcnemar"]["p_value"] == 1.0
    assert differences(MOSTLY_RIGHT, MOSTLY_RIGHT) == []


def test_a_lead_of_three_messages_in_forty_shows_nothing() -> None:
    report = compare(said(("a", "a", 35), ("a", "b", 5)), said(("a", "b", 8), ("a", "a", 32)))

    assert report["accuracy"]["difference"] == pytest.approx(3 / 40)
    assert report["accuracy"]["verdict"] == "no difference shown"
    low, high = report["accuracy"]["interval"]
    assert low < 0 < high


def test_the_interval_is_that_of_drawing_message_by_message() -> None:
    report = compare(MOSTLY_RIGHT, OFTEN_WRONG)
    gains = MOSTLY_RIGHT.right.astype(float) - OFTEN_WRONG.right
    drawn = np.random.default_rng(5).integers(0, len(gains), (4000, len(gains)))

    expected = np.quantile(gains[drawn].mean(axis=1), [0.025, 0.975])

    assert report["accuracy"]["interval"] == pytest.approx(expected.tolist(), abs=0.01)


def test_mcnemar_counts_who_alone_is_right() -> None:
    this = said(("a", "a", 8), ("a", "b", 1), ("a", "b", 3))
    other = said(("a", "a", 2), ("a", "b", 6), ("a", "a", 1), ("a", "b", 3))

    counts = compare(this, other)["mcnemar"]

    assert counts == {
        "both_right": 2,
        "only_this_right": 6,
        "only_other_right": 1,
        "both_wrong": 3,
        "p_value": pytest.approx(binomtest(6, 7).pvalue),
    }


def test_each_language_has_its_own_difference() -> None:
    rows = [("a", "a", 0.9, code) for code in ("de", "de", "en", "en")]
    others = [("a", name, 0.9, code) for name, code in (("a", "de"), ("b", "de"), ("a", "en"), ("a", "en"))]

    report = compare(predictions(rows), predictions(others))

    assert report["by_language"]["de"]["difference"] == 0.5
    assert report["by_language"]["de"]["interval"] == [0.0, 1.0]
    assert report["by_language"]["en"] == {"n": 2, "this": 1.0, "other": 1.0, "difference": 0.0, "interval": [0.0, 0.0]}


def test_what_is_decided_differently_is_listed_with_who_is_right() -> None:
    this = predictions([("a", "a", 0.9), ("a", "b", 0.8), ("a", "b", 0.7), ("a", "a", 0.6)])
    other = predictions([("a", "b", 0.5), ("a", "a", 0.4), ("a", "c", 0.3), ("a", "a", 0.2)])

    listed = differences(this, other)

    assert [(row["text"], row["right"]) for row in listed] == [
        ("text 1", "this"),
        ("text 2", "other"),
        ("text 3", "neither"),
    ]
    assert listed[0]["this"] == {"name": "a", "confidence": 0.9}
    assert listed[0]["other"] == {"name": "b", "confidence": 0.5}
    assert listed[0]["place"] == "t.jsonl:1"
    assert compare(this, other)["decided_differently"] == 3


def test_the_same_seed_gives_the_same_comparison() -> None:
    assert compare(MOSTLY_RIGHT, OFTEN_WRONG) == compare(MOSTLY_RIGHT, OFTEN_WRONG)
    assert compare(MOSTLY_RIGHT, OFTEN_WRONG) != compare(MOSTLY_RIGHT, OFTEN_WRONG, seed=1)
