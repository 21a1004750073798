"""Cross-validation: every example is predicted by a model that was trained on none like it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from bot.errors import ConfigurationError
from nlu.encoder import Encoded
from nlu.intents import Floats
from nlu.text import comparable
from nlu.training.dataset import Dataset, Example
from nlu.training.fit import Encoder, Ints
from nlu.training.predictions import Predictions, predict
from nlu.understander import Interpreter
from nlu.weights.progress import Progress, silent

FEWEST = 2
"""Examples of an intent that training needs."""


def assign_folds(examples: Sequence[Example], folds: int, *, seed: int = 0) -> Ints:
    """The fold, from 0 on, that each example is held out in, (n,).

    Examples with the same `comparable` text are never split, whatever their languages and intents. Within that, each
    fold has its share of each intent in each language, then of each intent, then of all: what is over goes to the fold
    that has the least. (scikit-learn's `StratifiedGroupKFold` balances one label only.)

    Raises:
        ConfigurationError: an intent has too few different examples.
    """
    groups: dict[str, list[int]] = {}
    for index, example in enumerate(examples):
        groups.setdefault(comparable(example.text), []).append(index)
    _check(examples, groups, folds)
    strata: dict[tuple[str, str], list[list[int]]] = {}
    for members in groups.values():
        first = examples[members[0]]
        strata.setdefault((first.intent, first.language), []).append(members)
    draws = np.random.default_rng(seed)
    by_stratum, by_intent, by_fold = Counter[tuple[object, ...]](), Counter[tuple[object, ...]](), Counter[int]()
    chosen = np.empty(len(examples), np.intp)
    for (intent, language), members_of in sorted(strata.items()):
        for position in draws.permutation(len(members_of)):
            tie = draws.permutation(folds)
            fold = min(
                range(folds),
                key=lambda f: (by_stratum[intent, language, f], by_intent[intent, f], by_fold[f], tie[f]),
            )
            for index in members_of[position]:
                chosen[index] = fold
                by_stratum[examples[index].intent, examples[index].language, fold] += 1
                by_intent[examples[index].intent, fold] += 1
                by_fold[fold] += 1
    return chosen


def _check(examples: Sequence[Example], groups: Mapping[str, Sequence[int]], folds: int) -> None:
    different = Counter(intent for members in groups.values() for intent in {examples[i].intent for i in members})
    # In two folds an intent needs two examples on either side; in more, one for each.
    needed = max(folds, FEWEST * 2 if folds == 2 else 0)  # noqa: PLR2004
    few = sorted((count, intent) for intent, count in different.items() if count < needed)
    if few:
        names = ", ".join(f"{intent} ({count})" for count, intent in few)
        raise ConfigurationError(f"{folds} folds need {needed} different examples of every intent; too few has {names}")


def cross_validate(
    dataset: Dataset,
    encoder: Encoder,
    train: Callable[[Dataset], Interpreter],
    folds: int,
    *,
    seed: int = 0,
    progress: Progress = silent,
) -> list[Predictions]:
    """Train as often as there are folds, and predict what was held out of each.

    Raises:
        ConfigurationError: an intent has too few different examples.
    """
    chosen = assign_folds(dataset.examples, folds, seed=seed)
    parts = []
    for fold in range(folds):
        progress("training on folds", fold, folds)
        held = [e for e, f in zip(dataset.examples, chosen, strict=True) if f == fold]
        rest = [e for e, f in zip(dataset.examples, chosen, strict=True) if f != fold]
        parts.append(predict(train(Dataset(tuple(rest), dataset.entities)), encoder, held))
    progress("training on folds", folds, folds)
    return parts


def spread(reports: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Mean, standard deviation (of a sample, n - 1) and values of each figure over some evaluations.

    Figures that some of the evaluations could not give are measured over the others; over fewer than two there is no
    deviation.
    """
    columns: dict[str, list[float]] = {}
    for report in reports:
        figures = {
            "accuracy": report["accuracy"],
            "macro_f1": report["macro_f1"],
            "ece": report["ece"],
            **{f"oos.{name}": value for name, value in report["oos"].items()},
            **{f"accuracy.{code}": row["accuracy"] for code, row in report["by_language"].items()},
        }
        for name, value in figures.items():
            columns.setdefault(name, [])
            if value is not None:
                columns[name].append(value)
    return {
        name: {
            "mean": float(np.mean(values)) if values else None,
            "std": float(np.std(values, ddof=1)) if len(values) > 1 else None,
            "values": values,
        }
        for name, values in columns.items()
    }


class Remembering:
    """An encoder that computes the embedding of a text once; `known` are those computed before.

    The states of the tokens are computed once too, but only if `tokens` is set; else there are none.
    """

    def __init__(self, encoder: Encoder, known: Mapping[str, Floats], *, tokens: bool = False) -> None:
        self._encoder = encoder
        self._known = dict(known)
        self._tokens = tokens
        self._read: dict[str, Encoded] = {}
        self.fingerprint = encoder.fingerprint
        self.hidden = encoder.hidden

    def encode(self, texts: Sequence[str]) -> Floats:
        """Embeddings (texts, hidden) of length one."""
        missing = list(dict.fromkeys(text for text in texts if text not in self._known))
        if missing:
            self._known.update(zip(missing, self._encoder.encode(missing), strict=True))
        return np.stack([self._known[text] for text in texts])

    def read(self, texts: Sequence[str]) -> Sequence[Encoded]:
        """Embeddings and, if they are wanted, the states of the tokens."""
        if not self._tokens:
            return [Encoded(row, row[:0].reshape(0, self.hidden), ()) for row in self.encode(texts)]
        missing = list(dict.fromkeys(text for text in texts if text not in self._read))
        self._read.update(zip(missing, self._encoder.read(missing), strict=True))
        return [self._read[text] for text in texts]
