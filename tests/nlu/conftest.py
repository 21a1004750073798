"""The pretrained models, for tests that need the real ones."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from nlu.encoder import Encoder
from nlu.weights.fetch import fetch
from nlu.weights.store import Models


@pytest.fixture(scope="session")
def models() -> Models:
    """Fetched on first use, then found in place."""
    return fetch(Path(os.environ.get("BABELDESK_DATA_DIR", "data")))


@pytest.fixture(scope="session")
def encoder(models: Models) -> Encoder:
    return Encoder.open(models.encoder, threads=2)
