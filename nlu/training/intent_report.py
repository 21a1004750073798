"""Precision, recall and F1 of each intent and each kind of entity, and what is confused with what: pure functions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.understanding import OUT_OF_SCOPE, Entity
from nlu.training.predictions import Names

Counts = NDArray[np.intp]

Scores = dict[str, float]
"""`precision`, `recall`, `f1-score` and `support`, under scikit-learn's and Rasa's names."""


def confusion(gold: Names, predicted: Names) -> tuple[tuple[str, ...], Counts]:
    """The intents, and how often each (row) is predicted as each (column), (intents, intents).

    In alphabetical order, out-of-scope at the end; predicted intents that no example has are among them.
    """
    names = sorted({*gold.tolist(), *predicted.tolist()}, key=lambda name: (name == OUT_OF_SCOPE, name))
    place = {name: index for index, name in enumerate(names)}
    matrix = np.zeros((len(names), len(names)), np.intp)
    np.add.at(matrix, ([place[n] for n in gold.tolist()], [place[n] for n in predicted.tolist()]), 1)
    return tuple(names), matrix


def intent_report(gold: Names, predicted: Names) -> dict[str, Any]:
    """Rasa's `intent_report.json`: scores per intent, with what it is `confused_with`, then accuracy and averages.

    An intent that is only predicted has a support of 0 and is left out of `macro avg`, as of `macro_f1`.
    """
    names, matrix = confusion(gold, predicted)
    report: dict[str, Any] = {}
    for index, name in enumerate(names):
        hits, asked, said = matrix[index, index], matrix[index].sum(), matrix[:, index].sum()
        others = sorted(
            ((names[other], int(count)) for other, count in enumerate(matrix[index]) if count and other != index),
            key=lambda pair: (-pair[1], pair[0]),
        )
        report[name] = {**_scores(int(hits), int(asked), int(said)), "confused_with": dict(others)}
    rows = [row for row in report.values() if row["support"]]
    total = len(gold)
    hits = int(np.trace(matrix))
    return report | {
        "accuracy": hits / total,
        "macro avg": _average(rows, [1.0] * len(rows), total),
        "weighted avg": _average(rows, [row["support"] for row in rows], total),
        "micro avg": _scores(hits, total, total),
    }


def entity_report(gold: Sequence[Iterable[Entity]], predicted: Sequence[Iterable[Entity]]) -> dict[str, Scores] | None:
    """Scores per kind of entity and their `micro avg`; None if nothing is annotated.

    An entity is found if its kind and both offsets are right. Kinds that no example annotates are left out: that they
    are found says nothing, since nobody marked where they are.
    """
    wanted = [{(e.entity, e.start, e.end) for e in entities} for entities in gold]
    found = [{(e.entity, e.start, e.end) for e in entities} for entities in predicted]
    asked = Counter(kind for entities in wanted for kind, _, _ in entities)
    said = Counter(kind for entities in found for kind, _, _ in entities)
    hits = Counter(kind for one, other in zip(wanted, found, strict=True) for kind, _, _ in one & other)
    if not asked:
        return None
    report = {kind: _scores(hits[kind], asked[kind], said[kind]) for kind in sorted(asked)}
    report["micro avg"] = _scores(hits.total(), asked.total(), sum(said[kind] for kind in asked))
    return report


def _scores(hits: int, asked: int, said: int) -> Scores:
    return {
        "precision": hits / said if said else 0.0,
        "recall": hits / asked if asked else 0.0,
        "f1-score": 2 * hits / (asked + said) if asked + said else 0.0,
        "support": asked,
    }


def _average(rows: Sequence[Mapping[str, float]], weights: Sequence[float], support: int) -> Scores:
    mean = {
        key: float(np.average([row[key] for row in rows], weights=weights))
        for key in ("precision", "recall", "f1-score")
    }
    return {**mean, "support": support}
