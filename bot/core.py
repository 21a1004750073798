"""Puts the core's own parts together over whatever is behind its ports."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from bot.audit import SERVER, Actor, AuditEntry
from bot.clock import new_id
from bot.dispatcher import Dispatcher
from bot.handoff import Desk
from bot.inbox import StoringIntake
from bot.live import Hub
from bot.messages import Address
from bot.metrics import Metrics
from bot.outbox import Deliveries
from bot.pack import Pack
from bot.ports import Actions, Blobs, Channel, Clock, Store, Understander
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
) -> Core:
    """Build the core. Nothing runs until its tasks are started.

    `pack` may be a function: every turn asks it anew, so that another revision takes effect between two turns.
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
        desk=Desk(store, turns, live, clock, present_sla),
        presences=presences,
        roster=Roster(store, packs, routing.capacity, ids, clock, wake),
        router=router,
        probes=Probes(store, turns, clock, ids, deliver),
    )
