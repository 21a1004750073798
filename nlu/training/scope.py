"""Fits what tells whether a message is in scope: on examples left out, and on groups of intents left out as a whole.

Whatever has no intent among the rest is out of scope of a model of the rest. So each group of intents that are near
each other plays out-of-scope once, for a model without it, and scope can be learned without a single out-of-scope
example; those that there are count beside them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.optimize import minimize
from scipy.special import expit, log_expit

from nlu.intents import Floats, softmax
from nlu.scope import DIRECTIONS, FEATURES, Scope, scope_features
from nlu.training.ridge import Ridge

Ints = NDArray[np.intp]
Bools = NDArray[np.bool_]

REFUSED = 0.005
"""Share of the right answers, of examples left out, that the bot may refuse to give."""

COVERING = 900.0
"""Examples from which they cover what customers say. Of fewer, what is far from all may yet be in scope: the odds are
raised, by (900 / n)². Set so that new phrases are understood with half a dozen examples of each of two intents; with
more to go by it fades out."""

KNOWN = 50.0
"""Out-of-scope examples from which they count as much as the intents left out."""

CHUNK = 1024
"""Rows whose cosines to all anchors are in memory at once."""


@dataclass(frozen=True, slots=True)
class Trained:
    """What a regression was trained on.

    `points` (n, hidden) are centred embeddings, `targets` (n,) their labels, `examples` (n,) whether each is a
    customer's sentence, and not only the name of an intent; `chosen` the anchors among them; `outside` (labels,) which
    label is out-of-scope.
    """

    points: Floats
    targets: Ints
    examples: Bools
    chosen: Ints
    outside: Bools

    def features(self, rows: Ints, scores: Floats, group: Bools | None = None) -> Floats:
        """`scope_features` of some rows with these scores, a row being no neighbour of itself, nor of its group.

        `group` (labels,) are the labels that were left out.
        """
        left_out = np.zeros_like(self.outside) if group is None else group
        kept = self.chosen[~left_out[self.targets[self.chosen]]]
        anchors, in_scope = self.points[kept], ~self.outside[self.targets[kept]]
        position = np.full(len(self.points), -1)
        position[kept] = np.arange(len(kept))
        pieces = [np.zeros((0, FEATURES), np.float32)]
        for start in range(0, len(rows), CHUNK):
            part = rows[start : start + CHUNK]
            cosines = self.points[part] @ anchors.T
            own = position[part]
            cosines[np.flatnonzero(own >= 0), own[own >= 0]] = -1.0
            told = scores[start : start + CHUNK, ~left_out]
            pieces.append(scope_features(told, self.outside[~left_out], cosines, in_scope))
        return np.concatenate(pieces)


def fit_scope(trained: Trained, ridge: Ridge, temperatures: Floats) -> tuple[Scope, Floats]:
    """The logistic, and the chance (n,) of each row to be in scope; `temperatures` (n, 1) are those of the rows.

    Refused is only what is likelier out of scope than in it, were both as frequent, and of that no more than loses the
    share `REFUSED` of the right answers.
    """
    left_out = ridge.left_out()
    everything = np.arange(len(trained.points))
    features = trained.features(everything, left_out)
    known = trained.outside[trained.targets]
    inside = np.flatnonzero(trained.examples & ~known)
    held_out = np.concatenate(list(_held_out(trained, ridge)))
    taught = features[trained.examples & known]
    share = len(taught) / (len(taught) + KNOWN)
    groups = [(features[inside], 1.0), (held_out, 1 - share), (taught, share)]
    rows = np.concatenate([rows for rows, _ in groups])
    weights = np.concatenate([np.full(len(rows), total / max(len(rows), 1)) for rows, total in groups]) * len(rows)
    coefficients, constant = _logistic(rows, np.arange(len(rows)) < len(inside), weights)
    shares = softmax(left_out[:, ~trained.outside] / temperatures)
    column = np.cumsum(~trained.outside) - 1  # of a label among the intents
    right = shares[inside].argmax(axis=1) == column[trained.targets[inside]]
    if right.any():
        # An answer of share s is given from a chance of 1 / (1 + s) on: logits and constant sum to -log s.
        needed = -np.log(shares[inside].max(axis=1)) - features[inside] @ coefficients
        constant = max(constant, float(np.quantile(needed[right], 1 - REFUSED)))
    constant += float(np.log1p((COVERING / len(inside)) ** 2))
    scope = Scope(coefficients, float(np.float32(constant)))
    return scope, scope.chance(features)


def _logistic(rows: Floats, inside: Bools, weights: NDArray[np.float64]) -> tuple[Floats, float]:
    """Coefficients and constant of a logistic regression in which no feature speaks against its direction.

    Without that bound, features that say almost the same cancel each other out in whatever way fits a few examples.
    """
    scale = np.maximum(rows.std(axis=0), 1e-6) * DIRECTIONS
    centre = rows.mean(axis=0)
    design = np.column_stack([(rows - centre) / scale, np.ones(len(rows))]).astype(np.float64)
    sign = np.where(inside, 1.0, -1.0)

    def loss(parameters: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        margin = sign * (design @ parameters)
        shrunk = np.append(parameters[:-1], 0.0)
        value = -(weights * log_expit(margin)).sum() + (shrunk**2).sum() / 2
        return value, shrunk - design.T @ (weights * sign * expit(-margin))

    bounds = [(0.0, None)] * FEATURES + [(None, None)]
    found = minimize(loss, np.zeros(FEATURES + 1), jac=True, method="L-BFGS-B", bounds=bounds).x
    coefficients: Floats = (found[:-1] / scale).astype(np.float32)
    return coefficients, float(found[-1] - centre @ coefficients)


def _held_out(trained: Trained, ridge: Ridge) -> Iterator[Floats]:
    """The features of the examples of each group of intents, for a model without that group."""
    intents = np.flatnonzero(~trained.outside)
    for group in _groups(trained, intents):
        labels = np.isin(np.arange(len(trained.outside)), group)
        rows = np.flatnonzero(labels[trained.targets])
        scores = ridge.left_out_together(rows)
        examples = trained.examples[rows]
        yield trained.features(rows[examples], scores[examples], labels)


def _groups(trained: Trained, intents: Ints) -> list[Ints]:
    """The intents in as many groups as there are in each on average, by how near their examples lie to each other."""
    if len(intents) <= 3:  # noqa: PLR2004 - of three, two must be left to tell apart
        return [np.array([intent]) for intent in intents]
    centres = np.stack([trained.points[trained.targets == intent].mean(axis=0) for intent in intents])
    centres /= np.maximum(np.linalg.norm(centres, axis=1, keepdims=True), 1e-9)
    wanted = round(len(intents) ** 0.5)
    group = fcluster(linkage(centres, "ward"), wanted, "maxclust")
    return [intents[group == number] for number in np.unique(group)]
