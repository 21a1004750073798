"""Trained models on disk: a folder with `metadata.json` and `model.npz`, checked when it is opened.

`ModelStore` keeps the versions of one pack side by side, with the one that serves and those that served before it.
"""

from __future__ import annotations

import json
import secrets
import shutil
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
import structlog
from pydantic import BaseModel, ConfigDict, ValidationError

from bot.errors import ModelError
from nlu.calibration import WANTED_ERRORS, Threshold
from nlu.intents import Classifier, LanguageMeans
from nlu.lexicon import Lexicon
from nlu.weights.manifest import sha256

log = structlog.get_logger(__name__)

METADATA = "metadata.json"
ARRAYS = "model.npz"
CURRENT = "current.json"

KEPT = 5
"""Versions that a store keeps, the serving one included."""


class EncoderOf(BaseModel):
    """The encoder whose embeddings a model was trained on."""

    model_config = ConfigDict(frozen=True)

    source: str
    fingerprint: str
    hidden: int


class Metadata(BaseModel):
    """`metadata.json`: what a model is, what it knows, and what it was made from.

    `languages` counts the examples of each; `entities` are the declarations in a pack's form; `quality` holds what
    cross-validation measured while training.
    """

    model_config = ConfigDict(frozen=True)

    format: Literal[1] = 1
    created_at: datetime
    seed: int
    encoder: EncoderOf
    labels: tuple[str, ...]
    languages: Mapping[str, int]
    entities: Mapping[str, Mapping[str, Any]]
    data_fingerprint: str
    pack: str | None = None
    pack_fingerprint: str | None = None
    quality: Mapping[str, float] = {}
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Model:
    """A trained model: everything that a bot was taught, but for the encoder."""

    metadata: Metadata
    classifier: Classifier
    means: LanguageMeans
    lexicon: Lexicon

    @property
    def thresholds(self) -> tuple[Threshold, ...]:
        """How sure the bot must be for some wanted shares of wrong answers."""
        return tuple(self.classifier.curve.threshold(error) for error in WANTED_ERRORS)

    def save(self, folder: Path) -> None:
        """Write the model as a whole or not at all; what was there of it before is replaced.

        Raises:
            ModelError: the folder cannot be written, or holds something else.
        """
        check_target(folder)
        folder = folder.resolve() if folder.is_symlink() else folder
        work = folder.parent / f".{folder.name}.{secrets.token_hex(4)}"
        try:
            work.mkdir(parents=True)
            self._write(work)
            if folder.exists():
                old = folder.rename(work.with_name(f"{work.name}.old"))
                try:
                    work.rename(folder)
                except OSError:
                    old.rename(folder)
                    raise
                shutil.rmtree(old, ignore_errors=True)
            else:
                work.rename(folder)
        except OSError as error:
            shutil.rmtree(work, ignore_errors=True)
            raise ModelError(f"{folder} cannot be written: {error.strerror}") from error

    def _write(self, folder: Path) -> None:
        classifier, means = self.classifier, self.means
        np.savez(
            folder / ARRAYS,
            allow_pickle=False,
            **classifier.to_arrays(),
            mean_languages=np.array(means.languages, dtype=np.str_),
            means=means.means,
            fallback_mean=means.fallback,
            # Text as bytes: NumPy's strings would all be as long as the longest.
            lexicon=np.frombuffer(_rendered(self.lexicon), np.uint8),
        )
        metadata = self.metadata.model_copy(update={"sha256": sha256(folder / ARRAYS)})
        (folder / METADATA).write_text(metadata.model_dump_json(indent=2) + "\n", encoding="utf-8")

    @classmethod
    def open(cls, folder: Path, *, encoder_fingerprint: str) -> Self:
        """Read and check a model.

        Raises:
            ModelError: it is missing, damaged, of another format, or was trained on another encoder.
        """
        metadata = read_metadata(folder)
        if metadata.encoder.fingerprint != encoder_fingerprint:
            raise ModelError(
                f"{folder} was trained on another encoder ({metadata.encoder.source}, "
                f"{metadata.encoder.fingerprint[:12]}) than the installed one "
                f"({encoder_fingerprint[:12]}); train it again"
            )
        try:
            if sha256(folder / ARRAYS) != metadata.sha256:
                raise ModelError(f"{folder / ARRAYS} is damaged: its sha256 is not the one in {METADATA}")
            with np.load(folder / ARRAYS, allow_pickle=False) as arrays:
                return cls(metadata, _classifier(metadata, arrays), _means(arrays), _lexicon(arrays))
        except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
            raise ModelError(f"{folder / ARRAYS} cannot be read: {error}") from error


