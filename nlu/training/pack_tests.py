"""What the versions of a pack's model make of its tests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from bot.errors import ModelError, PackError
from bot.measuring import Judgement, Measurement
from bot.pack import Pack
from bot.ports_studio import Evaluation, Share
from bot.settings import Settings
from bot.understanding import OUT_OF_SCOPE
from nlu.artifacts import Model
from nlu.embedding_cache import EmbeddingCache
from nlu.encoder import Encoder
from nlu.entities import EntityFinder
from nlu.language import LanguageIdentifier
from nlu.segments import segments
from nlu.text import comparable
from nlu.training.dataset import Example, read_dataset, read_examples
from nlu.training.evaluate_run import embedded
from nlu.training.folds import Remembering
from nlu.training.predictions import Predictions, pooled, predict
from nlu.understander import Encodes, Interpreter
from nlu.weights.progress import Progress
from nlu.weights.store import locate, locate_language

PIECE = 128
"""Tests that are understood between two steps of progress."""


class PackTests:
    """A pack's tests, read once by the installed encoder; empty ones need none."""

    def __init__(self, settings: Settings, pack: Pack, tell: Progress) -> None:
        self._settings = settings
        self._pack = pack
        self.examples = tests_of(pack)
        self._encoder: Encoder | None = None
        self._remembering: Remembering | None = None
        self._tell = tell

    @property
    def fingerprint(self) -> str:
        """The installed encoder's."""
        return self._installed()[0].fingerprint

    def judged_by(self, model: Model) -> Predictions:
        """What a model makes of them, with the encoder that it reads with.

        Raises:
            ModelError: it reads with another encoder than the installed one and brings none along.
        """
        if model.encoder is not None:
            return self._judged(model, Encoder.open(model.encoder))
        encoder, remembering = self._installed()
        if model.metadata.encoder.fingerprint != encoder.fingerprint:
            raise ModelError("it was trained on another encoder than the installed one")
        return self._judged(model, remembering)

    def _judged(self, model: Model, reads: Encodes) -> Predictions:
        interpreter = _interpreter(self._settings, model, self._pack)
        total, parts = len(self.examples), []
        for start in range(0, total, PIECE):
            self._tell("measuring", start, total)
            parts.append(predict(interpreter, reads, self.examples[start : start + PIECE]))
        self._tell("measuring", total, total)
        return pooled(parts)

    def _installed(self) -> tuple[Encoder, Remembering]:
        if self._encoder is None or self._remembering is None:
            settings = self._settings
            folder = locate(settings.data_dir, source=settings.encoder).encoder
            self._encoder = Encoder.open(folder, threads=settings.threads)
            texts = [example.text for example in self.examples]
            parts = [part for text in texts for part in segments(text)]
            cache = EmbeddingCache(settings.data_dir / "cache" / "tests", self._encoder.fingerprint)
            known = embedded([*texts, *parts], self._encoder, cache, self._tell)
            self._remembering = Remembering(self._encoder, known)
        return self._encoder, self._remembering


def tests_of(pack: Pack) -> tuple[Example, ...]:
    """The pack's tests without those that are taught by now, which would measure nothing, and those of no intent.

    Raises:
        PackError: a file of them is wrong.
    """
    if not pack.tests:
        return ()
    taught = {
        (example.language, comparable(example.text))
        for example in read_dataset(pack.examples, lambda _: pack.default_language).examples
    }
    return tuple(
        example
        for example in read_examples(pack.tests, lambda _: pack.default_language)
        if (example.language, comparable(example.text)) not in taught
        and (example.intent in pack.intents or example.intent == OUT_OF_SCOPE)
    )


def measurement_of(predictions: Predictions) -> Measurement:
    """What is kept of some predictions."""
    rows = zip(predictions.examples, predictions.predicted, predictions.confidence, predictions.risk, strict=True)
    judgements = [
        Judgement(
            example.text,
            example.language,
            example.intent,
            str(intent),
            round(float(confidence), 5),
            None if np.isnan(risk) else round(float(risk), 5),
        )
        for example, intent, confidence, risk in rows
    ]
    return Measurement(datetime.now(UTC), tuple(judgements))


def predictions_of(judgements: Sequence[Judgement]) -> Predictions:
    """The counterpart of `measurement_of`, as far as a comparison needs it."""
    said = np.array([judgement.intent for judgement in judgements], np.str_)
    confidence = np.array([judgement.confidence for judgement in judgements])
    examples = [Example(one.text, one.expected, one.language, Path(), row) for row, one in enumerate(judgements)]
    risk = np.array([np.nan if one.risk is None else one.risk for one in judgements])
    return Predictions(tuple(examples), said, confidence, said, confidence, ((),) * len(examples), risk)


def evaluation_of(predictions: Predictions) -> Evaluation:
    """How many are right, by intent and by language."""
    right = predictions.right
    return Evaluation(
        Share(len(predictions), int(right.sum())),
        _by([str(name) for name in predictions.gold], list(right)),
        _by([str(code) for code in predictions.languages], list(right)),
    )


def must_have_tests(pack: Pack, examples: Sequence[Example]) -> None:
    """Refuse to measure on nothing.

    Raises:
        PackError: the pack has no tests, or all of them are taught.
    """
    if not examples:
        raise PackError(
            f"the pack {pack.name!r} has no tests that its examples do not teach: there is nothing to measure"
        )


def _by(keys: Sequence[str], right: Sequence[bool]) -> Mapping[str, Share]:
    asked, hits = Counter(keys), Counter(key for key, hit in zip(keys, right, strict=True) if hit)
    return {key: Share(asked[key], hits[key]) for key in sorted(asked)}


def _interpreter(settings: Settings, model: Model, pack: Pack) -> Interpreter:
    """What tells intents only: to find every date and number of thousands of tests takes most of the time."""
    languages = LanguageIdentifier(locate_language(settings.data_dir), pack.languages, model.lexicon)
    return Interpreter(replace(model, tagger=None), languages, EntityFinder({}))
