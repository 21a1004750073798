"""What a serving process opens: the encoder, a pack's trained model, language identification."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from bot.errors import ModelError
from bot.pack import Pack
from bot.understanding import OUT_OF_SCOPE
from nlu.artifacts import Model, ModelStore
from nlu.encoder import Encoder
from nlu.entities import KINDS, EntityFinder
from nlu.language import LanguageIdentifier
from nlu.understander import Interpreter
from nlu.weights.manifest import Manifest
from nlu.weights.store import locate


def model_store(data_dir: Path, pack: str) -> ModelStore:
    """The trained versions of a pack's model."""
    return ModelStore(data_dir / "intents" / pack)


def examples_fingerprint(files: Iterable[Path]) -> str:
    """A sha256 over the names and contents of a pack's example files: it tells whether they changed since training."""
    digest = hashlib.sha256()
    for file in sorted(files):
        content = file.read_bytes()
        digest.update(f"{file.name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def trained_model(data_dir: Path, pack: Pack, *, source: str) -> tuple[Model, str | None]:
    """The model that serves a pack, and what is not as it should be: the last good one serves until that is mended.

    Raises:
        ModelError: there is no encoder, or no model that can serve this pack.
    """
    encoder = Manifest.parse(locate(data_dir, source=source).encoder).fingerprint
    model, problem = model_store(data_dir, pack.name).open(encoder_fingerprint=encoder)
    unknown = sorted(set(model.metadata.labels) - set(pack.intents) - {OUT_OF_SCOPE})
    if unknown:
        raise ModelError(f"the model of {pack.name!r} knows intents that the pack lacks: {', '.join(unknown)}")
    if problem is None and model.metadata.pack_fingerprint != examples_fingerprint(pack.examples):
        problem = f"the examples of the pack {pack.name!r} have changed since its model was trained"
    return model, problem


class Opened:
    """An encoder and the model that reads its embeddings, open in this process."""

    def __init__(self, encoder: Encoder, model: Model, interpreter: Interpreter) -> None:
        self.encoder = encoder
        self.model = model
        self.interpreter = interpreter


def open_model(
    data_dir: Path,
    *,
    source: str,
    threads: int,
    folder: Path | None = None,
    pack: Pack | None = None,
) -> tuple[Opened, str | None]:
    """Open the model in a folder, or the one that serves a pack, and what is not as it should be with it.

    Raises:
        ModelError: something is missing, damaged or does not fit the rest.
    """
    places = locate(data_dir, source=source)
    problem: str | None = None
    if folder is not None:
        fingerprint = Manifest.parse(places.encoder).fingerprint
        model = Model.open(folder, encoder_fingerprint=fingerprint)
    elif pack is not None:
        model, problem = trained_model(data_dir, pack, source=source)
    else:
        raise ModelError("there is neither a folder nor a pack to open a model of")
    encoder = Encoder.open(places.encoder, threads=threads)
    entities = pack.entities if pack is not None else model.metadata.entities
    languages = LanguageIdentifier(places.language, _languages(model, pack), model.lexicon)
    return Opened(encoder, model, Interpreter(model, languages, EntityFinder(entities, kinds=KINDS))), problem


def _languages(model: Model, pack: Pack | None) -> Sequence[str]:
    return pack.languages if pack is not None else tuple(model.metadata.languages)
