"""The head of an encoder: its sentences embedded, the head fitted, and calibrated on languages left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nlu.embedding_cache import EmbeddingCache
from nlu.intents import Floats, LanguageMeans
from nlu.sentiment import SentimentModel, features_of
from nlu.training.sentiment.fit import calibration, fit, ridge_left_out, targets_of
from nlu.training.sentiment.sentences import FOLDER, read_sentences
from nlu.understander import Encodes


@dataclass(frozen=True, slots=True)
class Sentences:
    """The sentences of a folder: languages (n,), texts, targets (n, 5), and what an encoder makes of them (n, hidden).

    The embeddings have length one and are not centred.
    """

    languages: NDArray[np.str_]
    texts: Sequence[str]
    targets: Floats
    embeddings: Floats

    def features(self, means: LanguageMeans) -> Floats:
        """What a head sees of them (n, hidden + 6)."""
        return features_of(self.embeddings, list(self.languages), self.texts, means)


def embedded(encoder: Encodes, cache: EmbeddingCache, *folders: Path) -> list[Sentences]:
    """The sentences of some folders; without any, those that a head learns from.

    Raises:
        ConfigurationError: there are none, or some are wrong; the message lists every finding.
    """
    parts = [read_sentences(folder) for folder in folders or (FOLDER,)]
    texts = [sentence.text for part in parts for _, sentence in part]
    known = cache.read()
    missing = [text for text in dict.fromkeys(texts) if text not in known]
    if missing:
        known.update(zip(missing, encoder.encode(missing), strict=True))
        cache.write({text: known[text] for text in texts})
    return [
        Sentences(
            np.array([language for language, _ in part]),
            [sentence.text for _, sentence in part],
            targets_of([sentence for _, sentence in part]),
            np.stack([known[sentence.text] for _, sentence in part]),
        )
        for part in parts
    ]


def fit_head(encoder: str, sentences: Sentences, means: LanguageMeans) -> tuple[SentimentModel, Floats]:
    """A head for the encoder with this fingerprint; and the calibrated logits (n, 5) with each language left out."""
    features, targets = sentences.features(means), sentences.targets
    outputs = ridge_left_out(features, targets, sentences.languages)
    factors, constants = calibration(outputs, targets)
    return fit(encoder, means, features, targets, factors, constants), outputs * factors + constants
