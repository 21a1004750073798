"""Which ways to make more of the examples help: each is tried with a part of the examples held out.

Of the examples that are not held out, a classifier learns once as they are and once with their copies; what is held out
is told by both, as it is and changed in the same way by other random numbers. A way is kept if it tells significantly
more of what it is meant for, and not significantly less of the messages as they are (paired sign tests, one-sided).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

from nlu.intents import Floats, LanguageMeans, kernel
from nlu.ngrams import NgramScores
from nlu.training.augmentation.ways import Way
from nlu.training.dataset import Example
from nlu.training.points import Writing
from nlu.training.ridge import fit_ridge
from nlu.understander import Encodes
from nlu.weights.progress import Progress, silent

MOST_LEARNED, MOST_TESTED = 4000, 2000
"""Examples of a trial: enough to see a point more or less, in seconds."""

SIGNIFICANT = 0.05

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Trial:
    """What a way did.

    `changed` of the held-out examples could be changed; `before` and `after` are the shares of these that are told
    right by a classifier trained without copies and with them, `p` the chance of as great a gain from nothing. Those
    that begin with `plain` are the same of all held-out examples as they are, and the chance of as great a loss.
    """

    way: str
    copies: int
    changed: int
    before: float
    after: float
    p: float
    plain_before: float
    plain_after: float
    plain_p: float

    @property
    def kept(self) -> bool:
        """Whether it helps."""
        return self.changed > 0 and self.p < SIGNIFICANT and self.plain_p >= SIGNIFICANT

    def to_json(self) -> dict[str, Any]:
        """All figures, and the verdict."""
        rounded = {key: round(value, 4) if isinstance(value, float) else value for key, value in asdict(self).items()}
        return {**rounded, "kept": self.kept}


@dataclass(frozen=True, slots=True)
class Parts:
    """The examples of a trial: those that are learned from, and those held out."""

    learned: Sequence[Example]
    held_out: Sequence[Example]

    @classmethod
    def of(cls, examples: Sequence[Example], held: Bools, seed: int) -> Parts:
        """Of the examples not `held` and held (n,), at most as many as a trial takes."""
        random = np.random.default_rng(seed)

        def some(of: Bools, most: int) -> list[Example]:
            rows = np.flatnonzero(of)
            return [examples[row] for row in np.sort(random.permutation(rows)[:most])]

        return cls(some(~held, MOST_LEARNED), some(held, MOST_TESTED))


@dataclass(frozen=True, slots=True)
class _Fitted:
    """A classifier's anchors (anchors, hidden) and weights (anchors, labels), and what n-grams speak for."""

    anchors: Floats
    weights: Floats
    ngrams: NgramScores


class Ablation:
    """Tries ways on the same parts."""

    def __init__(self, parts: Parts, encoder: Encodes, means: LanguageMeans, seed: int) -> None:
        self._parts = parts
        self._encoder = encoder
        self._means = means
        self._seed = seed
        self._labels = sorted({example.intent for example in parts.learned})
        self._learned = self._embed(parts.learned)
        self._held_out = self._embed(parts.held_out)
        self._plain = self._fit(())

    def run(self, ways: Sequence[Way], progress: Progress = silent) -> list[Trial]:
        """A trial of each way."""
        trials = []
        for number, way in enumerate(ways):
            progress(f"try {way.name}", number, len(ways))
            trials.append(self._try(way))
        progress("try", len(ways), len(ways))
        return trials

    def _try(self, way: Way) -> Trial:
        copies = way.copies(self._parts.learned, self._seed)
        fitted = self._fit(copies)
        if way.is_noise:
            changed = way.copies(self._parts.held_out, self._seed + 1)
            before, after = (self._right(self._embed(changed), changed, which) for which in (self._plain, fitted))
        else:
            changed = self._parts.held_out
        plain = [self._right(self._held_out, self._parts.held_out, which) for which in (self._plain, fitted)]
        if not way.is_noise:
            before, after = plain
        return Trial(
            way=way.name,
            copies=len(copies),
            changed=len(changed),
            before=_share(before),
            after=_share(after),
            p=_chance(gains=after & ~before, losses=before & ~after),
            plain_before=_share(plain[0]),
            plain_after=_share(plain[1]),
            plain_p=_chance(gains=plain[0] & ~plain[1], losses=plain[1] & ~plain[0]),
        )

    def _fit(self, copies: Sequence[Example]) -> _Fitted:
        """A ridge that learns the copies too."""
        points = np.concatenate([self._learned, self._embed(copies)]) if copies else self._learned
        learned = (*self._parts.learned, *copies)
        targets = np.array([self._labels.index(example.intent) for example in learned])
        wanted = np.eye(len(self._labels), dtype=np.float32)[targets]
        writing, everything = Writing.of([example.text for example in learned]), np.arange(len(points))
        weights = fit_ridge(writing.points(points), everything, wanted).weights
        return _Fitted(points, weights, writing.scores(everything, weights))

    def _right(self, embedded: Floats, examples: Sequence[Example], fitted: _Fitted) -> Bools:
        if not examples:
            return np.zeros(0, np.bool_)
        written = fitted.ngrams.score([example.text for example in examples])
        best = (kernel(embedded @ fitted.anchors.T) @ fitted.weights + written).argmax(axis=1)
        return np.array([self._labels[at] == e.intent for at, e in zip(best.tolist(), examples, strict=True)])

    def _embed(self, examples: Sequence[Example]) -> Floats:
        if not examples:
            return self._learned[:0]
        embeddings = np.asarray(self._encoder.encode([e.text for e in examples]), np.float32)
        return self._means.centre(embeddings, [e.language for e in examples])


def kept(trials: Sequence[Trial]) -> tuple[str, ...]:
    """The names of the ways that help."""
    return tuple(trial.way for trial in trials if trial.kept)


def table(trials: Sequence[Mapping[str, Any]]) -> list[str]:
    """Trials as JSON as a Markdown table."""
    lines = [
        "| way | messages changed | without copies | with | messages as they are, without | with | kept |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for row in trials:
        figures = [f"{row[key]:.3f}" for key in ("before", "after", "plain_before", "plain_after")]
        lines.append(f"| {row['way']} | {row['changed']} | {' | '.join(figures)} | {'yes' if row['kept'] else 'no'} |")
    return lines


def _share(right: Bools) -> float:
    return float(right.mean()) if len(right) else 0.0


def _chance(*, gains: Bools, losses: Bools) -> float:
    won, lost = int(gains.sum()), int(losses.sum())
    return float(binomtest(won, won + lost, alternative="greater").pvalue) if won + lost else 1.0
