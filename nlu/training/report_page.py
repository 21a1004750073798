"""The page of a report that a person opens first, as Markdown: what was measured, the pictures, where it goes wrong."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from nlu.training.augmentation.ablation import table as trials_table
from nlu.training.figures import macro_f1, wilson
from nlu.training.predictions import Predictions
from nlu.training.report import comparison_in_words, difference, figure, mean_and_deviation, point_in_words

SHOWN = 25
"""Rows of a list that may be long; the files beside the page hold all."""

PICTURES = (
    ("risk_coverage.png", "How many messages can be answered, and how many of the answers are then wrong"),
    ("reliability.png", "How often answers of each confidence are right"),
    ("intent_histogram.png", "How sure the model was where it was right and where it was wrong"),
    ("intent_confusion_matrix.png", "What is taken for what"),
)

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|~$&#])")


def page(
    figures: Mapping[str, Any],
    about: Mapping[str, str],
    predictions: Predictions,
    intents: Mapping[str, Any],
    errors: Sequence[Mapping[str, Any]],
    differing: Sequence[Mapping[str, Any]] | None,
) -> str:
    """The page. `intents` is the intent report, `errors` and `differing` the lists that stand beside it."""
    parts: list[Iterable[str]] = [
        ["# Evaluation", "", *(f"- {what}: {plain(text)}" for what, text in about.items()), ""],
        _summary(figures),
        _comparison(figures, differing) if differing is not None else (),
        _folds(figures["folds"]) if "folds" in figures else (),
        _augmentation(figures["augmentation"]) if "augmentation" in figures else (),
        (f"![{text}]({name})\n" for name, text in PICTURES),
        ["## Languages", "", *languages(predictions), ""],
        _intents(intents),
        _entities(figures["entities"]) if "entities" in figures else (),
        _errors(errors),
    ]
    return "\n".join(line for part in parts for line in part) + "\n"


def plain(text: str) -> str:
    """Text that Markdown takes for nothing else, on one line."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table; its cells are Markdown."""
    lines = [heads, ["---"] * len(heads), *rows]
    return [f"| {' | '.join(cells)} |" for cells in lines]


def languages(predictions: Predictions) -> list[str]:
    """The table of the languages."""
    rows = []
    codes, right = predictions.languages, predictions.right
    for code in sorted(set(codes.tolist())):
        mine = codes == code
        hits, n = int(right[mine].sum()), int(mine.sum())
        low, high = wilson(hits, n)
        f1 = macro_f1(predictions.gold[mine], predictions.predicted[mine])
        rows.append([plain(code), str(n), f"{hits / n:.3f}", f"{low:.3f} to {high:.3f}", f"{f1:.3f}"])
    return table(["language", "messages", "accuracy", "95% interval", "macro F1"], rows)


def _augmentation(trials: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield "## Augmentation\n"
    yield "Each way to make more of the training examples, tried on examples held out of them:\n"
    yield from trials_table(trials)
    yield ""


def _summary(figures: Mapping[str, Any]) -> Iterator[str]:
    oos, latency = figures["oos"], figures["latency_ms"]
    yield from table(
        ["messages", "accuracy", "macro F1", "calibration error", "out of scope: recall, precision, AUROC"],
        [
            [
                str(figures["n"]),
                figure(figures["accuracy"]),
                figure(figures["macro_f1"]),
                figure(figures["ece"]),
                ", ".join(figure(oos[key]) for key in ("recall", "precision", "auroc")),
            ]
        ],
    )
    encoder = latency["encoder_p50"] / latency["p50"]
    yield (
        f"\nOne message takes {latency['p50']:.1f} ms (median; 95% take at most {latency['p95']:.1f} ms), "
        f"{encoder:.0%} of it in the encoder.\n"
    )
    if "at_error" in figures:
        yield f"For {plain(point_in_words(figures['at_error']))}.\n"


def _comparison(figures: Mapping[str, Any], differing: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    comparison = figures["comparison"]
    yield "## Beside the other model\n"
    for line in comparison_in_words(comparison):
        yield f"- {plain(line)}"
    yield ""
    heads = ["language", "messages", "this", "other", "difference, 95% interval"]
    yield from table(
        heads,
        (
            [plain(code), str(row["n"]), figure(row["this"]), figure(row["other"]), plain(difference(row))]
            for code, row in comparison["by_language"].items()
        ),
    )
    yield f"\n{_first(differing)} messages that the two decide differently ([all](comparison_differences.json)):\n"
    yield from table(
        ["text", "language", "right intent", "this", "other", "right is"],
        (
            [
                *(plain(row[key]) for key in ("text", "language", "intent")),
                *(f"{plain(row[who]['name'])} {row[who]['confidence']:.2f}" for who in ("this", "other")),
                row["right"],
            ]
            for row in differing[:SHOWN]
        ),
    )
    yield ""


def _folds(folds: Mapping[str, Any]) -> Iterator[str]:
    yield f"## Over {folds['count']} folds\n"
    yield from table(
        ["figure", "mean ± standard deviation"],
        ([plain(name), mean_and_deviation(row)] for name, row in folds["figures"].items()),
    )
    yield ""


def _intents(intents: Mapping[str, Any]) -> Iterator[str]:
    rows = [(name, row) for name, row in intents.items() if isinstance(row, dict) and "confused_with" in row]
    rows.sort(key=lambda pair: pair[1]["f1-score"])
    yield "## Intents, the worst first\n"
    yield from table(
        ["intent", "messages", "precision", "recall", "F1", "taken for"],
        (
            [
                plain(name),
                str(row["support"]),
                *(figure(row[key]) for key in ("precision", "recall", "f1-score")),
                ", ".join(f"{plain(other)} {count}" for other, count in list(row["confused_with"].items())[:3]),
            ]
            for name, row in rows
        ),
    )
    yield ""


def _entities(entities: Mapping[str, Any]) -> Iterator[str]:
    yield "## Entities\n\nFound is an entity whose kind and place are both exactly right.\n"
    yield from table(
        ["entity", "annotated", "precision", "recall", "F1"],
        (
            [plain(kind), str(row["support"]), *(figure(row[key]) for key in ("precision", "recall", "f1-score"))]
            for kind, row in entities.items()
        ),
    )
    yield ""


def _errors(errors: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield f"## Mistakes, the surest first\n\n{_first(errors)} messages ([all](intent_errors.json)):\n"
    yield from table(
        ["text", "language", "right intent", "predicted", "confidence", "place"],
        (
            [
                *(plain(row[key]) for key in ("text", "language", "intent")),
                plain(row["intent_prediction"]["name"]),
                f"{row['intent_prediction']['confidence']:.2f}",
                plain(row["place"]),
            ]
            for row in errors[:SHOWN]
        ),
    )


def _first(rows: Sequence[object]) -> str:
    return f"The first {SHOWN} of {len(rows)}" if len(rows) > SHOWN else str(len(rows))
