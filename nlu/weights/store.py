"""Where the pretrained models lie below the data folder. Light enough for a serving process to import."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bot.errors import ModelError
from bot.settings import BUILT_IN
from nlu.weights.identity import BUILT_IN_PREFIXES, BUILT_INS, FAST, built_in_digest, fingerprint
from nlu.weights.manifest import FILE_NAME, Manifest, Variant
from nlu.weights.pinned import LANGUAGE_ID

DEFAULT_VARIANT: Variant = "q4"
"""Chosen by measurement, see docs/decisions/0003-encoder-quantisation.md."""


def default_variant(source: str) -> Variant:
    """How the weights of a source are stored unless something else is asked for; the fast one is made for speed."""
    return "int8" if source == FAST else DEFAULT_VARIANT


@dataclass(frozen=True, slots=True)
class Models:
    """Paths of what is installed: the encoder's folder, and fastText's language identification."""

    encoder: Path
    language: Path


def models_folder(data_dir: Path) -> Path:
    """The folder of all models."""
    return data_dir / "models"


def locate(data_dir: Path, *, source: str = BUILT_IN, variant: Variant | None = None) -> Models:
    """The models that were fetched last for this source; of the built-in one, those that this version is made for.

    Raises:
        ModelError: something is not there; the message says how to get it.
    """
    folder, variant = models_folder(data_dir), variant or default_variant(source)
    found = [path for path in folder.glob(f"encoder-*/{FILE_NAME}") if _is(path.parent, source, variant)]
    if not found:
        raise ModelError(f"the encoder {source} ({variant}) is not in {folder}; `babeldesk models fetch` gets it")
    newest = max(found, key=lambda path: path.stat().st_mtime_ns)
    return Models(newest.parent, locate_language(data_dir))


def locate_language(data_dir: Path) -> Path:
    """The file of language identification, which every model needs, also one that brings its own encoder.

    Raises:
        ModelError: it is not there; the message says how to get it.
    """
    language = models_folder(data_dir) / LANGUAGE_ID.name
    if not language.is_file():
        raise ModelError(f"{LANGUAGE_ID.name} is not in {language.parent}; `babeldesk models fetch` gets it")
    return language


def _is(folder: Path, source: str, variant: Variant) -> bool:
    try:
        manifest = Manifest.parse(folder)
    except ModelError:
        # Of another format, so made by another version: it takes no part, and must not stand in the way.
        return False
    if (manifest.source, manifest.variant) != (source, variant):
        return False
    if source not in BUILT_INS:
        return True
    return manifest.fingerprint == fingerprint(built_in_digest(source), variant, BUILT_IN_PREFIXES)
