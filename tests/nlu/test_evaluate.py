from __future__ import annotations

import io
import json
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from rich.console import Console

from bot.understanding import OUT_OF_SCOPE, Entity, Hints, LanguageGuess, RankedIntent, Understanding
from nlu.encoder import Encoded
from nlu.training.compare import compare
from nlu.training.dataset import Example
from nlu.training.evaluate import MOST_TIMED, evaluate, predicted_intent
from nlu.training.folds import spread
from nlu.training.operating_point import at_error
from nlu.training.report import print_report
from tests.nlu.foretold import predictions


class Told:
    """An interpreter that says what it was told to: text → the ranking and whether it is in scope."""

    def __init__(self, answers: Mapping[str, tuple[Mapping[str, float], bool]]) -> None:
        self.answers = answers

    def language(self, text: str, hints: Hints) -> LanguageGuess:
        return LanguageGuess("xx", 0.5)

    def interpret(
        self,
        texts: Sequence[str],
        languages: Sequence[LanguageGuess],
        encoded: Sequence[Encoded],
        parts: Mapping[int, NDArray[np.float32]] | None = None,
        at: datetime | None = None,
    ) -> list[Understanding]:
        assert not parts
        assert at is None
        assert [read.embedding.tolist() for read in encoded] == [[len(text)] for text in texts]
        return [self._understanding(text, language) for text, language in zip(texts, languages, strict=True)]

    def _understanding(self, text: str, language: LanguageGuess) -> Understanding:
        ranking, in_scope = self.answers[text]
        return Understanding(
            text,
            language,
            tuple(RankedIntent(name, share) for name, share in ranking.items()),
            (Entity("number", 5, len(text), text[5:]),) if text.startswith("text ") else (),
            in_scope=in_scope,
        )


class Lengths:
    """An encoder that counts characters, and the batches it is asked for."""

    def __init__(self) -> None:
        self.batches: list[int] = []

    def read(self, texts: Sequence[str]) -> list[Encoded]:
        self.batches.append(len(texts))
        return [Encoded(np.array([len(text)], np.float32), np.zeros((0, 1), np.float32), ()) for text in texts]


Row = tuple[str, str, Mapping[str, float], bool]
"""Language, the right intent, the ranking, and whether the model takes it for in scope."""


def measured(*rows: Row, encoder: Lengths | None = None) -> dict[str, Any]:
    examples = [Example(f"text {n}", intent, code, Path("t.jsonl"), n) for n, (code, intent, _, _) in enumerate(rows)]
    answers = {f"text {n}": (ranking, in_scope) for n, (_, _, ranking, in_scope) in enumerate(rows)}
    return evaluate(Told(answers), encoder or Lengths(), examples)  # type: ignore[arg-type]


MIXED: tuple[Row, ...] = (
    ("en", "a", {"a": 0.9, "b": 0.1}, True),  # right
    ("en", "a", {"b": 0.6, "a": 0.4}, True),  # wrong
    ("en", "b", {"b": 0.8, "a": 0.2}, True),  # right
    ("de", "b", {"b": 0.7, "a": 0.3}, False),  # refused, though it is in scope
    ("de", OUT_OF_SCOPE, {OUT_OF_SCOPE: 0.55, "a": 0.45}, False),  # refused, and right so
    ("de", OUT_OF_SCOPE, {"a": 0.5, "b": 0.3, OUT_OF_SCOPE: 0.2}, True),  # answered, though it is out of scope
)


def test_all_keys_are_there() -> None:
    report = measured(*MIXED)

    assert list(report) == [
        "n",
        "accuracy",
        "macro_f1",
        "by_language",
        "ece",
        "oos",
        "risk_coverage",
        "latency_ms",
    ]
    assert list(report["oos"]) == ["recall", "precision", "auroc"]
    assert json.loads(json.dumps(report)) == report


def test_accuracy_counts_refusals_too() -> None:
    report = measured(*MIXED)

    assert report["n"] == 6
    assert report["accuracy"] == pytest.approx(3 / 6)
    assert report["by_language"] == {
        "de": {"n": 3, "accuracy": pytest.approx(1 / 3)},
        "en": {"n": 3, "accuracy": pytest.approx(2 / 3)},
    }


def test_f1_is_the_mean_over_the_intents_with_out_of_scope_as_one() -> None:
    # a: 1 of 2 found, 2 predicted. b: 1 of 2 found, 2 predicted. out_of_scope: 1 of 2 found, 2 predicted.
    assert measured(*MIXED)["macro_f1"] == pytest.approx((2 * 1 / 4 + 2 * 1 / 4 + 2 * 1 / 4) / 3)


def test_f1_is_over_the_intents_that_the_examples_have() -> None:
    report = measured(
        ("en", "a", {"a": 0.9}, True),
        ("en", "a", {"c": 0.9}, True),  # nobody asks for c
        ("en", "b", {"a": 0.9}, True),
    )

    # a: 1 of 2 found, 2 predicted. b: none found.
    assert report["macro_f1"] == pytest.approx((2 * 1 / 4 + 0) / 2)


