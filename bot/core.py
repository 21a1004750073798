"""Puts the core's own parts together over whatever is behind its ports."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

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
from bot.turn import Turns


@dataclass(frozen=True, slots=True)
class Core:
    """The running parts: events go in through `intake`, come out through `deliveries`, agents act through `desk`."""

    store: Store
    live: Hub
    metrics: Metrics
    channels: Mapping[str, Channel]
    intake: StoringIntake
    turns: Turns
    dispatcher: Dispatcher
    deliveries: Mapping[str, Deliveries]
    desk: Desk

    async def retry_delivery(self, message: str) -> bool:
        """Try a dead letter again; False if there is no such."""
        for deliveries in self.deliveries.values():
            if await deliveries.revive(message):
                return True
        return False

    async def drain(self) -> None:
        """Finish the turns and deliveries that have begun, begin no others."""
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
) -> Core:
    """Build the core. Nothing runs until its tasks are started.

    `pack` may be a function: every turn asks it anew, so that another revision takes effect between two turns.
    """
    deliveries = {name: Deliveries(channel, store, clock, live, metrics) for name, channel in channels.items()}

    def deliver(address: Address) -> None:
        if (outbox := deliveries.get(address.channel)) is not None:
            outbox.wake(address)

    intake = StoringIntake(store, clock, live, metrics, max_waiting)
    turns = Turns(
        pack=pack if callable(pack) else lambda: pack,
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
    return Core(store, live, metrics, channels, intake, turns, dispatcher, deliveries, Desk(store, turns, live))
