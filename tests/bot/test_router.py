"""The desk as it goes on by itself: the core over memory, its clock moved by hand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from bot.conversation import Conversation, Handoff, Owner, User
from bot.errors import StorageUnavailable
from bot.ports import Committed, PresenceChanged
from bot.teams import Presence, Skill, Team
from tests.bot.rig import KIM, LEE, Bench, bench
from tests.fakes import MORNING, inbound


@pytest.fixture
async def rig() -> AsyncIterator[Bench]:
    async with bench() as running:
        async with running.store.unit() as unit:
            for user in (KIM, LEE):
                await unit.users.add(user)
        yield running


async def team(rig: Bench, *members: User, **fields: object) -> Team:
    made = Team("", "Desk", tuple(user.id for user in members), default=True, **fields)  # type: ignore[arg-type]
    return await rig.core.roster.add_team(made)


async def online(rig: Bench, user: User, *languages: str) -> None:
    await rig.core.roster.describe(user.id, languages=languages or ("en",))
    await rig.core.presences.opened(user.id)


async def calls(rig: Bench, *customers: str) -> None:
    """Customers who ask for a person, one a second."""
    for customer in customers:
        await rig.hears(inbound("a person please", conversation=customer))
        await rig.settled()
        rig.clock.advance(1)


async def handoff(rig: Bench, customer: str = "ana") -> Handoff:
    conversation = await rig.conversation(customer)
    assert conversation.handoff is not None
    async with rig.store.unit(write=False) as unit:
        found = await unit.handoffs.get(conversation.handoff)
    assert found is not None
    return found


def offered_to(conversation: Conversation) -> str | None:
    return None if conversation.offer is None else conversation.offer.agent


async def state(rig: Bench, user: User) -> Presence:
    return (await rig.core.presences.of(user.id)).state


async def test_without_a_team_agents_take_customers_themselves(rig: Bench) -> None:
    await online(rig, KIM)
    await calls(rig, "ana")
    await rig.core.router.step()
    assert offered_to(await rig.conversation()) is None


async def test_a_waiting_customer_is_offered_to_an_agent_of_the_team_who_then_claims(rig: Bench) -> None:
    made = await team(rig, KIM)
    await online(rig, LEE)
    await online(rig, KIM)
    await calls(rig, "ana")
    assert (await handoff(rig)).team == made.id
    due_at = await rig.core.router.step()
    conversation = await rig.conversation()
    assert offered_to(conversation) == KIM.id
    assert conversation.offer is not None
    assert due_at == conversation.offer.until
    await rig.core.desk.claim(conversation.id, KIM)
    assert await rig.core.router.step() != due_at
    async with rig.store.unit(write=False) as unit:
        assert await unit.dues.next() is None


async def test_an_offer_that_is_not_taken_goes_to_another_and_its_agent_is_away(rig: Bench) -> None:
    await team(rig, KIM, LEE)
    await online(rig, KIM)
    await calls(rig, "ana")
    await rig.core.router.step()
    assert offered_to(await rig.conversation()) == KIM.id
    await online(rig, LEE)
    rig.clock.advance(61)
    await rig.core.router.step()
    assert offered_to(await rig.conversation()) == LEE.id
    assert await state(rig, KIM) is Presence.AWAY
    await rig.core.presences.active(KIM.id)
    assert await state(rig, KIM) is Presence.AWAY, "until they say that they are back"


async def test_an_offer_to_somebody_who_leaves_goes_to_another_at_once(rig: Bench) -> None:
    await team(rig, KIM, LEE)
    await online(rig, KIM)
    await calls(rig, "ana")
    await rig.core.router.step()
    await online(rig, LEE)
    await rig.core.presences.choose(KIM.id, Presence.AWAY)
    await rig.core.router.step()
    assert offered_to(await rig.conversation()) == LEE.id


async def test_customers_are_spread_and_nobody_gets_more_than_they_have_room_for(rig: Bench) -> None:
    await team(rig, KIM, LEE)
    for user in (KIM, LEE):
        await online(rig, user)
        await rig.core.roster.describe(user.id, capacity=1)
    await calls(rig, "ana", "ben", "cem")
    await rig.core.router.step()
    await rig.core.router.step()
    found = [offered_to(await rig.conversation(name)) for name in ("ana", "ben", "cem")]
    assert found == [KIM.id, LEE.id, None]


async def test_a_customer_who_asks_for_a_skill_gets_who_has_it(rig: Bench) -> None:
    await rig.core.roster.add_skill(Skill("calls", reasons=("requested",)))
    await team(rig, KIM, LEE)
    await online(rig, KIM)
    await online(rig, LEE)
    await rig.core.roster.describe(LEE.id, skills=("calls",))
    await calls(rig, "ana")
    await rig.core.router.step()
    assert offered_to(await rig.conversation()) == LEE.id


async def test_a_language_that_nobody_speaks_is_waited_for_and_no_longer(rig: Bench) -> None:
    await team(rig, KIM)
    await online(rig, KIM, "de")
    await calls(rig, "ana")
    asked = MORNING
    due_at = await rig.core.router.step()
    assert offered_to(await rig.conversation()) is None
    assert due_at == asked + timedelta(seconds=120)
    rig.clock.at = asked + timedelta(seconds=120)
    await rig.core.presences.active(KIM.id)
    await rig.core.router.step()
    assert offered_to(await rig.conversation()) == KIM.id


async def test_who_has_no_console_or_does_nothing_is_away_then_offline_and_back_when_they_act(rig: Bench) -> None:
    await online(rig, KIM)
    assert await state(rig, KIM) is Presence.ONLINE
    rig.clock.advance(300)
    await rig.core.presences.connected(KIM.id)  # open, but nobody does anything
    await rig.core.router.step()
    assert await state(rig, KIM) is Presence.AWAY
    rig.clock.advance(600)
    await rig.core.router.step()
    assert await state(rig, KIM) is Presence.OFFLINE
    await rig.core.presences.opened(KIM.id)
    assert await state(rig, KIM) is Presence.ONLINE


async def test_presence_is_told_once_for_every_change(rig: Bench) -> None:
    async with rig.core.live.subscribe() as events:
        await online(rig, KIM)
        await rig.core.presences.choose(KIM.id, Presence.AWAY)
        await rig.core.presences.choose(KIM.id, Presence.AWAY)
        await rig.core.presences.choose(KIM.id, Presence.OFFLINE)
        told = []
        while len(told) < 3:
            event = await asyncio.wait_for(anext(events), 5)
            if isinstance(event, PresenceChanged):
                told.append(event.state)
    assert told == [Presence.ONLINE, Presence.AWAY, Presence.OFFLINE]


async def test_who_says_that_they_are_there_is_though_their_console_was_closed(rig: Bench) -> None:
    await online(rig, KIM)
    rig.clock.advance(1000)
    await rig.core.router.step()
    assert await state(rig, KIM) is Presence.OFFLINE
    await rig.core.presences.choose(KIM.id, Presence.ONLINE)
    assert await state(rig, KIM) is Presence.ONLINE


async def test_who_signs_out_is_offline_at_once_and_online_when_they_are_back(rig: Bench) -> None:
    await rig.core.presences.left(LEE.id)
    await online(rig, KIM)
    await rig.core.presences.left(KIM.id)
    assert (await state(rig, KIM), await state(rig, LEE)) == (Presence.OFFLINE, Presence.OFFLINE)
    await rig.core.router.step()
    await rig.core.presences.opened(KIM.id)
    assert await state(rig, KIM) is Presence.ONLINE


async def test_who_works_without_a_console_is_there_as_long_as_they_do_something(rig: Bench) -> None:
    for _ in range(3):
        await rig.core.presences.active(KIM.id)
        rig.clock.advance(299)
    await rig.core.router.step()
    assert await state(rig, KIM) is Presence.ONLINE
    rig.clock.advance(1)
    await rig.core.router.step()
    assert await state(rig, KIM) is Presence.AWAY


async def test_who_chose_to_be_offline_stays_so_whatever_they_do(rig: Bench) -> None:
    await online(rig, KIM)
    await rig.core.presences.choose(KIM.id, Presence.OFFLINE)
    rig.clock.advance(60)
    await rig.core.presences.active(KIM.id)
    assert await state(rig, KIM) is Presence.OFFLINE


async def test_what_an_agent_who_goes_offline_has_not_answered_waits_for_another(rig: Bench) -> None:
    await online(rig, KIM)
    await calls(rig, "ana", "ben")
    for customer in ("ana", "ben"):
        await rig.core.desk.claim((await rig.conversation(customer)).id, KIM)
    await rig.core.desk.answer((await rig.conversation("ben")).id, KIM, "Hello Ben")
    rig.clock.advance(1)
    await rig.core.presences.choose(KIM.id, Presence.OFFLINE)
    await rig.core.router.step()
    ana, ben = await rig.conversation("ana"), await rig.conversation("ben")
    assert (ana.owner, ana.agent) == (Owner.QUEUE, None)
    assert (ben.owner, ben.agent) == (Owner.AGENT, KIM.id)
    waiting = await handoff(rig, "ana")
    assert (waiting.state, waiting.agent, waiting.opened_at) == ("waiting", None, MORNING)
    await rig.hears(inbound("hello", conversation="ben"))
    await rig.settled()
    await rig.core.router.step()
    assert (await rig.conversation("ben")).owner is Owner.QUEUE
    await rig.core.desk.claim(ana.id, LEE)
    assert (await rig.conversation("ana")).agent == LEE.id


async def test_what_an_agent_takes_while_offline_they_keep(rig: Bench) -> None:
    await online(rig, KIM)
    await calls(rig, "ana")
    await rig.core.presences.choose(KIM.id, Presence.OFFLINE)
    rig.clock.advance(1)
    await rig.core.desk.claim((await rig.conversation()).id, KIM)
    await rig.core.router.step()
    assert (await rig.conversation()).agent == KIM.id


async def test_customers_hear_their_place_and_when_it_has_become_better(rig: Bench) -> None:
    await calls(rig, "ana", "ben", "cem", "dan")

    async def told(customer: str) -> list[str]:
        return [entry.text for entry in await rig.history(customer) if entry.text.startswith("You are number")]

    await rig.core.router.step()
    assert [await told(name) for name in ("ana", "ben", "dan")] == [[], ["You are number 2."], ["You are number 4."]]
    for name in ("ana", "ben"):
        await rig.core.desk.claim((await rig.conversation(name)).id, KIM)
    due_at = await rig.core.router.step()
    assert await told("dan") == ["You are number 4."], "not so soon"
    assert due_at is not None
    rig.clock.at = due_at
    await rig.core.router.step()
    assert await told("dan") == ["You are number 4.", "You are number 2."]
    assert await told("cem") == ["You are number 3.", "You are number 1."]


async def test_outside_working_hours_no_place_is_told(rig: Bench) -> None:
    rig.clock.at = MORNING - timedelta(hours=8)
    await calls(rig, "ana", "ben")
    await rig.core.router.step()
    assert (await rig.conversation("ben")).told_place is None


async def test_what_is_snoozed_leaves_the_queue_and_comes_back_by_itself(rig: Bench) -> None:
    await calls(rig, "ana")
    identity = (await rig.conversation()).id
    until = rig.clock.now() + timedelta(hours=1)
    await rig.core.desk.snooze(identity, KIM, until, force=False)
    assert await rig.core.desk.queue() == []
    await rig.core.router.step()
    assert await rig.core.desk.queue() == []
    rig.clock.at = until
    await rig.core.router.step()
    (back,) = await rig.core.desk.queue()
    assert back.conversation.id == identity
    assert [entry.text for entry in await rig.history()][-2:] == [
        "Kim snoozed it until 2026-11-23 11:00 UTC",
        "no longer snoozed: its time has come",
    ]


async def test_a_clock_that_begins_to_warn_is_told_and_counted(rig: Bench) -> None:
    await calls(rig, "ana")
    await rig.core.router.step()
    async with rig.core.live.subscribe() as events:
        rig.clock.at = MORNING + timedelta(seconds=450)
        await rig.core.router.step()
        event = await asyncio.wait_for(anext(events), 5)
    assert isinstance(event, Committed)
    assert event.conversation.id == (await rig.conversation()).id
    (summary,) = await rig.core.desk.queue()
    assert summary.clocks.first_answer is not None
    assert summary.clocks.first_answer.state == "warning"
    figures = rig.core.metrics.render().decode()
    assert 'babeldesk_sla_open{clock="first_answer",state="warning"} 1.0' in figures
    assert 'babeldesk_sla_open{clock="resolution",state="due"} 1.0' in figures


async def test_clocks_that_end_are_counted_once_as_met_or_breached(rig: Bench) -> None:
    await calls(rig, "ana")
    identity = (await rig.conversation()).id
    await rig.core.desk.claim(identity, KIM)
    rig.clock.at = MORNING + timedelta(seconds=601)
    await rig.core.desk.answer(identity, KIM, "Hello")
    await rig.core.desk.answer(identity, KIM, "Still there?")
    assert (await handoff(rig)).answered_at == rig.clock.at
    await rig.core.desk.close(identity, KIM)
    figures = rig.core.metrics.render().decode()
    assert 'babeldesk_sla_stopped_total{clock="first_answer",state="breached"} 1.0' in figures
    assert 'babeldesk_sla_stopped_total{clock="resolution",state="met"} 1.0' in figures


async def test_a_transfer_moves_the_handoff_to_the_other_team(rig: Bench) -> None:
    await team(rig, KIM)
    second = await rig.core.roster.add_team(Team("", "Second line", (LEE.id,)))
    await online(rig, KIM)
    await online(rig, LEE)
    await calls(rig, "ana")
    identity = (await rig.conversation()).id
    await rig.core.desk.claim(identity, KIM)
    await rig.core.desk.transfer(identity, KIM, second, force=False)
    assert (await handoff(rig)).team == second.id
    await rig.core.router.step()
    assert offered_to(await rig.conversation()) == LEE.id


async def test_a_database_that_cannot_be_reached_is_waited_for(rig: Bench) -> None:
    looks = 0
    step = rig.core.router.step

    async def failing_once() -> datetime | None:
        nonlocal looks
        looks += 1
        if looks == 1:
            raise StorageUnavailable("connection refused")
        return await step()

    rig.core.router.step = failing_once  # type: ignore[method-assign]
    task = asyncio.create_task(rig.core.router.run())
    async with asyncio.timeout(10):
        while looks < 2:
            await asyncio.sleep(0.02)
    rig.core.router.stop()
    await asyncio.wait_for(task, 5)


async def test_the_task_works_when_something_happens_and_ends_when_told(rig: Bench) -> None:
    await team(rig, KIM)
    await online(rig, KIM)
    task = asyncio.create_task(rig.core.router.run())
    await asyncio.sleep(0.3)  # it has looked at the empty desk, and sleeps
    await calls(rig, "ana")
    async with asyncio.timeout(5):
        while offered_to(await rig.conversation()) is None:
            await asyncio.sleep(0.02)
    rig.core.router.stop()
    await asyncio.wait_for(task, 5)
