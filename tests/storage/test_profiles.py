from __future__ import annotations

import pytest

from bot.errors import Conflict, InvalidInput
from bot.inbox_values import Narrowed
from bot.messages import Sender
from bot.ports import Store
from bot.ports_inbox import Attribute, Merge
from bot.searching import parse_question
from tests.storage.samples import NOON, later, stored_conversation


async def person(store: Store, name: str, channel: str = "telegram") -> str:
    async with store.unit() as unit:
        return (await unit.customers.resolve(channel, Sender(f"s-{name}", name), NOON)).id


async def merged(store: Store, kept: str, absorbed: str, identity: str) -> Merge:
    async with store.unit() as unit:
        return await unit.profiles.merge(Merge(identity, kept, absorbed, "Kim", NOON))


async def undone(store: Store, identity: str) -> None:
    async with store.unit() as unit:
        await unit.profiles.undo(identity, "Lee", later())


async def senders(store: Store, customer: str) -> tuple[str, list[str]]:
    """Who somebody is shown as, and by which identities they are known."""
    async with store.unit(write=False) as unit:
        found = await unit.customers.get(customer)
        assert found is not None
        assert (await unit.customers.many([customer]))[customer] == found
    return found.id, [sender.id for _, sender in found.identities]


async def test_two_profiles_become_one_and_two_again_exactly_as_before(store: Store) -> None:
    ana, anna = await person(store, "ana"), await person(store, "anna", "slack")
    before = [await senders(store, ana), await senders(store, anna)]
    await merged(store, ana, anna, "m1")
    assert await senders(store, ana) == await senders(store, anna) == (ana, ["s-anna", "s-ana"])
    # What comes in meanwhile stays with the identity that it came from.
    async with store.unit() as unit:
        assert (await unit.customers.resolve("slack", Sender("s-anna", "Anna B."), later())).id == anna
    await undone(store, "m1")
    assert [await senders(store, ana), await senders(store, anna)] == before
    async with store.unit(write=False) as unit:
        (merge,) = await unit.profiles.merges(anna)
        assert (merge.by, merge.undone_by, merge.undone_at) == ("Kim", "Lee", later())


async def test_merges_of_merged_profiles_are_undone_in_any_order(store: Store) -> None:
    a, b, c, d = [await person(store, name) for name in "abcd"]
    await merged(store, a, b, "b into a")
    await merged(store, c, d, "d into c")
    stored = await merged(store, d, b, "a into c")
    assert (stored.kept, stored.absorbed) == (c, a)
    assert (await senders(store, b))[0] == c
    await undone(store, "b into a")
    assert await senders(store, b) == (b, ["s-b"])
    assert await senders(store, a) == (c, ["s-a", "s-c", "s-d"])
    await undone(store, "a into c")
    assert await senders(store, a) == (a, ["s-a"])
    assert await senders(store, d) == (c, ["s-c", "s-d"])


async def test_what_cannot_be_merged_says_why(store: Store) -> None:
    a, b = await person(store, "a"), await person(store, "b")
    with pytest.raises(InvalidInput, match="no customer 'nobody'"):
        await merged(store, a, "nobody", "m0")
    await merged(store, a, b, "m1")
    with pytest.raises(Conflict, match="same person"):
        await merged(store, b, a, "m2")
    await undone(store, "m1")
    with pytest.raises(Conflict, match="undone already"):
        await undone(store, "m1")
    with pytest.raises(InvalidInput, match="no merge"):
        await undone(store, "none")


async def test_what_is_known_is_kept_with_its_kind_and_the_shown_profile_prevails(store: Store) -> None:
    a, b = await person(store, "a"), await person(store, "b")
    async with store.unit() as unit:
        await unit.profiles.know(a, "tier", Attribute("string", "gold"))
        await unit.profiles.know(b, "tier", Attribute("string", "tin"))
        await unit.profiles.know(b, "orders", Attribute("number", 3.5))
        await unit.profiles.know(b, "vip", Attribute("boolean", value=True))
    await merged(store, a, b, "m1")
    async with store.unit() as unit:
        assert await unit.profiles.attributes(b) == {
            "orders": Attribute("number", 3.5),
            "tier": Attribute("string", "gold"),
            "vip": Attribute("boolean", value=True),
        }
        await unit.profiles.know(b, "since", Attribute("date", "2020-01-31"))
        await unit.profiles.know(a, "vip", None)
    await undone(store, "m1")
    async with store.unit(write=False) as unit:
        assert await unit.profiles.attributes(a) == {
            "since": Attribute("date", "2020-01-31"),
            "tier": Attribute("string", "gold"),
        }
        assert await unit.profiles.attributes(b) == {
            "orders": Attribute("number", 3.5),
            "tier": Attribute("string", "tin"),
        }
        assert await unit.profiles.attributes("nobody") == {}


async def test_a_person_is_found_by_the_names_of_all_their_profiles(store: Store) -> None:
    conversation = await stored_conversation(store)
    other = await person(store, "Zoltán")
    await merged(store, other, conversation.customer, "m1")
    async with store.unit(write=False) as unit:
        (hit,) = await unit.search.find(parse_question("zoltan"), Narrowed())
    assert hit.conversation == conversation


async def found(store: Store, wanted: str) -> list[tuple[str, str | None, int]]:
    async with store.unit(write=False) as unit:
        return [(one.customer.id, one.customer.name, one.conversations) for one in await unit.search.people(wanted)]


async def test_customers_are_found_by_name_by_an_id_on_a_channel_and_by_the_beginning_of_their_own(
    store: Store,
) -> None:
    zoe, zoltan = await person(store, "Zoë Maier"), await person(store, "Zoltán")
    conversation = await stored_conversation(store)
    assert await found(store, "ZOE") == [(zoe, "Zoë Maier", 0)]
    assert sorted(await found(store, "zo")) == sorted([(zoe, "Zoë Maier", 0), (zoltan, "Zoltán", 0)])
    assert await found(store, "s-Zoltán") == [(zoltan, "Zoltán", 0)]
    unnamed = (conversation.customer, None, 1)
    assert await found(store, conversation.customer[:8].upper()) == [unnamed]
    assert await found(store, conversation.customer[:3]) == []
    assert await found(store, "nobody") == await found(store, "%") == await found(store, "-") == []


async def test_two_profiles_of_a_person_are_found_as_one_whose_conversations_are_counted_together(store: Store) -> None:
    conversation = await stored_conversation(store)
    zoe = await person(store, "Zoë")
    await merged(store, zoe, conversation.customer, "m1")
    assert await found(store, conversation.customer) == await found(store, "zoe") == [(zoe, "Zoë", 1)]
    async with store.unit(write=False) as unit:
        (one,) = await unit.search.people("zoe")
    assert one.latest == conversation.updated_at
