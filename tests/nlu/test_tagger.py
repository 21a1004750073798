from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bot.errors import ModelError
from bot.understanding import Entity, Hints, LanguageGuess
from nlu.artifacts import Model
from nlu.encoder import Encoded, Encoder
from nlu.entities import KINDS, EntityFinder
from nlu.intents import Floats
from nlu.tagger import OUTSIDE, Tagger, features, viterbi, words_of
from nlu.training.dataset import Dataset, Example
from nlu.training.fit import Origin, fit
from nlu.training.tagging import FEWEST, IMPOSSIBLE, fit_tagger, tags_of, taught_entities, train_tagger
from nlu.understander import Interpreter, parse
from tests.nlu.small_shop import Words

ORIGIN = Origin("words")


def annotated(marked: str, intent: str = "trip", language: str = "en") -> Example:
    """An example in the notation of training data, `from [Rome](city)`."""
    text, entities = "", []
    for piece in re.split(r"(\[[^\]]+\]\(\w+\))", marked):
        match = re.fullmatch(r"\[([^\]]+)\]\((\w+)\)", piece)
        said, name = match.groups() if match else (piece, None)
        if name:
            entities.append(Entity(name, len(text), len(text) + len(said), said))
        text += said
    return Example(text, intent, language, Path("nlu.yml"), 1, tuple(entities))


CITIES = ("Rome", "Paris", "Oslo", "Madrid", "New York", "Vienna", "Athens", "San Francisco", "Lisbon", "Kyoto")


def trips() -> list[Example]:
    """Cities stand after "from" and "to", times after "at", and nowhere else."""
    rows = []
    for number, city in enumerate(CITIES):
        other = CITIES[(number + 3) % len(CITIES)]
        rows += [
            annotated(f"fly from [{city}](city) to [{other}](city) please"),
            annotated(f"a ticket to [{city}](city) at [{number + 1} pm](time)"),
            annotated(f"the train from [{city}](city) at [{number + 1} am](time) please"),
        ]
    plain = (
        "please cancel my ticket",
        "where is the train",
        "thanks for the help",
        "is a refund possible",
        "fly me home",
    )
    rows += [annotated(f"{text} {ending}", "other") for text in plain for ending in ("now", "today", "soon", "then")]
    return rows


def dataset(declared: Mapping[str, Mapping[str, Any]] | None = None) -> Dataset:
    return Dataset(tuple(trips()), declared or {})


class English:
    """Takes everything for English."""

    def identify(self, text: str, hints: Hints) -> LanguageGuess:
        return LanguageGuess("en", 1.0)

    def requested(self, text: str) -> str | None:
        return None


def interpreter(model: Model, declared: Mapping[str, Mapping[str, Any]] | None = None) -> Interpreter:
    return Interpreter(model, English(), EntityFinder(declared or {}, kinds=KINDS))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def model() -> Model:
    return fit(dataset(), Words(), ORIGIN)


def found(model: Model, text: str, declared: Mapping[str, Mapping[str, Any]] | None = None) -> list[tuple[str, str]]:
    """Kind and text of the entities in the order of their places."""
    (result,) = parse(interpreter(model, declared), Words(), [text])
    assert all(0 <= entity.confidence <= 1 for entity in result.entities)
    return [(entity.entity, text[entity.start : entity.end]) for entity in result.entities]


# --- what is found ----------------------------------------------------------------------------------------------------


def test_a_city_that_no_example_has_is_found_by_the_words_around_it(model: Model) -> None:
    assert found(model, "a ticket to Ouagadougou please") == [("city", "Ouagadougou")]
    assert found(model, "where is my refund") == []


def test_two_entities_of_the_same_kind_beside_each_other_are_two(model: Model) -> None:
    assert found(model, "fly from Rome to Oslo please") == [("city", "Rome"), ("city", "Oslo")]

    kinds = Tagger(("city",), *_certain_of_every_word_beginning())
    beside = Words().read(["Rome Oslo"])[0]
    assert [(e.start, e.end) for e in kinds.find("Rome Oslo", beside)] == [(0, 4), (5, 9)]


def _certain_of_every_word_beginning() -> tuple[Floats, Floats, Floats, Floats]:
    return (
        np.zeros((4 * Words.hidden, 3), np.float32),
        np.array([0, 9, 0], np.float32),
        np.zeros((3, 3), np.float32),
        np.zeros(3, np.float32),
    )


def test_an_entity_may_have_several_words(model: Model) -> None:
    assert ("city", "San Francisco") in found(model, "fly from San Francisco to Lisbon please")


def test_places_count_characters_whatever_stands_before(model: Model) -> None:
    text = "👩‍👩‍👧 👍🏽 a ticket to Kyoto please"

    (result,) = parse(interpreter(model), Words(), [text])

    assert [text[e.start : e.end] for e in result.entities] == ["Kyoto"]
    assert [e.value for e in result.entities] == ["Kyoto"]


