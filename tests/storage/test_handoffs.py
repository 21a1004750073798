from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.conversation import Handoff, HandoffState
from bot.errors import Conflict, InvalidInput
from bot.messages import Address
from bot.ports import Store
from tests.storage.samples import NOON, later, stored_conversation, stored_handoff

CLAIMED, WAITING, DONE = HandoffState.CLAIMED, HandoffState.WAITING, HandoffState.DONE


def claimed(handoff: Handoff, agent: str) -> Handoff:
    return replace(handoff, state=CLAIMED, agent=agent, agent_name=agent.title(), claimed_at=later())


async def test_a_handoff_comes_back_as_it_was(store: Store) -> None:
    handoff = await stored_handoff(store, await stored_conversation(store))
    async with store.unit(write=False) as unit:
        assert await unit.handoffs.get(handoff.id) == handoff
        assert await unit.handoffs.get("nothing") is None


async def test_a_handoff_goes_from_state_to_state(store: Store) -> None:
    handoff = await stored_handoff(store, await stored_conversation(store))
    taken = claimed(handoff, "ada")
    done = replace(taken, state=DONE, done_at=later(2), outcome="given_back")
    async with store.unit() as unit:
        await unit.handoffs.save(taken, expected=WAITING)
    async with store.unit() as unit:
        await unit.handoffs.save(done, expected=CLAIMED)
    async with store.unit(write=False) as unit:
        assert await unit.handoffs.get(handoff.id) == done


async def test_of_two_agents_who_claim_at_once_exactly_one_wins(store: Store) -> None:
    handoff = await stored_handoff(store, await stored_conversation(store))
    both_ready = asyncio.Barrier(2)

    async def claim(agent: str) -> str:
        await both_ready.wait()
        async with store.unit() as unit:
            await unit.handoffs.save(claimed(handoff, agent), expected=WAITING)
            await asyncio.sleep(0.05)
        return agent

    outcomes = await asyncio.gather(claim("ada"), claim("bob"), return_exceptions=True)
    [winner] = [outcome for outcome in outcomes if isinstance(outcome, str)]
    [loser] = [outcome for outcome in outcomes if not isinstance(outcome, str)]
    assert isinstance(loser, Conflict)
    async with store.unit(write=False) as unit:
        assert await unit.handoffs.get(handoff.id) == claimed(handoff, winner)


async def test_a_handoff_in_another_state_than_expected_is_left_alone(store: Store) -> None:
    handoff = await stored_handoff(store, await stored_conversation(store))
    with pytest.raises(Conflict, match="not claimed"):
        async with store.unit() as unit:
            await unit.handoffs.save(replace(handoff, state=DONE), expected=CLAIMED)
    async with store.unit(write=False) as unit:
        assert await unit.handoffs.get(handoff.id) == handoff


async def test_handoffs_are_listed_by_state_longest_waiting_first(store: Store) -> None:
    late, early, taken = [
        await stored_handoff(store, await stored_conversation(store, Address("telegram", str(seconds))), later(seconds))
        for seconds in (30, 10, 20)
    ]
    async with store.unit() as unit:
        await unit.handoffs.save(claimed(taken, "ada"), expected=WAITING)
    async with store.unit(write=False) as unit:
        assert await unit.handoffs.list([WAITING]) == [early, late]
        assert await unit.handoffs.list([WAITING, CLAIMED]) == [early, claimed(taken, "ada"), late]
        assert await unit.handoffs.list([WAITING], limit=1) == [early]
        assert await unit.handoffs.list([DONE]) == []
        assert await unit.handoffs.list([]) == []


async def test_a_handoff_is_stored_once(store: Store) -> None:
    handoff = await stored_handoff(store, await stored_conversation(store))
    with pytest.raises(Conflict):
        async with store.unit() as unit:
            await unit.handoffs.add(handoff)


async def test_a_handoff_of_an_unknown_conversation_is_refused(store: Store) -> None:
    with pytest.raises(InvalidInput):
        async with store.unit() as unit:
            await unit.handoffs.add(Handoff("h", "nothing", "asked", NOON))
    async with store.unit(write=False) as unit:
        assert await unit.handoffs.get("h") is None
