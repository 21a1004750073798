from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace

import pytest

from bot.errors import Conflict, InvalidInput
from bot.messages import Author
from bot.ports import Store, UnitOfWork
from storage.sql import open_store
from tests.storage.samples import HERE, NOON, THERE, inbound, later, message, outbound, stored_conversation, user


async def turn(unit: UnitOfWork, conversation: str, seq: int) -> None:
    """All that a turn writes."""
    before = await unit.conversations.get(conversation)
    assert before is not None
    await unit.inbox.add(inbound(f"event {seq}"), NOON)
    await unit.messages.append([message(conversation, seq, author=Author.CUSTOMER)])
    await unit.outbox.add([outbound()], NOON)
    await unit.conversations.save(replace(before, seq=seq, version=before.version + 1))


async def test_a_unit_sees_what_it_has_written(store: Store) -> None:
    conversation = await stored_conversation(store)
    async with store.unit() as unit:
        await turn(unit, conversation.id, 1)
        assert len(await unit.messages.after(conversation.id, 0)) == 1
        assert await unit.outbox.head(HERE) is not None
        assert await unit.inbox.count() == 1


async def test_a_unit_that_raises_leaves_no_trace(store: Store) -> None:
    before = await stored_conversation(store)

    async def interrupted() -> None:
        async with store.unit() as unit:
            await turn(unit, before.id, 1)
            await unit.customers.resolve("telegram", inbound().sender, NOON)
            await unit.users.add(user())
            raise LookupError("in the middle")

    with pytest.raises(LookupError, match="in the middle"):
        await interrupted()
    async with store.unit(write=False) as unit:
        assert await unit.conversations.get(before.id) == before
        assert await unit.messages.after(before.id, 0) == []
        assert await unit.outbox.head(HERE) is None
        assert await unit.outbox.waiting("telegram", 10) == []
        assert await unit.inbox.head(HERE.key) is None
        assert await unit.users.list() == []
    async with store.unit() as unit:
        assert await unit.inbox.add(inbound("event 1"), NOON), "a rolled back event is not a repeat"


async def test_a_unit_that_is_cancelled_leaves_no_trace_and_holds_nobody_up(store: Store) -> None:
    conversation = await stored_conversation(store)
    written = asyncio.Event()

    async def stuck() -> None:
        async with store.unit() as unit:
            await turn(unit, conversation.id, 1)
            written.set()
            await asyncio.sleep(3600)

    task = asyncio.create_task(stuck())
    await written.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(5), store.unit() as unit:
        assert await unit.messages.after(conversation.id, 0) == []
        await turn(unit, conversation.id, 1)


async def test_a_conflict_on_the_way_takes_everything_back(store: Store) -> None:
    conversation = await stored_conversation(store)

    async def outdated() -> None:
        async with store.unit() as unit:
            await unit.messages.append([message(conversation.id, 1)])
            await unit.conversations.save(replace(conversation, version=7))

    with pytest.raises(Conflict):
        await outdated()
    async with store.unit(write=False) as unit:
        assert await unit.messages.after(conversation.id, 0) == []


async def test_a_unit_that_is_refused_at_commit_takes_everything_back_and_the_next_one_works(store: Store) -> None:
    async def referring_to_nothing() -> None:
        async with store.unit() as unit:
            await unit.inbox.add(inbound(), NOON)
            await unit.messages.append([message("nothing", 1)])

    for _ in range(2):
        with pytest.raises(InvalidInput):
            await referring_to_nothing()
    async with store.unit() as unit:
        assert await unit.messages.after("nothing", 0) == []
        assert await unit.inbox.add(inbound(), NOON)
    async with store.unit(write=False) as unit:
        assert await unit.inbox.count() == 1


