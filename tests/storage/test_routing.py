from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime

import pytest

from bot.errors import Conflict, InvalidInput
from bot.messages import Address
from bot.ports import Store
from bot.teams import Agent, Presence, Skill, Team
from tests.storage.samples import NOON, later, stored_conversation, user

RETURNS = Team("t1", "Returns", ("u1",), ("return_request",), ("flow",), ("de",), first_answer=60)


async def stored_user(store: Store, name: str = "Ada") -> str:
    somebody = user(name)
    async with store.unit() as unit:
        await unit.users.add(somebody)
    return somebody.id


async def test_a_team_comes_back_as_it_was_and_as_it_is_changed(store: Store) -> None:
    async with store.unit() as unit:
        await unit.teams.add(RETURNS)
        await unit.teams.add(Team("t2", "billing", default=True))
    async with store.unit(write=False) as unit:
        assert await unit.teams.get("t1") == RETURNS
        assert [team.name for team in await unit.teams.list()] == ["billing", "Returns"]
    changed = replace(RETURNS, name="RETURNS", members=())
    async with store.unit() as unit:
        await unit.teams.save(changed)
        assert await unit.teams.remove("t2")
        assert not await unit.teams.remove("t2")
    async with store.unit(write=False) as unit:
        assert await unit.teams.list() == [changed]
        assert await unit.teams.get("t2") is None


async def test_no_two_teams_have_a_name_in_common_whatever_its_case(store: Store) -> None:
    async with store.unit() as unit:
        await unit.teams.add(RETURNS)
        await unit.teams.add(Team("t2", "Billing"))
    with pytest.raises(Conflict, match="taken"):
        async with store.unit() as unit:
            await unit.teams.add(Team("t3", "RETURNS"))
    with pytest.raises(Conflict, match="taken"):
        async with store.unit() as unit:
            await unit.teams.save(Team("t2", "returns"))
    with pytest.raises(InvalidInput, match="no team 't9'"):
        async with store.unit() as unit:
            await unit.teams.save(Team("t9", "Other"))


async def test_a_skill_is_found_by_its_name_whatever_its_case(store: Store) -> None:
    async with store.unit() as unit:
        await unit.skills.add(Skill("Refunds", ("refund_status",)))
        await unit.skills.add(Skill("fraud", reasons=("sensitive",)))
    with pytest.raises(Conflict, match="already"):
        async with store.unit() as unit:
            await unit.skills.add(Skill("REFUNDS"))
    async with store.unit() as unit:
        await unit.skills.save(Skill("refunds", (), ("flow",)))
    with pytest.raises(InvalidInput, match="no skill"):
        async with store.unit() as unit:
            await unit.skills.save(Skill("cooking"))
    async with store.unit() as unit:
        assert await unit.skills.list() == [Skill("fraud", reasons=("sensitive",)), Skill("Refunds", (), ("flow",))]
        assert await unit.skills.remove("FRAUD")
        assert not await unit.skills.remove("fraud")


async def test_of_an_agent_each_part_is_stored_by_itself(store: Store) -> None:
    ada = await stored_user(store)
    async with store.unit() as unit:
        assert await unit.agents.get(ada) == Agent(ada)
        assert await unit.agents.list() == []
        await unit.agents.describe(ada, ["de", "zh-Hans"], ["refunds"], 3)
        await unit.agents.seen(ada, NOON, active=False)
        await unit.agents.seen(ada, later(1), active=True)
        await unit.agents.stand(ada, Presence.AWAY, Presence.AWAY, later(2), expected=Presence.OFFLINE)
        await unit.agents.assigned(ada, NOON, expected=None)
        await unit.agents.assigned(ada, later(3), expected=NOON)
    expected = Agent(
        ada, ("de", "zh-Hans"), ("refunds",), 3, Presence.AWAY, Presence.AWAY, later(2), NOON, later(1), later(3)
    )
    async with store.unit(write=False) as unit:
        assert await unit.agents.get(ada) == expected
        assert await unit.agents.list() == [expected]


async def test_of_two_who_move_an_agent_at_once_exactly_one_does(store: Store) -> None:
    ada = await stored_user(store)
    async with store.unit() as unit:
        await unit.agents.stand(ada, Presence.ONLINE, Presence.ONLINE, NOON, expected=Presence.OFFLINE)
    both_ready = asyncio.Barrier(2)

    async def leave(state: Presence) -> Presence:
        await both_ready.wait()
        async with store.unit() as unit:
            await unit.agents.stand(ada, Presence.ONLINE, state, later(), expected=Presence.ONLINE)
            await asyncio.sleep(0.05)
        return state

    outcomes = await asyncio.gather(leave(Presence.AWAY), leave(Presence.OFFLINE), return_exceptions=True)
    [winner] = [outcome for outcome in outcomes if isinstance(outcome, Presence)]
    [loser] = [outcome for outcome in outcomes if not isinstance(outcome, Presence)]
    assert isinstance(loser, Conflict)
    async with store.unit(write=False) as unit:
        assert (await unit.agents.get(ada)).state is winner


@pytest.mark.parametrize("expected", [None, later(5)])
async def test_an_agent_who_was_assigned_something_meanwhile_is_not_assigned_more(
    store: Store, expected: datetime | None
) -> None:
    ada = await stored_user(store)
    async with store.unit() as unit:
        await unit.agents.assigned(ada, NOON, expected=None)
    with pytest.raises(Conflict, match="somebody else"):
        async with store.unit() as unit:
            await unit.agents.assigned(ada, later(), expected=expected)


async def test_an_agent_is_a_user(store: Store) -> None:
    with pytest.raises(InvalidInput):
        async with store.unit() as unit:
            await unit.agents.seen("nobody", NOON, active=True)


async def test_what_is_due_is_told_in_time_and_forgotten_when_it_is_over(store: Store) -> None:
    early, late = [await stored_conversation(store, Address("telegram", name)) for name in ("early", "late")]
    async with store.unit() as unit:
        assert await unit.dues.next() is None
        await unit.dues.set(late.id, later(20))
        await unit.dues.set(early.id, later(30))
        await unit.dues.set(early.id, later(10))
    async with store.unit() as unit:
        assert await unit.dues.next() == later(10)
        assert await unit.dues.until(later(9)) == []
        assert await unit.dues.until(later(10)) == [early.id]
        assert await unit.dues.until(later(60)) == [early.id, late.id]
        assert await unit.dues.until(later(60), limit=1) == [early.id]
        await unit.dues.set(early.id, None)
    async with store.unit(write=False) as unit:
        assert await unit.dues.until(later(60)) == [late.id]


async def test_what_is_due_belongs_to_a_conversation(store: Store) -> None:
    with pytest.raises(InvalidInput):
        async with store.unit() as unit:
            await unit.dues.set("nothing", NOON)