@pytest.mark.parametrize("text", ["", "  ", "\ud83d", "a" * 3000])
def test_no_text_is_too_odd(model: Model, text: str) -> None:
    (result,) = parse(interpreter(model), Words(), [text])

    assert result.text == text


# --- beside declarations and the built-in kinds -----------------------------------------------------------------------


def test_a_packs_list_wins_over_what_was_trained(model: Model) -> None:
    airports = {"airport": {"list": {"FCO": ["Rome Fiumicino"]}}}

    (result,) = parse(interpreter(model, airports), Words(), ["fly from Rome Fiumicino to Oslo please"])

    assert [(e.entity, e.value) for e in result.entities] == [("airport", "FCO"), ("city", "Oslo")]


def test_what_was_trained_wins_over_the_built_in_kinds(model: Model) -> None:
    kinds = dict(found(model, "a ticket to Oslo at 3 pm"))

    assert kinds == {"city": "Oslo", "time": "3 pm"}
    plain = EntityFinder({}, kinds=["number"])
    tagged = Entity("seat", 5, 7, "12", 0.8)
    assert plain.find("seat 12 of 30", also=[tagged]) == (tagged, Entity("number", 11, 13, "30"))


@pytest.mark.parametrize(
    ("said", "value"),
    [("Big Apple", "New York"), ("big apple", "New York"), ("Barcelonna", "Barcelona"), ("Ulm", "Ulm")],
)
def test_a_trained_entity_of_a_list_has_the_lists_value_if_it_is_one_of_its_words(said: str, value: str) -> None:
    finder = EntityFinder({"city": {"list": {"New York": ["Big Apple"], "Barcelona": []}}})
    text = f"to {said}"

    (entity,) = finder.find(text, also=[Entity("city", 3, len(text), said, 0.5)])

    assert (entity.start, entity.end, entity.value) == (3, len(text), value)


def test_what_only_examples_have_shown_is_left_to_the_tagger_that_learnt_it_and_gives_its_finds_their_values() -> None:
    shown = {"city": {"list": {"New York": ["Big Apple"]}, "shown": True}}
    text = "to the big apple, in New York"
    found = Entity("city", 7, 16, "big apple", 0.5)

    assert EntityFinder(shown, taught=["city"]).find(text, also=[found]) == (replace(found, value="New York"),)
    assert [e.start for e in EntityFinder(shown, taught=["airport"]).find(text)] == [7, 21]


def test_what_an_owner_lists_is_found_wherever_it_stands_whatever_was_trained() -> None:
    listed = {"city": {"list": {"New York": []}}}

    assert [e.start for e in EntityFinder(listed, taught=["city"]).find("from me to New York")] == [11]


def test_what_a_pattern_or_a_type_declares_is_found_by_that_alone() -> None:
    finder = EntityFinder({"order": {"pattern": r"\d{6}"}, "day": {"type": "date"}})
    also = [Entity("order", 0, 4, "1234"), Entity("day", 5, 9, "soon"), Entity("city", 10, 14, "Rome")]

    assert finder.find("1234 soon Rome", also=also) == (also[2],)


# --- what is trained --------------------------------------------------------------------------------------------------


def test_entities_of_few_annotations_and_those_declared_otherwise_are_not_trained() -> None:
    rows = [*trips(), *(annotated(f"pay {n} [euros](money)") for n in range(FEWEST - 1))]

    assert taught_entities(rows, {}) == ("city", "time")
    assert taught_entities(rows, {"time": {"type": "time"}, "city": {"list": {"Rome": []}}}) == ("city",)
    assert taught_entities(rows, {"city": {"pattern": "[A-Z].*"}}) == ("time",)


def test_a_model_without_annotations_has_no_tagger() -> None:
    bare = Dataset(tuple(replace(example, entities=()) for example in trips()))

    model = fit(bare, Words(), ORIGIN)

    assert model.tagger is None
    assert model.metadata.tagged == ()
    assert "left_out_slot_f1" not in model.metadata.quality


def test_a_model_says_how_well_it_finds_entities_of_examples_left_out(model: Model) -> None:
    assert model.metadata.tagged == ("city", "time")
    assert 0.7 < model.metadata.quality["left_out_slot_f1"] <= 1


def test_the_same_examples_in_another_order_give_the_same_tagger() -> None:
    one, other = (train_tagger(Dataset(tuple(rows)), Words(), seed=3) for rows in (trips(), trips()[::-1]))

    assert one is not None
    assert other is not None
    assert np.array_equal(one[0].weights, other[0].weights)
    assert one[1] == other[1]


def test_examples_that_are_nothing_but_an_entity_can_be_trained_on() -> None:
    rows = [annotated(f"[{city}](city)") for city in CITIES if " " not in city]

    tagger = fit_tagger(rows, Words().read([row.text for row in rows]), ("city",))

    assert [e.entity for e in tagger.find("Turin", Words().read(["Turin"])[0])] == ["city"]


