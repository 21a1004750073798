"""Predictions written down by hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bot.understanding import OUT_OF_SCOPE
from nlu.training.dataset import Example
from nlu.training.predictions import Predictions

Row = tuple[str, str, float] | tuple[str, str, float, str]
"""The right intent, the predicted one, its confidence, and the language if it is not English."""


def predictions(rows: Sequence[Row]) -> Predictions:
    """As a model would make them that ranks nothing but what it predicts."""
    confidence = np.array([row[2] for row in rows])
    predicted = np.array([row[1] for row in rows], np.str_)
    return Predictions(
        examples=tuple(
            Example(f"text {number}", row[0], row[3] if len(row) > 3 else "en", Path("t.jsonl"), number)
            for number, row in enumerate(rows, 1)
        ),
        predicted=predicted,
        confidence=confidence,
        answers=predicted,
        sureness=np.where(predicted == OUT_OF_SCOPE, confidence - 1, confidence),
        entities=((),) * len(rows),
        risk=np.full(len(rows), np.nan),
    )
