"""Kernel ridge regression, and the scores that examples would have had if they had been left out.

What a fit without some examples says of them has a closed form, y - (I - H)⁻¹(y - f) over those examples, H being the
hat matrix and f the scores with them (Allen's PRESS statistic, 1974, for one; the same algebra for a group). So nothing
needs to be trained a second time to be calibrated.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_solve, cholesky, solve_triangular
from scipy.linalg.lapack import spotri

from nlu.intents import Floats, kernel

Ints = NDArray[np.intp]

REGULARISATION = 0.1
"""The ridge's strength, as a share of a sentence's nearness to itself."""

JITTER = 1e-3
"""Keeps the kernel of sentences that say almost the same invertible in single precision."""

LEAST_LEFT = 1e-3
"""Of an example's residual when it is left out: a sentence whose score rests on itself alone."""


@dataclass(frozen=True, slots=True)
class Ridge:
    """A fitted regression.

    `weights` (anchors, labels) are the model's; `wanted` and `residual` (n, labels) what the examples should score and
    what they miss of it; `unexplained` gives the rows and columns of I - H for some examples, `slack` its diagonal.
    """

    weights: Floats
    wanted: Floats
    residual: Floats
    slack: Floats
    unexplained: Callable[[Ints], Floats]

    def left_out(self) -> Floats:
        """The scores (n, labels) of every example as if trained without it."""
        slack: Floats = np.maximum(self.slack, LEAST_LEFT).astype(np.float32)
        scores: Floats = self.wanted - self.residual / slack[:, None]
        return scores

    def left_out_together(self, group: Ints) -> Floats:
        """The scores (group, labels) of some examples as if trained without all of them; `group` ascends."""
        block = self.unexplained(group)
        block[np.diag_indices(len(block))] += LEAST_LEFT / 10
        scores: Floats = self.wanted[group] - np.linalg.solve(block, self.residual[group])
        return scores


def fit_ridge(points: Floats, chosen: Ints, wanted: Floats) -> Ridge:
    """Fit scores `wanted` (n, labels) of centred embeddings (n, hidden), those `chosen` of them being the anchors."""
    if len(chosen) == len(points):
        return _fit_all(points, wanted)
    return _fit_some(points, points[chosen], wanted)


def _fit_all(points: Floats, wanted: Floats) -> Ridge:
    gram = kernel(points @ points.T)
    gram[np.diag_indices(len(gram))] += REGULARISATION
    # The transpose of a symmetric matrix is the same, and in the order in which LAPACK works without a copy.
    lower = cholesky(gram.T, lower=True, overwrite_a=True, check_finite=False)
    weights = cho_solve((lower, True), wanted, check_finite=False)
    inverse, _ = spotri(lower, lower=1, overwrite_c=1)  # its upper triangle means nothing

    def unexplained(group: Ints) -> Floats:
        below = np.tril(inverse[np.ix_(group, group)])
        block: Floats = REGULARISATION * (below + np.tril(below, -1).T)
        return block

    slack: Floats = (REGULARISATION * np.diag(inverse)).astype(np.float32)
    return Ridge(weights.astype(np.float32), wanted, REGULARISATION * weights, slack, unexplained)


def _fit_some(points: Floats, anchors: Floats, wanted: Floats) -> Ridge:
    """The Nyström method (Williams and Seeger 2001): all examples count, described by their nearness to the anchors."""
    gram = kernel(anchors @ anchors.T)
    gram[np.diag_indices(len(gram))] += JITTER
    lower = cholesky(gram.T, lower=True, overwrite_a=True, check_finite=False)
    # Columns of `mapped` are the examples in the coordinates in which the kernel is a plain dot product.
    mapped = solve_triangular(lower, kernel(anchors @ points.T), lower=True, overwrite_b=True, check_finite=False)
    normal = mapped @ mapped.T
    normal[np.diag_indices(len(normal))] += REGULARISATION
    factor = cholesky(normal.T, lower=True, overwrite_a=True, check_finite=False)
    inner = cho_solve((factor, True), mapped @ wanted, check_finite=False)
    residual: Floats = (wanted - mapped.T @ inner).astype(np.float32)
    weights = solve_triangular(lower, inner, lower=True, trans="T", check_finite=False)
    explained = solve_triangular(factor, mapped, lower=True, overwrite_b=True, check_finite=False)

    def unexplained(group: Ints) -> Floats:
        columns = explained[:, group]
        block: Floats = np.eye(len(group), dtype=np.float32) - columns.T @ columns
        return block

    slack: Floats = 1 - np.einsum("ij,ij->j", explained, explained)
    return Ridge(weights.astype(np.float32), wanted, residual, slack, unexplained)
