"""Trained models on disk: a folder with `metadata.json` and `model.npz`, checked when it is opened.

A model that was trained together with its encoder brings that too, see `nlu.own_encoder`, and `sentiment.npz`, the
sentiment head for it. The versions of one pack's
model lie side by side, see `nlu.model_store`.
"""

from __future__ import annotations

import json
import secrets
import shutil
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError

from bot.errors import ModelError
from bot.model_versions import MadeBy
from nlu import own_encoder
from nlu.calibration import WANTED_ERRORS, Threshold
from nlu.intents import Classifier, LanguageMeans
from nlu.lexicon import Lexicon
from nlu.sentiment import SentimentModel
from nlu.tagger import FEATURES, Tagger
from nlu.weights.manifest import sha256

METADATA = "metadata.json"
ARRAYS = "model.npz"
SENTIMENT = "sentiment.npz"

FORMAT: Literal[4] = 4

Keys = NDArray[np.uint64]


class EncoderOf(BaseModel):
    """The encoder whose embeddings a model was trained on; `own` if the model brings it along."""

    model_config = ConfigDict(frozen=True)

    source: str
    variant: str | None = None
    fingerprint: str
    hidden: int
    own: bool = False


class Code(BaseModel):
    """The code that trained a model: the version that is installed, and the commit if it ran from a checkout."""

    model_config = ConfigDict(frozen=True)

    version: str
    commit: str | None = None


Setting = str | int | float | bool | None


class Metadata(BaseModel):
    """`metadata.json`: what a model is, what it knows, and what it was made from.

    `kind` says whether only the classifier was trained, on the embeddings of a frozen encoder, or the encoder with it.
    `settings` are the hyperparameters. `languages` counts the examples of each; `entities` are the declarations in a
    pack's form, `tagged` the entities that its tagger was trained on; `quality` holds what was measured while training,
    on examples left out. `parent` is the version that served when this one was trained, `made_by` who had it trained.
    `augmentation` says of each way to make more of the examples what it did, and whether it was kept. `before` and
    `after` are figures of the model that it was compared with and its own, on the same examples. `sha256` is that of
    the arrays, `sentiment_sha256` of the sentiment head that it brings, if it does.
    """

    model_config = ConfigDict(frozen=True)

    format: Literal[4] = FORMAT
    kind: Literal["frozen", "deep"] = "frozen"
    created_at: datetime
    code: Code | None = None
    seed: int
    settings: Mapping[str, Setting] = {}
    encoder: EncoderOf
    labels: tuple[str, ...]
    languages: Mapping[str, int]
    entities: Mapping[str, Mapping[str, Any]]
    tagged: tuple[str, ...] = ()
    data_fingerprint: str
    pack: str | None = None
    pack_fingerprint: str | None = None
    quality: Mapping[str, float] = {}
    parent: str | None = None
    made_by: MadeBy | None = None
    augmentation: tuple[Mapping[str, Any], ...] = ()
    before: Mapping[str, float] = {}
    after: Mapping[str, float] = {}
    sha256: str = ""
    sentiment_sha256: str | None = None

    @property
    def examples(self) -> int:
        """How many examples it was trained on."""
        return sum(self.languages.values())


