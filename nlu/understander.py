"""Text in, Understanding out: language, then intent and scope, then entities and sentiment."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Any, Protocol

import numpy as np

from bot.understanding import OUT_OF_SCOPE, Entity, Hints, LanguageGuess, RankedIntent, Understanding
from nlu.artifacts import Model
from nlu.encoder import Embedding, Encoded
from nlu.entities import EntityFinder
from nlu.language import LanguageIdentifier
from nlu.segments import segments
from nlu.sentiment import SentimentModel

Ranking = tuple[RankedIntent, ...]

PART_RISK = 0.01
"""The share of wrong readings that is put up with for a part of a message to name an intent of its own: parts that were
cut from one thought are read wrongly more often than messages, so that the bar is high."""


class Encodes(Protocol):
    """What is needed of an encoder."""

    def encode(self, texts: Sequence[str]) -> Embedding:
        """Embeddings (texts, hidden) of length one."""
        ...

    def read(self, texts: Sequence[str]) -> Sequence[Encoded]:
        """The same with the states of the texts' tokens. See `Encoder.read`."""
        ...


class ReadsOne(Protocol):
    """What is needed of a micro-batcher."""

    async def read(self, text: str) -> Encoded:
        """What the encoder makes of one text. See `MicroBatcher.read`."""
        ...


class Interpreter:
    """Everything of a model but its encoder; it blocks for well under a millisecond a message."""

    def __init__(
        self,
        model: Model,
        languages: LanguageIdentifier,
        entities: EntityFinder,
        sentiment: SentimentModel | None = None,
    ) -> None:
        self._model = model
        self._languages = languages
        self._entities = entities
        self._sentiment = sentiment

    def language(self, text: str, hints: Hints) -> LanguageGuess:
        """The language of a message."""
        return self._languages.identify(text, hints)

    def language_of(self, text: str) -> str:
        """The language of a text of which nothing else is known."""
        return self._languages.code_of(text)

    def centre(self, embeddings: Embedding, languages: Sequence[str]) -> Embedding:
        """Embeddings without what is the language's alone. See `LanguageMeans.centre`."""
        return self._model.means.centre(embeddings, languages)

    def prepared(self, code: str) -> bool:
        """Whether a message in a language can be interpreted at once. See `EntityFinder.prepared`."""
        return self._entities.prepared(code)

    def prepare(self, code: str) -> None:
        """Compile what is needed for a language, in some hundredths of a second. See `EntityFinder.prepare`."""
        self._entities.prepare(code)

    def interpret(
        self,
        texts: Sequence[str],
        languages: Sequence[LanguageGuess],
        encoded: Sequence[Encoded],
        parts: Mapping[int, Embedding] | None = None,
        at: datetime | None = None,
    ) -> list[Understanding]:
        """Put together what is known of some messages.

        `encoded` is what the encoder makes of them; `parts` are the embeddings of the `segments` of a message,
        (segments, hidden), by its position. `at` is when they were written; see `Hints`.
        """
        if not texts:
            return []
        codes = [language.code for language in languages]
        embeddings = np.stack([read.embedding for read in encoded])
        centred = self._model.means.centre(embeddings, codes)
        felt = self._sentiment.score(embeddings, codes, texts) if self._sentiment else [None] * len(texts)
        rankings = self._model.classifier.rank(texts, centred, codes)
        asked: list[Ranking] = [(ranking[0],) if ranking[0].name != OUT_OF_SCOPE else () for ranking in rankings]
        for position, own in (parts or {}).items():
            asked[position] = self._several(segments(texts[position]), own, codes[position]) or asked[position]
        return [
            Understanding(
                text=text,
                language=language,
                ranking=ranking,
                entities=self._entities.find(text, language.code, at, self._tagged(text, read)),
                in_scope=ranking[0].name != OUT_OF_SCOPE or len(intents) > 1,
                sentiment=sentiment,
                requested_language=self._languages.requested(text),
                intents=intents,
            )
            for text, language, read, ranking, sentiment, intents in zip(
                texts, languages, encoded, rankings, felt, asked, strict=True
            )
        ]

    def _tagged(self, text: str, encoded: Encoded) -> Sequence[Entity]:
        """The entities that the model was trained to find."""
        return self._model.tagger.find(text, encoded) if self._model.tagger is not None else ()

    def _several(self, parts: Sequence[str], embeddings: Embedding, code: str) -> Ranking:
        """The intents that the parts of a message ask for, if these are more than one; else none."""
        codes = [code] * len(parts)
        named: dict[str, RankedIntent] = {}
        centred = self._model.means.centre(embeddings, codes)
        for best, *_ in self._model.classifier.rank(parts, centred, codes):
            if best.name != OUT_OF_SCOPE and best.risk is not None and best.risk <= PART_RISK:
                named.setdefault(best.name, best)
        return tuple(named.values()) if len(named) > 1 else ()


