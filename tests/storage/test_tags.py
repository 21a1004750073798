from __future__ import annotations

from bot.inbox_values import Narrowed, Wanted
from bot.ports import Store
from bot.ports_inbox import Mention
from tests.storage.samples import HERE, NOON, THERE, later, stored_conversation, user


async def test_words_are_put_on_and_taken_off_without_minding_what_is_so_already(store: Store) -> None:
    conversation, other = await stored_conversation(store, HERE), await stored_conversation(store, THERE)
    async with store.unit() as unit:
        await unit.tags.change(conversation.id, add=["vip", "größe"])
        await unit.tags.change(conversation.id, add=["vip", "退款"], remove=["größe", "unknown"])
        await unit.tags.change(other.id, add=["vip"])
    async with store.unit(write=False) as unit:
        assert await unit.tags.of([conversation.id, other.id, "none"]) == {
            conversation.id: ("vip", "退款"),
            other.id: ("vip",),
        }
        assert await unit.tags.known() == [("vip", 2), ("退款", 1)]
        found = await unit.listing.page(Wanted(narrowed=Narrowed(tags=("退款", "unused"))))
        assert found == [conversation]


async def test_mentions_are_kept_for_each_user_until_they_are_seen(store: Store) -> None:
    conversation, other = await stored_conversation(store, HERE), await stored_conversation(store, THERE)
    kim, lee = user("Kim"), user("Lee")
    async with store.unit() as unit:
        await unit.users.add(kim)
        await unit.users.add(lee)
        await unit.mentions.add(
            [
                Mention(kim.id, conversation.id, 3, NOON, "Lee"),
                Mention(kim.id, other.id, 1, later(), "Lee"),
                Mention(lee.id, other.id, 1, later(), "Kim"),
            ]
        )
    async with store.unit() as unit:
        assert [(m.conversation, m.seen) for m in await unit.mentions.of(kim.id)] == [
            (other.id, False),
            (conversation.id, False),
        ]
        await unit.mentions.seen(kim.id, other.id)
        assert [(m.conversation, m.seen) for m in await unit.mentions.of(kim.id)] == [
            (conversation.id, False),
            (other.id, True),
        ], "what is unseen stands first, however old it is"
        assert await unit.mentions.unseen(kim.id) == 1
        assert [m.conversation for m in await unit.mentions.of(kim.id, 1)] == [conversation.id]
        await unit.mentions.seen(kim.id)
        assert await unit.mentions.unseen(kim.id) == 0
        assert [m.seen for m in await unit.mentions.of(kim.id)] == [True, True]
        assert [m.seen for m in await unit.mentions.of(lee.id)] == [False]