async def test_many_turns_at_once_lose_nothing(store: Store) -> None:
    conversation = await stored_conversation(store)
    turns = 20

    async def take(number: int) -> None:
        while True:
            try:
                async with store.unit() as unit:
                    before = await unit.conversations.get(conversation.id)
                    assert before is not None
                    await unit.messages.append([message(before.id, before.seq + 1, f"turn {number}")])
                    await unit.conversations.save(replace(before, seq=before.seq + 1, version=before.version + 1))
            except Conflict:
                continue
            return

    await asyncio.gather(*map(take, range(turns)))
    async with store.unit(write=False) as unit:
        entries = await unit.messages.after(conversation.id, 0)
        after = await unit.conversations.get(conversation.id)
    assert [entry.seq for entry in entries] == list(range(1, turns + 1))
    assert {entry.text for entry in entries} == {f"turn {number}" for number in range(turns)}
    assert after is not None
    assert (after.seq, after.version) == (turns, turns)


async def test_a_reader_sees_one_moment_and_waits_for_no_writer(store: Store) -> None:
    conversation = await stored_conversation(store)
    async with store.unit(write=False) as before, asyncio.timeout(5):
        assert await before.messages.after(conversation.id, 0) == []
        async with store.unit() as writer:
            await turn(writer, conversation.id, 1)
            async with store.unit(write=False) as meanwhile:
                assert await meanwhile.messages.after(conversation.id, 0) == [], "what is not committed is not seen"
        assert await before.messages.after(conversation.id, 0) == [], "a reader's moment does not move"
        assert await before.conversations.get(conversation.id) == conversation
    async with store.unit(write=False) as after:
        assert len(await after.messages.after(conversation.id, 0)) == 1


WRITES: dict[str, Callable[[UnitOfWork], Awaitable[object]]] = {
    "an event": lambda unit: unit.inbox.add(inbound(), NOON),
    "a customer": lambda unit: unit.customers.resolve("telegram", inbound().sender, NOON),
    "a user": lambda unit: unit.users.add(user()),
    "an outbound": lambda unit: unit.outbox.add([outbound()], NOON),
}


@pytest.mark.parametrize("what", WRITES)
async def test_a_unit_that_only_reads_refuses_to_write(store: Store, what: str) -> None:
    async def write() -> None:
        async with store.unit(write=False) as unit:
            await WRITES[what](unit)

    with pytest.raises(TypeError):
        await write()
    async with store.unit(write=False) as unit:
        assert await unit.inbox.count() == 0
        assert await unit.users.list() == []
        assert await unit.outbox.head(HERE) is None


async def test_a_store_that_works_answers_a_ping(store: Store) -> None:
    await store.ping()
    await store.ping()


async def test_everything_is_there_after_the_database_is_opened_again(sql_url: str) -> None:
    async with open_store(sql_url) as store:
        conversation = await stored_conversation(store)
        async with store.unit() as unit:
            await turn(unit, conversation.id, 1)
            await unit.outbox.add([outbound(THERE)], NOON)
            done, waiting = inbound("done", THERE), inbound("waiting", THERE)
            await unit.inbox.add(done, NOON)
            await unit.inbox.add(waiting, NOON)
            row = await unit.inbox.head(THERE.key)
            assert row is not None
            await unit.inbox.done(row.seq, later())
    async with open_store(sql_url) as store:
        async with store.unit() as unit:
            for repeat in (done, waiting, inbound("event 1")):
                assert not await unit.inbox.add(repeat, NOON), repeat.id
        async with store.unit(write=False) as unit:
            row = await unit.inbox.head(THERE.key)
            assert row is not None
            assert row.inbound == waiting
            assert await unit.inbox.waiting(10) == [HERE.key, THERE.key]
            assert len(await unit.messages.after(conversation.id, 0)) == 1
            assert [address for address, _ in await unit.outbox.waiting("telegram", 10)] == [HERE, THERE]


async def test_an_error_that_was_caught_inside_a_unit_still_takes_everything_back(sql_store: Store) -> None:
    conversation = await stored_conversation(sql_store)

    async def careless() -> None:
        async with sql_store.unit() as unit:
            await unit.messages.append([message(conversation.id, 1)])
            with suppress(Conflict):  # what a careless caller might do
                await unit.messages.append([message(conversation.id, 1)])

    with pytest.raises(Conflict):
        await careless()
    async with sql_store.unit(write=False) as unit:
        assert await unit.messages.after(conversation.id, 0) == []
