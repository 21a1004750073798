from __future__ import annotations

from dataclasses import replace

import pytest

from bot.conversation import Owner
from bot.errors import Conflict, InvalidInput
from bot.messages import Address
from bot.ports import ConversationFilter, Store
from tests.storage.samples import HERE, NOON, THERE, later, stored_conversation


async def found(store: Store, **wanted: object) -> list[str]:
    async with store.unit(write=False) as unit:
        return [c.id for c in await unit.conversations.list(ConversationFilter(**wanted))]  # type: ignore[arg-type]


async def test_a_conversation_comes_back_as_it_was_by_id_and_by_address(store: Store) -> None:
    conversation = await stored_conversation(
        store, owner=Owner.AGENT, agent="u1", agent_name="Ada", pinned="pt-BR", last_reference="m-1", told_waiting=True
    )
    async with store.unit(write=False) as unit:
        assert await unit.conversations.get(conversation.id) == conversation
        assert await unit.conversations.at(HERE) == conversation


async def test_what_is_not_there_is_none(store: Store) -> None:
    async with store.unit(write=False) as unit:
        assert await unit.conversations.get("nothing") is None
        assert await unit.conversations.at(HERE) is None


async def test_an_address_has_one_conversation(store: Store) -> None:
    first = await stored_conversation(store)
    with pytest.raises(Conflict, match="telegram:42"):
        async with store.unit() as unit:
            await unit.conversations.add(replace(first, id="another"))
    async with store.unit(write=False) as unit:
        assert await unit.conversations.at(HERE) == first


async def test_addresses_that_read_alike_on_other_channels_are_other_addresses(store: Store) -> None:
    here = await stored_conversation(store, Address("telegram", "42"))
    slack = await stored_conversation(store, Address("slack", "42"))
    async with store.unit(write=False) as unit:
        assert await unit.conversations.at(Address("telegram", "42")) == here
        assert await unit.conversations.at(Address("slack", "42")) == slack


async def test_a_change_is_stored_when_nobody_else_changed_it(store: Store) -> None:
    before = await stored_conversation(store)
    after = replace(before, owner=Owner.QUEUE, flows=(), seq=2, updated_at=later(), version=before.version + 1)
    async with store.unit() as unit:
        await unit.conversations.save(after)
    async with store.unit(write=False) as unit:
        assert await unit.conversations.get(before.id) == after


async def test_a_change_made_from_an_old_version_is_refused(store: Store) -> None:
    before = await stored_conversation(store)
    first = replace(before, language="de", version=before.version + 1)
    async with store.unit() as unit:
        await unit.conversations.save(first)
    with pytest.raises(Conflict, match="in the meantime"):
        async with store.unit() as unit:
            await unit.conversations.save(replace(before, language="fr", version=before.version + 1))
    async with store.unit(write=False) as unit:
        assert await unit.conversations.get(before.id) == first


async def test_a_change_to_a_conversation_that_was_never_stored_is_refused(store: Store) -> None:
    known = await stored_conversation(store)
    with pytest.raises(Conflict):
        async with store.unit() as unit:
            await unit.conversations.save(replace(known, id="unknown", version=1))


async def test_conversations_are_listed_latest_change_first(store: Store) -> None:
    old = await stored_conversation(store, HERE, updated_at=later(1))
    new = await stored_conversation(store, THERE, updated_at=later(2))
    assert await found(store) == [new.id, old.id]
    async with store.unit() as unit:
        await unit.conversations.save(replace(old, updated_at=later(3), version=1))
    assert await found(store) == [old.id, new.id]


async def test_lists_can_be_narrowed_to_owners_and_to_an_agent(store: Store) -> None:
    bots = await stored_conversation(store, Address("telegram", "1"), updated_at=later(1))
    queued = await stored_conversation(store, Address("telegram", "2"), updated_at=later(2), owner=Owner.QUEUE)
    adas = await stored_conversation(
        store, Address("telegram", "3"), updated_at=later(3), owner=Owner.AGENT, agent="ada"
    )
    bobs = await stored_conversation(
        store, Address("telegram", "4"), updated_at=later(4), owner=Owner.AGENT, agent="bob"
    )
    assert await found(store, owners=(Owner.BOT,)) == [bots.id]
    assert await found(store, owners=(Owner.QUEUE, Owner.AGENT)) == [bobs.id, adas.id, queued.id]
    assert await found(store, agent="ada") == [adas.id]
    assert await found(store, owners=(Owner.QUEUE,), agent="ada") == []
    assert await found(store, owners=()) == []


async def test_lists_are_paged_by_the_time_of_the_last_change(store: Store) -> None:
    ids = [
        (await stored_conversation(store, Address("telegram", str(n)), updated_at=later(n * 1e-6))).id for n in range(5)
    ]
    first = await found(store, limit=2)
    assert first == [ids[4], ids[3]]
    assert await found(store, limit=2, before=later(3e-6)) == [ids[2], ids[1]]
    assert await found(store, before=NOON) == []


async def test_a_conversation_of_an_unknown_customer_is_refused(store: Store) -> None:
    known = await stored_conversation(store)
    with pytest.raises(InvalidInput):
        async with store.unit() as unit:
            await unit.conversations.add(replace(known, id="c-new", address=THERE, customer="nobody"))
    async with store.unit(write=False) as unit:
        assert await unit.conversations.at(THERE) is None
