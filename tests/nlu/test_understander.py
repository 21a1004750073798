from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from bot.errors import ModelError, Overloaded, Retryable, TimedOut
from bot.settings import BUILT_IN
from bot.understanding import Entity, Hints, LanguageGuess, RankedIntent, Sentiment, Understanding
from nlu.artifacts import Model
from nlu.batching import MicroBatcher
from nlu.calibration import RiskCurve
from nlu.encoder import Encoded, Encoder
from nlu.entities import EntityFinder
from nlu.language import LanguageIdentifier
from nlu.training.fit import Origin, fit
from nlu.understander import PART_RISK, Interpreter, ModelUnderstander, parse, render_parse
from nlu.weights.store import Models
from tests.nlu import small_shop as shop
from tests.nlu.small_shop import TOPICS, UNSEEN, UNSEEN_OUTSIDE, Words

ORDER_NUMBER = {"order_number": {"pattern": r"(?<!\d)\d{5,8}(?!\d)"}}


class Spoken:
    """Knows German by its umlauts; all else is what the hints say."""

    def identify(self, text: str, hints: Hints) -> LanguageGuess:
        return LanguageGuess("de", 0.9) if set("äöüß") & set(text) else LanguageGuess(hints.pinned or "en", 0.75)

    def code_of(self, text: str) -> str:
        return self.identify(text, Hints()).code

    def requested(self, text: str) -> str | None:
        return "fr" if "français" in text else None


@pytest.fixture(scope="module")
def model() -> Model:
    return fit(shop.dataset(*TOPICS, "out_of_scope"), Words(), Origin("words"))


@pytest.fixture
def interpreter(model: Model) -> Interpreter:
    return Interpreter(model, Spoken(), EntityFinder(ORDER_NUMBER))  # type: ignore[arg-type]


def names(understanding: Understanding) -> list[str]:
    return [ranked.name for ranked in understanding.ranking]


# --- one message at a time, many at once ------------------------------------------------------------------------------


async def test_a_message_is_understood(interpreter: Interpreter) -> None:
    async with MicroBatcher(Words().read) as batcher:
        result = await ModelUnderstander(interpreter, batcher).understand("track my order 12345 please", Hints())

    assert result.text == "track my order 12345 please"
    assert result.language == LanguageGuess("en", 0.75)
    assert result.intent == result.ranking[0]
    assert names(result)[0] == "order_status"
    assert sorted(names(result)) == sorted([*TOPICS, "out_of_scope"])
    assert sum(ranked.confidence for ranked in result.ranking) == pytest.approx(1, abs=1e-5)
    assert result.in_scope
    assert result.entities == (Entity("order_number", 15, 20, "12345"),)
    assert result.requested_language is None
    assert result.sentiment is None


@pytest.mark.parametrize("text", ["", " ", "\n\t", "\u3000\u00a0"])
async def test_a_blank_message_has_no_intent_and_never_reaches_the_encoder(interpreter: Interpreter, text: str) -> None:
    words = Words()
    async with MicroBatcher(words.read) as batcher:
        result = await ModelUnderstander(interpreter, batcher).understand(text, Hints(pinned="ja"))

    assert result == Understanding(text=text, language=LanguageGuess("ja", 0.75))
    assert result.intent is None
    assert words.asked == []


async def test_messages_at_the_same_time_each_get_their_own_answer(interpreter: Interpreter) -> None:
    texts = [example.text for example in shop.examples(TOPICS)]
    async with MicroBatcher(Words().read, max_batch=8) as batcher:
        understander = ModelUnderstander(interpreter, batcher)
        results = await asyncio.gather(*(understander.understand(text, Hints()) for text in texts))

    assert [result.text for result in results] == texts
    alone = parse(interpreter, Words(), texts)
    assert [names(result)[0] for result in results] == [names(result)[0] for result in alone]