@dataclass(frozen=True, slots=True)
class Model:
    """A trained model: everything that a bot was taught.

    `encoder` is the folder of the encoder that it brings along; without one it needs the installed encoder. `version`
    is its name among the versions of a pack's model, if it is one of these. `tagger` is there if enough entities were
    annotated, `sentiment` if it brings a head for its encoder. `examples` (n,) are the `nlu.increment.keys_of` what it
    was taught, in the order of the anchors (0 where one is no example), and then the others; none if not known.
    """

    metadata: Metadata
    classifier: Classifier
    means: LanguageMeans
    lexicon: Lexicon
    encoder: Path | None = None
    version: str | None = None
    tagger: Tagger | None = None
    sentiment: SentimentModel | None = None
    examples: Keys = field(default_factory=lambda: np.empty(0, np.uint64))

    @property
    def thresholds(self) -> tuple[Threshold, ...]:
        """How sure the bot must be for some wanted shares of wrong answers."""
        return tuple(self.classifier.curve.threshold(error) for error in WANTED_ERRORS)

    def save(self, folder: Path, *, encoder: Path | None = None) -> None:
        """Write the model as a whole or not at all; what was there of it before is replaced.

        `encoder` is the folder of an encoder that the model is to bring along, if it does not do so already.

        Raises:
            ModelError: the folder cannot be written, or holds something else; or the encoder is damaged, or not the
                one that the model was trained on.
        """
        check_target(folder)
        folder = folder.resolve() if folder.is_symlink() else folder
        work = folder.parent / f".{folder.name}.{secrets.token_hex(4)}"
        try:
            work.mkdir(parents=True)
            self._write(work, encoder or self.encoder)
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
            raise ModelError(f"{folder} cannot be written: {error.strerror}") from error
        finally:
            shutil.rmtree(work, ignore_errors=True)  # it is there no more if all went well

    def _write(self, folder: Path, encoder: Path | None) -> None:
        classifier, means = self.classifier, self.means
        np.savez(
            folder / ARRAYS,
            allow_pickle=False,
            **classifier.to_arrays(),
            **(self.tagger.to_arrays() if self.tagger is not None else {}),
            mean_languages=np.array(means.languages, dtype=np.str_),
            means=means.means,
            fallback_mean=means.fallback,
            examples=self.examples,
            # Text as bytes: NumPy's strings would all be as long as the longest.
            lexicon=np.frombuffer(_rendered(self.lexicon), np.uint8),
        )
        trained_on = self.metadata.encoder
        if encoder is not None:
            own_encoder.bring(encoder, folder, fingerprint=trained_on.fingerprint, hidden=trained_on.hidden)
        if self.sentiment is not None:
            self.sentiment.save(folder / SENTIMENT)
        metadata = self.metadata.model_copy(
            update={
                "format": FORMAT,
                "encoder": trained_on.model_copy(update={"own": encoder is not None}),
                "sha256": sha256(folder / ARRAYS),
                "sentiment_sha256": None if self.sentiment is None else sha256(folder / SENTIMENT),
            }
        )
        (folder / METADATA).write_text(metadata.model_dump_json(indent=2) + "\n", encoding="utf-8")

    @classmethod
    def open(cls, folder: Path, *, encoder_fingerprint: str | None) -> Self:
        """Read and check a model; `encoder_fingerprint` is the installed encoder's, None if there is none.

        Raises:
            ModelError: it is missing, damaged, of another format, or was trained on another encoder than the
                installed one and brings none along.
        """
        metadata = read_metadata(folder)
        trained_on = metadata.encoder
        encoder: Path | None = None
        if trained_on.own:
            encoder = own_encoder.check(folder, fingerprint=trained_on.fingerprint, hidden=trained_on.hidden)
        elif trained_on.fingerprint != encoder_fingerprint:
            installed = "no" if encoder_fingerprint is None else encoder_fingerprint[:12]
            raise ModelError(
                f"{folder} was trained on another encoder ({trained_on.source}, {trained_on.fingerprint[:12]}) than "
                f"the installed one ({installed}); train it again"
            )
        try:
            _check_sum(folder / ARRAYS, metadata.sha256)
            with np.load(folder / ARRAYS, allow_pickle=False) as file:
                arrays = dict(file)
                _check_finite(arrays)
                return cls(
                    metadata,
                    _classifier(metadata, arrays),
                    _means(arrays),
                    _lexicon(arrays),
                    encoder,
                    tagger=_tagger(metadata, arrays),
                    sentiment=_sentiment(folder, metadata),
                    examples=arrays["examples"],
                )
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
        content = (folder / METADATA).read_bytes()
    except OSError as error:
        raise ModelError(f"{folder} holds no model: {METADATA} cannot be read ({error.strerror})") from error
    try:
        _check_format(folder, content)
        return Metadata.model_validate_json(content)
    except ValidationError as error:
        raise ModelError(f"{folder / METADATA} is no description of a model of this version: {error}") from error


def _check_format(folder: Path, content: bytes) -> None:
    with suppress(ValueError):  # what is no JSON is told of by whoever reads the whole
        described = json.loads(content)
        if isinstance(described, dict) and described.get("format") != FORMAT:
            raise ModelError(
                f"{folder} is of format {described.get('format')}, and this version reads {FORMAT}: train it again"
            )


def _check_sum(file: Path, wanted: str) -> None:
    if sha256(file) != wanted:
        raise ModelError(f"{file} is damaged: its sha256 is not the one in {METADATA}")


def _check_finite(arrays: Mapping[str, Any]) -> None:
    for name, array in arrays.items():
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise ValueError(f"{name} holds numbers that are not finite")


def _classifier(metadata: Metadata, arrays: Mapping[str, Any]) -> Classifier:
    classifier = Classifier.from_arrays(metadata.labels, arrays)
    if classifier.anchors.shape[1] != metadata.encoder.hidden:
        raise ValueError(f"anchors of {classifier.anchors.shape[1]} dimensions, not {metadata.encoder.hidden}")
    return classifier


def _tagger(metadata: Metadata, arrays: Mapping[str, Any]) -> Tagger | None:
    if not metadata.tagged:
        return None
    tagger = Tagger.from_arrays(metadata.tagged, arrays)
    if len(tagger.weights) != FEATURES * metadata.encoder.hidden:
        raise ValueError(f"a tagger of {len(tagger.weights)} features, for {metadata.encoder.hidden} dimensions")
    return tagger


def _sentiment(folder: Path, metadata: Metadata) -> SentimentModel | None:
    if metadata.sentiment_sha256 is None:
        return None
    _check_sum(folder / SENTIMENT, metadata.sentiment_sha256)
    sentiment = SentimentModel.open(folder / SENTIMENT)
    if sentiment.encoder != metadata.encoder.fingerprint:
        raise ModelError(f"{folder / SENTIMENT} was made for another encoder than the model")
    return sentiment


def _means(arrays: Mapping[str, Any]) -> LanguageMeans:
    languages = tuple(str(code) for code in arrays["mean_languages"])
    return LanguageMeans(languages, arrays["means"], arrays["fallback_mean"])


def _rendered(lexicon: Lexicon) -> bytes:
    return json.dumps([lexicon.counts, lexicon.phrases], ensure_ascii=False, separators=(",", ":")).encode()


def _lexicon(arrays: Mapping[str, Any]) -> Lexicon:
    counts, phrases = json.loads(arrays["lexicon"].tobytes())
    return Lexicon(counts, phrases)
