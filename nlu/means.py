"""The language means that come with Babeldesk; `python -m nlu.training.means` makes them."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import numpy as np

from bot.errors import ModelError
from nlu.intents import LanguageMeans


@cache
def built_in_means() -> LanguageMeans:
    """Means of the built-in encoder's embeddings, measured on MASSIVE (see NOTICE)."""
    with (files("nlu") / "data" / "language_means.npz").open("rb") as file:
        data = np.load(file, allow_pickle=False)
        languages, means = tuple(str(code) for code in data["languages"]), data["means"].astype(np.float32)
    return LanguageMeans(languages, means, means.mean(axis=0))


def means_for(hidden: int) -> LanguageMeans:
    """The built-in means, or none (zeros) for an encoder of another size, whose means come from the training data."""
    built_in = built_in_means()
    if built_in.means.shape[1] == hidden:
        return built_in
    if hidden <= 0:
        raise ModelError(f"an encoder of {hidden} dimensions is none")
    return LanguageMeans((), np.zeros((0, hidden), np.float32), np.zeros(hidden, np.float32))
