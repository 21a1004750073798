"""`tests.json` beside a version of a model: what it made of each of the pack's tests."""

from __future__ import annotations

import json
import secrets
from contextlib import suppress
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from bot.errors import ModelError
from bot.measuring import Measurement

FILE = "tests.json"

_MEASUREMENT = TypeAdapter(Measurement)


def keep(folder: Path, measurement: Measurement) -> None:
    """Write it beside a version, in place of what was measured before.

    Raises:
        ModelError: it cannot be written.
    """
    work = folder / f".{FILE}.{secrets.token_hex(4)}"
    try:
        work.write_text(json.dumps(_MEASUREMENT.dump_python(measurement, mode="json")) + "\n", encoding="utf-8")
        work.replace(folder / FILE)
    except OSError as error:
        with suppress(OSError):
            work.unlink()
        raise ModelError(f"{folder / FILE} cannot be written: {error.strerror}") from error


def read(folder: Path) -> Measurement | None:
    """What is known of a version, if it was ever measured."""
    try:
        return _MEASUREMENT.validate_json((folder / FILE).read_bytes())
    except (OSError, ValidationError):
        return None
