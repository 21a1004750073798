"""An evaluation as a folder of files: `report.md` is the one to open first."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.errors import ConfigurationError
from nlu.training.charts import confidence_histogram, reliability_diagram, risk_coverage_curve
from nlu.training.compare import differences
from nlu.training.confusion_chart import confusion_matrix
from nlu.training.evaluate_run import Evaluation
from nlu.training.intent_report import confusion, intent_report
from nlu.training.predictions import Predictions
from nlu.training.report_page import languages, page

FILES = frozenset(
    {
        "report.md",
        "evaluation.json",
        "languages.md",
        "intent_report.json",
        "intent_errors.json",
        "intent_confusion_matrix.png",
        "intent_histogram.png",
        "entity_report.json",
        "risk_coverage.png",
        "reliability.png",
        "comparison_differences.json",
    }
)
"""Everything that a report may consist of; nothing else is ever replaced or removed."""


def check_report_folder(folder: Path) -> None:
    """Whether a report may be written there: into a new or empty folder, or in place of another report.

    Raises:
        ConfigurationError: there is something else, which must not be mixed up with a report.
    """
    try:
        others = sorted(entry.name for entry in folder.iterdir() if entry.name not in FILES)
    except FileNotFoundError:
        return
    except NotADirectoryError:
        raise ConfigurationError(f"{folder} is a file, not a folder") from None
    except OSError as error:
        raise ConfigurationError(f"{folder} cannot be read: {error.strerror}") from error
    if others:
        raise ConfigurationError(f"{folder} holds something else than a report ({others[0]}); nothing was written")


def write_report(folder: Path, evaluation: Evaluation) -> Path:
    """Write a report in place of an earlier one; the file to open.

    Raises:
        ConfigurationError: the folder holds something else, or cannot be written.
    """
    check_report_folder(folder)
    files = render_report(evaluation)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in FILES - files.keys():
            (folder / name).unlink(missing_ok=True)
        for name, content in files.items():
            (folder / name).write_bytes(content)
    except OSError as error:
        raise ConfigurationError(f"{folder} cannot be written: {error.strerror}") from error
    return folder / "report.md"


def render_report(evaluation: Evaluation) -> dict[str, bytes]:
    """The files of a report by name."""
    figures, predictions = evaluation.figures, evaluation.predictions
    gold, predicted, right, refused = predictions.gold, predictions.predicted, predictions.right, predictions.refused
    intents, errors = intent_report(gold, predicted), intent_errors(predictions)
    differing = None if evaluation.other is None else differences(predictions, evaluation.other)
    files = {
        "report.md": _text(page(figures, evaluation.about, predictions, intents, errors, differing)),
        "evaluation.json": _json({**figures, "about": evaluation.about}),
        "languages.md": _text("\n".join(languages(predictions)) + "\n"),
        "intent_report.json": _json(intents),
        "intent_errors.json": _json(errors),
        "intent_confusion_matrix.png": confusion_matrix(*confusion(gold, predicted)),
        "intent_histogram.png": confidence_histogram(predictions.confidence, right),
        "risk_coverage.png": risk_coverage_curve(
            predictions.sureness, predictions.wrong_answers, _point(figures.get("at_error"))
        ),
        "reliability.png": reliability_diagram(predictions.confidence[~refused], right[~refused]),
    }
    if "entities" in figures:
        files["entity_report.json"] = _json(figures["entities"])
    if differing is not None:
        files["comparison_differences.json"] = _json(differing)
    return files


def intent_errors(predictions: Predictions) -> list[dict[str, Any]]:
    """Rasa's `intent_errors.json` with language and place of each text, the surest mistakes first."""
    errors = [
        {
            "text": example.text,
            "intent": example.intent,
            "intent_prediction": {"name": str(name), "confidence": float(confidence)},
            "language": example.language,
            "place": str(example),
        }
        for example, name, confidence, right in zip(
            predictions.examples, predictions.predicted, predictions.confidence, predictions.right, strict=True
        )
        if not right
    ]
    return sorted(errors, key=lambda row: -row["intent_prediction"]["confidence"])


def _point(chosen: Mapping[str, Any] | None) -> tuple[float, float, float] | None:
    if chosen is None or chosen["threshold"] is None:
        return None
    return chosen["answered"], chosen["error"], chosen["threshold"]


def _json(value: object) -> bytes:
    return _text(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def _text(text: str) -> bytes:
    # Half a surrogate pair has no UTF-8; so written it is good JSON too.
    return text.encode("utf-8", "backslashreplace")
