"""One deep training from examples to a model: the frozen encoder measured, then the fine-tuned one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.errors import ConfigurationError
from bot.settings import Settings
from nlu.artifacts import Model
from nlu.embedding_cache import EmbeddingCache
from nlu.encoder import Encoder
from nlu.entities import EntityFinder
from nlu.intents import LanguageMeans
from nlu.language import LanguageIdentifier
from nlu.training.dataset import Dataset, Example
from nlu.training.deep.finetune import Tuned, fine_tune
from nlu.training.deep.inheritance import inherit
from nlu.training.deep.report import DeepReport, peak_memory_mb
from nlu.training.deep.settings import DeepSettings
from nlu.training.deep.splits import held_out
from nlu.training.evaluate import evaluate
from nlu.training.fit import Name, Origin, fit
from nlu.understander import Interpreter
from nlu.weights.progress import Progress
from nlu.weights.sources import resolve
from nlu.weights.store import locate, models_folder


class Trainer:
    """One training, whatever it is for."""

    def __init__(
        self,
        settings: Settings,
        deep: DeepSettings,
        origin: Origin,
        seed: int,
        progress: Progress,
        work: Path,
        replies: Iterable[tuple[str, str]] = (),
        names: Iterable[Name] = (),
        languages: Sequence[str] | None = None,
    ) -> None:
        if seed < 0:
            raise ConfigurationError(f"the seed is {seed}; it must be 0 or more")
        self._settings = settings
        self._deep = deep
        self._origin = origin
        self._seed = seed
        self._progress = progress
        self._work = work
        self._replies = replies
        self._names = names
        self._languages = languages
        self._places = locate(settings.data_dir, source=settings.encoder)

    def train(self, dataset: Dataset, tests: Sequence[Example], tests_are: str) -> tuple[Model, Tuned, DeepReport]:
        """Fine-tune, measure before and after; without tests a share of the dataset is held out for them.

        The examples held out come back at the end: the classifier on top learns from all of them.
        """
        settings, deep = self._settings, self._deep
        # In an order of their own, so that the same examples in other files give the same model.
        rows = sorted(dataset.examples, key=lambda e: (e.language, e.intent, e.text))
        learned = rows
        if not tests:
            out = held_out([(e.intent, e.language) for e in rows], deep.test_share, self._seed + 1)
            tests = [e for e, held in zip(rows, out.tolist(), strict=True) if held]
            learned = [e for e, held in zip(rows, out.tolist(), strict=True) if not held]
            tests_are = "examples held out"
            if not tests:
                raise ConfigurationError(f"{len(rows)} examples are too few to hold some out; give tests of their own")
        base = Encoder.open(self._places.encoder, threads=settings.threads)
        known = EmbeddingCache(settings.data_dir / "cache", base.fingerprint)
        frozen = self._fit(replace(dataset, examples=tuple(learned)), base, known)
        before = self._measure(frozen, base, tests)
        source = resolve(settings.encoder, models_folder(settings.data_dir), self._progress)
        embeddings = _embeddings(learned, base, known)
        tuned = fine_tune(learned, embeddings, base, source, deep, self._work, seed=self._seed, progress=self._progress)
        encoder = Encoder.open(tuned.folder, threads=settings.threads)
        cache = EmbeddingCache(self._work, encoder.fingerprint)
        feelings = settings.data_dir / "cache" / "sentiment", self._work / "sentiment"
        inherited = inherit(
            base,
            encoder,
            EmbeddingCache(feelings[0], base.fingerprint),
            EmbeddingCache(feelings[1], encoder.fingerprint),
        )
        means = inherited.means
        model = self._fit(replace(dataset, examples=tuple(learned)), encoder, cache, tuned.learned, means)
        after = self._measure(model, encoder, tests)
        classifier = model.metadata.quality["left_out_accuracy"]
        if len(learned) < len(rows):
            model = self._fit(dataset, encoder, cache, tuned.learned, means)
        report = DeepReport(
            test={"n": len(tests), "source": tests_are},
            before=before,
            after=after,
            examples=tuned.examples,
            validation={"head": tuned.best_accuracy, "classifier": classifier},
            epochs=tuned.epochs,
            settings=deep,
            trained_layers=tuned.trained_layers,
            device=tuned.device,
            cpu_seconds=tuned.cpu_seconds,
            peak_memory_mb=peak_memory_mb(),
        )
        quality = {**model.metadata.quality, "sentiment_accuracy": round(inherited.sentiment_accuracy, 4)}
        described = {"kind": "deep", "before": _figures(before), "after": _figures(after), "quality": quality}
        metadata = model.metadata.model_copy(update=described)
        return replace(model, metadata=metadata, sentiment=inherited.sentiment), tuned, report

    def _fit(
        self,
        dataset: Dataset,
        encoder: Encoder,
        cache: EmbeddingCache,
        learned: frozenset[str] = frozenset(),
        means: LanguageMeans | None = None,
    ) -> Model:
        return fit(
            dataset,
            encoder,
            self._origin,
            seed=self._seed,
            replies=self._replies,
            names=self._names,
            cache=cache,
            progress=self._progress,
            learned=learned,
            means=means,
        )

    def _measure(self, model: Model, encoder: Encoder, tests: Sequence[Example]) -> dict[str, Any]:
        languages = self._languages or tuple(model.metadata.languages)
        identifier = LanguageIdentifier(self._places.language, languages, model.lexicon)
        entities = EntityFinder(model.metadata.entities, taught=model.metadata.tagged)
        return evaluate(Interpreter(model, identifier, entities), encoder, tests)


def _figures(measured: Mapping[str, Any]) -> dict[str, float]:
    """What a version's metadata keep of an evaluation."""
    return {name: measured[name] for name in ("accuracy", "macro_f1", "ece") if measured[name] is not None}


def _embeddings(examples: Sequence[Example], encoder: Encoder, cache: EmbeddingCache) -> NDArray[np.float32]:
    """The examples' embeddings (n, hidden): the fitting before has just put them into the cache."""
    known = cache.read()
    missing = [e.text for e in examples if e.text not in known]
    known.update(zip(missing, encoder.encode(missing), strict=True))
    return np.stack([known[e.text] for e in examples])
