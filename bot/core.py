"""Puts the core's own parts together over whatever is behind its ports."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.audit import SERVER, Actor, AuditEntry
from bot.clock import new_id
from bot.desk_addresses import Addresses
from bot.desk_doorway import DeskDoorway
from bot.desk_mirror import DeskMirror
from bot.dispatcher import Dispatcher
from bot.handoff import Desk
from bot.inbox import StoringIntake
from bot.live import Hub
from bot.messages import Address
from bot.metrics import Metrics
from bot.outbox import Deliveries
from bot.pack import Pack
from bot.ports import Actions, Blobs, Channel, Clock, Store, Understander
from bot.ports_desk import AgentDesk
from bot.presence import Presences
from bot.probes import Probes
from bot.roster import Roster
from bot.router import Router
from bot.routing import RoutingRules
from bot.sla import SlaRules
from bot.turn import Turns


@dataclass(frozen=True, slots=True)
class Core:
    """The running parts: events go in through `intake`, come out through `deliveries`, agents act through `desk`."""

    store: Store
    clock: Clock
    live: Hub
    metrics: Metrics
    channels: Mapping[str, Channel]
    intake: StoringIntake
    turns: Turns
    dispatcher: Dispatcher
    deliveries: Mapping[str, Deliveries]
    desk: Desk
    presences: Presences
    roster: Roster
    router: Router
    probes: Probes
    mirror: DeskMirror | None = None
    """Tells threads on another platform what happens to handoffs, where agents work there too."""
    doorway: DeskDoorway | None = None
    """Takes what they do there."""

    def beside(self) -> dict[str, Coroutine[Any, Any, None]]:
        """What goes on beside turns and deliveries, by name; each comes to an end after `drain`."""
        work = {"routing": self.router.run()}
        if self.mirror is not None and self.doorway is not None:
            work |= {"desk threads": self.mirror.run(), "desk events": self.doorway.workers.run()}
        return work

    async def retry_delivery(self, message: str, by: Actor = SERVER) -> bool:
        """Try a dead letter again; False if there is no such."""
        now = self.clock.now()
        async with self.store.unit() as unit:
            address = await unit.outbox.revive(message, now)
            if address is not None:
                await unit.audit.add(AuditEntry(now, by, "delivery.retry", message))
        if address is None:
            return False
        if (deliveries := self.deliveries.get(address.channel)) is not None:
            deliveries.wake(address)
        return True

    async def drain(self) -> None:
        """Finish the turns and deliveries that have begun, begin no others."""
        self.router.stop()
        if self.mirror is not None:
            self.mirror.stop()
        if self.doorway is not None:
            await self.doorway.workers.drain()
        await self.dispatcher.workers.drain()
        for deliveries in self.deliveries.values():
            await deliveries.workers.drain()


def build_core(
    *,
    pack: Pack | Callable[[], Pack],
    store: Store,
    understander: Understander,
    actions: Actions,
    blobs: Blobs,
    channels: Mapping[str, Channel],
    clock: Clock,
    live: Hub,
    metrics: Metrics,
    ids: Callable[[], str] = new_id,
    max_upload: int = 20_000_000,
    max_waiting: int = 10_000,
    routing: RoutingRules = RoutingRules(),  # noqa: B008 - frozen
    sla: SlaRules = SlaRules(),  # noqa: B008 - frozen
    agent_desk: AgentDesk | None = None,
    public_url: str | None = None,
) -> Core:
    """Build the core. Nothing runs until its tasks are started.

    `agent_desk` is where agents work beside the console, and `public_url` where that is reached. `pack` may be a
    function: every turn asks it anew, so that another revision takes effect between two turns.
    """
    packs = pack if callable(pack) else lambda: pack
    deliveries = {name: Deliveries(channel, store, clock, live, metrics) for name, channel in channels.items()}

    def deliver(address: Address) -> None:
        if (outbox := deliveries.get(address.channel)) is not None:
            outbox.wake(address)

    intake = StoringIntake(store, clock, live, metrics, max_waiting)
    turns = Turns(
        pack=packs,
        store=store,
        understander=understander,
        actions=actions,
        blobs=blobs,
        channels=channels,
        live=live,
        clock=clock,
        metrics=metrics,
        new_id=ids,
        deliver=deliver,
        max_upload=max_upload,
    )
    dispatcher = Dispatcher(store, clock, turns, metrics, intake.finished)
    intake.on_stored(dispatcher.wake)

    def present_sla() -> SlaRules:
        return replace(sla, hours=packs().working_hours)

    def wake() -> None:
        router.wake()

    presences = Presences(store, live, clock, routing, wake)
    router = Router(
        store=store,
        turns=turns,
        presences=presences,
        live=live,
        clock=clock,
        metrics=metrics,
        rules=routing,
        sla=present_sla,
    )
    turns.on_committed(router.noticed)
    desk = Desk(store, turns, live, clock, present_sla)
    mirror = doorway = None
    if agent_desk is not None:
        addresses = Addresses(public_url)
        mirror = DeskMirror(store=store, board=agent_desk, live=live, clock=clock, url_of=addresses.conversation)
        doorway = DeskDoorway(
            store=store,
            desk=desk,
            voice=agent_desk,
            blobs=blobs,
            clock=clock,
            link_url=addresses.link,
            max_upload=max_upload,
        )
        agent_desk.attach(doorway)
    return Core(
        store=store,
        clock=clock,
        live=live,
        metrics=metrics,
        channels=channels,
        intake=intake,
        turns=turns,
        dispatcher=dispatcher,
        deliveries=deliveries,
        desk=desk,
        presences=presences,
        roster=Roster(store, packs, routing.capacity, ids, clock, wake),
        router=router,
        mirror=mirror,
        doorway=doorway,
        probes=Probes(store, turns, clock, ids, deliver),
    )
