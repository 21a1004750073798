from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import classification_report

from bot.understanding import OUT_OF_SCOPE, Entity
from nlu.training.figures import macro_f1
from nlu.training.intent_report import confusion, entity_report, intent_report

GOLD = np.array(["a", "a", "a", "b", "b", OUT_OF_SCOPE, "z"])
SAID = np.array(["a", "b", OUT_OF_SCOPE, "b", "b", "a", "z"])


def test_the_confusion_matrix_has_a_row_for_each_intent_and_out_of_scope_last() -> None:
    names, matrix = confusion(GOLD, SAID)

    assert names == ("a", "b", "z", OUT_OF_SCOPE)
    assert matrix.tolist() == [[1, 1, 0, 1], [0, 2, 0, 0], [0, 0, 1, 0], [1, 0, 0, 0]]


def test_every_intent_has_its_scores_and_what_it_is_taken_for() -> None:
    report = intent_report(GOLD, SAID)

    assert report["a"] == {
        "precision": pytest.approx(1 / 2),
        "recall": pytest.approx(1 / 3),
        "f1-score": pytest.approx(2 / 5),
        "support": 3,
        "confused_with": {"b": 1, OUT_OF_SCOPE: 1},
    }
    assert report["b"]["precision"] == pytest.approx(2 / 3)
    assert report[OUT_OF_SCOPE]["f1-score"] == 0.0
    assert report["z"]["confused_with"] == {}


def test_what_an_intent_is_most_taken_for_comes_first() -> None:
    report = intent_report(np.array(["a"] * 4), np.array(["b", "c", "c", "a"]))

    assert list(report["a"]["confused_with"].items()) == [("c", 2), ("b", 1)]


def test_the_report_has_the_keys_and_figures_of_scikit_learns() -> None:
    report = intent_report(GOLD, SAID)
    theirs = classification_report(GOLD, SAID, output_dict=True, zero_division=0)

    assert report["accuracy"] == pytest.approx(theirs.pop("accuracy"))
    for name, row in theirs.items():
        assert {key: report[name][key] for key in row} == pytest.approx(row)
    assert report["micro avg"]["f1-score"] == pytest.approx(report["accuracy"])


def test_averages_are_over_the_intents_that_the_examples_have() -> None:
    gold, said = np.array(["a", "a", "b"]), np.array(["a", "c", "b"])

    report = intent_report(gold, said)

    assert report["c"] == {"precision": 0.0, "recall": 0.0, "f1-score": 0.0, "support": 0, "confused_with": {}}
    assert report["macro avg"]["f1-score"] == pytest.approx(macro_f1(gold, said))
    assert report["macro avg"]["support"] == 3


def test_an_entity_counts_if_its_kind_and_both_ends_are_right() -> None:
    gold = [(Entity("order", 0, 5, "12345"), Entity("size", 8, 9, "L")), (Entity("order", 2, 4, "77"),), ()]
    said = [(Entity("order", 0, 5, "other"), Entity("size", 8, 10, "L")), (), (Entity("order", 1, 3, "99"),)]

    report = entity_report(gold, said)

    assert report is not None
    assert report["order"] == {"precision": 0.5, "recall": 0.5, "f1-score": 0.5, "support": 2}
    assert report["size"] == {"precision": 0.0, "recall": 0.0, "f1-score": 0.0, "support": 1}
    assert report["micro avg"] == pytest.approx({"precision": 1 / 3, "recall": 1 / 3, "f1-score": 1 / 3, "support": 3})


def test_kinds_that_nobody_annotated_are_not_held_against_the_model() -> None:
    report = entity_report(
        [(Entity("order", 0, 2, "1"),)], [(Entity("order", 0, 2, "1"), Entity("city", 3, 9, "Berlin"))]
    )

    assert report is not None
    assert list(report) == ["order", "micro avg"]
    assert report["micro avg"]["precision"] == 1.0


def test_without_annotations_there_is_no_entity_report() -> None:
    assert entity_report([(), ()], [(Entity("order", 0, 2, "1"),), ()]) is None
