from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.conversation import Role, User
from bot.errors import Conflict, InvalidInput
from bot.ports import Store
from tests.storage.samples import later, user


async def add(store: Store, *users: User) -> None:
    async with store.unit() as unit:
        for one in users:
            await unit.users.add(one)


async def test_a_user_is_found_by_id_and_by_name_in_any_case(store: Store) -> None:
    ada = user("Ada Straße", Role.ADMIN)
    await add(store, ada)
    async with store.unit(write=False) as unit:
        assert await unit.users.get(ada.id) == ada
        for name in ("Ada Straße", "ada straße", "ADA STRASSE"):
            assert await unit.users.named(name) == ada
        assert await unit.users.named("Ada") is None
        assert await unit.users.get("nobody") is None


@pytest.mark.parametrize("taken", ["Zoé", "zoé", "ZOE\u0301"])
async def test_a_name_is_taken_once_whatever_its_case_or_form(store: Store, taken: str) -> None:
    zoe = user("Zoé")
    await add(store, zoe)
    with pytest.raises(Conflict, match="taken"):
        await add(store, user(taken))
    async with store.unit(write=False) as unit:
        assert await unit.users.list() == [zoe]


async def test_users_are_listed_by_name_without_case(store: Store) -> None:
    bob, ada, carl = user("bob"), user("Ada"), user("Carl")
    await add(store, bob, ada, carl)
    async with store.unit(write=False) as unit:
        assert await unit.users.list() == [ada, bob, carl]


async def test_a_change_to_a_user_is_stored(store: Store) -> None:
    ada = user("Ada")
    await add(store, ada)
    changed = replace(ada, name="ADA", display_name="Ada B.", role=Role.ADMIN, password_hash="new")
    async with store.unit() as unit:
        await unit.users.save(changed)
    async with store.unit(write=False) as unit:
        assert await unit.users.get(ada.id) == changed


async def test_a_user_cannot_take_anothers_name(store: Store) -> None:
    ada, bob = user("Ada"), user("Bob")
    await add(store, ada, bob)
    with pytest.raises(Conflict, match="taken"):
        async with store.unit() as unit:
            await unit.users.save(replace(bob, name="ada"))
    async with store.unit(write=False) as unit:
        assert await unit.users.get(bob.id) == bob


async def test_a_change_to_an_unknown_user_is_refused(store: Store) -> None:
    with pytest.raises(InvalidInput, match="no user"):
        async with store.unit() as unit:
            await unit.users.save(user("Nobody"))


async def test_a_disabled_user_is_kept_with_the_moment(store: Store) -> None:
    ada = user("Ada")
    await add(store, ada)
    async with store.unit() as unit:
        await unit.users.save(replace(ada, disabled_at=later(5)))
    async with store.unit(write=False) as unit:
        assert await unit.users.get(ada.id) == replace(ada, disabled_at=later(5))


async def test_of_two_who_lock_the_users_the_second_sees_what_the_first_did(store: Store) -> None:
    ada, bob = user("Ada", Role.ADMIN), user("Bob", Role.ADMIN)
    await add(store, ada, bob)

    async def demote(one: User) -> None:
        async with store.unit() as unit:
            admins = [u.id for u in await unit.users.locked() if u.role is Role.ADMIN]
            await asyncio.sleep(0.05)
            if admins != [one.id]:
                await unit.users.save(replace(one, role=Role.AGENT))

    await asyncio.gather(demote(ada), demote(bob))
    async with store.unit(write=False) as unit:
        assert sorted(u.role for u in await unit.users.list()) == [Role.ADMIN, Role.AGENT]
