from __future__ import annotations

import pytest

from bot.conversation import Conversation, Owner
from bot.inbox_values import Narrowed, Sort, place_of
from bot.messages import Address, Author, Sender
from bot.ports import Store
from bot.ports_inbox import Hit
from bot.searching import parse_question
from tests.bot.test_searching import test_other_words_are_not as others
from tests.bot.test_searching import test_words_are_found_however_they_are_written as examples
from tests.storage.samples import HERE, NOON, THERE, later, message, stored_conversation


async def search(store: Store, question: str, narrowed: Narrowed = Narrowed(), **more: object) -> list[Hit]:  # noqa: B008 - frozen
    async with store.unit(write=False) as unit:
        return list(await unit.search.find(parse_question(question), narrowed, **more))  # type: ignore[arg-type]


async def said(store: Store, conversation: Conversation, *texts: str) -> None:
    async with store.unit() as unit:
        await unit.messages.append(
            [message(conversation.id, seq, text, Author.CUSTOMER) for seq, text in enumerate(texts, 1)]
        )


async def test_the_databases_find_what_the_terms_say_in_every_script(store: Store) -> None:
    """The very examples of `bot.searching`."""
    right = examples.pytestmark[0].args[1]  # type: ignore[attr-defined]
    wrong = others.pytestmark[0].args[1]  # type: ignore[attr-defined]
    conversation = await stored_conversation(store)
    await said(store, conversation, *(text for _, text in [*right, *wrong]))
    async with store.unit(write=False) as unit:
        for seq, (question, _) in enumerate(right, 1):
            (hit,) = await unit.search.find(parse_question(question), Narrowed())
            assert hit.entry is not None
            assert hit.entry.seq >= seq, question
    for question, text in wrong:
        other = await stored_conversation(store, Address("telegram", f"w {question}"), language="xx")
        await said(store, other, text)
        assert await search(store, question, Narrowed(languages=("xx",))) == [], question


async def test_a_hit_is_the_latest_entry_and_tells_how_many_there_are(store: Store) -> None:
    conversation = await stored_conversation(store)
    await said(store, conversation, "my refund", "hello", "the refund again", "thanks")
    (hit,) = await search(store, "refund")
    assert hit.conversation == conversation
    assert hit.entry is not None
    assert (hit.entry.seq, hit.entry.text, hit.entries) == (3, "the refund again", 2)


async def test_all_words_stand_in_one_entry(store: Store) -> None:
    conversation = await stored_conversation(store)
    await said(store, conversation, "my refund", "your order")
    assert await search(store, "refund order") == []
    assert await search(store, "") == []


async def test_customers_are_found_by_name_and_by_their_new_name(store: Store) -> None:
    conversation = await stored_conversation(store)
    async with store.unit() as unit:
        await unit.customers.resolve("telegram", Sender("of 42", "José Núñez"), later())
    (hit,) = await search(store, "nunez jose")
    assert (hit.conversation, hit.entry, hit.entries) == (conversation, None, 0)
    async with store.unit() as unit:
        await unit.customers.resolve("telegram", Sender("of 42", "山田太郎"), later())
    assert await search(store, "nunez") == []
    assert len(await search(store, "太郎")) == 1


async def test_an_edited_text_is_found_by_what_it_says_now(store: Store) -> None:
    conversation = await stored_conversation(store)
    async with store.unit() as unit:
        await unit.messages.append([message(conversation.id, 1, "parcel", Author.CUSTOMER, reference="m-1")])
        await unit.messages.append([message(conversation.id, 2, "", Author.CUSTOMER, reference="m-2")])
    async with store.unit() as unit:
        await unit.messages.amend(conversation.id, "m-1", "package", NOON)
        await unit.messages.amend(conversation.id, "m-2", "letter", NOON)
    assert await search(store, "parcel") == []
    assert len(await search(store, "package")) == 1
    assert len(await search(store, "letter")) == 1


async def test_what_was_rolled_back_is_not_found(store: Store) -> None:
    conversation = await stored_conversation(store)

    async def breaks_off() -> None:
        async with store.unit() as unit:
            await unit.messages.append([message(conversation.id, 1, "parcel")])
            raise LookupError

    with pytest.raises(LookupError):
        await breaks_off()
    assert await search(store, "parcel") == []


async def test_hits_are_filtered_and_paged_by_the_latest_change(store: Store) -> None:
    made = []
    for number in range(5):
        place = Address("slack" if number == 0 else "telegram", str(number))
        conversation = await stored_conversation(store, place, updated_at=later(number), owner=Owner.CLOSED)
        await said(store, conversation, "refund")
        made.append(conversation)
    first = await search(store, "refund", limit=2)
    assert [hit.conversation for hit in first] == [made[4], made[3]]
    after = place_of(first[-1].conversation, Sort.LATEST)
    assert [hit.conversation for hit in await search(store, "refund", after=after)] == [made[2], made[1], made[0]]
    assert [hit.conversation for hit in await search(store, "refund", Narrowed(channels=("slack",)))] == [made[0]]


@pytest.mark.parametrize(
    "question", ['"', "' OR 1", "a* NOT b", "NEAR(", "\\", "%_", "terms:x", "(1)", "⑴ ㈠", "x" * 500]
)
async def test_no_question_breaks_the_search(store: Store, question: str) -> None:
    here, there = await stored_conversation(store, HERE), await stored_conversation(store, THERE)
    await said(store, here, question + " x")
    await said(store, there, "nothing of it")
    hits = await search(store, question)
    assert [hit.conversation for hit in hits] in ([here], [])
