"""Groups of vectors that lie near each other, each with the one in its middle first. Pure NumPy and SciPy."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

NEAR = 0.35
"""The least mean cosine between the members of two groups that become one, after centring by language."""


def grouped(vectors: NDArray[np.float32], near: float = NEAR) -> list[list[int]]:
    """Rows of `vectors` (n, hidden), of length one, in groups: the largest first, each led by its medoid.

    Average linkage on the cosine: unlike single linkage it makes no chains of messages of which the ends have nothing
    in common. It takes memory and time in n² (some 2,000 messages: 32 MB and under a second).
    """
    if len(vectors) == 0:
        return []
    if len(vectors) == 1:
        return [[0]]
    # Some thirty megabytes, which a server that nobody reviews in can do without.
    from scipy.cluster.hierarchy import fcluster, linkage

    cosines = vectors @ vectors.T
    rows, columns = np.triu_indices(len(vectors), 1)
    distances = np.clip(1.0 - cosines[rows, columns], 0.0, 2.0).astype(np.float64)
    numbers = fcluster(linkage(distances, "average"), 1.0 - near, "distance")
    members: defaultdict[int, list[int]] = defaultdict(list)
    for row, number in enumerate(numbers):
        members[int(number)].append(row)
    groups = [_from_the_middle(group, cosines) for group in members.values()]
    return sorted(groups, key=lambda group: (-len(group), min(group)))


def _from_the_middle(group: list[int], cosines: NDArray[np.float32]) -> list[int]:
    within = cosines[np.ix_(group, group)].sum(axis=1)
    medoid = group[int(np.argmax(within))]
    return [medoid, *(row for row in group if row != medoid)]
