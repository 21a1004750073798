"""`training.json` beside a version of a model: what its training in the background found out."""

from __future__ import annotations

import json
import secrets
from contextlib import suppress
from pathlib import Path

import structlog
from pydantic import TypeAdapter, ValidationError

from bot.ports_studio import Trained

log = structlog.get_logger(__name__)

FILE = "training.json"

_TRAINED = TypeAdapter(Trained)


def to_line(trained: Trained) -> str:
    """As JSON, in one line."""
    return json.dumps(_TRAINED.dump_python(trained, mode="json"), ensure_ascii=True)


def from_line(line: str | bytes) -> Trained:
    """The counterpart of `to_line`.

    Raises:
        ValueError: it is something else.
    """
    return _TRAINED.validate_json(line)


def keep(folder: Path, trained: Trained) -> None:
    """Write it beside a version; without it only the figures are not shown."""
    work = folder / f".{FILE}.{secrets.token_hex(4)}"
    try:
        work.write_text(to_line(trained) + "\n", encoding="utf-8")
        work.replace(folder / FILE)
    except OSError as error:
        with suppress(OSError):
            work.unlink()
        log.warning("figures of a training not kept", folder=str(folder), error=str(error))


def read(folder: Path) -> Trained | None:
    """What is known of a version's training, if anything is."""
    try:
        return from_line((folder / FILE).read_bytes())
    except (OSError, ValidationError):
        return None
