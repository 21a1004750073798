"""Embeddings of the last training on disk, so that teaching a few sentences more takes seconds."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import numpy as np
import structlog

from nlu.intents import Floats

log = structlog.get_logger(__name__)


class EmbeddingCache:
    """One file for an encoder; it may be deleted at any time."""

    def __init__(self, folder: Path, encoder_fingerprint: str) -> None:
        self._file = folder / f"embeddings-{encoder_fingerprint[:16]}.npz"

    def read(self) -> dict[str, Floats]:
        """Texts and their embeddings (hidden,); none if there is no file or it is damaged."""
        try:
            # Opened here: NumPy leaves the file open if it is damaged.
            with self._file.open("rb") as file, np.load(file, allow_pickle=False) as data:
                return {str(text): row for text, row in zip(data["texts"], data["embeddings"], strict=True)}
        except FileNotFoundError:
            return {}
        except Exception as error:  # damaged archives raise all sorts, EOFError and zlib.error among them
            log.warning("embedding cache unreadable, made anew", file=str(self._file), error=str(error))
            return {}

    def write(self, embeddings: Mapping[str, Floats]) -> None:
        """Replace the file's content; a cache that cannot be written costs time only."""
        work = self._file.with_name(f".{self._file.stem}.{secrets.token_hex(4)}.npz")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            texts, rows = list(embeddings), list(embeddings.values())
            np.savez(work, texts=np.array(texts, dtype=np.str_), embeddings=np.stack(rows))
            work.replace(self._file)
        except OSError as error:
            with suppress(OSError):
                work.unlink()
            log.warning("embedding cache not written", file=str(self._file), error=str(error))
