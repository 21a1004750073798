from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation import Conversation, Handoff
from bot.errors import InvalidInput
from bot.messages import Inbound, Message, Outbound
from bot.understanding import Sentiment
from storage.codec import copy, fold, from_document, from_json, to_document, to_json
from tests.storage.samples import HERE, NOON, inbound, message, outbound


@pytest.mark.parametrize(
    "value",
    [
        inbound(),
        message("c", 1),
        outbound(),
        Conversation("c", HERE, "p", NOON, NOON),
        Handoff("h", "c", "asked", NOON, slots={"a": "b"}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_value_comes_back_from_json_as_it_was(value: Inbound | Message | Outbound | Conversation | Handoff) -> None:
    assert from_document(type(value), from_json(to_json(to_document(value)))) == value


def test_a_copy_shares_nothing_that_can_change() -> None:
    slots = {"order": "A-1"}
    handoff = copy(Handoff("h", "c", "asked", NOON, slots=slots))
    slots["order"] = "B-2"
    assert handoff.slots == {"order": "A-1"}


def test_fields_that_an_older_row_lacks_take_their_defaults() -> None:
    document = to_document(Conversation("c", HERE, "p", NOON, NOON, language="de"))
    del document["told_language"], document["spoken"], document["clarifying"]
    assert from_document(Conversation, document) == Conversation("c", HERE, "p", NOON, NOON, language="de")


def test_a_sentiment_stored_before_there_was_anger_still_loads() -> None:
    document = to_document(message("c", 1))
    document["understanding"]["sentiment"] = {"label": "positive", "score": 0.5}

    understanding = from_document(Message, document).understanding

    assert understanding is not None
    assert understanding.sentiment == Sentiment("positive", 0.5, 0.0, 0.0)


def test_fields_that_are_gone_are_ignored() -> None:
    document = {**to_document(inbound()), "mood": "sunny"}
    document["content"] = {**document["content"], "font": "serif"}
    assert from_document(Inbound, document) == inbound()


def test_a_row_that_cannot_be_read_is_named_with_its_field() -> None:
    document = to_document(inbound())
    document["sender"] = {"name": "Zoë"}
    with pytest.raises(InvalidInput, match=r"Inbound cannot be read: sender\.id"):
        from_document(Inbound, document)


def test_columns_of_their_own_are_left_out_of_the_document() -> None:
    document = to_document(message("c", 1), leave_out=frozenset({"text", "delivery"}))
    assert {"text", "delivery"}.isdisjoint(document)
    assert document["language"] == "de"


@given(st.datetimes(timezones=st.just(UTC)))
def test_times_keep_their_microseconds(at: datetime) -> None:
    handoff = copy(Handoff("h", "c", "asked", at))
    assert handoff.opened_at == at
    assert handoff.opened_at.utcoffset() == timedelta(0)


def test_times_of_other_zones_stay_the_same_moment() -> None:
    at = datetime(2026, 3, 1, 13, tzinfo=timezone(timedelta(hours=5, minutes=45)))
    assert copy(Handoff("h", "c", "asked", at)).opened_at == at


@dataclass(frozen=True, slots=True)
class Measured:
    value: float


def test_a_number_that_json_has_no_word_for_is_refused() -> None:
    with pytest.raises(ValueError, match="JSON"):
        to_json({"value": float("nan")})


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_keep_every_bit(value: float) -> None:
    assert copy(Measured(value)) == Measured(value)


@pytest.mark.parametrize(("one", "other"), [("Ada", "ADA"), ("Straße", "STRASSE"), ("é", "e\u0301"), ("Ａda", "ada")])
def test_names_that_differ_in_case_or_form_fold_to_the_same(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@given(st.text())
def test_folding_twice_changes_no_more(name: str) -> None:
    assert fold(fold(name)) == fold(name)


def test_names_that_differ_in_letters_stay_apart() -> None:
    assert fold("Ada") != fold("Áda")