def check_target(folder: Path) -> None:
    """Whether a model may be written there: into a new or empty folder, or in place of another model.

    Raises:
        ModelError: it is something else, which must not be overwritten.
    """
    try:
        if folder.exists() and any(folder.iterdir()) and not (folder / METADATA).is_file():
            raise ModelError(f"{folder} is not empty and holds no model; nothing was written")
    except NotADirectoryError:
        raise ModelError(f"{folder} is a file, not a folder") from None
    except OSError as error:
        raise ModelError(f"{folder} cannot be read: {error.strerror}") from error


def read_metadata(folder: Path) -> Metadata:
    """The description of a model.

    Raises:
        ModelError: there is none, or it is of another format.
    """
    try:
        return Metadata.model_validate_json((folder / METADATA).read_bytes())
    except OSError as error:
        raise ModelError(f"{folder} holds no model: {METADATA} cannot be read ({error.strerror})") from error
    except ValidationError as error:
        raise ModelError(f"{folder / METADATA} is no description of a model of this version: {error}") from error


def _classifier(metadata: Metadata, arrays: Mapping[str, Any]) -> Classifier:
    classifier = Classifier.from_arrays(metadata.labels, arrays)
    if classifier.anchors.shape[1] != metadata.encoder.hidden:
        raise ValueError(f"anchors of {classifier.anchors.shape[1]} dimensions, not {metadata.encoder.hidden}")
    return classifier


def _means(arrays: Mapping[str, Any]) -> LanguageMeans:
    languages = tuple(str(code) for code in arrays["mean_languages"])
    return LanguageMeans(languages, arrays["means"], arrays["fallback_mean"])


def _rendered(lexicon: Lexicon) -> bytes:
    return json.dumps([lexicon.counts, lexicon.phrases], ensure_ascii=False, separators=(",", ":")).encode()


def _lexicon(arrays: Mapping[str, Any]) -> Lexicon:
    counts, phrases = json.loads(arrays["lexicon"].tobytes())
    return Lexicon(counts, phrases)


class ModelStore:
    """The model versions of one pack below a folder, `current.json` naming those that served, the latest first."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(self, model: Model) -> str:
        """Store a version beside the others; it does not serve yet. Returns its name."""
        made = model.metadata.created_at.strftime("%Y%m%dT%H%M%S")
        name = f"{made}-{model.metadata.data_fingerprint[:8]}-{secrets.token_hex(2)}"
        model.save(self.folder / name)
        return name

    def promote(self, name: str) -> None:
        """Let a version serve from now on, and forget the oldest beyond `KEPT`.

        Raises:
            ModelError: there is no such version.
        """
        read_metadata(self.folder / name)
        order = [name, *(version for version in self.promoted() if version != name)]
        work = self.folder / f".{CURRENT}.{secrets.token_hex(4)}"
        work.write_text(json.dumps(order[:KEPT]) + "\n", encoding="utf-8")
        work.replace(self.folder / CURRENT)
        for version in order[KEPT:]:
            shutil.rmtree(self.folder / version, ignore_errors=True)

    def promoted(self) -> tuple[str, ...]:
        """Versions that serve or served, the latest first."""
        try:
            names = json.loads((self.folder / CURRENT).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return ()
        return tuple(name for name in names if isinstance(name, str)) if isinstance(names, list) else ()

    def open(self, *, encoder_fingerprint: str) -> tuple[Model, str | None]:
        """The serving model, or the last one before it that can be used and what is wrong with those after.

        Raises:
            ModelError: none can be used; the message says why of each.
        """
        problems: list[str] = []
        for name in self.promoted():
            try:
                model = Model.open(self.folder / name, encoder_fingerprint=encoder_fingerprint)
            except ModelError as error:
                log.warning("model refused", version=name, error=str(error))
                problems.append(str(error))
                continue
            return model, "; ".join(problems) or None
        raise ModelError("; ".join(problems) or f"no model has been trained yet in {self.folder}")
