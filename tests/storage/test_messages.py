from __future__ import annotations

from dataclasses import replace

import pytest

from bot.errors import Conflict, InvalidInput
from bot.messages import Attachment, Author, Delivery, DeliveryState
from bot.ports import Store
from tests.storage.samples import HERE, THERE, later, message, stored_conversation


async def test_entries_come_back_as_they_were_in_order(store: Store) -> None:
    conversation = await stored_conversation(store)
    entries = [
        message(conversation.id, 1, "où est mon colis ?", Author.CUSTOMER, reference="p-1", author_name="Zoé"),
        message(conversation.id, 2, attachments=(Attachment("a.png", "image/png", 3, blob="k", error=None),)),
        message(conversation.id, 3, "for agents", Author.SYSTEM, internal=True, understanding=None, buttons=()),
    ]
    async with store.unit() as unit:
        await unit.messages.append([entries[0]])
        await unit.messages.append(entries[1:])
    async with store.unit(write=False) as unit:
        assert await unit.messages.after(conversation.id, 0) == entries
        assert await unit.messages.after(conversation.id, 2) == entries[2:]
        assert await unit.messages.after(conversation.id, 0, limit=2) == entries[:2]
        assert await unit.messages.after(conversation.id, 3) == []
        assert await unit.messages.after("another", 0) == []


async def test_delivery_is_what_the_outbox_says_and_not_what_was_handed_in(store: Store) -> None:
    conversation = await stored_conversation(store)
    entry = message(conversation.id, 1)
    async with store.unit() as unit:
        await unit.messages.append([replace(entry, delivery=Delivery(DeliveryState.SENT, 3))])
    async with store.unit(write=False) as unit:
        assert await unit.messages.after(conversation.id, 0) == [entry]


async def test_two_entries_cannot_have_the_same_place(store: Store) -> None:
    conversation = await stored_conversation(store)
    async with store.unit() as unit:
        await unit.messages.append([message(conversation.id, 1)])
    with pytest.raises(Conflict):
        async with store.unit() as unit:
            await unit.messages.append([message(conversation.id, 1, "another")])
    async with store.unit(write=False) as unit:
        assert [entry.text for entry in await unit.messages.after(conversation.id, 0)] == ["hi"]


async def test_an_entry_of_an_unknown_conversation_is_refused(store: Store) -> None:
    with pytest.raises(InvalidInput):
        async with store.unit() as unit:
            await unit.messages.append([message("nothing", 1)])


async def test_rows_of_a_transaction_may_be_written_in_any_order(store: Store) -> None:
    pattern = await stored_conversation(store, THERE)
    async with store.unit() as unit:
        await unit.messages.append([message("c-new", 1)])
        await unit.conversations.add(replace(pattern, id="c-new", address=HERE))
    async with store.unit(write=False) as unit:
        assert len(await unit.messages.after("c-new", 0)) == 1


async def test_the_latest_entry_is_the_last_that_the_customer_could_see(store: Store) -> None:
    talkative, quiet, empty = [
        await stored_conversation(store, type(HERE)("telegram", str(number))) for number in range(3)
    ]
    async with store.unit() as unit:
        await unit.messages.append(
            [
                message(talkative.id, 1, "first"),
                message(talkative.id, 2, "second"),
                message(talkative.id, 3, "note", internal=True),
                message(quiet.id, 1, "note", internal=True),
            ]
        )
    async with store.unit(write=False) as unit:
        latest = await unit.messages.latest([talkative.id, quiet.id, empty.id, "nothing"])
        assert {conversation: entry.text for conversation, entry in latest.items()} == {talkative.id: "second"}
        assert await unit.messages.latest([quiet.id]) == {}
        assert await unit.messages.latest([]) == {}


async def test_the_customer_can_change_what_they_wrote(store: Store) -> None:
    conversation = await stored_conversation(store)
    typo = message(conversation.id, 1, "helo", Author.CUSTOMER, reference="p-1")
    other = message(conversation.id, 2, "unchanged", Author.CUSTOMER, reference="p-2")
    async with store.unit() as unit:
        await unit.messages.append([typo, other])
    async with store.unit() as unit:
        amended = await unit.messages.amend(conversation.id, "p-1", "hello", later())
    assert amended == replace(typo, text="hello", edited_at=later())
    async with store.unit(write=False) as unit:
        assert await unit.messages.after(conversation.id, 0) == [amended, other]


async def test_only_the_customers_own_entries_are_changed(store: Store) -> None:
    conversation = await stored_conversation(store)
    said = message(conversation.id, 1, "said", Author.BOT, reference="p-1")
    async with store.unit() as unit:
        await unit.messages.append([said])
    async with store.unit() as unit:
        assert await unit.messages.amend(conversation.id, "p-1", "changed", later()) is None
        assert await unit.messages.amend(conversation.id, "p-9", "changed", later()) is None
        assert await unit.messages.amend("nothing", "p-1", "changed", later()) is None
    async with store.unit(write=False) as unit:
        assert await unit.messages.after(conversation.id, 0) == [said]
