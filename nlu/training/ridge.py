"""Kernel ridge regression, and the scores that examples would have had if they had been left out.

What a fit without some examples says of them has a closed form, y - (I - H)⁻¹(y - f) over those examples, H being the
hat matrix and f the scores with them (Allen's PRESS statistic, 1974, for one; the same algebra for a group). So nothing
needs to be trained a second time to be calibrated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgError, cho_solve, cholesky, lu_factor, lu_solve, solve_triangular
from scipy.linalg.blas import ssyrk, strmm, strsm
from scipy.linalg.lapack import spotri, strtri

from nlu.intents import Floats
from nlu.training.points import Points

Ints = NDArray[np.intp]

REGULARISATION = 0.1
"""The ridge's strength, as a share of a sentence's nearness to itself."""

JITTER = 1e-3
"""Keeps the kernel of sentences that say almost the same invertible in single precision."""

LEAST_LEFT = 1e-3
"""Of an example's residual when it is left out: a sentence whose score rests on itself alone."""

SPARE = LEAST_LEFT / 10
"""The same for examples that are left out together, on the diagonal of what they do not explain."""

ROWS = 2048
"""Examples whose nearness to all anchors is in memory at once."""


@dataclass(frozen=True, slots=True)
class Ridge:
    """A fitted regression.

    `weights` (anchors, labels) are the model's; `wanted` and `residual` (n, labels) what the examples should score and
    what they miss of it; `slack` (n,) is the diagonal of I - H. `undone` is the residual (group, labels) that some
    examples, in ascending order, would have without themselves: (I - H)⁻¹ times theirs.
    """

    weights: Floats
    wanted: Floats
    residual: Floats
    slack: Floats
    undone: Callable[[Ints], Floats]

    def left_out(self) -> Floats:
        """The scores (n, labels) of every example as if trained without it."""
        slack: Floats = np.maximum(self.slack, LEAST_LEFT).astype(np.float32)
        scores: Floats = self.wanted - self.residual / slack[:, None]
        return scores

    def scaled(self, gains: Floats) -> Ridge:
        """The same with larger scores, by factors (labels,): everything here is linear in what is wanted."""
        return Ridge(
            self.weights * gains,
            self.wanted * gains,
            self.residual * gains,
            self.slack,
            lambda group: self.undone(group) * gains,
        )

    def left_out_together(self, group: Ints) -> Floats:
        """The scores (group, labels) of some examples as if trained without all of them; `group` ascends."""
        scores: Floats = self.wanted[group] - self.undone(group)
        return scores


def fit_ridge(points: Points, chosen: Ints, wanted: Floats) -> Ridge:
    """Fit scores `wanted` (n, labels) of sentences (n), those `chosen` of them being the anchors.

    Takes the square of the number of anchors in memory, two to four times, whatever the number of examples.
    """
    if len(chosen) == len(points):
        return _fit_all(points, wanted)
    return _fit_some(points, points.at(chosen), wanted)


def _fit_all(points: Points, wanted: Floats) -> Ridge:
    gram = points.nearness(points)
    gram[np.diag_indices(len(gram))] += REGULARISATION
    # The transpose of a symmetric matrix is the same, and in the order in which LAPACK works without a copy.
    lower = cholesky(gram.T, lower=True, overwrite_a=True, check_finite=False)
    weights = cho_solve((lower, True), wanted, check_finite=False).astype(np.float32)
    residual: Floats = REGULARISATION * weights
    inverse, _ = spotri(lower, lower=1, overwrite_c=1)  # its upper triangle means nothing

    def undone(group: Ints) -> Floats:
        block = REGULARISATION * inverse[np.ix_(group, group)]
        block[np.diag_indices(len(block))] += SPARE
        return _solved(block, residual[group])

    slack: Floats = (REGULARISATION * np.diag(inverse)).astype(np.float32)
    return Ridge(weights, wanted, residual, slack, undone)


