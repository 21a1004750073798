"""Evaluation as the command does it: of a model, of two, or by cross-validation on training data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.errors import ModelError
from bot.pack import Pack
from bot.settings import Settings
from nlu.artifacts import METADATA, Metadata, read_metadata
from nlu.embedding_cache import EmbeddingCache
from nlu.encoder import Encoder
from nlu.entities import EntityFinder
from nlu.intents import Floats
from nlu.language import LanguageIdentifier
from nlu.serving import Opened, model_store
from nlu.training.check import check_examples
from nlu.training.compare import compare
from nlu.training.dataset import Dataset, Example, read_dataset
from nlu.training.evaluate import measure, measure_latency
from nlu.training.fit import Origin, fit
from nlu.training.folds import Remembering, cross_validate, spread
from nlu.training.operating_point import at_error
from nlu.training.predictions import Predictions, pooled, predict
from nlu.training.run import spoken
from nlu.training.tagging import taught_entities
from nlu.understander import Interpreter
from nlu.weights.progress import Progress, silent
from nlu.weights.store import locate

PIECE = 256
"""Texts that are embedded between two steps of progress."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What one evaluation found.

    `figures` is what `--json` prints; `about` says in words what was measured; `other` is what the model that it was
    compared with makes of the same examples.
    """

    figures: Mapping[str, Any]
    predictions: Predictions
    about: Mapping[str, str] = field(default_factory=dict)
    other: Predictions | None = None


def evaluate_model(
    opened: Opened, examples: Sequence[Example], *, other: Opened | None = None, max_error: float | None = None
) -> Evaluation:
    """Measure a model, and how another one differs from it."""
    predictions = predict(opened.interpreter, opened.encoder, examples)
    figures = measure(predictions)
    figures["latency_ms"] = measure_latency(opened.interpreter, opened.encoder, [e.text for e in examples])
    about = {"model": _described(opened.model.metadata), "data": _files_of(examples)}
    if opened.model.metadata.augmentation:
        figures["augmentation"] = list(opened.model.metadata.augmentation)
    others = None
    if other is not None:
        others = predict(other.interpreter, other.encoder, examples)
        about["other model"] = _described(other.model.metadata)
        figures["comparison"] = compare(predictions, others)
    return Evaluation(_with_point(figures, predictions, max_error), predictions, about, others)


def evaluate_folds(
    settings: Settings,
    source: Pack | Sequence[Path],
    folds: int,
    *,
    seed: int = 0,
    max_error: float | None = None,
    progress: Progress = silent,
) -> Evaluation:
    """Cross-validate training on a pack's own examples, or on files.

    The figures are those of all examples together, each predicted by the model that was not trained on it, with mean
    and standard deviation over the folds under `folds`.

    Raises:
        ConfigurationError: the data are wrong, or an intent has too few examples for so many folds.
        ModelError: the models are not fetched.
    """
    places = locate(settings.data_dir, source=settings.encoder)
    dataset, languages, pack = _dataset(source, places.language)
    said = tuple(spoken(pack)) if pack is not None else ()
    encoder = Encoder.open(places.encoder, threads=settings.threads)
    cache = EmbeddingCache(settings.data_dir / "cache", encoder.fingerprint)
    texts = [example.text for example in dataset.examples]
    tokens = bool(taught_entities(dataset.examples, dataset.entities))
    remembering = Remembering(encoder, embedded(texts, encoder, cache, progress), tokens=tokens)
    trained: list[Interpreter] = []

    def train(part: Dataset) -> Interpreter:
        model = fit(part, remembering, Origin(settings.encoder), seed=seed, replies=said)
        entities = EntityFinder(dataset.entities, taught=model.metadata.tagged)
        trained.append(Interpreter(model, LanguageIdentifier(places.language, languages, model.lexicon), entities))
        return trained[-1]

    parts = cross_validate(dataset, remembering, train, folds, seed=seed, progress=progress)
    predictions = pooled(parts)
    figures = measure(predictions)
    # Every message is new to the encoder that serves, so the one that remembers would be too fast.
    figures["latency_ms"] = measure_latency(trained[-1], encoder, texts)
    figures["folds"] = {"count": folds, "seed": seed, "figures": spread([measure(part) for part in parts])}
    about = {
        "model": f"{folds} models, each trained without the examples that it is measured on",
        "encoder": f"{settings.encoder} ({encoder.fingerprint[:12]})",
        "data": _files_of(dataset.examples),
    }
    return Evaluation(_with_point(figures, predictions, max_error), predictions, about)


def find_model(settings: Settings, name: str, pack: Callable[[], Pack]) -> Path:
    """The folder of a model by its path, or else by its version in the pack's store.

    Raises:
        ModelError: it is neither; the versions that there are are named.
    """
    if Path(name).exists():
        return Path(name)
    store = model_store(settings.data_dir, pack().name)
    versions = sorted(file.parent.name for file in store.folder.glob(f"[!.]*/{METADATA}"))
    if name in versions:
        return store.folder / name
    known = ", ".join(versions) or "there is none"
    raise ModelError(f"{name} holds no model, nor is it a version of the pack {pack().name!r} ({known})")


def encoder_of(folder: Path) -> str:
    """The source of the encoder that a model was trained on.

    Raises:
        ModelError: there is no model.
    """
    return read_metadata(folder).encoder.source


def _dataset(source: Pack | Sequence[Path], language_model: Path) -> tuple[Dataset, Sequence[str], Pack | None]:
    if isinstance(source, Pack):
        check_examples(source)
        dataset = read_dataset(source.examples, lambda _: source.default_language)
        return Dataset(dataset.examples, source.entities), source.languages, source
    dataset = read_dataset(source, LanguageIdentifier(language_model, ()).code_of)
    return dataset, dataset.languages, None


def embedded(texts: Sequence[str], encoder: Encoder, cache: EmbeddingCache, progress: Progress) -> Mapping[str, Floats]:
    """The embeddings (hidden,) of some texts, computed where the cache does not know them."""
    known = cache.read()
    missing = sorted({text for text in texts if text not in known}, key=len)
    for start in range(0, len(missing), PIECE):
        piece = missing[start : start + PIECE]
        known.update(zip(piece, encoder.encode(piece), strict=True))
        progress("reading the examples", start + len(piece), len(missing))
    if missing:
        cache.write({text: known[text] for text in texts})
    return known


def _with_point(figures: dict[str, Any], predictions: Predictions, max_error: float | None) -> Mapping[str, Any]:
    if max_error is None:
        return figures
    return figures | {"at_error": at_error(predictions.sureness, predictions.wrong_answers, max_error)}


def _described(metadata: Metadata) -> str:
    of = f" of the pack {metadata.pack}" if metadata.pack else ""
    return (
        f"{len(metadata.labels)} intents{of}, trained at {metadata.created_at:%Y-%m-%d %H:%M} UTC on "
        f"{sum(metadata.languages.values())} examples (data {metadata.data_fingerprint[:12]}, seed {metadata.seed}) "
        f"with the encoder {metadata.encoder.source} ({metadata.encoder.fingerprint[:12]})"
    )


def _files_of(examples: Sequence[Example]) -> str:
    return ", ".join(dict.fromkeys(str(example.file) for example in examples))
