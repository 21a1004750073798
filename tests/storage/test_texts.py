from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.conversation import FlowState
from bot.messages import Address, Author, Inbound, Sender, Text
from bot.ports import Store
from bot.understanding import Entity, LanguageGuess, Understanding
from storage.codec import clean
from storage.memory import MemoryStore
from tests.storage.samples import NOON, later, message, stored_conversation

UNUSUAL = st.sampled_from(
    [
        "\0",
        "\ud800",
        "\udfff",
        "\ud83d\ude00",
        "\U0010ffff",
        "\ufffe",
        "\ufeff",
        "\u202e",
        "\\u0000",
        '"',
        "'",
        "%",
        "\n",
    ]
)
PIECES = st.one_of(st.characters(exclude_categories=()), UNUSUAL)
TEXTS = st.lists(PIECES, max_size=40).map("".join)


async def round_trip(store: Store, said: str) -> None:
    """Put a text wherever strangers' texts go, and read it back from there."""
    wanted = clean(said)
    unique = uuid4().hex
    address = Address("telegram", f"{unique}{said}")
    conversation = await stored_conversation(
        store, address, flows=(FlowState("return", {"order": said}, said),), last_reference=said
    )
    event = Inbound(f"{unique}{said}", address, Sender(f"{unique}{said}", said, said), NOON, Text(said), reference=said)
    understood = Understanding(said, LanguageGuess("de", 0.5), entities=(Entity("name", 0, 1, said),))
    entry = message(conversation.id, 1, said, Author.CUSTOMER, reference=said, understanding=understood)
    async with store.unit() as unit:
        assert await unit.inbox.add(event, NOON)
        assert not await unit.inbox.add(event, NOON)
        customer = await unit.customers.resolve("telegram", event.sender, NOON)
        assert await unit.customers.resolve("telegram", event.sender, NOON) == customer
        await unit.messages.append([entry])
    async with store.unit(write=False) as unit:
        found = await unit.conversations.at(address)
        received = await unit.inbox.head(address.key)
        [kept] = await unit.messages.after(conversation.id, 0)
    assert found is not None
    assert found.flows == (FlowState("return", {"order": wanted}, wanted),)
    assert found.address == Address("telegram", f"{unique}{wanted}")
    assert received is not None
    assert received.inbound.content == Text(wanted)
    assert received.inbound.sender == Sender(f"{unique}{wanted}", wanted, wanted)
    assert customer.name == wanted
    assert (kept.text, kept.reference) == (wanted, wanted)
    assert kept.understanding == replace(
        understood, text=wanted, entities=(replace(understood.entities[0], value=wanted),)
    )
    async with store.unit() as unit:
        amended = await unit.messages.amend(conversation.id, said, f"{said}!", later())
    assert amended is not None
    assert amended.text == f"{wanted}!"


async def test_texts_in_any_script_come_back_as_they_were(open_any: Callable[[], Any]) -> None:
    opened: MemoryStore | AbstractAsyncContextManager[Store] = open_any()

    async def check(store: Store) -> None:
        for said in (
            "Hello",
            "Grüße, où, naïve",
            "مرحبا بالعالم",
            "שלום",
            "नमस्ते",
            "สวัสดี",
            "你好，世界",
            "👩‍👩‍👧‍👦🏳️‍🌈",
            "e\u0301 stays two code points",
            "Z̸̢̢͚̪a̷l̶g̵o̸",
            "a\tb\r\nc",
            "quote \" and \\ and \\u0000 and %s and :name and $1 and '",
            "\U0010ffff\ufffe\uffff\x01\x7f\x85\u2028",
            "",
        ):
            assert clean(said) == said, "nothing here is taken away"
            await round_trip(store, said)

    if isinstance(opened, MemoryStore):
        await check(opened)
    else:
        async with opened as store:
            await check(store)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=TEXTS)
async def test_no_text_can_break_a_store(store: Store, said: str) -> None:
    await round_trip(store, said)


@pytest.mark.parametrize(
    ("said", "stored"),
    [
        ("a\0b", "ab"),
        ("\0", ""),
        ("half \ud83d of a pair", "half \ufffd of a pair"),
        ("\udc00\ud800", "\ufffd\ufffd"),
        ("ü\0\ud800", "ü\ufffd"),
        ("\\u0000", "\\u0000"),
        ("😀", "😀"),
    ],
)
def test_only_what_a_database_refuses_is_taken_out_of_a_text(said: str, stored: str) -> None:
    assert clean(said) == stored


@given(TEXTS)
def test_a_clean_text_can_always_be_encoded_and_stays_clean(said: str) -> None:
    cleaned = clean(said)
    assert "\0" not in cleaned
    assert cleaned.encode().decode() == cleaned
    assert clean(cleaned) == cleaned
