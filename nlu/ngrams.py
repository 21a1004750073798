"""Messages by how they are written: TF-IDF vectors of their character n-grams, hashed into buckets.

The encoder knows what words mean, in any language. What it blurs, the letters still tell: two words of one subject, a
dialect's way to put a question, a word with a slip in it, most of whose pieces are still there.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.intp]

LONGEST = 4
"""Characters of an n-gram; they begin and end within a word, whose borders are characters too."""

BUCKETS = 1 << 16
"""N-grams that fall into the same bucket, by their CRC-32, are one."""


def count_ngrams(text: str) -> Counter[int]:
    """How often a text has the n-grams of each bucket, whatever their case and accents."""
    folded = "".join(c for c in unicodedata.normalize("NFKD", text).casefold() if not unicodedata.combining(c))
    return Counter(
        crc32(padded[start : start + length].encode("utf-8", "surrogatepass")) % BUCKETS
        for padded in (f" {word} " for word in folded.split())
        for length in range(1, LONGEST + 1)
        for start in range(len(padded) - length + 1)
    )


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The buckets that some texts have, (buckets,) ascending, and how telling each is.

    `idf` (buckets,) is the smoothed inverse document frequency, 1 + ln((1 + texts) / (1 + texts that have it)) (as in
    scikit-learn), and `unknown` that of a bucket that none of the texts has.
    """

    buckets: Ints
    idf: Floats
    unknown: float

    @classmethod
    def of(cls, counted: Sequence[Counter[int]]) -> Vocabulary:
        """What some texts have, as `count_ngrams` counts it."""
        having = Counter(bucket for counts in counted for bucket in counts)
        buckets = np.array(sorted(having), np.intp)
        frequency = np.array([having[bucket] for bucket in buckets.tolist()], np.float64)
        idf: Floats = (1 + np.log((1 + len(counted)) / (1 + frequency))).astype(np.float32)
        return cls(buckets, idf, float(np.float32(1 + np.log(1 + len(counted)))))

    def vector(self, counts: Counter[int]) -> tuple[Ints, Floats]:
        """Where a text's vector is not zero, as places in `buckets`, and what it is there.

        Its length is one with what no text of the vocabulary has, so that a message of unknown words is near to none.
        """
        wanted = np.fromiter(counts.keys(), np.intp, len(counts))
        values: Floats = (1 + np.log(np.fromiter(counts.values(), np.float32, len(counts)))).astype(np.float32)
        if not len(self.buckets):
            return wanted[:0], values[:0]
        places = np.minimum(np.searchsorted(self.buckets, wanted), len(self.buckets) - 1)
        known = self.buckets[places] == wanted
        values *= np.where(known, self.idf[places], np.float32(self.unknown))
        length = float(np.sqrt(values @ values))
        return places[known], values[known] / np.float32(length or 1)


@dataclass(frozen=True, slots=True)
class NgramScores:
    """What each n-gram speaks for: `weights` (buckets, labels), in half precision."""

    vocabulary: Vocabulary
    weights: NDArray[np.float16]

    def score(self, texts: Sequence[str]) -> Floats:
        """What texts score for each label by their n-grams, (texts, labels)."""
        scores = np.zeros((len(texts), self.weights.shape[1]), np.float32)
        for row, text in enumerate(texts):
            places, values = self.vocabulary.vector(count_ngrams(text))
            scores[row] = values @ self.weights[places].astype(np.float32)
        return scores