class ModelUnderstander:
    """The core's `Understander`: the encoder behind a micro-batcher, the rest in place."""

    def __init__(self, interpreter: Interpreter, batcher: ReadsOne) -> None:
        self._interpreter = interpreter
        self._batcher = batcher

    def centre(self, embeddings: Embedding, languages: Sequence[str]) -> Embedding:
        """Embeddings (texts, hidden) as the intent model compares them. See `LanguageMeans.centre`."""
        return self._interpreter.centre(embeddings, languages)

    async def understand(self, text: str, hints: Hints) -> Understanding:
        """Language, intent and entities of one message; a blank one has no intent.

        Raises:
            Overloaded, TimedOut: not now.
            ModelError: the encoder cannot take this text.
        """
        language = self._interpreter.language(text, hints)
        if not text.strip():
            return Understanding(text=text, language=language)
        if not self._interpreter.prepared(language.code):
            # The loop has other conversations to serve meanwhile.
            await asyncio.to_thread(self._interpreter.prepare, language.code)
        # Asked for at once, so that they share a run.
        whole, *parts = await asyncio.gather(*map(self._batcher.read, (text, *segments(text))))
        own = {0: np.stack([part.embedding for part in parts])} if parts else None
        return self._interpreter.interpret([text], [language], [whole], own, hints.at)[0]


def parse(
    interpreter: Interpreter, encoder: Encodes, texts: Sequence[str], at: datetime | None = None
) -> list[Understanding]:
    """Understand some messages of which nothing else is known, or at most when they were written, in one go."""
    languages = [interpreter.language(text, Hints()) for text in texts]
    segments_of = {n: found for n, text in enumerate(texts) if (found := segments(text))}
    encoded = encoder.read([*texts, *chain.from_iterable(segments_of.values())])
    rest = iter(encoded[len(texts) :])
    parts = {n: np.stack([next(rest).embedding for _ in found]) for n, found in segments_of.items()}
    results = interpreter.interpret(texts, languages, encoded[: len(texts)], parts, at)
    return [
        result if result.text.strip() else Understanding(text=result.text, language=result.language)
        for result in results
    ]


def render_parse(understanding: Understanding) -> Mapping[str, Any]:
    """An Understanding in the shape of Rasa's `/model/parse`, with language, sentiment and scope added."""
    intent, sentiment = understanding.intent, understanding.sentiment
    return {
        "text": understanding.text,
        "intent": {"name": intent.name if intent else None, "confidence": _figure(intent.confidence if intent else 0)},
        "intent_ranking": [
            {"name": ranked.name, "confidence": _figure(ranked.confidence)} for ranked in understanding.ranking
        ],
        "entities": [
            {
                "entity": entity.entity,
                "start": entity.start,
                "end": entity.end,
                "value": entity.value,
                "confidence": _figure(entity.confidence),
            }
            for entity in understanding.entities
        ],
        "language": {
            "code": understanding.language.code,
            "confidence": _figure(understanding.language.confidence),
        },
        "sentiment": None
        if sentiment is None
        else {
            "label": sentiment.label,
            "score": _figure(sentiment.score),
            "anger": _figure(sentiment.anger),
            "urgency": _figure(sentiment.urgency),
        },
        "in_scope": understanding.in_scope,
        "intents": [
            {"name": ranked.name, "confidence": _figure(ranked.confidence)} for ranked in understanding.intents
        ],
    }


def _figure(value: float) -> float:
    return round(float(value), 6)
