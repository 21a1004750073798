"""What waits for a verdict, and the verdicts, are the same in every store."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.conversation import Conversation
from bot.errors import Conflict
from bot.messages import Address, Author
from bot.outcomes import Outcome, Turn
from bot.ports import Store
from bot.ports_inbox import Rating
from bot.review import Label, Verdict
from tests.storage.samples import NOON, UNDERSTOOD, later, message, stored_conversation


async def heard(store: Store, talk: Conversation, number: int, outcome: Outcome, **fields: object) -> str:
    """A customer's message that ended so; its id."""
    entry = replace(message(talk.id, number, f"text {number}", author=Author.CUSTOMER), id=f"{talk.id}-{number}")
    turn = Turn(talk.id, number, entry.id, talk.address.channel, later(number), "de", outcome, "track_order", 0.5)
    async with store.unit() as unit:
        await unit.messages.append([entry])
        await unit.turns.put(replace(turn, **fields))  # type: ignore[arg-type]
    return entry.id


async def rated(store: Store, talk: Conversation, identity: str, seconds: float, score: int | None) -> None:
    async with store.unit() as unit:
        await unit.ratings.add(Rating(identity, talk.id, "u1", "Kim", later(seconds), score))


def label(identity: str, act: str = "a1", verdict: Verdict = Verdict.INTENT, seconds: float = 0) -> Label:
    intent = "refund" if verdict is Verdict.INTENT else None
    return Label(act, identity, "wo ist das?", "de", verdict, "u1", "Root", later(seconds), intent)


async def test_what_the_bot_failed_on_waits_for_a_verdict_latest_first(store: Store) -> None:
    talk = await stored_conversation(store)
    await heard(store, talk, 1, Outcome.ANSWERED)
    unsure = await heard(store, talk, 2, Outcome.CLARIFIED)
    lost = await heard(store, talk, 3, Outcome.REPHRASED, intent="out_of_scope")
    await heard(store, talk, 4, Outcome.HANDED_OVER, reason="requested")
    stuck = await heard(store, talk, 5, Outcome.HANDED_OVER, reason="low_confidence")
    await heard(store, talk, 6, Outcome.WAITING)
    await heard(store, talk, 7, Outcome.REPHRASED, intent=None)
    async with store.unit(write=False) as unit:
        found = await unit.review.doubts(10)
        assert await unit.review.count() == 3
        assert [d.message for d in await unit.review.doubts(2)] == [stuck, lost]
    assert [d.message for d in found] == [stuck, lost, unsure]
    assert (found[2].text, found[2].why, found[2].at) == ("text 2", Outcome.CLARIFIED, NOON)
    assert found[2].ranking == UNDERSTOOD.ranking


async def test_what_was_said_before_a_bad_rating_waits_too_as_rated(store: Store) -> None:
    talk = await stored_conversation(store)
    await heard(store, talk, 1, Outcome.ANSWERED)
    await heard(store, talk, 2, Outcome.ANSWERED, quiet=90_000.0)
    await rated(store, talk, "fine", 3, 5)
    answered = await heard(store, talk, 4, Outcome.ANSWERED, quiet=3_000.0)
    called = await heard(store, talk, 5, Outcome.HANDED_OVER, reason="requested")
    unsure = await heard(store, talk, 6, Outcome.CLARIFIED)
    await heard(store, talk, 7, Outcome.ASKED, intent=None)
    await heard(store, talk, 8, Outcome.ANSWERED, in_flow=True)
    await heard(store, talk, 9, Outcome.WITH_AGENT)
    await rated(store, talk, "bad", 10, 2)
    await heard(store, talk, 11, Outcome.OTHER)
    await heard(store, talk, 12, Outcome.ANSWERED)
    await rated(store, talk, "silent", 13, None)
    await heard(store, talk, 14, Outcome.ANSWERED)
    async with store.unit() as unit:
        found = await unit.review.doubts(10)
        assert [(d.message, str(d.why)) for d in found] == [
            (unsure, "clarified"),
            (called, "rated"),
            (answered, "rated"),
        ]
        assert await unit.review.count() == 3
        assert await unit.review.doubts(10, language="fr") == []
        await unit.review.decide([label(answered)])
    async with store.unit() as unit:
        assert [d.message for d in await unit.review.doubts(10)] == [unsure, called]
        await unit.ratings.answer("bad", 3, None, later(20))
    async with store.unit(write=False) as unit:
        assert [d.message for d in await unit.review.doubts(10)] == [unsure], "the customer thinks better of it now"


