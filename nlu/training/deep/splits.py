"""Which examples are learned from, which are held out, and in which batches they come."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.intp]

WINDOW = 50
"""Batches whose texts are sorted by length together: little is padded, and the order stays random."""


def held_out(groups: Sequence[tuple[str, str]], share: float, seed: int) -> NDArray[np.bool_]:
    """Which examples to hold out, (n,): of each (intent, language) its share, rounded by lot.

    Of the examples of an intent at least two always stay.
    """
    random = np.random.default_rng(seed)
    members: dict[tuple[str, str], list[int]] = {}
    for index, group in enumerate(groups):
        members.setdefault(group, []).append(index)
    left = {intent: sum(1 for other, _ in groups if other == intent) for intent in {intent for intent, _ in groups}}
    out = np.zeros(len(groups), np.bool_)
    for (intent, _), indices in sorted(members.items()):
        wanted = len(indices) * share
        count = min(int(wanted + random.random()), left[intent] - 2)
        if count > 0:
            out[random.permutation(indices)[:count]] = True
            left[intent] -= count
    return out


class Batches:
    """The batches of every epoch; the same for the same seed, so that nothing of them needs to be kept.

    `lengths` are those of the texts, `targets` their labels, both (n,). With `pairs`, two texts of a label stand
    together, as a contrastive loss wants it.
    """

    def __init__(
        self, lengths: Ints, targets: Ints, size: int, seed: int, *, cap: int | None = None, pairs: bool = False
    ) -> None:
        self._lengths = lengths
        self._targets = targets
        self._size = size
        self._seed = seed
        self._pairs = pairs
        self._per_epoch = min(cap or len(lengths), len(lengths))

    @property
    def steps(self) -> int:
        """Batches of an epoch."""
        return -(-self._per_epoch // self._size)

    def epoch(self, number: int) -> Iterator[Ints]:
        """The positions of each batch's texts."""
        random = np.random.default_rng([self._seed, number, 1])
        chosen = self._chosen(number)
        span = self._size * WINDOW
        batches: list[Ints] = []
        for start in range(0, len(chosen), span):
            window = chosen[start : start + span]
            if self._pairs:
                window = self._paired(window)
                window = window[np.argsort(self._pair_lengths(window), kind="stable")]
            else:
                window = window[np.argsort(self._lengths[window], kind="stable")]
            batches += [window[first : first + self._size] for first in range(0, len(window), self._size)]
        for index in random.permutation(len(batches)):
            yield batches[index]

    def _chosen(self, number: int) -> Ints:
        """The texts of an epoch: the next ones of an endless row of shuffles."""
        total = len(self._lengths)
        place = np.arange(number * self._per_epoch, (number + 1) * self._per_epoch)
        parts = [
            np.random.default_rng([self._seed, lap]).permutation(total)[place[place // total == lap] % total]
            for lap in np.unique(place // total).tolist()
        ]
        return np.concatenate(parts)

    def _paired(self, window: Ints) -> Ints:
        """The same texts, those of a label two by two, the pairs in their random order; the odd ones come last."""
        waiting: dict[int, int] = {}
        row: list[int] = []
        for index in window.tolist():
            label = int(self._targets[index])
            if label in waiting:
                row += [waiting.pop(label), index]
            else:
                waiting[label] = index
        return np.array([*row, *waiting.values()], np.intp)

    def _pair_lengths(self, window: Ints) -> Ints:
        """What to sort by so that pairs stay together: the longer one's length, (n,)."""
        lengths = self._lengths[window]
        longer = lengths.copy()
        pairs = len(window) // 2 * 2
        longer[:pairs] = np.repeat(lengths[:pairs].reshape(-1, 2).max(axis=1), 2)
        return longer
