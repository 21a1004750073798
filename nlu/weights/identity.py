"""Which embeddings an encoder gives: names that change exactly when these do. Light enough for a serving process."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from bot.errors import ModelError
from bot.settings import BUILT_IN
from nlu.weights.adaptation import Adaptation
from nlu.weights.manifest import Kind, Variant
from nlu.weights.pinned import E5_SMALL

RECIPE = 3
"""Raised when the conversion, or how texts are read, changes what an encoder gives.

What was trained on the old one is then refused."""

BUILT_IN_PREFIXES: Final[Mapping[Kind, str]] = {"query": "query: ", "passage": "passage: "}
"""As e5 was trained (Wang et al. 2024)."""


def fingerprint(digest: str, variant: Variant, prefixes: Mapping[Kind, str]) -> str:
    """Sixteen hexadecimal digits that name the embeddings, see `Manifest`; `digest` is that of the weights."""
    content = json.dumps([RECIPE, digest, variant, sorted(prefixes.items())])
    return hashlib.sha256(content.encode()).hexdigest()[:16]


FAST = f"{BUILT_IN}-fast"
"""What was made of the built-in encoder for slow machines: half of its layers, see `nlu.training.fast`."""

BUILT_INS = (BUILT_IN, FAST)

CHANGES: Mapping[str, tuple[str, ...]] = {BUILT_IN: ("alignment.npz",), FAST: ("alignment.npz", "fast.npz")}
"""The files of `nlu/data` that make each of the pinned weights."""


def adaptations(source: str = BUILT_IN) -> tuple[Adaptation, ...]:
    """What a built-in encoder is made by, in order: each update was made for what the ones before it give.

    Raises:
        ModelError: a file is missing or damaged, or was made for something else.
    """
    found = []
    digest = E5_SMALL.sha256
    for name in CHANGES[source]:
        adaptation = _shipped(name)
        if adaptation.base != digest:
            raise ModelError(f"nlu/data/{name} was made for other weights: {adaptation.base[:12]}, not {digest[:12]}")
        found.append(adaptation)
        digest = adaptation.digest
    return tuple(found)


def built_in_digest(source: str = BUILT_IN) -> str:
    """That of the pinned weights and of what is made of them.

    Raises:
        ModelError: as `adaptations`.
    """
    made = adaptations(source)
    return made[-1].digest if made else E5_SMALL.sha256


def shipped_file(kind: str, source: str) -> Path:
    """The file of a kind (`language_means`, `sentiment`) that comes with Babeldesk for a built-in encoder."""
    return Path(__file__).parent.parent / "data" / f"{kind}{source.removeprefix(BUILT_IN)}.npz"


@cache
def _shipped(name: str) -> Adaptation:
    return Adaptation.open(Path(__file__).parent.parent / "data" / name)
