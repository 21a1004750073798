"""Measures a model on examples that it was not trained on."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from nlu.encoder import Embedding, Encoded
from nlu.training.dataset import Example
from nlu.training.figures import auroc, by_language, calibration_error, macro_f1, risk_coverage, share
from nlu.training.intent_report import entity_report
from nlu.training.predictions import Predictions, predict, predicted_intent
from nlu.understander import Encodes, Interpreter, parse

__all__ = ("MOST_TIMED", "evaluate", "measure", "measure_latency", "predicted_intent")

MOST_TIMED = 200
"""Messages that are understood one at a time, for the latency; all others go in batches."""


def evaluate(interpreter: Interpreter, encoder: Encodes, examples: Sequence[Example]) -> dict[str, Any]:
    """What `evaluate --json` prints, without rounding anything away: `measure`, and `latency_ms`."""
    figures = measure(predict(interpreter, encoder, examples))
    texts = [example.text for example in examples]
    return {**figures, "latency_ms": measure_latency(interpreter, encoder, texts)}


def measure(predictions: Predictions) -> dict[str, Any]:
    """The figures of some predictions.

    A message that the model takes for out of scope is predicted `out_of_scope`. `accuracy` and `macro_f1` count those
    too. `risk_coverage` holds, for each share of the messages that the model is surest of, the share of wrong answers
    if the bot answered these; answering an out-of-scope message is wrong. Values that the examples cannot give (no
    out-of-scope message among them) are None. `entities` is there only if some are annotated.
    """
    right, refused, outside = predictions.right, predictions.refused, predictions.outside
    entities = entity_report([example.entities for example in predictions.examples], predictions.entities)
    return {
        "n": len(predictions),
        "accuracy": float(right.mean()),
        "macro_f1": macro_f1(predictions.gold, predictions.predicted),
        "by_language": by_language(predictions.languages, right),
        "ece": calibration_error(predictions.confidence[~refused], right[~refused]),
        "oos": {
            "recall": share(refused[outside]),
            "precision": share(outside[refused]),
            "auroc": auroc(-predictions.sureness, outside),
        },
        "risk_coverage": risk_coverage(predictions.sureness, predictions.wrong_answers),
        **({} if entities is None else {"entities": entities}),
    }


def measure_latency(interpreter: Interpreter, encoder: Encodes, texts: Sequence[str]) -> dict[str, float]:
    """Milliseconds that one message alone takes, of up to `MOST_TIMED` spread over the texts; and its encoder pass."""
    timed = _Timed(encoder)
    taken, encoding = [], []
    for text in texts[:: max(1, len(texts) // MOST_TIMED)][:MOST_TIMED]:
        began = time.perf_counter()
        parse(interpreter, timed, [text])
        taken.append((time.perf_counter() - began) * 1000)
        encoding.append(timed.milliseconds)
    return {
        "p50": float(np.percentile(taken, 50)),
        "p95": float(np.percentile(taken, 95)),
        "encoder_p50": float(np.percentile(encoding, 50)),
    }


class _Timed:
    """An encoder that knows how long its last pass took."""

    def __init__(self, encoder: Encodes) -> None:
        self._encoder = encoder
        self.milliseconds = 0.0

    def encode(self, texts: Sequence[str]) -> Embedding:
        return self._encoder.encode(texts)

    def read(self, texts: Sequence[str]) -> Sequence[Encoded]:
        began = time.perf_counter()
        encoded = self._encoder.read(texts)
        self.milliseconds = (time.perf_counter() - began) * 1000
        return encoded
