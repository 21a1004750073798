"""Which embeddings an encoder gives: names that change exactly when these do. Light enough for a serving process."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import as_file, files
from typing import Final

from nlu.weights.adaptation import Adaptation
from nlu.weights.manifest import Kind, Variant
from nlu.weights.pinned import E5_SMALL

RECIPE = 2
"""Raised when the conversion changes what an encoder gives; what was trained on the old one is then refused."""

BUILT_IN_PREFIXES: Final[Mapping[Kind, str]] = {"query": "query: ", "passage": "passage: "}
"""As e5 was trained (Wang et al. 2024)."""


def fingerprint(digest: str, variant: Variant, prefixes: Mapping[Kind, str]) -> str:
    """Sixteen hexadecimal digits that name the embeddings, see `Manifest`; `digest` is that of the weights."""
    content = json.dumps([RECIPE, digest, variant, sorted(prefixes.items())])
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def alignment() -> Adaptation | None:
    """The update that comes with Babeldesk, if it is one of the pinned weights.

    Raises:
        ModelError: the file is missing or damaged.
    """
    shipped = _shipped()
    return shipped if shipped.base == E5_SMALL.sha256 else None


@cache
def _shipped() -> Adaptation:
    with as_file(files("nlu") / "data" / "alignment.npz") as file:
        return Adaptation.open(file)


def built_in_digest() -> str:
    """That of the pinned weights and of what is made of them."""
    adaptation = alignment()
    return E5_SMALL.sha256 if adaptation is None else adaptation.digest
