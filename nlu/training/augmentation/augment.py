"""From examples to the copies that a model is trained with: tried, chosen, made."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bot.errors import ConfigurationError
from nlu.intents import LanguageMeans
from nlu.training.augmentation.ablation import Ablation, Parts, kept
from nlu.training.augmentation.augmentation import Augmentation
from nlu.training.augmentation.ways import LOCAL, Way, local_ways
from nlu.training.dataset import Example
from nlu.training.deep.splits import held_out
from nlu.understander import Encodes
from nlu.weights.progress import Progress, silent

HELD_OUT = 0.25
"""The share of the examples that ways are tried on."""

COPIED = 2 / 3
"""The share of the examples that get copies. The others say how well the model does: left out of the training, an
example would still stand there as its copy."""


def checked(names: Sequence[str], others: Sequence[str] = ()) -> tuple[str, ...]:
    """The ways that are asked for; `all` stands for those that need nothing but the examples.

    Raises:
        ConfigurationError: there is no such way.
    """
    known = (*LOCAL, *others)
    wanted = dict.fromkeys(way for name in names for way in (LOCAL if name == "all" else (name,)))
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise ConfigurationError(f"there is no augmentation {unknown[0]!r}; there are: all, {', '.join(known)}")
    return tuple(wanted)


def augmented(
    examples: Sequence[Example],
    encoder: Encodes,
    means: LanguageMeans,
    names: Sequence[str],
    *,
    others: Sequence[Way] = (),
    seed: int = 0,
    progress: Progress = silent,
) -> Augmentation:
    """Try ways on a part of the examples, and make copies of the examples by those that help.

    `names` are ways that need nothing but the examples, `others` ways of another origin. Each example of two in three
    gets one copy, by one of the ways that are kept.
    """
    held = held_out([(example.intent, example.language) for example in examples], HELD_OUT, seed)
    parts = Parts.of(examples, held, seed)
    trying = [*local_ways(parts.learned, encoder, means, names), *others]
    trials = Ablation(parts, encoder, means, seed).run(trying, progress)
    helping = kept(trials)
    ways = [*local_ways(examples, encoder, means, helping), *(way for way in others if way.name in helping)]
    return Augmentation(*_copies(examples, ways, seed), tuple(trials))


def _copies(examples: Sequence[Example], ways: Sequence[Way], seed: int) -> tuple[tuple[Example, ...], frozenset[str]]:
    """Copies, and the texts of which there may be one."""
    random = np.random.default_rng(seed)
    copied = random.random(len(examples)) < COPIED
    drawn = random.integers(0, max(len(ways), 1), len(examples))
    if not ways:
        return (), frozenset()
    copies: list[Example] = []
    for number, way in enumerate(ways):
        copies += way.copies([examples[row] for row in np.flatnonzero(copied & (drawn == number)).tolist()], seed)
    return tuple(copies), frozenset(examples[row].text for row in np.flatnonzero(copied).tolist())
