"""Agents and servers that want the same thing at once, on real databases."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest

from bot.conversation import Owner
from bot.errors import Conflict
from bot.ports import Committed, Store
from bot.teams import Presence, Team
from storage.sql import open_store
from tests.bot.rig import KIM, LEE, Bench, bench
from tests.fakes import inbound


@pytest.fixture
async def servers(sql_url: str) -> AsyncIterator[tuple[Bench, Bench]]:
    """Two servers on one database, whose users are Kim and Lee; Ana waits for a human."""
    async with AsyncExitStack() as stack:
        stores: list[Store] = [await stack.enter_async_context(open_store(sql_url)) for _ in range(2)]
        first, second = [await stack.enter_async_context(bench(store)) for store in stores]
        async with first.store.unit() as unit:
            for user in (KIM, LEE):
                await unit.users.add(user)
        await first.hears(inbound("a person please", conversation="ana"))
        await first.settled()
        yield first, second


async def test_of_two_agents_who_claim_at_once_on_two_servers_one_is_refused(servers: tuple[Bench, Bench]) -> None:
    identity = (await servers[0].conversation()).id
    outcomes = await asyncio.gather(
        servers[0].core.desk.claim(identity, KIM), servers[1].core.desk.claim(identity, LEE), return_exceptions=True
    )
    [winner] = [outcome for outcome in outcomes if isinstance(outcome, Committed)]
    [loser] = [outcome for outcome in outcomes if not isinstance(outcome, Committed)]
    assert isinstance(loser, Conflict)
    assert str(winner.conversation.agent_name) in str(loser)
    conversation = await servers[1].conversation()
    assert (conversation.owner, conversation.agent) == (Owner.AGENT, winner.conversation.agent)
    assert [entry.text for entry in await servers[0].history()].count(f"{conversation.agent_name} is here.") == 1


async def test_two_servers_offer_a_customer_to_one_agent_once(servers: tuple[Bench, Bench]) -> None:
    first, second = servers
    await first.core.roster.add_team(Team("", "Desk", (KIM.id, LEE.id), default=True))
    for user in (KIM, LEE):
        await first.core.roster.describe(user.id, languages=("en",))
        await first.core.presences.opened(user.id)
    before = await first.conversation()
    await asyncio.gather(first.core.router.step(), second.core.router.step())
    after = await first.conversation()
    assert after.offer is not None
    assert after.version == before.version + 1


async def test_a_snooze_ends_once_however_many_servers_watch_and_whatever_was_restarted(
    servers: tuple[Bench, Bench], sql_url: str
) -> None:
    first, second = servers
    identity = (await first.conversation()).id
    until = first.clock.now() + timedelta(hours=1)
    await first.core.desk.snooze(identity, KIM, until, force=False)
    async with open_store(sql_url) as later, bench(later) as third:
        running = (first, second, third)
        for server in running:
            server.clock.at = until
        await asyncio.gather(*(server.core.router.step() for server in running))
        texts = [entry.text for entry in await third.history()]
        assert texts.count("no longer snoozed: its time has come") == 1
        assert (await third.conversation()).snoozed is None
        async with third.store.unit(write=False) as unit:
            assert await unit.dues.next() is None


async def test_presence_survives_a_restart(servers: tuple[Bench, Bench], sql_url: str) -> None:
    await servers[0].core.presences.opened(KIM.id)
    await servers[0].core.presences.choose(KIM.id, Presence.AWAY)
    async with open_store(sql_url) as later, bench(later) as third:
        agent = await third.core.presences.of(KIM.id)
        assert (agent.state, agent.chosen) == (Presence.AWAY, Presence.AWAY)
