from __future__ import annotations

import pytest

from bot.errors import Conflict
from bot.messages import Address, Delivery, DeliveryState, Outbound, Receipt
from bot.ports import OutboxItem, Store, Traffic
from tests.storage.samples import HERE, NOON, THERE, later, message, outbound, stored_conversation

SLACK = Address("slack", "C1")


async def add(store: Store, *outbounds: Outbound) -> None:
    async with store.unit() as unit:
        await unit.outbox.add(outbounds, NOON)


async def head(store: Store, address: Address = HERE) -> OutboxItem | None:
    async with store.unit(write=False) as unit:
        return await unit.outbox.head(address)


async def retry(store: Store, sending: Outbound, seconds: float) -> None:
    async with store.unit() as unit:
        await unit.outbox.retry(sending.message.id, later(seconds), "busy")


async def bury(store: Store, sending: Outbound, seconds: float = 1) -> None:
    async with store.unit() as unit:
        await unit.outbox.dead(sending.message.id, "blocked by the user", later(seconds))


async def test_a_new_message_is_due_at_once(store: Store) -> None:
    sending = outbound()
    await add(store, sending)
    assert await head(store) == OutboxItem(sending, 0, NOON)


async def test_messages_of_an_address_come_in_the_order_they_were_added(store: Store) -> None:
    first, other, second, third = outbound(), outbound(THERE), outbound(), outbound()
    await add(store, first, other, second)
    await add(store, third)
    for sending in (first, second, third):
        item = await head(store)
        assert item is not None
        assert item.outbound == sending
        async with store.unit() as unit:
            await unit.outbox.sent(sending.message.id, Receipt(), later())
    assert await head(store) is None
    assert await head(store, THERE) == OutboxItem(other, 0, NOON)


async def test_a_message_that_waits_to_be_retried_holds_up_those_behind_it(store: Store) -> None:
    first, second = outbound(), outbound()
    await add(store, first, second)
    await retry(store, first, 60)
    assert await head(store) == OutboxItem(first, 1, later(60), "busy")


async def test_waiting_names_each_address_of_a_channel_with_its_oldest_message_soonest_due_first(store: Store) -> None:
    put_off, behind, due, elsewhere = outbound(), outbound(), outbound(THERE), outbound(SLACK)
    await add(store, put_off, behind, due, elsewhere)
    await retry(store, put_off, 60)
    async with store.unit(write=False) as unit:
        assert await unit.outbox.waiting("telegram", 10) == [(THERE, NOON), (HERE, later(60))]
        assert await unit.outbox.waiting("telegram", 1) == [(THERE, NOON)]
        assert await unit.outbox.waiting("slack", 10) == [(SLACK, NOON)]
        assert await unit.outbox.waiting("webchat", 10) == []


async def test_a_dead_letter_lets_the_next_one_through_and_is_kept(store: Store) -> None:
    first, second, third = outbound(), outbound(), outbound()
    await add(store, first, second, third)
    await retry(store, first, 5)
    await bury(store, first, 10)
    await bury(store, second, 20)
    item = await head(store)
    assert item is not None
    assert item.outbound == third
    async with store.unit(write=False) as unit:
        latest, oldest = await unit.outbox.dead_letters()
        assert (latest.outbound, latest.attempts, latest.error) == (second, 1, "blocked by the user")
        assert (oldest.outbound, oldest.attempts, oldest.error) == (first, 2, "blocked by the user")
        assert await unit.outbox.dead_letters(1) == [latest]


async def test_a_revived_dead_letter_takes_its_old_place_with_all_its_tries(store: Store) -> None:
    first, second = outbound(), outbound()
    await add(store, first, second)
    await bury(store, first)
    async with store.unit() as unit:
        assert await unit.outbox.revive(first.message.id, later(30)) == HERE
    item = await head(store)
    assert item is not None
    assert (item.outbound, item.attempts, item.due_at) == (first, 0, later(30))
    async with store.unit(write=False) as unit:
        assert await unit.outbox.dead_letters() == []


