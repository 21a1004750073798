"""What a serving process opens: the encoder, a pack's trained model, language identification."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bot.errors import ModelError
from bot.pack import Pack
from bot.understanding import OUT_OF_SCOPE
from nlu.artifacts import Model, read_metadata
from nlu.encoder import Encoder
from nlu.entities import KINDS, EntityFinder
from nlu.language import LanguageIdentifier
from nlu.model_store import ModelStore
from nlu.sentiment import sentiment_for
from nlu.understander import Interpreter
from nlu.weights.manifest import Manifest
from nlu.weights.store import locate, locate_language


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
        ModelError: there is no model that can serve this pack, or no encoder for it.
    """
    installed = _Installed(data_dir, source)
    store = model_store(data_dir, pack.name)
    with installed.explaining():
        model, problem = store.open(encoder_fingerprint=installed.fingerprint)
    _check_intents(model, pack)
    examples = examples_fingerprint(pack.examples)
    # A version that somebody chose by hand serves until the examples change again.
    if problem is None and examples not in {model.metadata.pack_fingerprint, store.current().chosen_for}:
        problem = f"the examples of the pack {pack.name!r} have changed since its model was trained"
    return model, problem


def version_of(data_dir: Path, pack: Pack, name: str, *, source: str) -> Model:
    """One version of a pack's model, if it can serve the pack.

    Raises:
        ModelError: it cannot; the message says why.
    """
    installed = _Installed(data_dir, source)
    with installed.explaining():
        model = model_store(data_dir, pack.name).version(name, encoder_fingerprint=installed.fingerprint)
    _check_intents(model, pack)
    return model


def _check_intents(model: Model, pack: Pack) -> None:
    unknown = sorted(set(model.metadata.labels) - set(pack.intents) - {OUT_OF_SCOPE})
    if unknown:
        raise ModelError(f"the model of {pack.name!r} knows intents that the pack lacks: {', '.join(unknown)}")


def needs_encoder(data_dir: Path, folder: Path) -> bool:
    """Whether the model in a folder can only be opened once the pretrained models have been fetched.

    Raises:
        ModelError: there is no model in it.
    """
    if not read_metadata(folder).encoder.own:
        return True
    try:
        locate_language(data_dir)
    except ModelError:
        return True
    return False


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
    problem: str | None = None
    if folder is not None:
        installed = _Installed(data_dir, source)
        with installed.explaining():
            model = Model.open(folder, encoder_fingerprint=installed.fingerprint)
    elif pack is not None:
        model, problem = trained_model(data_dir, pack, source=source)
    else:
        raise ModelError("there is neither a folder nor a pack to open a model of")
    encoder = open_encoder(data_dir, model, source=source, threads=threads)
    return Opened(encoder, model, open_interpreter(data_dir, model, pack)), problem


def open_encoder(data_dir: Path, model: Model, *, source: str, threads: int) -> Encoder:
    """The encoder that a model reads with: its own, or the installed one.

    Raises:
        ModelError: it is missing or damaged.
    """
    return Encoder.open(model.encoder or locate(data_dir, source=source).encoder, threads=threads)


def open_interpreter(data_dir: Path, model: Model, pack: Pack | None = None) -> Interpreter:
    """Everything of a model but its encoder; languages and entities are the pack's, if there is one.

    Raises:
        ModelError: language identification is missing or damaged.
    """
    entities = pack.entities if pack is not None else model.metadata.entities
    languages = LanguageIdentifier(locate_language(data_dir), _languages(model, pack), model.lexicon)
    sentiment = model.sentiment or sentiment_for(model.metadata.encoder.fingerprint, data_dir)
    finder = EntityFinder(entities, kinds=KINDS, taught=model.metadata.tagged)
    return Interpreter(model, languages, finder, sentiment)


class _Installed:
    """The encoder that the settings name. It may be missing: a model that brings its own does without."""

    def __init__(self, data_dir: Path, source: str) -> None:
        self.fingerprint: str | None = None
        self.missing: ModelError | None = None
        try:
            self.fingerprint = Manifest.parse(locate(data_dir, source=source).encoder).fingerprint
        except ModelError as error:
            self.missing = error

    @contextmanager
    def explaining(self) -> Iterator[None]:
        """Where a model cannot be opened because no encoder is installed, say so first."""
        try:
            yield
        except ModelError as error:
            if self.missing is None:
                raise
            raise ModelError(f"{self.missing} ({error})") from error


def _languages(model: Model, pack: Pack | None) -> Sequence[str]:
    return pack.languages if pack is not None else tuple(model.metadata.languages)
