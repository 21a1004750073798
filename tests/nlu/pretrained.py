"""The pretrained models of this machine. Not there, tests that need them are skipped; on CI they fail."""

from __future__ import annotations

import os
from pathlib import Path

from bot.errors import ModelError
from nlu.weights.store import Models, locate
from tests.missing import missing


def data_dir() -> Path:
    """The data folder that holds the models."""
    return Path(os.environ.get("BABELDESK_DATA_DIR") or "data").absolute()


def pretrained() -> Models:
    """Where the models are; skips or fails the test that asks if they are not there."""
    try:
        return locate(data_dir())
    except ModelError as error:
        missing(str(error))
