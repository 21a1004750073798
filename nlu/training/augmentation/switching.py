"""Code-switching: messages in which some words are of another language that the customer speaks.

The dictionary comes from the examples themselves: two words of different languages translate one another if, among the
words that the examples have, each is the other's nearest by the multilingual encoder, and near enough.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import permutations
from random import Random

import numpy as np
import regex

from nlu.intents import Floats, LanguageMeans
from nlu.training.dataset import Example
from nlu.understander import Encodes

ENGLISH = "en"
"""The language that most people who mix mix in."""

FEWEST = 3
"""Examples that a word stands in; of rarer ones the encoder's reading of the word alone is no guide."""

MOST = 800
"""Words of each language, the most frequent."""

NEAR = 0.75
"""Least cosine of two words without their languages' means."""

MOST_SWAPPED = 2

_WORD = regex.compile(r"(?<![\p{L}\p{M}\d@/.-])[\p{L}\p{M}]{3,}(?![\p{L}\p{M}\d@/-])")
_WITHOUT_SPACES = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]")

Dictionary = Mapping[tuple[str, str], Mapping[str, str]]
"""Translations of words in small letters, by language and other language."""


class Switcher:
    """Swaps one or two words of a text for those of another language; a `Noise`."""

    def __init__(self, dictionary: Dictionary) -> None:
        self._dictionary = dictionary

    def __call__(self, text: str, language: str, random: Random) -> str:
        """The text with words in English, or, of an English text, in any of the dictionary's languages."""
        others = sorted(other for own, other in self._dictionary if own == language)
        if language != ENGLISH and ENGLISH in others:
            others = [ENGLISH]
        if not others or _WITHOUT_SPACES.search(text):
            return text
        words = self._dictionary[language, random.choice(others)]
        places = [found.span() for found in _WORD.finditer(text) if found.group().lower() in words]
        drawn = random.sample(places, min(len(places), random.randint(1, MOST_SWAPPED)))
        for start, end in sorted(drawn, reverse=True):
            text = text[:start] + words[text[start:end].lower()] + text[end:]
        return text


def learn_dictionary(examples: Iterable[Example], encoder: Encodes, means: LanguageMeans) -> Dictionary:
    """Translations among the words of the examples."""
    words = _frequent_words(examples)
    embedded = {code: _centred(own, code, encoder, means) for code, own in words.items() if own}
    found: dict[tuple[str, str], Mapping[str, str]] = {}
    for one, other in permutations(sorted(embedded), 2):
        cosines = embedded[one] @ embedded[other].T
        there, back = cosines.argmax(axis=1), cosines.argmax(axis=0)
        own = {
            word: words[other][at]
            for row, (word, at) in enumerate(zip(words[one], there.tolist(), strict=True))
            if back[at] == row and cosines[row, at] >= NEAR and words[other][at] != word
        }
        if own:
            found[one, other] = own
    return found


def _frequent_words(examples: Iterable[Example]) -> Mapping[str, Sequence[str]]:
    counts: dict[str, Counter[str]] = {}
    for example in examples:
        if not _WITHOUT_SPACES.search(example.text):
            own = set(map(str.lower, _WORD.findall(example.text)))
            counts.setdefault(example.language, Counter()).update(own)
    return {
        code: [word for word, count in sorted(own.items(), key=lambda row: (-row[1], row[0])) if count >= FEWEST][:MOST]
        for code, own in counts.items()
    }


def _centred(words: Sequence[str], code: str, encoder: Encodes, means: LanguageMeans) -> Floats:
    centred: Floats = means.centre(np.asarray(encoder.encode(words), np.float32), [code] * len(words))
    return centred
