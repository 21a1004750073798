"""What a fine-tuned encoder takes over: language means, and what it needs for a sentiment."""

from __future__ import annotations

import numpy as np
import pytest

from nlu.intents import Floats, LanguageMeans
from nlu.training.deep.inheritance import moved

HIDDEN = 16
CODES = ("de", "en", "fr", "ja", "sw")
SEEN = CODES[:4]


def embeddings(places: Floats, languages: list[str], seed: int) -> Floats:
    """Sentences around the place of their language, of length one."""
    drawn = np.random.default_rng(seed).standard_normal((len(languages), HIDDEN)) * 0.3
    rows = drawn + np.stack([places[CODES.index(code)] for code in languages])
    unit: Floats = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return unit


@pytest.fixture(scope="module")
def places() -> Floats:
    drawn: Floats = np.random.default_rng(0).standard_normal((len(CODES), HIDDEN)).astype(np.float32)
    return 1 + drawn / 2


def known(places: Floats) -> LanguageMeans:
    """Means of other sentences than those that are moved."""
    means = np.stack([embeddings(places, [code] * 400, seed=7).mean(axis=0) for code in CODES])
    return LanguageMeans(CODES, means, means.mean(axis=0))


def tuned(rows: Floats) -> Floats:
    """As a fine-tuning does: one direction counts more, and all is drawn aside."""
    changed = rows.copy()
    changed[:, 0] *= 2
    changed[:, 1] += 0.5
    unit: Floats = changed / np.linalg.norm(changed, axis=1, keepdims=True)
    return unit


def test_means_move_to_where_the_fine_tuned_encoder_has_the_languages(places: Floats) -> None:
    languages = np.array([code for code in SEEN for _ in range(60)])
    before = embeddings(places, languages.tolist(), seed=1)
    means = known(places)

    after = moved(means, languages, before, tuned(before))

    assert after.languages == CODES
    for place, code in enumerate(CODES):
        true = tuned(embeddings(places, [code] * 400, seed=7)).mean(axis=0)
        stayed = float(np.linalg.norm(means.means[place] - true))
        left = float(np.linalg.norm(after.means[place] - true))
        assert left < (0.25 if code in SEEN else 0.5) * stayed, code
    assert after.fallback == pytest.approx(after.means.mean(axis=0), abs=1e-6)


def test_an_encoder_that_changed_nothing_keeps_its_means(places: Floats) -> None:
    languages = np.array([code for code in SEEN for _ in range(5)])
    rows = embeddings(places, languages.tolist(), seed=1)

    after = moved(known(places), languages, rows, rows)

    assert after.means == pytest.approx(known(places).means, abs=1e-6)


def test_where_no_means_were_known_there_are_none_to_move() -> None:
    none = LanguageMeans((), np.zeros((0, HIDDEN), np.float32), np.zeros(HIDDEN, np.float32))
    rows = np.ones((2, HIDDEN), np.float32)

    assert moved(none, np.array(["en", "de"]), rows, rows) is none
