from __future__ import annotations

import pytest

from bot.errors import Conflict
from bot.messages import Command, Content, Edited, Inbound, Pressed, Text, Unsupported
from bot.ports import FailedTurn, Received, Store
from tests.storage.samples import HERE, NOON, THERE, inbound, later


async def add(store: Store, *events: Inbound) -> list[bool]:
    async with store.unit() as unit:
        return [await unit.inbox.add(event, NOON) for event in events]


async def head(store: Store, key: str = HERE.key) -> Received | None:
    async with store.unit(write=False) as unit:
        return await unit.inbox.head(key)


async def finish(store: Store, seq: int) -> None:
    async with store.unit() as unit:
        await unit.inbox.done(seq, later())


async def test_a_repeated_event_is_stored_once(store: Store) -> None:
    assert await add(store, inbound("e1")) == [True]
    assert await add(store, inbound("e1", text="something else")) == [False]
    first = await head(store)
    assert first is not None
    assert first.inbound == inbound("e1")
    async with store.unit(write=False) as unit:
        assert await unit.inbox.count() == 1


async def test_an_event_that_had_its_turn_is_still_known_as_a_repeat(store: Store) -> None:
    await add(store, inbound("e1"))
    first = await head(store)
    assert first is not None
    await finish(store, first.seq)
    assert await add(store, inbound("e1")) == [False]
    assert await head(store) is None


async def test_the_same_id_on_two_channels_is_two_events(store: Store) -> None:
    elsewhere = Inbound("e1", type(HERE)("slack", "C1"), inbound().sender, NOON, Text("hi"))
    assert await add(store, inbound("e1"), elsewhere) == [True, True]


async def test_events_of_an_address_come_in_the_order_they_were_stored(store: Store) -> None:
    await add(store, inbound("e2"), inbound("e1"), inbound("x", THERE), inbound("e3"))
    order = []
    while (row := await head(store)) is not None:
        order.append(row.inbound.id)
        await finish(store, row.seq)
    assert order == ["e2", "e1", "e3"]
    other = await head(store, THERE.key)
    assert other is not None
    assert other.inbound.id == "x"


async def test_waiting_names_each_address_once_oldest_first(store: Store) -> None:
    await add(store, inbound("e1", THERE), inbound("e2", HERE), inbound("e3", THERE))
    async with store.unit(write=False) as unit:
        assert await unit.inbox.waiting(10) == [THERE.key, HERE.key]
        assert await unit.inbox.waiting(1) == [THERE.key]
        assert await unit.inbox.count() == 3


async def test_a_failed_turn_keeps_its_place_and_counts_its_attempts(store: Store) -> None:
    await add(store, inbound("e1"), inbound("e2"))
    row = await head(store)
    assert row is not None
    assert row.attempts == 0
    async with store.unit() as unit:
        await unit.inbox.failed(row.seq, "model busy", later(), final=False)
    again = await head(store)
    assert again == Received(row.seq, inbound("e1"), attempts=1)
    async with store.unit(write=False) as unit:
        assert await unit.inbox.failures(10) == []


async def test_an_event_given_up_leaves_the_queue_and_is_kept_for_people(store: Store) -> None:
    await add(store, inbound("e1"), inbound("e2"), inbound("e3"))
    for seconds in (1, 2):
        row = await head(store)
        assert row is not None
        async with store.unit() as unit:
            await unit.inbox.failed(row.seq, f"broken {seconds}", later(seconds), final=True)
    left = await head(store)
    assert left is not None
    assert left.inbound.id == "e3"
    async with store.unit(write=False) as unit:
        latest, first = await unit.inbox.failures(10)
        assert (latest.inbound.id, latest.error, latest.at) == ("e2", "broken 2", later(2))
        assert first == FailedTurn(first.seq, inbound("e1"), "broken 1", later(1))
        assert await unit.inbox.failures(1) == [latest]
        assert await unit.inbox.count() == 1
    assert await add(store, inbound("e1")) == [False]


async def test_an_event_has_only_one_turn(store: Store) -> None:
    await add(store, inbound("e1"))
    row = await head(store)
    assert row is not None
    await finish(store, row.seq)
    with pytest.raises(Conflict, match="not waiting"):
        await finish(store, row.seq)
    for final in (False, True):
        with pytest.raises(Conflict, match="not waiting"):
            async with store.unit() as unit:
                await unit.inbox.failed(row.seq, "late", later(), final=final)
    async with store.unit(write=False) as unit:
        assert await unit.inbox.failures(10) == []


@pytest.mark.parametrize(
    "content",
    [
        Text("مرحبا 👋"),
        Command("start", "ref-7"),
        Pressed("yes", "Ja"),
        Edited("m-1", "new text"),
        Unsupported("sticker"),
        Unsupported("a text of 9000 characters", "too_long"),
    ],
    ids=lambda content: content.kind,
)
async def test_every_kind_of_content_comes_back_as_it_was(store: Store, content: Content) -> None:
    event = Inbound("e1", HERE, inbound().sender, NOON, content)
    await add(store, event)
    row = await head(store)
    assert row is not None
    assert row.inbound == event
    assert type(row.inbound.content) is type(content)


async def test_when_the_last_event_of_a_channel_came_is_known(store: Store) -> None:
    async with store.unit() as unit:
        await unit.inbox.add(inbound("e1"), NOON)
        await unit.inbox.add(inbound("e2"), later())
        await unit.inbox.add(inbound("e2"), later(9))
        assert await unit.inbox.latest("telegram") == later()
        assert await unit.inbox.latest("slack") is None
