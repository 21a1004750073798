"""The ways to make more of the examples, by the names that owners give them with `train --augment`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random

from nlu.intents import LanguageMeans
from nlu.training.augmentation import noise
from nlu.training.augmentation.noise import Noise
from nlu.training.augmentation.romanised import Romaniser
from nlu.training.augmentation.switching import Switcher, learn_dictionary
from nlu.training.dataset import Example
from nlu.understander import Encodes

Copies = Callable[[Sequence[Example], int], Sequence[Example]]
"""Other examples made of some, at most one of each, and a seed."""

NOISES: Mapping[str, Noise] = {
    "typos": noise.with_typos,
    "marks": noise.without_marks,
    "case": noise.in_other_case,
    "punctuation": noise.without_punctuation,
    "spaces": noise.with_other_spaces,
    "emoji": noise.with_emoji,
}
LEARNT = ("romanised", "mixed")
"""Noises that learn something from the examples first."""

LOCAL = (*NOISES, *LEARNT)
"""All ways that need nothing but the examples."""


@dataclass(frozen=True, slots=True)
class Way:
    """A way to make copies of examples.

    A `noise` changes messages as customers do, so it is measured on messages that are changed likewise; what is no
    noise, such as a paraphrase, is measured on messages as they are.
    """

    name: str
    copies: Copies
    is_noise: bool = True


def local_ways(examples: Sequence[Example], encoder: Encodes, means: LanguageMeans, names: Sequence[str]) -> list[Way]:
    """Those of `LOCAL` that are asked for; the ones that learn do so from the examples given here."""
    found: dict[str, Noise] = {name: NOISES[name] for name in names if name in NOISES}
    if "romanised" in names:
        found["romanised"] = Romaniser(_with_english(examples))
    if "mixed" in names:
        found["mixed"] = Switcher(learn_dictionary(examples, encoder, means))
    return [Way(name, copying(found[name])) for name in names if name in found]


def copying(change: Noise) -> Copies:
    """A copy of each example in which a noise changes something; entities are not carried over."""

    def copies(examples: Sequence[Example], seed: int) -> Sequence[Example]:
        made = []
        for example in examples:
            # Of its own for each text, so that a text's copy does not depend on what stands beside it.
            random = Random(f"{seed} {example.language} {example.text}")  # noqa: S311 - no secret
            text = change(example.text, example.language, random)
            if text != example.text:
                made.append(replace(example, text=text, entities=()))
        return made

    return copies


def _with_english(examples: Sequence[Example]) -> Mapping[str, Sequence[tuple[str, str]]]:
    """Sentences in Hindi and Urdu with all that the same intent has in English: their English words stand there."""
    english: dict[str, list[str]] = {}
    for example in examples:
        if example.language == "en":
            english.setdefault(example.intent, []).append(example.text)
    joined = {intent: " ".join(texts) for intent, texts in english.items()}
    return {code: [(e.text, joined.get(e.intent, "")) for e in examples if e.language == code] for code in ("hi", "ur")}
