"""Finds the entities that examples have shown, from the encoder's states of a message's tokens; NumPy only.

A linear classifier says of every word how likely it begins or continues each entity; the likeliest sequence that makes
sense is found by Viterbi's algorithm. It reads the pass that the intent comes from, so it costs about half a
millisecond.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Self

import numpy as np
import regex
from numpy.typing import NDArray

from bot.understanding import Entity
from nlu.encoder import Encoded
from nlu.intents import Floats, softmax

Span = tuple[int, int]

OUTSIDE = 0
"""The tag of words in no entity; entity e begins with tag 2e + 1 and goes on with 2e + 2."""

FEATURES = 4
"""How many vectors of the encoder a word is told by, see `features`."""

_UNSPACED = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}]")
_WORD = regex.compile(r"[\p{L}\p{M}\p{N}]")


def words_of(text: str, spans: Sequence[Span]) -> list[list[int]]:
    """Groups the tokens that make a word; in scripts without spaces, each token is one.

    `spans` are the tokens' places in the text, in order. An entity begins and ends with words, so words are what is
    tagged.
    """
    groups: list[list[int]] = []
    for index, (start, end) in enumerate(spans):
        if start == end:
            continue
        joined = groups and spans[groups[-1][-1]][1] == start and _same_word(text[start - 1], text[start])
        if joined:
            groups[-1].append(index)
        else:
            groups.append([index])
    return groups


def _same_word(before: str, after: str) -> bool:
    return all(_WORD.match(letter) and not _UNSPACED.match(letter) for letter in (before, after))


def features(encoded: Encoded, words: Sequence[Sequence[int]]) -> Floats:
    """What a word is told by, (words, 4 * hidden): its own states' mean, its neighbours', and the message's embedding.

    All have length one; before the first and after the last word there are zeros.
    """
    if not words:
        return np.zeros((0, FEATURES * len(encoded.embedding)), np.float32)
    own = np.stack([encoded.tokens[list(word)].mean(axis=0) for word in words])
    own /= np.maximum(np.linalg.norm(own, axis=1, keepdims=True), 1e-9)
    edge = np.zeros_like(own[:1])
    before, after = np.concatenate([edge, own[:-1]]), np.concatenate([own[1:], edge])
    message = np.broadcast_to(encoded.embedding, own.shape)
    found: Floats = np.concatenate([own, before, after, message], axis=1)
    return found


@dataclass(frozen=True, slots=True)
class Tagger:
    """Tags words by a linear classifier and finds the likeliest sequence.

    `weights` (4 * hidden, tags) and `bias` (tags,) give a word's logits; `transitions` (tags, tags) is how much
    likelier than by chance one tag follows another, `first` (tags,) how much likelier it begins, in logarithms.
    """

    entities: tuple[str, ...]
    weights: Floats
    bias: Floats
    transitions: Floats
    first: Floats

    def find(self, text: str, encoded: Encoded) -> list[Entity]:
        """The entities of a message, in order and without overlap; offsets count code points."""
        words = words_of(text, encoded.spans)
        if not words:
            return []
        probabilities = softmax(features(encoded, words) @ self.weights + self.bias)
        path = viterbi(np.log(probabilities + 1e-9), self.transitions, self.first)
        return [self._entity(text, encoded, words, chunk, probabilities) for chunk in _chunks(path)]

    def _entity(
        self, text: str, encoded: Encoded, words: Sequence[Sequence[int]], chunk: _Chunk, probabilities: Floats
    ) -> Entity:
        start, end = encoded.spans[words[chunk.first][0]][0], encoded.spans[words[chunk.last][-1]][1]
        tags = [2 * chunk.entity + 1, 2 * chunk.entity + 2]
        sure = float(probabilities[chunk.first : chunk.last + 1, tags].sum(axis=1).mean())
        return Entity(self.entities[chunk.entity], start, end, text[start:end], min(sure, 1.0))

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """For a NumPy archive; `entities` go beside it, in the model's metadata."""
        return {
            "tagger_weights": self.weights.astype(np.float16),
            "tagger_bias": self.bias,
            "tagger_transitions": self.transitions,
            "tagger_first": self.first,
        }

    @classmethod
    def from_arrays(cls, entities: Sequence[str], arrays: Mapping[str, Any]) -> Self:
        """From what `to_arrays` gave.

        Raises:
            KeyError, ValueError: something is missing or of the wrong shape.
        """
        weights = arrays["tagger_weights"].astype(np.float32)
        tags = 2 * len(entities) + 1
        shapes = weights.shape[1:], arrays["tagger_bias"].shape, arrays["tagger_transitions"].shape
        if shapes != ((tags,), (tags,), (tags, tags)) or arrays["tagger_first"].shape != (tags,):
            raise ValueError(f"a tagger of shapes {shapes} for {len(entities)} entities")
        return cls(
            tuple(entities), weights, arrays["tagger_bias"], arrays["tagger_transitions"], arrays["tagger_first"]
        )


@dataclass(frozen=True, slots=True)
class _Chunk:
    """An entity's number, and its first and last word."""

    entity: int
    first: int
    last: int


def viterbi(scores: Floats, transitions: Floats, first: Floats) -> list[int]:
    """The likeliest tags of a sequence by log scores (words, tags), (tags, tags) and (tags,) (Viterbi 1967)."""
    best = scores[0] + first
    came: list[NDArray[np.intp]] = []
    for row in scores[1:]:
        through = best[:, None] + transitions
        came.append(through.argmax(axis=0))
        best = through.max(axis=0) + row
    path = [int(best.argmax())]
    for origins in reversed(came):
        path.append(int(origins[path[-1]]))
    return path[::-1]


def _chunks(path: Sequence[int]) -> list[_Chunk]:
    """The entities that a sequence of tags stands for; each begins with its own beginning tag."""
    found: list[_Chunk] = []
    for (before, tag), index in zip(pairwise([OUTSIDE, *path]), range(len(path)), strict=True):
        if tag == OUTSIDE:
            continue
        entity = (tag - 1) // 2
        goes_on = tag % 2 == 0 and before in {tag - 1, tag}
        if goes_on:
            found[-1] = _Chunk(entity, found[-1].first, index)
        else:
            found.append(_Chunk(entity, index, index))
    return found