async def test_what_is_known_of_the_writers_language_is_used(interpreter: Interpreter) -> None:
    async with MicroBatcher(Words().read) as batcher:
        understander = ModelUnderstander(interpreter, batcher)

        assert (await understander.understand("12345", Hints(pinned="ko"))).language.code == "ko"
        assert (await understander.understand("Grüße", Hints())).language.code == "de"


async def test_tomorrow_is_the_day_after_the_message_was_sent(model: Model) -> None:
    interpreter = Interpreter(model, Spoken(), EntityFinder({}, kinds=("date",)))  # type: ignore[arg-type]
    sent = datetime(2026, 11, 25, 23, 30, tzinfo=ZoneInfo("Europe/Berlin"))
    async with MicroBatcher(Words().read) as batcher:
        understander = ModelUnderstander(interpreter, batcher)
        dated = await understander.understand("track my order tomorrow", Hints(at=sent))
        undated = await understander.understand("track my order tomorrow", Hints())

    assert [entity.value for entity in dated.entities] == ["2026-11-26"]
    assert [entity.value for entity in undated.entities] == ["P1D"]
    assert parse(interpreter, Words(), ["track my order tomorrow"], sent)[0].entities == dated.entities


class Patient(EntityFinder):
    """Takes as long to compile a language as it is told to."""

    def __init__(self) -> None:
        super().__init__({}, kinds=("date",))
        self.free = threading.Event()
        self.threads: list[threading.Thread] = []

    def prepare(self, language: str) -> None:
        self.threads.append(threading.current_thread())
        assert self.free.wait(30)
        super().prepare(language)


async def test_other_conversations_go_on_while_a_language_is_compiled_for_the_first_time(model: Model) -> None:
    finder = Patient()
    async with MicroBatcher(Words().read) as batcher:
        understander = ModelUnderstander(Interpreter(model, Spoken(), finder), batcher)  # type: ignore[arg-type]
        waiting = asyncio.create_task(understander.understand("where is my order from 5 May", Hints()))
        while not finder.threads:
            await asyncio.sleep(0)
        blank = await understander.understand(" ", Hints())
        assert not waiting.done()
        finder.free.set()
        first = await waiting
        second = await understander.understand("track my order from 5 May", Hints())

    assert blank.intent is None
    assert [entity.value for entity in (*first.entities, *second.entities)] == ["XXXX-05-05", "XXXX-05-05"]
    assert threading.main_thread() not in finder.threads
    assert len(finder.threads) == 1


async def test_a_language_that_a_message_asks_for_is_told(interpreter: Interpreter) -> None:
    async with MicroBatcher(Words().read) as batcher:
        result = await ModelUnderstander(interpreter, batcher).understand("en français svp", Hints())

    assert result.requested_language == "fr"


async def test_what_the_encoder_cannot_take_is_an_error_of_ours(interpreter: Interpreter) -> None:
    def broken(texts: Sequence[str]) -> list[Encoded]:
        raise RuntimeError("out of range")

    async with MicroBatcher(broken) as batcher:
        with pytest.raises(ModelError, match="a text of 5 characters: out of range"):
            await ModelUnderstander(interpreter, batcher).understand("hello", Hints())


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """Lets an encoder go on; at the latest when the test is over."""
    event = threading.Event()
    yield event
    event.set()


def held(gate: threading.Event) -> MicroBatcher[Encoded]:
    def read(texts: Sequence[str]) -> list[Encoded]:
        gate.wait(10)
        return Words().read(texts)

    return MicroBatcher(read, max_batch=1, max_queue=1, timeout=0.1)


async def test_a_slow_encoder_is_not_waited_for_for_ever(interpreter: Interpreter, gate: threading.Event) -> None:
    async with held(gate) as batcher:
        with pytest.raises(TimedOut):
            await ModelUnderstander(interpreter, batcher).understand("hello", Hints())
        gate.set()