def test_words_are_tagged_by_the_entity_that_they_touch() -> None:
    entities = [Entity("city", 5, 13, "New York"), Entity("city", 14, 18, "Rome"), Entity("other", 19, 22, "now")]
    places = [(0, 4), (5, 8), (9, 13), (14, 19), (19, 22)]

    assert tags_of(entities, places, {"city": 0}) == [OUTSIDE, 1, 2, 1, OUTSIDE]


# --- on disk ----------------------------------------------------------------------------------------------------------


def test_a_model_that_is_saved_and_opened_finds_the_same(model: Model, tmp_path: Path) -> None:
    model.save(tmp_path / "model")
    opened = Model.open(tmp_path / "model", encoder_fingerprint=Words().fingerprint)
    texts = [example.text for example in trips()]

    assert opened.tagger is not None
    assert opened.tagger.entities == ("city", "time")
    before, after = (parse(interpreter(one), Words(), texts) for one in (model, opened))
    assert [result.entities for result in after] == [result.entities for result in before]
    assert any(result.entities for result in before)


@pytest.mark.parametrize("kept", [("city",), ("city", "time", "date")])
def test_a_tagger_that_does_not_fit_its_description_is_refused(
    model: Model, tmp_path: Path, kept: tuple[str, ...]
) -> None:
    replace(model, metadata=model.metadata.model_copy(update={"tagged": kept})).save(tmp_path / "model")

    with pytest.raises(ModelError, match=f"for {len(kept)} entities"):
        Model.open(tmp_path / "model", encoder_fingerprint=Words().fingerprint)


# --- words and sequences ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "spans", "words"),
    [
        ("unpack it", [(0, 2), (2, 6), (7, 9)], [[0, 1], [2]]),
        ("it's 5pm.", [(0, 2), (2, 3), (3, 4), (5, 8), (8, 9)], [[0], [1], [2], [3], [4]]),
        ("去北京", [(0, 1), (1, 3)], [[0], [1]]),
        ("도쿄에서", [(0, 2), (2, 4)], [[0, 1]]),
        ("a b", [(0, 0), (0, 1), (2, 3)], [[1], [2]]),
        ("", [], []),
    ],
)
def test_tokens_are_grouped_into_words(text: str, spans: list[tuple[int, int]], words: list[list[int]]) -> None:
    assert words_of(text, spans) == words


def test_a_word_is_told_by_itself_its_neighbours_and_the_message() -> None:
    tokens = np.array([[3, 4], [0, 2], [0, 4]], np.float32)
    rows = features(Encoded(np.array([1, 0], np.float32), tokens, ((0, 1), (2, 3), (3, 4))), [[0], [1, 2]])

    assert rows == pytest.approx(np.array([[0.6, 0.8, 0, 0, 0, 1, 1, 0], [0, 1, 0.6, 0.8, 0, 0, 1, 0]]))


NEVER = IMPOSSIBLE


@pytest.mark.parametrize(
    ("scores", "transitions", "first", "path"),
    [
        ([[0, 1], [1, 0]], [[0, 0], [0, 0]], [0, 0], [1, 0]),
        ([[0, 2], [1, 0]], [[0, 0], [-2, 0]], [0, 0], [1, 1]),
        ([[0, 1]], [[0, 0], [0, 0]], [0, NEVER], [0]),
        ([[0, 1], [0, 1], [3, 0]], [[0, NEVER], [NEVER, 0]], [0, 0], [0, 0, 0]),
        ([[0, 1], [0, 1], [1, 0]], [[0, NEVER], [NEVER, 0]], [0, 0], [1, 1, 1]),
    ],
)
def test_the_likeliest_sequence_is_found(
    scores: Sequence[Sequence[float]], transitions: Sequence[Sequence[float]], first: Sequence[float], path: list[int]
) -> None:
    found = viterbi(np.array(scores, np.float32), np.array(transitions, np.float32), np.array(first, np.float32))

    assert found == path


# --- the real encoder -------------------------------------------------------------------------------------------------


@pytest.mark.model
def test_entities_are_found_in_other_languages_by_the_real_encoder(encoder: Encoder) -> None:
    model = fit(dataset(), encoder, Origin("multilingual-e5-small"))
    texts = {
        "a ticket to Ouagadougou please": "Ouagadougou",
        "🙂 ein Ticket nach Hamburg bitte": "Hamburg",
        "请给我一张去上海的票": "上海",
    }

    results = parse(interpreter(model), encoder, list(texts))

    for result, city in zip(results, texts.values(), strict=True):
        places = [(e.start, e.end) for e in result.entities if e.entity == "city"]
        start = result.text.index(city)
        assert places == [(start, start + len(city))], result