def _fit_some(points: Points, anchors: Points, wanted: Floats) -> Ridge:
    """The Nyström method (Williams and Seeger 2001): all examples count, described by their nearness to the anchors.

    The examples pass by in blocks of rows, so that no matrix of all of them and all anchors is ever in memory.
    """
    gram = anchors.nearness(anchors)
    gram[np.diag_indices(len(gram))] += JITTER
    lower = cholesky(gram.T, lower=True, overwrite_a=True, check_finite=False)
    del gram
    normal, moment = _square(anchors), np.zeros((len(anchors), wanted.shape[1]), np.float32)
    for rows in _blocks(np.arange(len(points))):
        # Its columns are the examples in the coordinates in which the kernel is a plain dot product.
        mapped = strsm(1.0, lower, points.at(rows).nearness(anchors).T, lower=1, overwrite_b=1)
        normal = ssyrk(1.0, mapped, beta=1.0, c=normal, lower=1, overwrite_c=1)
        moment += mapped @ wanted[rows]
    normal[np.diag_indices(len(normal))] += REGULARISATION
    factor = cholesky(normal, lower=True, overwrite_a=True, check_finite=False)
    del normal
    moment = solve_triangular(factor, moment, lower=True, check_finite=False)
    inner = solve_triangular(factor, moment, lower=True, trans="T", check_finite=False)
    weights = solve_triangular(lower, inner, lower=True, trans="T", check_finite=False).astype(np.float32)
    # H is the product of `explained` with itself: nearness, in coordinates in which the regression is one too.
    way, _ = strtri(lower, lower=1, overwrite_c=1)
    way = strsm(1.0, factor, way, lower=1, overwrite_b=1)
    del lower, factor

    def explained(rows: Ints) -> Floats:
        columns: Floats = strmm(1.0, way, points.at(rows).nearness(anchors).T, lower=1, overwrite_b=1)
        return columns

    residual, slack = np.empty(wanted.shape, np.float32), np.empty(len(points), np.float32)
    for rows in _blocks(np.arange(len(points))):
        columns = explained(rows)
        residual[rows] = wanted[rows] - columns.T @ moment
        slack[rows] = 1 - np.einsum("ij,ij->j", columns, columns)

    def undone(group: Ints) -> Floats:
        if len(group) <= len(anchors):
            block = ssyrk(-1.0, explained(group), trans=1, lower=1)
            block[np.diag_indices(len(block))] += 1 + SPARE
            return _solved(block, residual[group])
        # Of more examples than anchors, a matrix of the anchors is the smaller one (Woodbury's identity).
        inside, missed = _square(anchors), np.zeros((len(anchors), wanted.shape[1]), np.float32)
        for rows in _blocks(group):
            columns = explained(rows)
            inside = ssyrk(-1.0, columns, beta=1.0, c=inside, lower=1, overwrite_c=1)
            missed += columns @ residual[rows]
        inside[np.diag_indices(len(inside))] += 1 + SPARE
        back = strmm(1.0, way, _solved(inside, missed), lower=1, trans_a=1)
        pieces = [residual[rows] + points.at(rows).nearness(anchors) @ back for rows in _blocks(group)]
        whole: Floats = np.concatenate(pieces)
        whole /= 1 + SPARE
        return whole

    return Ridge(weights, wanted, residual, slack, undone)


def _square(anchors: Points) -> Floats:
    """Zeros (anchors, anchors), in LAPACK's order."""
    return np.zeros((len(anchors), len(anchors)), np.float32, order="F")


def _blocks(rows: Ints) -> Iterator[Ints]:
    return (rows[start : start + ROWS] for start in range(0, len(rows), ROWS))


def _solved(lower: Floats, wanted: Floats) -> Floats:
    """What a symmetric matrix makes `wanted` of, by its lower triangle; what is above means nothing.

    It is positive definite but for rounding; where that shows, it is solved as any other matrix.
    """
    try:
        factor = cholesky(lower, lower=True, check_finite=False)
    except LinAlgError:
        whole = np.tril(lower) + np.tril(lower, -1).T
        solved: Floats = lu_solve(lu_factor(whole, overwrite_a=True, check_finite=False), wanted, check_finite=False)
    else:
        solved = cho_solve((factor, True), wanted, check_finite=False)
    return solved.astype(np.float32)