async def test_a_bad_rating_is_about_one_talk_and_not_about_what_was_said_days_before_or_elsewhere(
    store: Store,
) -> None:
    here = await stored_conversation(store)
    there = await stored_conversation(store, Address("slack", "9"))
    await heard(store, there, 1, Outcome.ANSWERED)
    await heard(store, here, 1, Outcome.ANSWERED)
    first = await heard(store, here, 2, Outcome.ANSWERED, quiet=90_000.0)
    second = await heard(store, here, 3, Outcome.ANSWERED, quiet=80_000.0)
    await rated(store, here, "bad", 4, 1)
    await heard(store, here, 5, Outcome.ANSWERED, quiet=90_000.0)
    async with store.unit(write=False) as unit:
        assert [d.message for d in await unit.review.doubts(9)] == [second, first]
        assert await unit.review.count() == 2


async def test_doubts_are_found_by_language_and_channel(store: Store) -> None:
    here = await stored_conversation(store)
    there = await stored_conversation(store, Address("slack", "9"))
    german = await heard(store, here, 1, Outcome.CLARIFIED)
    french = await heard(store, there, 1, Outcome.CLARIFIED, language="fr")
    async with store.unit(write=False) as unit:
        assert [d.message for d in await unit.review.doubts(9, language="fr")] == [french]
        assert [d.message for d in await unit.review.doubts(9, channel="telegram")] == [german]
        assert await unit.review.doubts(9, language="fr", channel="telegram") == []


async def test_a_message_with_a_verdict_waits_no_more_until_that_is_undone(store: Store) -> None:
    talk = await stored_conversation(store)
    first, second = [await heard(store, talk, number, Outcome.REPHRASED) for number in (1, 2)]
    async with store.unit() as unit:
        await unit.review.decide([label(first)])
    async with store.unit() as unit:
        assert [d.message for d in await unit.review.doubts(9)] == [second]
        assert await unit.review.count() == 1
        assert await unit.review.undo("a1") == 1
        assert await unit.review.undo("a1") == 0
    async with store.unit(write=False) as unit:
        assert {d.message for d in await unit.review.doubts(9)} == {first, second}
        assert await unit.review.labels() == []


async def test_of_two_verdicts_on_a_message_the_second_is_refused_with_all_that_came_with_it(store: Store) -> None:
    talk = await stored_conversation(store)
    first, second = [await heard(store, talk, number, Outcome.REPHRASED) for number in (1, 2)]
    async with store.unit() as unit:
        await unit.review.decide([label(first)])
    with pytest.raises(Conflict):
        async with store.unit() as unit:
            await unit.review.decide([label(second, "a2"), label(first, "a2")])
    async with store.unit(write=False) as unit:
        assert await unit.review.labels() == [label(first)]


async def test_verdicts_come_back_as_they_were_latest_first(store: Store) -> None:
    given = [
        label("m1"),
        label("m2", verdict=Verdict.OUT_OF_SCOPE, seconds=1),
        label("m3", "a2", Verdict.DISMISSED, seconds=2),
    ]
    async with store.unit() as unit:
        await unit.review.decide(given)
    async with store.unit(write=False) as unit:
        assert await unit.review.labels() == given[::-1]
        assert await unit.review.labels(1) == given[2:]


async def test_messages_are_found_by_id_in_the_order_asked_and_only_the_customers(store: Store) -> None:
    talk = await stored_conversation(store)
    first, second = [await heard(store, talk, number, Outcome.ANSWERED) for number in (1, 2)]
    bots = replace(message(talk.id, 3), id="bots")
    async with store.unit() as unit:
        await unit.messages.append([bots])
        found = await unit.review.find([second, "nothing", first, "bots", second])
    assert [d.message for d in found] == [second, first]


async def test_a_turn_takes_the_place_of_the_one_before(store: Store) -> None:
    talk = await stored_conversation(store)
    await heard(store, talk, 1, Outcome.REPHRASED, quiet=12.5, negative=True, in_flow=True)
    async with store.unit() as unit:
        turn = await unit.turns.get(talk.id, 1)
        assert turn is not None
        assert (turn.quiet, turn.negative, turn.in_flow, turn.at) == (12.5, True, True, later(1))
        await unit.turns.put(replace(turn, outcome=Outcome.ANSWERED))
    async with store.unit(write=False) as unit:
        assert await unit.turns.get(talk.id, 1) == replace(turn, outcome=Outcome.ANSWERED)
        assert await unit.turns.get(talk.id, 2) is None