async def test_only_dead_letters_can_be_revived(store: Store) -> None:
    pending, sent = outbound(), outbound(THERE)
    await add(store, pending, sent)
    async with store.unit() as unit:
        await unit.outbox.sent(sent.message.id, Receipt(), later())
    async with store.unit() as unit:
        assert await unit.outbox.revive(pending.message.id, later()) is None
        assert await unit.outbox.revive(sent.message.id, later()) is None
        assert await unit.outbox.revive("nothing", later()) is None
    assert await head(store) == OutboxItem(pending, 0, NOON)
    assert await head(store, THERE) is None


async def test_what_no_longer_waits_cannot_be_sent_retried_or_given_up(store: Store) -> None:
    sending = outbound()
    await add(store, sending)
    async with store.unit() as unit:
        await unit.outbox.sent(sending.message.id, Receipt(), later())
    with pytest.raises(Conflict, match="not waiting"):
        async with store.unit() as unit:
            await unit.outbox.sent(sending.message.id, Receipt(), later())
    with pytest.raises(Conflict, match="not waiting"):
        await retry(store, sending, 5)
    with pytest.raises(Conflict, match="not waiting"):
        await bury(store, sending)


async def test_a_message_goes_into_the_outbox_once(store: Store) -> None:
    sending = outbound()
    await add(store, sending)
    with pytest.raises(Conflict):
        await add(store, sending)


async def test_adding_nothing_changes_nothing(store: Store) -> None:
    await add(store)
    assert await head(store) is None


async def test_the_history_shows_how_each_delivery_stands(store: Store) -> None:
    conversation = await stored_conversation(store)
    heard, *said = [message(conversation.id, seq) for seq in range(1, 6)]
    pending, retried, sent, dead = said
    async with store.unit() as unit:
        await unit.messages.append([heard, *said])
        await unit.outbox.add([Outbound(HERE, entry) for entry in said], NOON)
    async with store.unit() as unit:
        await unit.outbox.retry(retried.id, later(), "busy")
        await unit.outbox.sent(sent.id, Receipt("platform-9"), later())
        await unit.outbox.dead(dead.id, "gone", later())
    async with store.unit(write=False) as unit:
        entries = await unit.messages.after(conversation.id, 0)
    assert [entry.delivery for entry in entries] == [
        None,
        Delivery(DeliveryState.PENDING),
        Delivery(DeliveryState.PENDING, 1, "busy"),
        Delivery(DeliveryState.SENT, 1),
        Delivery(DeliveryState.DEAD, 1, "gone"),
    ]
    assert pending.id == entries[1].id


async def test_the_platforms_reference_of_a_sent_message_comes_into_the_history(store: Store) -> None:
    conversation = await stored_conversation(store)
    first, second = message(conversation.id, 1), message(conversation.id, 2)
    async with store.unit() as unit:
        await unit.messages.append([first, second])
        await unit.outbox.add([Outbound(HERE, first), Outbound(HERE, second)], NOON)
    async with store.unit() as unit:
        await unit.outbox.sent(first.id, Receipt("platform-9"), later())
        await unit.outbox.sent(second.id, Receipt(), later())
    async with store.unit(write=False) as unit:
        assert [entry.reference for entry in await unit.messages.after(conversation.id, 0)] == ["platform-9", None]


async def test_what_goes_out_on_a_channel_is_counted_and_the_last_time_is_known(store: Store) -> None:
    async with store.unit() as unit:
        assert await unit.outbox.traffic("telegram") == Traffic(0, 0, None)
        sent, dead, waiting = outbound(), outbound(), outbound(THERE)
        await unit.outbox.add([sent, dead, waiting], NOON)
        await unit.outbox.sent(sent.message.id, Receipt("r"), later())
        await unit.outbox.dead(dead.message.id, "gone", later(2))
        await unit.outbox.retry(waiting.message.id, later(9), "busy")
    async with store.unit(write=False) as unit:
        assert await unit.outbox.traffic("telegram") == Traffic(1, 1, later())
        assert await unit.outbox.traffic("slack") == Traffic(0, 0, None)
        assert await unit.outbox.delivery(sent.message.id) == Delivery(DeliveryState.SENT, 1)
        assert await unit.outbox.delivery(dead.message.id) == Delivery(DeliveryState.DEAD, 1, "gone")
        assert await unit.outbox.delivery(waiting.message.id) == Delivery(DeliveryState.PENDING, 1, "busy")
        assert await unit.outbox.delivery("none") is None
