from __future__ import annotations

from dataclasses import replace

from bot.ports import Store
from bot.ports_inbox import Rating
from tests.storage.samples import NOON, later, stored_conversation


async def test_what_a_customer_says_is_kept_with_the_time_when_they_were_asked(store: Store) -> None:
    conversation = await stored_conversation(store)
    first = Rating("r1", conversation.id, "u1", "Kim", NOON)
    second = Rating("r2", conversation.id, "u2", "Lee", later(1))
    async with store.unit() as unit:
        await unit.ratings.add(first)
        await unit.ratings.add(second)
        await unit.ratings.answer("r1", 4, None, later(2))
        await unit.ratings.answer("r1", None, "très bien", later(3))
    async with store.unit(write=False) as unit:
        assert await unit.ratings.of(conversation.id) == [
            second,
            replace(first, score=4, comment="très bien", answered_at=later(3)),
        ]
        assert await unit.ratings.of("none") == []
