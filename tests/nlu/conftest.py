"""The pretrained models, for tests that need the real ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from nlu.encoder import Encoder
from nlu.weights.store import Models
from tests.nlu import pretrained


@pytest.fixture(scope="session")
def data_dir() -> Path:
    return pretrained.data_dir()


@pytest.fixture(scope="session")
def models() -> Models:
    return pretrained.pretrained()


@pytest.fixture(scope="session")
def language_model(models: Models) -> Path:
    return models.language


@pytest.fixture(scope="session")
def encoder(models: Models) -> Encoder:
    return Encoder.open(models.encoder, threads=2)
