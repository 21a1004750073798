"""Words that a bot was taught with, and how much each speaks for a language.

fastText's lid.176 learnt from encyclopaedias and knows little of short chat messages: "hola", "kahan hai", "berapa". A
pack has thousands of the very words that its customers use, each in a file of a known language.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import regex

from nlu.text import comparable

OTHER = ""
"""Stands for every language that the lexicon does not have."""

SMOOTHING = 5e-5
"""The rate at which any word may come up in any language: about one in twenty thousand."""

STRENGTH = 0.7
"""Below one, because the words of a sentence do not come independently of one another."""

_WORD = regex.compile(r"[\p{Latin}\p{Cyrillic}\p{Arabic}\p{Devanagari}\p{M}'’]+")
"""Words of scripts that several languages share; all others are told by the script itself."""

_PLACEHOLDER = regex.compile(r"\{\w+\}")


def words_of(text: str) -> list[str]:
    """The words of a text that may tell its language, as they compare."""
    return _WORD.findall(comparable(_PLACEHOLDER.sub(" ", text)))


def count_words(texts: Iterable[tuple[str, str]]) -> dict[str, dict[str, int]]:
    """Word → language → how many of the texts, each given as (language, text), have it."""
    counts: dict[str, Counter[str]] = {}
    for language, text in texts:
        for word in set(words_of(text)):
            counts.setdefault(word, Counter())[language] += 1
    return {word: dict(sorted(counts[word].items())) for word in sorted(counts)}


def phrase_key(text: str) -> str:
    """What two messages share that differ only in case, width, spaces and the punctuation around them."""
    return comparable(text).strip(" .,!?¡¿…。！？、~")


class Lexicon:
    """Evidence from words: by Bayes' rule, how much likelier a language made them than another.

    `counts` is word → language → count, as `count_words` gives it. `phrases` are whole short messages, by `phrase_key`,
    and the one language that each was seen in: they settle what single words leave open.
    """

    def __init__(
        self, counts: Mapping[str, Mapping[str, int]] | None = None, phrases: Mapping[str, str] | None = None
    ) -> None:
        self.counts = dict(counts or {})
        self.phrases = dict(phrases or {})
        self._totals: Counter[str] = Counter()
        for found in self.counts.values():
            self._totals.update(found)
        self.languages: Sequence[str] = tuple(sorted(self._totals))
        self._unknown = -STRENGTH * math.log(max(1, len(self.languages)))

    def phrase(self, text: str) -> str | None:
        """The language that alone has this very message among its short ones."""
        return self.phrases.get(phrase_key(text))

    def evidence(self, text: str) -> Mapping[str, float]:
        """The log-likelihood of the known words by language, and by `OTHER` for the rest; empty if none is known."""
        known = [self._of(self.counts[word]) for word in set(words_of(text)) if word in self.counts]
        if not known:
            return {}
        result = {code: sum(each[code] for each in known) for code in self.languages}
        # What a word of ours does in a language without a lexicon is not known: neither more nor less than anywhere.
        result[OTHER] = self._unknown * len(known)
        return result

    def _of(self, found: Mapping[str, int]) -> dict[str, float]:
        rates = {code: found.get(code, 0) / total + SMOOTHING for code, total in self._totals.items()}
        whole = sum(rates.values())
        return {code: STRENGTH * math.log(rate / whole) for code, rate in rates.items()}
