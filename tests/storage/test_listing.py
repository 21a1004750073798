from __future__ import annotations

from dataclasses import replace

import pytest

from bot.conversation import Conversation, Offer, Owner, Snooze
from bot.inbox_values import Narrowed, Sort, View, Wanted, place_of
from bot.messages import Address, Author
from bot.ports import Store
from tests.storage.samples import later, message, stored_conversation, user

KIM = "u-kim"


async def listed(store: Store, view: View = View.ALL, sort: Sort = Sort.WAITING, **more: object) -> list[str]:
    """The addresses in a list."""
    async with store.unit(write=False) as unit:
        page = await unit.listing.page(Wanted(view, KIM, sort=sort, **more))  # type: ignore[arg-type]
    return [conversation.address.conversation for conversation in page]


async def desk(store: Store) -> dict[str, Conversation]:
    """A conversation of each kind, by name."""
    kinds: dict[str, dict[str, object]] = {
        "new": {"owner": Owner.QUEUE, "waiting_since": later(50)},
        "old": {"owner": Owner.QUEUE, "waiting_since": later(10)},
        "urgent": {"owner": Owner.QUEUE, "waiting_since": later(90), "urgent": True},
        "offered": {
            "owner": Owner.QUEUE,
            "waiting_since": later(55),
            "offer": Offer("u-lee", "Lee", later(99)),
        },
        "later": {"owner": Owner.QUEUE, "waiting_since": later(5), "urgent": True, "snoozed": Snooze(KIM)},
        "tomorrow": {"owner": Owner.AGENT, "agent": KIM, "waiting_since": later(6), "snoozed": Snooze(KIM, later(999))},
        "mine": {"owner": Owner.AGENT, "agent": KIM, "waiting_since": later(60)},
        "answered": {"owner": Owner.AGENT, "agent": KIM},
        "hers": {"owner": Owner.AGENT, "agent": "u-lee"},
        "bot": {"owner": Owner.BOT},
        "over": {"owner": Owner.CLOSED},
    }
    return {
        name: await stored_conversation(store, Address("telegram", name), updated_at=later(100 + i), **fields)
        for i, (name, fields) in enumerate(kinds.items())
    }


@pytest.mark.parametrize(
    ("view", "names"),
    [
        (View.MINE, ["mine", "answered", "tomorrow"]),
        (View.UNASSIGNED, ["urgent", "old", "new", "offered"]),
        (View.TAKEN, ["mine", "answered", "hers", "tomorrow"]),
        (View.WAITING_FOR_CUSTOMER, ["answered", "hers"]),
        (View.BOT, ["bot"]),
        (View.CLOSED, ["over"]),
        (View.ALL, ["urgent", "old", "new", "offered", "mine", "answered", "hers", "bot", "over", "later", "tomorrow"]),
    ],
)
async def test_each_view_has_its_conversations_the_urgent_first_then_the_longest_waiting(
    store: Store, view: View, names: list[str]
) -> None:
    await desk(store)
    assert await listed(store, view) == names
    async with store.unit(write=False) as unit:
        assert (await unit.listing.counts(KIM, Narrowed()))[view] == len(names)


async def test_the_latest_change_may_come_first(store: Store) -> None:
    await desk(store)
    assert await listed(store, sort=Sort.LATEST, limit=3) == ["over", "bot", "hers"]


@pytest.mark.parametrize("sort", Sort)
async def test_pages_follow_one_another_though_conversations_change_between_them(store: Store, sort: Sort) -> None:
    made = await desk(store)
    whole = await listed(store, sort=sort)
    seen = await listed(store, sort=sort, limit=3)
    # The last one that was seen moves to the front: the next page begins behind where it stood.
    last = made[seen[-1]]
    moved = replace(last, updated_at=later(1000), waiting_since=later(0), urgent=True, owner=Owner.QUEUE, version=1)
    async with store.unit() as unit:
        await unit.conversations.save(moved)
    assert await listed(store, sort=sort, after=place_of(last, sort), limit=100) == whole[3:]


