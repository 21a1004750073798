"""The language means that come with Babeldesk; `python -m nlu.training.means` makes them."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Protocol

import numpy as np

from nlu.intents import LanguageMeans


class Described(Protocol):
    """What an encoder says of itself."""

    @property
    def hidden(self) -> int:
        """Dimensions of an embedding."""
        ...

    @property
    def fingerprint(self) -> str:
        """The same for encoders with the same embeddings."""
        ...


@cache
def built_in_means() -> tuple[str, LanguageMeans]:
    """The built-in encoder's fingerprint, and its means as measured on MASSIVE (see NOTICE)."""
    with (files("nlu") / "data" / "language_means.npz").open("rb") as file:
        data = np.load(file, allow_pickle=False)
        languages, means = tuple(str(code) for code in data["languages"]), data["means"].astype(np.float32)
        fingerprint = str(data["encoder"])
    return fingerprint, LanguageMeans(languages, means, means.mean(axis=0))


def means_for(encoder: Described) -> LanguageMeans:
    """The built-in means if they are this encoder's, else none: then the training data's own are all there is."""
    fingerprint, means = built_in_means()
    if fingerprint == encoder.fingerprint:
        return means
    return LanguageMeans((), np.zeros((0, encoder.hidden), np.float32), np.zeros(encoder.hidden, np.float32))
