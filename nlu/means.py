"""The language means that come with Babeldesk; `python -m nlu.training.means` makes them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Protocol

import numpy as np

from nlu.intents import LanguageMeans
from nlu.weights.identity import BUILT_INS, shipped_file


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
def shipped_means() -> Mapping[str, LanguageMeans]:
    """The means of each built-in encoder by its fingerprint, as measured on MASSIVE (see NOTICE)."""
    found = {}
    for path in filter(Path.exists, (shipped_file("language_means", source) for source in BUILT_INS)):
        with path.open("rb") as file:
            data = np.load(file, allow_pickle=False)
            languages, means = tuple(str(code) for code in data["languages"]), data["means"].astype(np.float32)
            found[str(data["encoder"])] = LanguageMeans(languages, means, means.mean(axis=0))
    return found


def means_for(encoder: Described) -> LanguageMeans:
    """The built-in means if they are this encoder's, else none: then the training data's own are all there is."""
    none = LanguageMeans((), np.zeros((0, encoder.hidden), np.float32), np.zeros(encoder.hidden, np.float32))
    return shipped_means().get(encoder.fingerprint, none)