async def test_a_full_queue_is_told_to_whoever_comes(interpreter: Interpreter, gate: threading.Event) -> None:
    async with held(gate) as batcher:
        understander = ModelUnderstander(interpreter, batcher)
        work = [asyncio.create_task(understander.understand(text, Hints())) for text in ("one", "two", "three")]
        results = await asyncio.gather(*work, return_exceptions=True)
        gate.set()

    assert [type(result) for result in results].count(Overloaded) >= 1
    assert all(isinstance(result, Retryable) for result in results)


# --- in one go --------------------------------------------------------------------------------------------------------


def test_messages_are_parsed_in_their_order_with_blank_ones_between(interpreter: Interpreter) -> None:
    texts = ["where is my refund", "  ", "I want to report fraud", ""]

    results = parse(interpreter, Words(), texts)

    assert [result.text for result in results] == texts
    assert [result.intent and result.intent.name for result in results] == ["refund_status", None, "fraud", None]
    assert results[1].in_scope
    assert results[1].entities == ()


def test_no_messages_have_no_results(interpreter: Interpreter) -> None:
    assert parse(interpreter, Words(), []) == []


def test_every_message_is_centred_by_its_own_language(interpreter: Interpreter) -> None:
    texts = ["track my order please", "wann bekomme ich mein Geld zurück"]

    together = parse(interpreter, Words(), texts)

    alone = [parse(interpreter, Words(), [text])[0] for text in texts]
    assert [names(result) for result in together] == [names(result) for result in alone]
    assert [result.language.code for result in together] == ["en", "de"]
    assert [names(result)[0] for result in together] == ["order_status", "refund_status"]


# --- two things in one message ----------------------------------------------------------------------------------------


@pytest.fixture
def trusting(model: Model) -> Interpreter:
    """Of a model whose answers have never been wrong."""
    sure = replace(model.classifier, curve=RiskCurve(np.array([[0.0, 0.0, 1.0]], np.float32)))
    return Interpreter(replace(model, classifier=sure), Spoken(), EntityFinder(ORDER_NUMBER))  # type: ignore[arg-type]


TWO = "track my order please and somebody used my card without permission"


async def test_two_questions_in_one_message_are_both_named_and_read_together(trusting: Interpreter) -> None:
    batches: list[list[str]] = []

    def read(texts: Sequence[str]) -> list[Encoded]:
        batches.append(list(texts))
        return Words().read(texts)

    async with MicroBatcher(read) as batcher:
        result = await ModelUnderstander(trusting, batcher).understand(TWO, Hints())

    assert [intent.name for intent in result.intents] == ["order_status", "fraud"]
    assert batches == [[TWO, "track my order please", "somebody used my card without permission"]]
    assert result.in_scope
    assert [i["name"] for i in render_parse(result)["intents"]] == ["order_status", "fraud"]


def test_messages_of_several_parts_keep_their_places_among_others(trusting: Interpreter) -> None:
    results = parse(trusting, Words(), ["has my order been shipped yet", TWO, "I want to report fraud", TWO])

    assert [[intent.name for intent in result.intents] for result in results] == [
        ["order_status"],
        ["order_status", "fraud"],
        ["fraud"],
        ["order_status", "fraud"],
    ]


def test_two_parts_that_ask_for_the_same_are_one_question(trusting: Interpreter) -> None:
    (result,) = parse(trusting, Words(), ["track my order please. has my order been shipped yet"])

    assert [intent.name for intent in result.intents] == ["order_status"]


def test_parts_that_are_not_sure_enough_name_nothing_of_their_own(model: Model) -> None:
    doubtful = replace(model.classifier, curve=RiskCurve(np.array([[0.0, PART_RISK * 1.1, 1.0]], np.float32)))
    interpreter = Interpreter(replace(model, classifier=doubtful), Spoken(), EntityFinder({}))  # type: ignore[arg-type]

    (result,) = parse(interpreter, Words(), [TWO])

    assert result.intents == (result.ranking[:1] if result.in_scope else ())


# --- as JSON ----------------------------------------------------------------------------------------------------------


