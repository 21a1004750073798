from __future__ import annotations

import asyncio

from bot.conversation import Customer
from bot.errors import Conflict
from bot.messages import Sender
from bot.ports import Store
from tests.storage.samples import NOON, later


async def resolve(store: Store, sender: Sender, channel: str = "telegram") -> Customer:
    async with store.unit() as unit:
        return await unit.customers.resolve(channel, sender, NOON)


async def test_a_new_identity_becomes_a_new_customer(store: Store) -> None:
    zoe = await resolve(store, Sender("7", "Zoë", "de"))
    assert zoe == Customer(zoe.id, "Zoë", NOON, (("telegram", Sender("7", "Zoë", "de")),))
    async with store.unit(write=False) as unit:
        assert await unit.customers.get(zoe.id) == zoe
        assert await unit.customers.get("nobody") is None


async def test_a_known_identity_is_the_same_customer(store: Store) -> None:
    first = await resolve(store, Sender("7", "Zoë", "de"))
    async with store.unit() as unit:
        assert await unit.customers.resolve("telegram", Sender("7", "Zoë", "de"), later()) == first


async def test_the_same_id_on_another_channel_is_another_person(store: Store) -> None:
    telegram = await resolve(store, Sender("7", "Zoë"))
    slack = await resolve(store, Sender("7", "Sam"), "slack")
    assert telegram.id != slack.id
    async with store.unit(write=False) as unit:
        assert await unit.customers.get(telegram.id) == telegram


async def test_a_new_name_and_locale_are_taken_over(store: Store) -> None:
    before = await resolve(store, Sender("7", "Zoë", "de"))
    after = await resolve(store, Sender("7", "Zoë Maier", "fr"))
    assert after == Customer(before.id, "Zoë Maier", NOON, (("telegram", Sender("7", "Zoë Maier", "fr")),))
    async with store.unit(write=False) as unit:
        assert await unit.customers.get(before.id) == after


async def test_what_the_platform_does_not_say_this_time_stays_known(store: Store) -> None:
    before = await resolve(store, Sender("7", "Zoë", "de"))
    assert await resolve(store, Sender("7")) == before
    assert await resolve(store, Sender("7", locale="fr")) == Customer(
        before.id, "Zoë", NOON, (("telegram", Sender("7", "Zoë", "fr")),)
    )


async def test_a_name_that_only_the_customers_own_client_gives_counts_where_no_other_is_known(store: Store) -> None:
    nobody = await resolve(store, Sender("7"))
    called = await resolve(store, Sender("7", "Ana", vouched=False))
    assert called == Customer(nobody.id, "Ana", NOON, (("telegram", Sender("7", "Ana")),))
    assert await resolve(store, Sender("7", "Root", vouched=False)) == called
    assert (await resolve(store, Sender("7", "Ana Ruiz"))).name == "Ana Ruiz"
    new = await resolve(store, Sender("8", "Bo", vouched=False))
    async with store.unit(write=False) as unit:
        assert await unit.customers.get(new.id) == new


async def test_two_first_messages_at_once_make_one_customer(store: Store) -> None:
    both_ready = asyncio.Barrier(2)

    async def first_message() -> str:
        await both_ready.wait()
        async with store.unit() as unit:
            customer = await unit.customers.resolve("telegram", Sender("7", "Zoë"), NOON)
            await asyncio.sleep(0.05)
        return customer.id

    outcomes = await asyncio.gather(first_message(), first_message(), return_exceptions=True)
    known = {outcome for outcome in outcomes if isinstance(outcome, str)}
    assert len(known) == 1
    assert all(isinstance(outcome, str | Conflict) for outcome in outcomes)
    assert (await resolve(store, Sender("7", "Zoë"))).id in known