def test_calibration_is_measured_on_what_is_answered() -> None:
    # Answered are 0.9 right, 0.6 wrong, 0.8 right and 0.5 wrong, each in a bin of its own.
    expected = (abs(0.9 - 1) + abs(0.6 - 0) + abs(0.8 - 1) + abs(0.5 - 0)) / 4

    assert measured(*MIXED)["ece"] == pytest.approx(expected)


def test_confidences_in_the_same_bin_are_compared_by_their_means() -> None:
    # Between 14/15 and 1: mean confidence 0.96, two of three right.
    rows = [("en", intent, {"a": share}, True) for intent, share in (("a", 0.94), ("a", 1.0), ("b", 0.94))]

    assert measured(*rows)["ece"] == pytest.approx(abs(0.96 - 2 / 3))


def test_out_of_scope_is_measured_by_what_is_refused() -> None:
    oos = measured(*MIXED)["oos"]

    assert oos["recall"] == pytest.approx(1 / 2)
    assert oos["precision"] == pytest.approx(1 / 2)
    # Sureness of the out-of-scope ones: 0.45 - 1 (refused) and 0.5; of those in scope: 0.9, 0.6, 0.8 and 0.7 - 1.
    # The first lies below all four, the second below three.
    assert oos["auroc"] == pytest.approx((4 + 3) / 8)


def test_ties_count_half() -> None:
    report = measured(("en", "a", {"a": 0.5}, True), ("en", OUT_OF_SCOPE, {"a": 0.5}, True))

    assert report["oos"]["auroc"] == 0.5


def test_risk_grows_with_the_share_that_is_answered() -> None:
    # By sureness: 0.9 right, 0.8 right, 0.6 wrong, 0.5 out of scope, 0.7 - 1 right, 0.45 - 1 out of scope.
    assert measured(*MIXED)["risk_coverage"] == [
        [pytest.approx(1 / 6), 0.0],
        [pytest.approx(2 / 6), 0.0],
        [pytest.approx(3 / 6), pytest.approx(1 / 3)],
        [pytest.approx(4 / 6), pytest.approx(2 / 4)],
        [pytest.approx(5 / 6), pytest.approx(2 / 5)],
        [1.0, pytest.approx(3 / 6)],
    ]


def test_risk_is_told_in_steps_of_five_percent() -> None:
    rows = [("en", "a" if n < 90 else "b", {"a": 1 - n / 1000}, True) for n in range(100)]

    curve = measured(*rows)["risk_coverage"]

    assert [coverage for coverage, _ in curve] == pytest.approx([step / 20 for step in range(1, 21)])
    assert curve[17] == [0.9, 0.0]
    assert curve[-1] == [1.0, pytest.approx(0.1)]


def test_an_out_of_scope_ranking_is_a_refusal_whatever_the_scope_says() -> None:
    ranking = (RankedIntent(OUT_OF_SCOPE, 0.6), RankedIntent("a", 0.4))

    assert predicted_intent(Understanding("text", LanguageGuess("en", 1.0), ranking)) == OUT_OF_SCOPE
    assert measured(("en", OUT_OF_SCOPE, {OUT_OF_SCOPE: 0.6, "a": 0.4}, True))["oos"]["recall"] == 1.0


def test_without_out_of_scope_rows_what_needs_them_is_left_open() -> None:
    report = measured(("en", "a", {"a": 0.9}, True), ("en", "b", {"a": 0.8}, True))

    assert report["oos"] == {"recall": None, "precision": None, "auroc": None}
    assert report["accuracy"] == 0.5
    assert report["ece"] == pytest.approx(abs(0.9 - 1) / 2 + abs(0.8 - 0) / 2)


def test_without_out_of_scope_rows_a_refusal_is_an_imprecise_one() -> None:
    report = measured(("en", "a", {"a": 0.9}, True), ("en", "b", {"b": 0.8}, False))

    assert report["oos"] == {"recall": None, "precision": 0.0, "auroc": None}


def test_a_model_that_refuses_everything_can_be_measured() -> None:
    report = measured(
        ("en", "a", {"a": 0.4, OUT_OF_SCOPE: 0.3}, False),
        ("en", OUT_OF_SCOPE, {OUT_OF_SCOPE: 0.9, "a": 0.1}, False),
    )

    assert report["accuracy"] == 0.5
    assert report["ece"] is None
    assert report["oos"] == {"recall": 1.0, "precision": 0.5, "auroc": 1.0}
    # Had it to answer, it would be right first (0.4 - 1) and wrong then (0.1 - 1).
    assert report["risk_coverage"] == [[0.5, 0.0], [1.0, 0.5]]


def test_only_out_of_scope_rows_can_be_measured() -> None:
    report = measured(("en", OUT_OF_SCOPE, {"a": 0.4}, False), ("de", OUT_OF_SCOPE, {"a": 0.9}, True))

    assert report["accuracy"] == 0.5
    assert report["oos"] == {"recall": 0.5, "precision": 1.0, "auroc": None}
    assert report["macro_f1"] == pytest.approx(2 * 1 / (2 + 1))
    assert report["risk_coverage"] == [[0.5, 1.0], [1.0, 1.0]]