@pytest.mark.parametrize("sort", Sort)
async def test_conversations_that_sort_alike_are_listed_once_each(store: Store, sort: Sort) -> None:
    made = [
        await stored_conversation(store, Address("telegram", str(i)), owner=Owner.QUEUE, waiting_since=later(5))
        for i in range(5)
    ]
    seen: list[str] = []
    after = None
    while True:
        async with store.unit(write=False) as unit:
            page = await unit.listing.page(Wanted(sort=sort, after=after, limit=2))
        if not page:
            break
        seen += [conversation.id for conversation in page]
        after = place_of(page[-1], sort)
    assert sorted(seen) == sorted(conversation.id for conversation in made)


@pytest.mark.parametrize(
    ("narrowed", "names"),
    [
        (Narrowed(channels=("slack",)), ["b"]),
        (Narrowed(channels=("slack", "telegram")), ["a", "b"]),
        (Narrowed(languages=("de", "fr")), ["a"]),
        (Narrowed(intents=("refund",)), ["a"]),
        (Narrowed(sentiments=("negative",), channels=("telegram",)), ["a"]),
        (Narrowed(sentiments=("negative",), channels=("slack",)), []),
        (Narrowed(agents=("u-lee",)), ["b"]),
    ],
)
async def test_filters_leave_what_has_one_of_their_values_of_each_kind(
    store: Store, narrowed: Narrowed, names: list[str]
) -> None:
    await stored_conversation(
        store, Address("telegram", "a"), language="de", intent="refund", sentiment="negative", updated_at=later(1)
    )
    await stored_conversation(
        store,
        Address("slack", "b"),
        language="en",
        intent="help",
        sentiment="neutral",
        owner=Owner.AGENT,
        agent="u-lee",
        updated_at=later(2),
    )
    assert await listed(store, narrowed=narrowed) == names
    async with store.unit(write=False) as unit:
        counts = await unit.listing.counts(KIM, narrowed)
    assert counts[View.ALL] == len(names)
    assert counts[View.BOT] == (1 if "a" in names else 0)


async def test_a_list_keeps_up_with_a_conversation(store: Store) -> None:
    conversation = await stored_conversation(store, language="en")
    async with store.unit() as unit:
        change = replace(conversation, owner=Owner.QUEUE, language="fr", waiting_since=later(3), version=1)
        await unit.conversations.save(change)
    assert await listed(store, View.UNASSIGNED, narrowed=Narrowed(languages=("fr",))) == ["42"]
    assert await listed(store, View.BOT) == []


async def test_a_read_mark_goes_forward_and_back_only_when_asked(store: Store) -> None:
    conversation = await stored_conversation(store)
    kim = user("Kim")
    async with store.unit() as unit:
        await unit.users.add(kim)
        assert await unit.read_marks.move(kim.id, conversation.id, 3) == 3
        assert await unit.read_marks.move(kim.id, conversation.id, 2) == 3
        assert await unit.read_marks.move(kim.id, conversation.id, 5) == 5
        assert await unit.read_marks.move(kim.id, conversation.id, 1, back=True) == 1
    async with store.unit(write=False) as unit:
        assert await unit.read_marks.of(kim.id, [conversation.id, "another"]) == {conversation.id: 1}
        assert await unit.read_marks.of("u-lee", [conversation.id]) == {}
        assert await unit.read_marks.of(kim.id, []) == {}


async def test_what_customers_wrote_since_is_unread_for_each_user(store: Store) -> None:
    conversation = await stored_conversation(store)
    kim, lee = user("Kim"), user("Lee")
    async with store.unit() as unit:
        await unit.users.add(kim)
        await unit.users.add(lee)
        await unit.messages.append(
            [
                message(conversation.id, 1, author=Author.CUSTOMER),
                message(conversation.id, 2, author=Author.BOT),
                message(conversation.id, 3, author=Author.CUSTOMER),
                message(conversation.id, 4, author=Author.CUSTOMER, internal=True),
            ]
        )
        await unit.read_marks.move(kim.id, conversation.id, 1)
    async with store.unit() as unit:
        assert await unit.read_marks.unread(kim.id, [conversation.id]) == {conversation.id: 1}
        assert await unit.read_marks.unread(lee.id, [conversation.id]) == {conversation.id: 2}
        await unit.read_marks.move(kim.id, conversation.id, 4)
        assert await unit.read_marks.unread(kim.id, [conversation.id]) == {}
