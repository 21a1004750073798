from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from bot.errors import ConfigurationError
from bot.understanding import OUT_OF_SCOPE, Entity
from nlu.training.compare import compare
from nlu.training.dataset import Example
from nlu.training.evaluate import measure
from nlu.training.evaluate_run import Evaluation
from nlu.training.intent_report import intent_report
from nlu.training.operating_point import at_error
from nlu.training.predictions import Predictions
from nlu.training.report_folder import FILES, check_report_folder, intent_errors, write_report
from nlu.training.report_page import page, plain
from tests.nlu.foretold import predictions

THIS = predictions(
    [
        ("order", "order", 0.9),
        ("order", "refund", 0.7, "de"),
        ("refund", "refund", 0.8, "de"),
        ("refund", "order", 0.95),
        (OUT_OF_SCOPE, OUT_OF_SCOPE, 0.6),
    ]
)
OTHER = predictions([("order", "order", 0.9)] * 2 + [("refund", "refund", 0.8)] * 2 + [(OUT_OF_SCOPE, "order", 0.4)])


def evaluation(this: Predictions = THIS, other: Predictions | None = None) -> Evaluation:
    figures = measure(this) | {"latency_ms": {"p50": 10.0, "p95": 12.0, "encoder_p50": 8.0}}
    figures["at_error"] = at_error(this.sureness, this.wrong_answers, 0.5)
    if other is not None:
        figures["comparison"] = compare(this, other, resamples=100)
    return Evaluation(figures, this, {"data": "t.jsonl"}, other)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report on two models; its folder was not there before."""
    return write_report(tmp_path_factory.mktemp("reports") / "new" / "report", evaluation(other=OTHER))


def page_of(found: Evaluation) -> str:
    intents = intent_report(found.predictions.gold, found.predictions.predicted)
    return page(found.figures, found.about, found.predictions, intents, intent_errors(found.predictions), None)


def test_a_report_holds_every_file_that_it_speaks_of(report: Path) -> None:
    assert (report.parent.name, report.name) == ("report", "report.md")
    names = {file.name for file in report.parent.iterdir()}
    assert names == FILES - {"entity_report.json"}
    text = report.read_text(encoding="utf-8")
    linked = set(re.findall(r"\]\(([^)]+)\)", text))
    assert linked >= {name for name in names if name.endswith(".png")}
    assert linked <= names
    for name in names:
        content = (report.parent / name).read_bytes()
        if name.endswith(".png"):
            assert content.startswith(b"\x89PNG")
        elif name.endswith(".json"):
            json.loads(content)


def test_the_page_says_what_was_measured_and_what_came_out(report: Path) -> None:
    text = report.read_text(encoding="utf-8")

    assert "- data: t.jsonl" in text
    assert "| 5 | 0.600 |" in text
    assert "80% of it in the encoder" in text
    assert "- accuracy: no difference shown, 0.600 to 0.800" in text
    assert "| de | 2 | 0.500 | 0.095 to 0.905 | 0.333 |" in text
    assert "| order | 2 | 0.500 | 0.500 | 0.500 | refund 1 |" in text


def test_mistakes_are_listed_the_surest_first_with_their_language_and_place() -> None:
    errors = intent_errors(THIS)

    assert errors == [
        {
            "text": "text 4",
            "intent": "refund",
            "intent_prediction": {"name": "order", "confidence": 0.95},
            "language": "en",
            "place": "t.jsonl:4",
        },
        {
            "text": "text 2",
            "intent": "order",
            "intent_prediction": {"name": "refund", "confidence": 0.7},
            "language": "de",
            "place": "t.jsonl:2",
        },
    ]


def test_a_report_replaces_an_earlier_one_as_a_whole(tmp_path: Path) -> None:
    for name in FILES:
        (tmp_path / name).write_text("earlier")

    write_report(tmp_path, evaluation())

    assert {file.name for file in tmp_path.iterdir()} == FILES - {"entity_report.json", "comparison_differences.json"}
    assert all(file.read_bytes() != b"earlier" for file in tmp_path.iterdir())
    assert "Beside the other model" not in (tmp_path / "report.md").read_text(encoding="utf-8")


def test_a_folder_with_something_else_in_it_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "report.md").write_text("mine")
    (tmp_path / "holiday.jpg").write_text("mine")

    with pytest.raises(ConfigurationError, match=r"holds something else than a report \(holiday.jpg\)"):
        write_report(tmp_path, evaluation())

    assert {file.read_text() for file in tmp_path.iterdir()} == {"mine"}


def test_a_file_is_no_folder_for_a_report(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(ConfigurationError, match="is a file, not a folder"):
        check_report_folder(tmp_path / "file")
    with pytest.raises(ConfigurationError, match="file"):
        write_report(tmp_path / "file" / "report", evaluation())


def refunded(example: Example) -> Predictions:
    sure, intent = np.array([0.9]), np.array(["refund"])
    return Predictions((example,), intent, sure, intent, sure, ((),), np.array([np.nan]))


def test_annotated_entities_are_reported() -> None:
    number = Entity("number", 0, 2, "12")
    this = Predictions(
        (Example("12", "order", "en", Path("t.yml"), 1, (number,)),),
        np.array(["order"]),
        np.array([0.9]),
        np.array(["order"]),
        np.array([0.9]),
        ((number,),),
        np.array([np.nan]),
    )

    assert "| number | 1 | 1.000 | 1.000 | 1.000 |" in page_of(evaluation(this))


def test_what_customers_write_is_no_markdown() -> None:
    text = "a | b <script>\n*c* [d](e) `f` \ud83d"
    example = Example(text, "order", "en", Path("t.jsonl"), 1)
    this = refunded(example)

    assert r"| a \| b \<script\> \*c\* \[d\](e) \`f\` " in page_of(evaluation(this))


def test_broken_unicode_can_be_written(tmp_path: Path) -> None:
    example = Example("half \ud83d", "order", "en", Path("t.jsonl"), 1)
    this = refunded(example)

    write_report(tmp_path, evaluation(this))

    assert json.loads((tmp_path / "intent_errors.json").read_text(encoding="utf-8"))[0]["text"] == "half \ud83d"


def test_plain_text_stays_on_its_line() -> None:
    assert plain("a\n\n# b") == r"a \# b"