def test_a_blank_row_counts_as_refused() -> None:
    examples = [Example(text, "a", "en", Path("t.jsonl"), 1) for text in (" ", "text")]
    told = Told({text: ({"a": 0.9}, True) for text in (" ", "text")})

    report = evaluate(told, Lengths(), examples)  # type: ignore[arg-type]

    assert report["accuracy"] == 0.5
    assert report["ece"] == pytest.approx(0.1)
    assert report["risk_coverage"] == [[0.5, 0.0], [1.0, 0.5]]


def test_all_messages_go_together_and_some_alone_for_the_latency() -> None:
    encoder = Lengths()

    report = measured(*[("en", "a", {"a": 0.9}, True)] * 1000, encoder=encoder)

    assert encoder.batches == [1000] + [1] * MOST_TIMED
    assert 0 < report["latency_ms"]["p50"] <= report["latency_ms"]["p95"]


def test_the_latency_tells_what_of_it_is_the_encoders() -> None:
    class Slow(Lengths):
        def read(self, texts: Sequence[str]) -> list[Encoded]:
            time.sleep(0.01)
            return super().read(texts)

    latency = measured(*MIXED, encoder=Slow())["latency_ms"]

    assert 10 <= latency["encoder_p50"] <= latency["p50"]


def test_entities_are_measured_if_some_are_annotated() -> None:
    annotated = (Entity("number", 5, 6, "0"),)
    examples = [Example(f"text {n}", "a", "en", Path("t.yml"), n, annotated if n < 1 else ()) for n in range(2)]
    told = Told({f"text {n}": ({"a": 0.9}, True) for n in range(2)})

    report = evaluate(told, Lengths(), examples)  # type: ignore[arg-type]

    # Told finds the number of every text, and only that of the first is annotated.
    assert report["entities"]["number"] == pytest.approx(
        {"precision": 0.5, "recall": 1.0, "f1-score": 2 / 3, "support": 1}
    )
    assert list(report)[-1] == "latency_ms"


def test_a_report_is_printed_for_people() -> None:
    out = io.StringIO()

    print_report(measured(*MIXED), Console(file=out, width=100))

    text = out.getvalue()
    assert "6 messages, accuracy 0.500, macro F1 0.500, calibration error 0.350" in text
    assert "out of scope: recall 0.500, precision 0.500, AUROC 0.875" in text
    assert ["de", "3", "0.333"] in [line.split() for line in text.splitlines()]
    assert ["50%", "33.3%"] in [line.split() for line in text.splitlines()]


def test_what_could_not_be_measured_is_printed_as_a_dash() -> None:
    out = io.StringIO()

    print_report(measured(("en", "a", {"a": 0.9}, False)), Console(file=out, width=100))

    assert "calibration error –" in out.getvalue()
    assert "recall –, precision 0.000, AUROC –" in out.getvalue()


def printed(report: Mapping[str, Any]) -> str:
    out = io.StringIO()
    print_report(report, Console(file=out, width=200))
    return out.getvalue()


def test_a_wanted_error_is_printed_with_its_threshold() -> None:
    sureness, wrong = np.array([0.9, 0.80001, 0.7]), np.array([False, False, True])

    text = printed(measured(*MIXED) | {"at_error": at_error(sureness, wrong, 0.02)})
    never = printed(measured(*MIXED) | {"at_error": at_error(sureness, ~wrong, 0.02)})

    # The threshold is rounded upwards: 0.8000 would be another one.
    assert "at most 2.0% wrong answers: answer from a confidence of 0.8001 on" in text
    assert "then 66.7% are answered" in text
    assert "no confidence is high enough" in never


def test_the_verdict_on_two_models_is_printed_plainly() -> None:
    this = predictions([("a", "a", 0.9)] * 90 + [("b", "a", 0.6)] * 10)
    other = predictions([("a", "b", 0.9)] * 50 + [("a", "a", 0.9)] * 40 + [("b", "a", 0.6)] * 10)
    report = measured(("en", "a", {"a": 0.9}, True))

    assert "accuracy: better than the other, 0.900 to 0.400, +0.500" in printed(
        report | {"comparison": compare(this, other)}
    )
    assert "accuracy: worse than the other" in printed(report | {"comparison": compare(other, this)})
    same = printed(report | {"comparison": compare(this, this)})
    assert "accuracy: no difference shown, 0.900 to 0.900" in same
    assert "only this one is right: 0, only the other: 0, both: 90, neither: 10" in same


def test_folds_are_printed_with_their_deviation() -> None:
    parts = [measured(("en", "a", {name: 0.9}, True), ("en", "b", {"b": 0.9}, True)) for name in ("a", "b")]

    text = printed(parts[0] | {"folds": {"count": 2, "seed": 0, "figures": spread(parts)}})

    assert "mean ± standard deviation over 2 folds" in text
    assert ["accuracy", "0.750", "±", "0.354"] in [line.split() for line in text.splitlines()]
    assert ["oos.recall", "–", "±", "–"] in [line.split() for line in text.splitlines()]
