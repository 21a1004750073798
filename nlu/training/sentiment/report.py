"""How good the head is, in figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import f1_score, roc_auc_score

from nlu.intents import Floats, softmax

BINS = 10


@dataclass(frozen=True, slots=True)
class Figures:
    """Of some sentences: sentiment's accuracy, macro-F1 and calibration error; AUROC and best F1 of the two chances."""

    count: int
    accuracy: float
    macro_f1: float
    calibration_error: float
    anger_auroc: float
    anger_f1: float
    urgency_auroc: float
    urgency_f1: float

    def __str__(self) -> str:
        return (
            f"{self.count:5d}  {self.accuracy:.3f}  {self.macro_f1:.3f}  {self.calibration_error:.3f}"
            f"  {self.anger_auroc:.3f} {self.anger_f1:.3f}  {self.urgency_auroc:.3f} {self.urgency_f1:.3f}"
        )


HEADER = "    n    acc     f1    ece  anger: auroc f1  urgency: auroc f1"


def figures(logits: Floats, targets: Floats) -> Figures:
    """The figures of calibrated logits (n, 5) against targets (n, 5); F1 counts a chance of a half as a yes."""
    shares = softmax(logits[:, :3])
    truth, said = targets[:, :3].argmax(axis=1), shares.argmax(axis=1)
    return Figures(
        count=len(truth),
        accuracy=float((truth == said).mean()),
        macro_f1=float(f1_score(truth, said, average="macro", zero_division=0.0)),
        calibration_error=calibration_error(shares.max(axis=1), truth == said),
        anger_auroc=float(roc_auc_score(targets[:, 3], logits[:, 3])),
        anger_f1=float(f1_score(targets[:, 3], logits[:, 3] > 0, zero_division=0.0)),
        urgency_auroc=float(roc_auc_score(targets[:, 4], logits[:, 4])),
        urgency_f1=float(f1_score(targets[:, 4], logits[:, 4] > 0, zero_division=0.0)),
    )


def calibration_error(confidence: Floats, right: NDArray[np.bool_]) -> float:
    """Expected calibration error over ten bins of like width (Naeini et al. 2015)."""
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    gaps = [abs(float(confidence[bins == b].sum() - right[bins == b].sum())) for b in range(BINS)]
    return sum(gaps) / len(right)


def table(logits: Floats, targets: Floats, languages: NDArray[np.str_]) -> Iterator[str]:
    """Lines of a table: a language each, and all together."""
    yield f"{'':10s}{HEADER}"
    for language in np.unique(languages):
        mine = languages == language
        yield f"{language:10s}{figures(logits[mine], targets[mine])}"
    yield f"{'all':10s}{figures(logits, targets)}"
