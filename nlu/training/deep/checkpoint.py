"""Where a training stands, on disk: written whole or not at all, and read again only by the same training."""

from __future__ import annotations

import fcntl
import os
import pickle
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import structlog
import torch

from bot.errors import ConfigurationError

log = structlog.get_logger(__name__)

CHECKPOINT = "checkpoint.pt"


class Checkpoints:
    """The one checkpoint in a folder; `fingerprint` names the data, the encoder, the settings and the seed."""

    def __init__(self, folder: Path, fingerprint: str) -> None:
        self._file = folder / CHECKPOINT
        self._fingerprint = fingerprint

    def write(self, content: Mapping[str, Any]) -> None:
        """Replace the checkpoint by plain values and tensors.

        Raises:
            ConfigurationError: the folder cannot be written.
        """
        work = self._file.with_name(f".{CHECKPOINT}")
        try:
            with work.open("wb") as file:
                torch.save({"fingerprint": self._fingerprint, "content": dict(content)}, file)
                file.flush()
                os.fsync(file.fileno())
            work.replace(self._file)
        except (OSError, RuntimeError) as error:  # a full disk is a RuntimeError to torch
            work.unlink(missing_ok=True)
            raise ConfigurationError(f"{self._file}: the checkpoint cannot be written: {error}") from error

    def read(self) -> dict[str, Any] | None:
        """The content of the last checkpoint; None if there is none, it is damaged, or it is another training's."""
        try:
            # Nothing but tensors and plain values is unpickled, so that the file cannot run code.
            stored = torch.load(self._file, map_location="cpu", weights_only=True)
            if stored["fingerprint"] == self._fingerprint:
                content: dict[str, Any] = stored["content"]
                return content
            log.warning("a checkpoint of other data or settings is not used", file=str(self._file))
        except FileNotFoundError:
            pass
        except (OSError, RuntimeError, EOFError, KeyError, TypeError, pickle.UnpicklingError) as error:
            log.warning("a damaged checkpoint is not used", file=str(self._file), error=str(error))
        return None


@contextmanager
def work_folder(folder: Path) -> Iterator[Path]:
    """Hold a folder for a training alone; what is in it stays if the training does not come to its end.

    Raises:
        ConfigurationError: another process trains there now, or the folder cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / ".lock").open("w")
    except OSError as error:
        raise ConfigurationError(f"{folder} cannot be made: {error.strerror}") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConfigurationError(f"another deep training works in {folder} now") from None
        yield folder
