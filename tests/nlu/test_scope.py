from __future__ import annotations

import numpy as np
import pytest

from bot.understanding import OUT_OF_SCOPE
from nlu.intents import Classifier
from nlu.scope import DIRECTIONS, FEATURES, Scope, scope_features
from nlu.training.fit import Origin, fit
from tests.nlu import small_shop as shop
from tests.nlu.small_shop import TOPICS, Words

SCORES = np.array([[0.9, 0.1, 0.0], [0.3, 0.3, 0.6]], np.float32)
COSINES = np.array([[0.8, 0.6, -0.2], [0.1, 0.0, 0.7]], np.float32)


def test_what_is_near_an_intent_and_what_is_near_out_of_scope_differ_in_every_feature() -> None:
    features = scope_features(SCORES, np.array([False, False, True]), COSINES, np.array([True, True, False]))

    assert features.shape == (2, FEATURES)
    assert (features[0] * DIRECTIONS > features[1] * DIRECTIONS).all()


def test_what_was_not_taught_counts_as_nothing() -> None:
    features = scope_features(SCORES[:, :2], np.zeros(2, np.bool_), COSINES[:, :2], np.ones(2, np.bool_))

    assert features[:, 2].tolist() == [0, 0]
    assert features[:, 5].tolist() == [0, 0]


def test_the_chance_never_overflows() -> None:
    scope = Scope(np.full(FEATURES, 1e6, np.float32), 0.0)

    assert scope.chance(np.array([np.ones(FEATURES), -np.ones(FEATURES)], np.float32)) == pytest.approx([1, 0])


def trained(*intents: str) -> Classifier:
    return fit(shop.dataset(*intents), Words(), Origin("words")).classifier


@pytest.mark.parametrize("intents", [TOPICS, (*TOPICS, OUT_OF_SCOPE), TOPICS[:2], TOPICS[:3]])
def test_no_feature_speaks_against_its_direction(intents: tuple[str, ...]) -> None:
    assert (trained(*intents).scope.coefficients * DIRECTIONS >= 0).all()


def test_scope_is_learned_from_intents_left_out_where_nothing_is_known_to_be_out_of_scope() -> None:
    assert (trained(*TOPICS).scope.coefficients != 0).any()


def test_of_the_right_answers_few_are_refused() -> None:
    dataset = shop.dataset(*TOPICS)
    model = fit(dataset, Words(), Origin("words"))
    codes = [example.language for example in dataset.examples]
    texts = [example.text for example in dataset.examples]

    ranked = model.classifier.rank(texts, model.means.centre(Words().encode(texts), codes), codes)

    assert sum(ranking[0].name == OUT_OF_SCOPE for ranking in ranked) <= 0.05 * len(ranked)
