from __future__ import annotations

from dataclasses import replace

import pytest

from bot.errors import Conflict
from bot.ports import Store
from bot.ports_inbox import CannedReply

HELLO = CannedReply("r1", "hello", {"en": "Hello {customer_name}", "zh-Hans": "您好"})
MINE = CannedReply("r2", "hello", {"de": "Moin"}, owner="u1")


async def add(store: Store, *replies: CannedReply) -> None:
    async with store.unit() as unit:
        for reply in replies:
            await unit.canned.add(reply)


async def test_a_user_has_the_shared_replies_and_their_own(store: Store) -> None:
    await add(store, HELLO, MINE, CannedReply("r3", "bye", {"en": "Bye"}, owner="u2"))
    async with store.unit(write=False) as unit:
        assert await unit.canned.of("u1") == [HELLO, MINE]
        assert await unit.canned.get("r1") == HELLO
        assert await unit.canned.get("none") is None


@pytest.mark.parametrize("reply", [HELLO, MINE])
async def test_a_shortcut_is_taken_once_by_each_owner(store: Store, reply: CannedReply) -> None:
    await add(store, HELLO, MINE)
    with pytest.raises(Conflict, match="hello"):
        await add(store, replace(reply, id="another"))
    other = replace(reply, id="another", shortcut="other")
    await add(store, other)
    with pytest.raises(Conflict):
        async with store.unit() as unit:
            await unit.canned.save(replace(other, shortcut="hello", version=1))


async def test_of_two_who_change_a_reply_the_second_is_told(store: Store) -> None:
    await add(store, HELLO)
    changed = replace(HELLO, texts={"en": "Hi"}, version=1)
    async with store.unit() as unit:
        await unit.canned.save(changed)
    with pytest.raises(Conflict, match="in the meantime"):
        async with store.unit() as unit:
            await unit.canned.save(replace(HELLO, texts={"en": "Hey"}, version=1))
    async with store.unit() as unit:
        assert await unit.canned.get("r1") == changed
        assert await unit.canned.remove("r1")
        assert not await unit.canned.remove("r1")
