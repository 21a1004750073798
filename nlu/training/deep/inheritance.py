"""What comes with the encoder before a fine-tuning, made anew for the one after it: language means, sentiment.

Both need sentences in many languages, and an owner's examples may be in one. Those that the sentiment is learned from
come with Babeldesk.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlu.embedding_cache import EmbeddingCache
from nlu.encoder import Encoder
from nlu.intents import Floats, LanguageMeans
from nlu.means import means_for
from nlu.sentiment import LABELS, SentimentModel
from nlu.training.sentiment.head import embedded, fit_head


@dataclass(frozen=True, slots=True)
class Inheritance:
    """Language means and a sentiment head for a fine-tuned encoder.

    `sentiment_accuracy` is the head's, of sentences in languages that it has not seen.
    """

    means: LanguageMeans
    sentiment: SentimentModel
    sentiment_accuracy: float


def inherit(before: Encoder, after: Encoder, kept: EmbeddingCache, work: EmbeddingCache) -> Inheritance:
    """Make both; `kept` is the cache of the encoder before, `work` of the one after."""
    (old,), (new,) = embedded(before, kept), embedded(after, work)
    means = moved(means_for(before), new.languages, old.embeddings, new.embeddings)
    sentiment, logits = fit_head(after.fingerprint, new, means)
    feelings = len(LABELS)
    right = logits[:, :feelings].argmax(axis=1) == new.targets[:, :feelings].argmax(axis=1)
    return Inheritance(means, sentiment, float(right.mean()))


def moved(means: LanguageMeans, languages: NDArray[np.str_], before: Floats, after: Floats) -> LanguageMeans:
    """Language means, each moved by what a fine-tuning does to the mean of sentences in its language.

    `before` and `after` are what both encoders make of the sentences (n, hidden), `languages` theirs (n,). A language
    without any moves as these do on average.
    """
    if not means.languages:
        return means
    known = np.unique(languages)
    moves = {str(code): (after - before)[languages == code].mean(axis=0) for code in known}
    average = np.mean(list(moves.values()), axis=0)
    shifted = [mean + moves.get(code, average) for code, mean in zip(means.languages, means.means, strict=True)]
    stacked: Floats = np.stack(shifted).astype(np.float32)
    return LanguageMeans(means.languages, stacked, stacked.mean(axis=0))
