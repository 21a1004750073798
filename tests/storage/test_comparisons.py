from __future__ import annotations

from dataclasses import replace

import pytest

from bot.comparison import Agreement, Comparison, Tally, Verdict
from bot.conversation import Conversation
from bot.errors import InvalidInput
from bot.messages import Author
from bot.ports import Store
from storage.sql import open_store
from tests.storage.samples import NOON, later, message, stored_conversation

OLD, NEW = "v1", "v2"


def comparison(
    conversation: Conversation,
    number: int,
    champion: str = "refund",
    challenger: str | None = "refund",
    *,
    language: str = "de",
    outside: bool = False,
) -> Comparison:
    """Both verdicts on the message of this number; `outside`: the challenger took it for none of the bot's business."""
    return Comparison(
        message=f"{conversation.id}-{number}",
        conversation=conversation.id,
        at=later(number),
        language=language,
        champion=Verdict(OLD, champion, 0.75, in_scope=True),
        challenger=NEW,
        verdict=Verdict(NEW, challenger, 0.625, in_scope=not outside),
    )


def failed(conversation: Conversation, number: int) -> Comparison:
    return replace(comparison(conversation, number), verdict=None, error="TimedOut: it took too long")


async def talked(store: Store, count: int = 6) -> Conversation:
    """A conversation with so many messages of the customer's."""
    conversation = await stored_conversation(store)
    async with store.unit() as unit:
        await unit.messages.append(
            [
                replace(
                    message(conversation.id, number, f"text {number}", author=Author.CUSTOMER),
                    id=f"{conversation.id}-{number}",
                )
                for number in range(1, count + 1)
            ]
        )
    return conversation


async def test_agreement_is_counted_in_all_and_by_language(store: Store) -> None:
    talk = await talked(store)
    async with store.unit() as unit:
        await unit.comparisons.add(
            [
                comparison(talk, 1),
                comparison(talk, 2, challenger="order"),
                comparison(talk, 3, language="ja"),
                comparison(talk, 4, outside=True),
                failed(talk, 5),
            ]
        )
    async with store.unit(write=False) as unit:
        agreement = await unit.comparisons.agreement(OLD, NEW)
    assert agreement == Agreement(Tally(4, 2), 1, {"de": Tally(3, 1), "ja": Tally(1, 1)})
    assert agreement.total.share == 0.5


async def test_nothing_is_known_of_two_that_were_never_compared(store: Store) -> None:
    talk = await talked(store)
    async with store.unit() as unit:
        await unit.comparisons.add([comparison(talk, 1)])
    async with store.unit(write=False) as unit:
        for pair in (("v0", NEW), (OLD, "v3"), (NEW, OLD)):
            assert await unit.comparisons.agreement(*pair) == Agreement()
            assert await unit.comparisons.disagreements(*pair, 10) == []
    assert Agreement().total.share is None


async def test_disagreements_come_back_as_they_were_with_the_text_latest_first(store: Store) -> None:
    talk = await talked(store)
    differing = [comparison(talk, 2, challenger="order"), comparison(talk, 4, outside=True), failed(talk, 5)]
    async with store.unit() as unit:
        await unit.comparisons.add([comparison(talk, 1), *differing, comparison(talk, 6)])
    async with store.unit(write=False) as unit:
        found = await unit.comparisons.disagreements(OLD, NEW, 10)
        latest = await unit.comparisons.disagreements(OLD, NEW, 1)
    assert [one.comparison for one in found] == differing[::-1]
    assert [one.text for one in found] == ["text 5", "text 4", "text 2"]
    assert latest == found[:1]


async def test_a_message_is_compared_once_by_the_same_two(store: Store) -> None:
    talk = await talked(store)
    first, again = comparison(talk, 1), comparison(talk, 1, challenger="order")
    other = replace(first, challenger="v3", verdict=Verdict("v3", "order", 0.5, in_scope=True))
    async with store.unit() as unit:
        await unit.comparisons.add([first])
    async with store.unit() as unit:
        await unit.comparisons.add([again, other])
    async with store.unit(write=False) as unit:
        assert await unit.comparisons.agreement(OLD, NEW) == Agreement(Tally(1, 1), 0, {"de": Tally(1, 1)})
        assert (await unit.comparisons.agreement(OLD, "v3")).total == Tally(1, 0)


async def test_a_comparison_on_no_conversation_is_refused(store: Store) -> None:
    talk = await talked(store)
    stray = replace(comparison(talk, 1), conversation="nowhere")
    with pytest.raises(InvalidInput):
        async with store.unit() as unit:
            await unit.comparisons.add([stray])


async def test_an_edited_message_is_shown_as_it_is_now(store: Store) -> None:
    talk = await stored_conversation(store)
    async with store.unit() as unit:
        entry = replace(message(talk.id, 1, "text", author=Author.CUSTOMER), id=f"{talk.id}-1", reference="r-1")
        await unit.messages.append([entry])
        await unit.comparisons.add([comparison(talk, 1, challenger="order")])
        await unit.messages.amend(talk.id, "r-1", "other text", NOON)
    async with store.unit(write=False) as unit:
        (found,) = await unit.comparisons.disagreements(OLD, NEW, 10)
    assert found.text == "other text"


async def test_comparisons_are_still_there_after_a_restart(sql_url: str) -> None:
    async with open_store(sql_url) as store:
        talk = await talked(store)
        async with store.unit() as unit:
            await unit.comparisons.add([comparison(talk, 1, champion="order", outside=True)])
    async with open_store(sql_url) as store, store.unit(write=False) as unit:
        (found,) = await unit.comparisons.disagreements(OLD, NEW, 10)
    assert found.comparison == comparison(talk, 1, champion="order", outside=True)
