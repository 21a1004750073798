"""The core, running over memory with a scripted model and a channel kept in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.conversation import Conversation, Role, User
from bot.core import Core, build_core
from bot.live import Hub
from bot.messages import Address, Inbound, Message
from bot.metrics import Metrics
from bot.pack import Pack
from bot.pack_reader import read_pack
from bot.ports import Store
from bot.revisions import Snapshot
from bot.workspace import Workspace
from storage.memory import MemoryStore
from storage.pack_folders import DiskPackFolders
from tests.fakes import MORNING, FakeActions, FakeClock, MemoryBlobs, MemoryChannel, ScriptedUnderstander

PACK = read_pack(Path(__file__).parents[1] / "packs" / "tiny")
KIM = User("u-kim", "kim", "Kim", Role.AGENT, "-", MORNING)
LEE = User("u-lee", "lee", "Lee", Role.AGENT, "-", MORNING)


@dataclass
class Bench:
    """Everything a test wants to touch."""

    core: Core
    store: Store
    model: ScriptedUnderstander
    actions: FakeActions
    clock: FakeClock
    memory: MemoryChannel
    other: MemoryChannel
    packs: list[Pack]

    async def hears(self, inbound: Inbound) -> bool:
        return await self.core.intake.accept(inbound)

    async def conversation(self, name: str = "ana") -> Conversation:
        async with self.store.unit(write=False) as unit:
            found = await unit.conversations.at(Address("memory", name))
        assert found is not None
        return found

    async def history(self, name: str = "ana") -> list[Message]:
        conversation = await self.conversation(name)
        async with self.store.unit(write=False) as unit:
            return list(await unit.messages.after(conversation.id, 0))

    async def settled(self) -> None:
        """Until nothing waits for a turn or, being due, for delivery."""
        async with asyncio.timeout(5):
            while self.core.intake.waiting or self.core.dispatcher.workers.busy or self._delivering():
                await asyncio.sleep(0.005)

    def _delivering(self) -> bool:
        return any(deliveries.workers.busy for deliveries in self.core.deliveries.values())


@asynccontextmanager
async def bench(store: Store | None = None) -> AsyncIterator[Bench]:
    """Start the core."""
    store = store or MemoryStore()
    model, actions, clock = ScriptedUnderstander(), FakeActions({"12345": "packed"}), FakeClock()
    memory, other = MemoryChannel(), MemoryChannel("other")
    packs = [PACK]
    core = build_core(
        pack=lambda: packs[-1],
        store=store,
        understander=model,
        actions=actions,
        blobs=MemoryBlobs(),
        channels={"memory": memory, "other": other},
        clock=clock,
        live=Hub(),
        metrics=Metrics(),
        max_waiting=500,
    )
    async with running_core(core):
        yield Bench(core, store, model, actions, clock, memory, other, packs)


@asynccontextmanager
async def running_core(core: Core) -> AsyncIterator[None]:
    """The core's own tasks."""
    await core.intake.start()
    workers = [core.dispatcher.workers, *(d.workers for d in core.deliveries.values())]
    tasks = [asyncio.create_task(w.run()) for w in workers]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@asynccontextmanager
async def workspace_of(bench: Bench) -> AsyncIterator[Workspace]:
    """The bench's pack under change; each revision is what its bot says from then on."""
    with TemporaryDirectory() as folder:
        workspace = Workspace(
            seed=PACK,
            store=bench.store,
            folders=DiskPackFolders(Path(folder)),
            clock=bench.clock,
            live=bench.core.live,
        )

        async def follow(snapshot: Snapshot) -> None:
            bench.packs.append(snapshot.pack)

        workspace.on_change(follow)
        await workspace.open()
        yield workspace