def test_an_understanding_is_rendered_in_the_shape_of_rasas_parse() -> None:
    understanding = Understanding(
        text="where is 🦊 12345",
        language=LanguageGuess("zh-Hant", 0.98765432),
        ranking=(RankedIntent("order_status", 0.91234567), RankedIntent("fraud", 0.08765433)),
        entities=(Entity("order_number", 11, 16, "12345"), Entity("animal", 9, 10, "fox", 0.5)),
        in_scope=False,
        requested_language="de",
    )

    rendered = render_parse(understanding)

    assert rendered == {
        "text": "where is 🦊 12345",
        "intent": {"name": "order_status", "confidence": 0.912346},
        "intent_ranking": [
            {"name": "order_status", "confidence": 0.912346},
            {"name": "fraud", "confidence": 0.087654},
        ],
        "entities": [
            {"entity": "order_number", "start": 11, "end": 16, "value": "12345", "confidence": 1.0},
            {"entity": "animal", "start": 9, "end": 10, "value": "fox", "confidence": 0.5},
        ],
        "language": {"code": "zh-Hant", "confidence": 0.987654},
        "sentiment": None,
        "in_scope": False,
        "intents": [],
    }
    assert json.loads(json.dumps(rendered)) == rendered


def test_a_message_without_an_intent_is_rendered_in_the_same_shape() -> None:
    assert render_parse(Understanding(text=" ", language=LanguageGuess("en", 0.5))) == {
        "text": " ",
        "intent": {"name": None, "confidence": 0.0},
        "intent_ranking": [],
        "entities": [],
        "language": {"code": "en", "confidence": 0.5},
        "sentiment": None,
        "in_scope": True,
        "intents": [],
    }


def test_a_sentiment_is_rendered_where_there_is_one() -> None:
    understanding = Understanding(
        "oh no", LanguageGuess("en", 1.0), sentiment=Sentiment("negative", -0.7500001, 0.5, 1)
    )

    assert render_parse(understanding)["sentiment"] == {
        "label": "negative",
        "score": -0.75,
        "anger": 0.5,
        "urgency": 1.0,
    }


def test_what_a_model_makes_of_a_message_is_plain_json(interpreter: Interpreter) -> None:
    rendered = render_parse(parse(interpreter, Words(), ["track order 123456"])[0])

    assert json.loads(json.dumps(rendered)) == rendered
    assert list(rendered) == [
        *("text", "intent", "intent_ranking", "entities", "language", "sentiment", "in_scope"),
        "intents",
    ]
    assert rendered["intent"] == rendered["intent_ranking"][0]
    assert rendered["intents"] == [rendered["intent"]]


# --- the real encoder -------------------------------------------------------------------------------------------------


@pytest.mark.model
async def test_messages_are_understood_with_the_real_models(encoder: Encoder, models: Models, tmp_path: Path) -> None:
    trained = fit(shop.dataset(), encoder, Origin(BUILT_IN))
    trained.save(tmp_path / "model")
    model = Model.open(tmp_path / "model", encoder_fingerprint=encoder.fingerprint)
    languages = LanguageIdentifier(models.language, ["en", "de"], model.lexicon)
    interpreter = Interpreter(model, languages, EntityFinder(ORDER_NUMBER))
    texts = [*UNSEEN.values(), *UNSEEN_OUTSIDE, "¿dónde está mi pedido 55555?", "", "auf Deutsch bitte"]

    async with MicroBatcher(encoder.read, max_batch=4, timeout=60) as batcher:
        understander = ModelUnderstander(interpreter, batcher)
        results = await asyncio.gather(*(understander.understand(text, Hints()) for text in texts))

    inside, outside, (spanish, blank, german) = results[:5], results[5:9], results[9:]
    assert [names(result)[0] for result in inside] == list(UNSEEN)
    assert [result.in_scope for result in outside] == [False] * 4
    assert (spanish.language.code, names(spanish)[0], spanish.in_scope) == ("es", "order_status", True)
    assert [entity.value for entity in spanish.entities] == ["55555"]
    assert blank.ranking == ()
    assert german.requested_language == "de"
