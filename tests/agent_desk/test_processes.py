"""Several servers over one PostgreSQL database share one channel, and any of them may go."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from tests.agent_desk.rig import KIM, DeskRig, desk_rig
from tests.missing import missing
from tests.scenarios.rig import eventually
from tests.storage.conftest import execute, own_schema


@pytest.fixture
def database() -> Iterator[str]:
    """The URL of an empty schema."""
    try:
        execute("SELECT 1")
    except (OSError, asyncpg.PostgresError) as error:
        missing(f"no PostgreSQL server to test with (TEST_DATABASE_URL): {error}")
    with own_schema() as url:
        yield url


async def test_two_servers_post_nothing_twice_and_one_alone_goes_on(database: str, tmp_path: Path) -> None:
    async with desk_rig(tmp_path, database_url=database) as first:
        settings = first.settings.model_copy(update={"port": 0})
        second = DeskRig(first.slack, settings, first.pack, first.agents, socket_mode=True)
        try:
            await second.start()
            await first.user("kim", slack=KIM)
            root = await first.waiting()
            conversation, kim = (await first.conversation()).id, first.users["kim"]
            for number in range(6):
                # What happens in a server has its task look at once: both write in the one thread.
                await asyncio.gather(
                    first.hears(f"word {number}"), second.core.desk.note(conversation, kim, f"note {number}")
                )
            await first.agents.write(KIM, "I am here", root, times=2)
            await eventually(first.said, "the agent's answer")
            await first.told()
            await first.stop()
            await second.hears("and now?")
            await first.agents.write(KIM, "still here", root)
            await first.agents.press(KIM, root, "Close")
            await second.shows(root, "Closed by Kim")
            await second.sees(root, "and now?")
            assert await second.said() == ["I am here", "still here"]
            assert len(first.agents.roots) == 1
            counted = Counter(first.agents.thread(root))
            assert set(counted.values()) == {1}
            told = {said.partition("\n")[2] for said in counted}
            assert told >= {"and now?", *(f"{what} {n}" for n in range(6) for what in ("word", "note"))}
        finally:
            await second.stop()
