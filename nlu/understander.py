"""Text in, Understanding out: language, then intent and scope, then entities and sentiment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from bot.understanding import OUT_OF_SCOPE, Hints, LanguageGuess, Understanding
from nlu.artifacts import Model
from nlu.batching import Embedding
from nlu.entities import EntityFinder
from nlu.language import LanguageIdentifier
from nlu.sentiment import SentimentModel


class Encodes(Protocol):
    """What is needed of an encoder."""

    def encode(self, texts: Sequence[str]) -> Embedding:
        """Embeddings (texts, hidden) of length one."""
        ...


class EncodesOne(Protocol):
    """What is needed of a micro-batcher."""

    async def encode(self, text: str) -> Embedding:
        """The embedding of one text, (hidden,). See `MicroBatcher.encode`."""
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

    def interpret(
        self, texts: Sequence[str], languages: Sequence[LanguageGuess], embeddings: Embedding
    ) -> list[Understanding]:
        """Put together what is known of some messages; `embeddings` are theirs, (texts, hidden)."""
        if not texts:
            return []
        codes = [language.code for language in languages]
        centred = self._model.means.centre(embeddings, codes)
        felt = self._sentiment.score(embeddings, codes, texts) if self._sentiment else [None] * len(texts)
        return [
            Understanding(
                text=text,
                language=language,
                ranking=ranking,
                entities=self._entities.find(text),
                in_scope=ranking[0].name != OUT_OF_SCOPE,
                sentiment=sentiment,
                requested_language=self._languages.requested(text),
            )
            for text, language, ranking, sentiment in zip(
                texts, languages, self._model.classifier.rank(centred), felt, strict=True
            )
        ]


class ModelUnderstander:
    """The core's `Understander`: the encoder behind a micro-batcher, the rest in place."""

    def __init__(self, interpreter: Interpreter, batcher: EncodesOne) -> None:
        self._interpreter = interpreter
        self._batcher = batcher

    async def understand(self, text: str, hints: Hints) -> Understanding:
        """Language, intent and entities of one message; a blank one has no intent.

        Raises:
            Overloaded, TimedOut: not now.
            ModelError: the encoder cannot take this text.
        """
        language = self._interpreter.language(text, hints)
        if not text.strip():
            return Understanding(text=text, language=language)
        embedding = await self._batcher.encode(text)
        return self._interpreter.interpret([text], [language], embedding[None])[0]


def parse(interpreter: Interpreter, encoder: Encodes, texts: Sequence[str]) -> list[Understanding]:
    """Understand some messages of which nothing else is known, in one go."""
    languages = [interpreter.language(text, Hints()) for text in texts]
    results = interpreter.interpret(texts, languages, encoder.encode(texts))
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
    }


def _figure(value: float) -> float:
    return round(float(value), 6)
