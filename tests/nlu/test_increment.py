"""What was taught since a model was trained, added to it at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from bot.settings import BUILT_IN
from bot.understanding import OUT_OF_SCOPE
from nlu.artifacts import Model
from nlu.encoder import Encoder
from nlu.increment import MOST, keys_of, news, with_news
from nlu.training.dataset import Dataset, Example
from nlu.training.fit import Origin, fit
from tests.nlu import small_shop as shop
from tests.nlu.small_shop import UNSEEN, Words

WORDS = Words()
TAUGHT = shop.dataset().examples
NEW = "gift_wrapping"
GIFTS = (
    "can you wrap it as a gift",
    "i would like gift wrapping",
    "please wrap it up nicely, it is a present",
    "do you offer gift paper",
)


def example(text: str, intent: str, language: str = "en") -> Example:
    return Example(text, intent, language, Path("new.yml"), 1)


def without(intent: str) -> Dataset:
    dataset = shop.dataset()
    return replace(dataset, examples=tuple(e for e in dataset.examples if e.intent != intent))


@pytest.fixture(scope="module")
def model() -> Model:
    return fit(shop.dataset(), WORDS, Origin(BUILT_IN))


def likeliest(model: Model, encoder: Encoder | Words, texts: Sequence[str], language: str = "en") -> list[str]:
    codes = [language] * len(texts)
    ranked = model.classifier.rank(texts, model.means.centre(encoder.encode(texts), codes), codes)
    return [ranking[0].name for ranking in ranked]


def test_a_new_intent_is_told_at_its_examples_and_hardly_anything_else_is_told_otherwise(model: Model) -> None:
    taught = [*TAUGHT, *(example(text, NEW) for text in GIFTS)]

    new = news(model, taught)
    now = with_news(model, new, WORDS.encode)

    assert ([e.text for e in new.added], list(new.gone)) == (list(GIFTS), [])
    assert likeliest(now, WORDS, GIFTS) == [NEW] * len(GIFTS)
    old = [e.text for e in shop.dataset().examples if e.language == "en"]
    same = [a == b for a, b in zip(likeliest(now, WORDS, old), likeliest(model, WORDS, old), strict=True)]
    assert sum(same) >= 0.95 * len(same)
    assert set(now.classifier.labels) == {*model.classifier.labels, NEW}
    assert NEW not in model.classifier.labels


def test_an_example_that_moves_to_another_intent_is_that_intents_from_now_on(model: Model) -> None:
    moved = next(e for e in TAUGHT if e.language == "en" and e.intent == "help")
    taught = [example(e.text, "fraud") if e is moved else e for e in TAUGHT]

    now = with_news(model, news(model, taught), WORDS.encode)

    assert likeliest(model, WORDS, [moved.text]) == ["help"]
    assert likeliest(now, WORDS, [moved.text]) == ["fraud"]
    assert len(now.classifier.anchors) == len(model.classifier.anchors)


def test_without_its_examples_an_intent_is_told_no_more(model: Model) -> None:
    fraud = [e.text for e in TAUGHT if e.language == "en" and e.intent == "fraud"]
    now = with_news(model, news(model, without("fraud").examples), WORDS.encode)
    assert likeliest(model, WORDS, fraud) == ["fraud"] * len(fraud)
    assert "fraud" not in likeliest(now, WORDS, fraud)
    assert "fraud" not in now.classifier.labels


def test_what_is_out_of_scope_from_now_on_is_less_in_scope(model: Model) -> None:
    strange = ["the moon is made of green cheese", "who won the match yesterday"]
    now = with_news(model, news(model, [*TAUGHT, *(example(text, OUT_OF_SCOPE) for text in strange)]), WORDS.encode)
    for text in strange:
        centred = model.means.centre(WORDS.encode([text]), ["en"])
        before, after = (m.classifier.probabilities([text], centred, ["en"])[0, -1] for m in (model, now))
        assert after > before


def test_a_model_that_has_learned_everything_has_nothing_new(model: Model) -> None:
    assert len(news(model, TAUGHT)) == 0
    assert with_news(model, news(model, TAUGHT), WORDS.encode) is model


def test_the_same_words_in_other_clothes_are_nothing_new(model: Model) -> None:
    known = shop.dataset().examples[0]
    assert len(news(model, [*TAUGHT[1:], replace(known, text=f"  {known.text.upper()} ")])) == 0


def test_one_example_of_an_intent_waits_for_a_second(model: Model) -> None:
    taught = [*TAUGHT, example(GIFTS[0], NEW)]
    assert len(news(model, taught)) == 0
    assert len(news(model, [*taught, example(GIFTS[1], NEW)])) == 2


def test_very_many_wait_for_the_training(model: Model) -> None:
    many = [example(f"wrap number {n}", NEW) for n in range(MOST + 1)]
    assert len(news(model, [*TAUGHT, *many])) == 0
    assert len(news(model, [*TAUGHT, *many[:-1]])) == MOST


def test_a_model_that_does_not_say_what_it_was_taught_takes_nothing_for_new(model: Model) -> None:
    assert len(news(replace(model, examples=keys_of([])), [example(text, NEW) for text in GIFTS])) == 0


@pytest.mark.parametrize("left", [[], ["help"], ["help", OUT_OF_SCOPE]])
def test_where_nothing_is_left_to_tell_apart_the_model_stays_as_it_is(model: Model, left: list[str]) -> None:
    assert len(news(model, [e for e in TAUGHT if e.intent in left])) == 0


def test_what_a_model_was_taught_is_known_when_it_is_opened_again(model: Model, tmp_path: Path) -> None:
    model.save(tmp_path / "model")
    opened = Model.open(tmp_path / "model", encoder_fingerprint=model.metadata.encoder.fingerprint)
    known = opened.examples[opened.examples > 0]
    assert sorted(known) == sorted(keys_of(shop.dataset().examples))
    assert len(news(opened, TAUGHT)) == 0


@pytest.mark.parametrize("order", [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]])
def test_in_whatever_order_examples_come_scores_are_the_same(model: Model, order: list[int]) -> None:
    asked = [*GIFTS, *UNSEEN.values()]
    centred = model.means.centre(WORDS.encode(asked), ["en"] * len(asked))
    lessons = [example(text, NEW) for text in GIFTS]
    one, other = (
        with_news(model, news(model, [*TAUGHT, *new]), WORDS.encode).classifier.scores(asked, centred)[1]
        for new in (lessons, [lessons[place] for place in order])
    )
    assert one == pytest.approx(other, abs=2e-3)


@pytest.mark.model
def test_with_the_real_encoder_english_examples_of_a_new_intent_are_understood_in_german(encoder: Encoder) -> None:
    german = [e.text for e in shop.dataset().examples if e.intent == "fraud" and e.language == "de"]
    english = [e for e in shop.dataset().examples if e.intent == "fraud" and e.language == "en"]
    model = fit(without("fraud"), encoder, Origin(BUILT_IN))

    now = with_news(model, news(model, [*without("fraud").examples, *english]), encoder.encode)

    assert "fraud" not in likeliest(model, encoder, german, "de")
    told = likeliest(now, encoder, german, "de")
    assert told.count("fraud") >= 0.8 * len(german)
    for intent, text in UNSEEN.items():
        if intent != "fraud":
            assert likeliest(now, encoder, [text]) == likeliest(model, encoder, [text])
