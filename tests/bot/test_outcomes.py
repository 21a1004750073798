"""What is noted of a turn, as the policy makes them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.messages import Address, Command, Content, Edited, Pressed, Unsupported
from bot.outcomes import Outcome, Turn
from bot.understanding import Sentiment
from tests.bot.rig import KIM, Bench, bench
from tests.fakes import inbound


async def turns(core: Bench, *events: str | Content) -> list[Turn]:
    """The turns that these make, a minute apart."""
    for event in events:
        core.clock.advance(60)
        said = inbound(event if isinstance(event, str) else "")
        said = replace(said, at=core.clock.now(), content=said.content if isinstance(event, str) else event)
        await core.hears(said)
        await core.settled()
    return await stored(core)


async def stored(core: Bench) -> list[Turn]:
    async with core.store.unit(write=False) as unit:
        conversation = await unit.conversations.at(Address("memory", "ana"))
        assert conversation is not None
        found = [await unit.turns.get(conversation.id, seq) for seq in range(1, conversation.seq + 1)]
    return [turn for turn in found if turn is not None]


@pytest.mark.parametrize(
    ("events", "outcomes"),
    [
        (["hello"], ["answered"]),
        (["how long does it take?"], ["answered"]),
        (["qwertz"], ["rephrased"]),
        (["sing me a song"], ["rephrased"]),
        (["my thing about the thing"], ["clarified"]),
        (["qwertz", "qwertz"], ["rephrased", "handed_over"]),
        (["a person please", "hello", "hello"], ["handed_over", "waiting", "waiting"]),
        (["a person please", "forget it"], ["handed_over", "answered"]),
        (["where is my order?", "blue", "12345"], ["asked", "rephrased", "answered"]),
        (["where is my order?", "99999"], ["asked", "asked"]),
        (["where is my order?", "how long does it take?"], ["asked", "asked"]),
        (["where is my order?", "blue", "blue", "blue"], ["asked", "rephrased", "rephrased", "handed_over"]),
        ([Command("start"), Command("language"), Unsupported("sticker")], ["other", "other", "other"]),
        ([Command("help"), Pressed("intent:delivery_time"), Pressed("human")], ["answered", "answered", "handed_over"]),
        (["i was robbed"], ["handed_over"]),
    ],
)
async def test_the_outcome_is_how_the_customer_saw_it(events: list[str | Content], outcomes: list[str]) -> None:
    async with bench() as core:
        assert [str(turn.outcome) for turn in await turns(core, *events)] == outcomes


async def test_what_is_said_to_an_agent_is_noted_as_such() -> None:
    async with bench() as core:
        await turns(core, "a person please")
        conversation = await core.conversation()
        await core.core.desk.claim(conversation.id, KIM)
        assert (await turns(core, "hello"))[-1].outcome is Outcome.WITH_AGENT
        await core.core.desk.close(conversation.id, KIM)
        assert (await turns(core, "hello"))[-1].outcome is Outcome.ANSWERED


async def test_intent_confidence_language_and_reason_are_noted() -> None:
    async with bench() as core:
        core.model.sentiment = Sentiment("negative", -0.5)
        await turns(core, "hallo")
        core.model.sentiment = None
        first, second, third = await turns(core, "sing me a song", "qwertz")
    assert (first.intent, first.confidence, first.language, first.negative) == ("greeting", 0.97, "de", True)
    assert (second.intent, second.confidence) == ("out_of_scope", 0.9)
    assert (third.outcome, third.reason) == (Outcome.HANDED_OVER, "low_confidence")


async def test_the_silence_before_a_turn_is_noted() -> None:
    async with bench() as core:
        first, second = await turns(core, "hello", "hello")
    assert (first.quiet, second.quiet) == (None, 60.0)


async def test_the_answer_to_a_flows_question_is_told_from_an_interruption() -> None:
    async with bench() as core:
        found = await turns(core, "where is my order?", "how long does it take?", "12345", "hello")
    assert [turn.in_flow for turn in found] == [False, False, True, False]


async def test_an_edit_that_is_answered_takes_the_place_of_what_it_changes() -> None:
    async with bench() as core:
        await turns(core, "hello")
        core.clock.advance(30)
        typo = replace(inbound("qwertz"), at=core.clock.now())
        await core.hears(typo)
        await core.settled()
        assert [turn.outcome for turn in await stored(core)] == [Outcome.ANSWERED, Outcome.REPHRASED]
        assert typo.reference is not None
        first, second = await turns(core, Edited(typo.reference, "how long does it take?"))
    assert (second.outcome, second.intent, second.quiet) == (Outcome.ANSWERED, "delivery_time", 30.0)
    assert first.outcome is Outcome.ANSWERED


async def test_a_turn_that_is_given_up_is_a_handoff() -> None:
    async with bench() as core:
        core.model.error = RuntimeError("broken")
        await core.hears(inbound("hello"))
        received = None
        async with core.store.unit(write=False) as unit:
            received = await unit.inbox.head("memory:ana")
        assert received is not None
        await core.core.turns.give_up(received, "broken")
        (turn,) = await stored(core)
    assert (turn.outcome, turn.reason) == (Outcome.HANDED_OVER, "error")
