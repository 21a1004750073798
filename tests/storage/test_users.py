from __future__ import annotations

from dataclasses import replace

import pytest

from bot.conversation import Role, SignIn, User
from bot.errors import Conflict, InvalidInput
from bot.ports import Store
from tests.storage.samples import NOON, later, user


async def add(store: Store, *users: User) -> None:
    async with store.unit() as unit:
        for one in users:
            await unit.users.add(one)


async def sign_in(store: Store, token: str, who: User, seconds: float = 60) -> None:
    async with store.unit() as unit:
        await unit.users.sign_in(SignIn(token, who.id, NOON, later(seconds)))


async def signed_in(store: Store, token: str, seconds: float = 1) -> User | None:
    async with store.unit(write=False) as unit:
        return await unit.users.signed_in(token, later(seconds))


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


async def test_a_cookie_tells_its_user_until_it_expires(store: Store) -> None:
    ada = user("Ada")
    await add(store, ada)
    await sign_in(store, "hash-1", ada, seconds=60)
    assert await signed_in(store, "hash-1", 59) == ada
    assert await signed_in(store, "hash-1", 60) is None
    assert await signed_in(store, "hash-2", 59) is None


async def test_signing_out_forgets_one_browser_or_all_of_a_users(store: Store) -> None:
    ada, bob = user("Ada"), user("Bob")
    await add(store, ada, bob)
    for token, who in (("a1", ada), ("a2", ada), ("a3", ada), ("b1", bob)):
        await sign_in(store, token, who)
    async with store.unit() as unit:
        await unit.users.sign_out(token_hash="a1")
    assert [await signed_in(store, token) for token in ("a1", "a2", "b1")] == [None, ada, bob]
    async with store.unit() as unit:
        await unit.users.sign_out(user=ada.id)
    assert [await signed_in(store, token) for token in ("a2", "a3", "b1")] == [None, None, bob]
    async with store.unit() as unit:
        await unit.users.sign_out()
    assert await signed_in(store, "b1") == bob


async def test_expired_cookies_are_cleared_away_when_somebody_signs_in(store: Store) -> None:
    ada = user("Ada")
    await add(store, ada)
    await sign_in(store, "old", ada, seconds=10)
    async with store.unit() as unit:
        await unit.users.sign_in(SignIn("new", ada.id, later(20), later(80)))
    # The clock is put back to when the old cookie was good: only a row that is gone cannot answer.
    assert await signed_in(store, "old", 5) is None
    assert await signed_in(store, "new", 30) == ada


async def test_nobody_signs_in_as_an_unknown_user(store: Store) -> None:
    with pytest.raises(InvalidInput):
        await sign_in(store, "hash-1", user("Nobody"))
    assert await signed_in(store, "hash-1") is None
