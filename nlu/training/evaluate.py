"""Measures a model on examples that it was not trained on."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.understanding import OUT_OF_SCOPE, Understanding
from nlu.training.dataset import Example
from nlu.understander import Encodes, Interpreter, parse

CALIBRATION_BINS = 15
"""As in Guo et al. 2017."""

COVERAGE_STEPS = 20
MOST_TIMED = 200
"""Messages that are understood one at a time, for the latency; all others go in batches."""


def evaluate(interpreter: Interpreter, encoder: Encodes, examples: Sequence[Example]) -> dict[str, Any]:
    """What `evaluate --json` prints, without rounding anything away.

    A message that the model takes for out of scope is predicted `out_of_scope`. `accuracy` and `macro_f1` count those
    too. `risk_coverage` holds, for each share of the messages that the model is surest of, the share of wrong answers
    if the bot answered these; answering an out-of-scope message is wrong. Values that the examples cannot give (no
    out-of-scope message among them) are None.
    """
    texts = [example.text for example in examples]
    results = parse(interpreter, encoder, texts)
    gold = [example.intent for example in examples]
    predicted = [predicted_intent(result) for result in results]
    right = np.array([a == b for a, b in zip(gold, predicted, strict=True)])
    outside = np.array([intent == OUT_OF_SCOPE for intent in gold])
    refused = np.array([intent == OUT_OF_SCOPE for intent in predicted])
    confidence = np.array([result.intent.confidence if result.intent else 0.0 for result in results])
    answers = [_answer(result) for result in results]
    wrong = np.array([name != intent for (name, _), intent in zip(answers, gold, strict=True)])
    sureness = np.array([score for _, score in answers])
    return {
        "n": len(examples),
        "accuracy": float(right.mean()),
        "macro_f1": _macro_f1(gold, predicted),
        "by_language": _by_language(examples, right),
        "ece": _calibration_error(confidence[~refused], right[~refused]),
        "oos": {
            "recall": _share(refused[outside]),
            "precision": _share(outside[refused]),
            "auroc": _auroc(-sureness, outside),
        },
        "risk_coverage": _risk_coverage(sureness, wrong),
        "latency_ms": _latency(interpreter, encoder, texts),
    }


def predicted_intent(result: Understanding) -> str:
    """The intent that the bot acts on."""
    return result.ranking[0].name if result.ranking and result.in_scope else OUT_OF_SCOPE


def _answer(result: Understanding) -> tuple[str, float]:
    """The intent that the bot would answer if it had to, and how sure it is: what it refuses comes last."""
    best = next((ranked for ranked in result.ranking if ranked.name != OUT_OF_SCOPE), result.intent)
    if best is None:  # a blank message
        return OUT_OF_SCOPE, -1.0
    return best.name, best.confidence if result.in_scope else best.confidence - 1


def _macro_f1(gold: Sequence[str], predicted: Sequence[str]) -> float:
    """The mean F1 over the intents that the examples have."""
    scores = []
    for intent in sorted(set(gold)):
        both = sum(a == b == intent for a, b in zip(gold, predicted, strict=True))
        scores.append(2 * both / (gold.count(intent) + predicted.count(intent)))
    return float(np.mean(scores))


def _by_language(examples: Sequence[Example], right: NDArray[np.bool_]) -> dict[str, dict[str, float]]:
    languages = np.array([example.language for example in examples])
    return {
        str(code): {"n": int((languages == code).sum()), "accuracy": float(right[languages == code].mean())}
        for code in sorted(set(languages))
    }


def _calibration_error(confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> float | None:
    """The expected calibration error over equal-width bins (Guo et al. 2017), of the messages that are answered."""
    if not len(confidence):
        return None
    bins = np.minimum((confidence * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)
    gaps = [abs(confidence[bins == b].mean() - right[bins == b].mean()) * (bins == b).sum() for b in np.unique(bins)]
    return float(sum(gaps) / len(confidence))


def _auroc(score: NDArray[np.float64], positive: NDArray[np.bool_]) -> float | None:
    """The chance that an out-of-scope message scores above one in scope (Mann and Whitney's U)."""
    if positive.all() or not positive.any():
        return None
    differences = score[positive][:, None] - score[~positive][None, :]
    return float(((differences > 0) + 0.5 * (differences == 0)).mean())


def _risk_coverage(sureness: NDArray[np.float64], wrong: NDArray[np.bool_]) -> list[list[float]]:
    order = np.argsort(-sureness, kind="stable")
    counts = sorted({max(1, round(len(order) * step / COVERAGE_STEPS)) for step in range(1, COVERAGE_STEPS + 1)})
    return [[count / len(order), float(wrong[order[:count]].mean())] for count in counts]


def _latency(interpreter: Interpreter, encoder: Encodes, texts: Sequence[str]) -> dict[str, float]:
    timed = texts[:: max(1, len(texts) // MOST_TIMED)][:MOST_TIMED]
    taken = []
    for text in timed:
        began = time.perf_counter()
        parse(interpreter, encoder, [text])
        taken.append((time.perf_counter() - began) * 1000)
    return {"p50": float(np.percentile(taken, 50)), "p95": float(np.percentile(taken, 95))}


def _share(values: NDArray[np.bool_]) -> float | None:
    return float(values.mean()) if len(values) else None
