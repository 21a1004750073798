"""A conversation in the terminal: the whole core, with the terminal as its only channel."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

from bot.clock import SystemClock, new_id
from bot.core import Core
from bot.errors import DeliveryRefused
from bot.messages import (
    Address,
    Attachment,
    Button,
    Command,
    Content,
    Inbound,
    Outbound,
    Pressed,
    Receipt,
    Sender,
    Text,
)
from bot.ports import Committed, Intake

CHANNEL = "shell"
ADDRESS = Address(CHANNEL, "you")


class TerminalChannel:
    """Prints what the bot says; numbers its buttons, so that they can be pressed by number."""

    name = CHANNEL

    def __init__(self, write: Callable[[str], None]) -> None:
        self.write = write
        self.buttons: tuple[Button, ...] = ()

    async def run(self, intake: Intake) -> None:  # noqa: ARG002 - lines come from the loop below
        """Nothing to poll."""
        await asyncio.Event().wait()

    async def send(self, outbound: Outbound) -> Receipt:
        """Print a message."""
        self.write(f"bot ({outbound.message.language})> {outbound.message.text}")
        self.buttons = outbound.message.buttons
        for number, button in enumerate(self.buttons, 1):
            self.write(f"   [{number}] {button.label}")
        return Receipt()

    async def typing(self, address: Address) -> None:
        """The terminal shows no typing."""

    def fetch(self, attachment: Attachment) -> AsyncIterator[bytes]:
        """There are no files in a terminal."""
        raise DeliveryRefused(f"{attachment.name} is not here")

    def content(self, line: str) -> Content:
        """What a line stands for: a button's number, a command, or words."""
        if line.isdigit() and 1 <= int(line) <= len(self.buttons):
            button = self.buttons[int(line) - 1]
            return Pressed(button.value, button.label)
        if line.startswith("/"):
            name, _, argument = line[1:].partition(" ")
            return Command(name, argument)
        return Text(line)


async def converse(core: Core, channel: TerminalChannel, lines: AsyncIterator[str], *, explain: bool) -> None:
    """Hold a conversation, a line at a time, until the lines end."""
    clock = SystemClock()
    tasks = [asyncio.create_task(core.dispatcher.workers.run())]
    tasks += [asyncio.create_task(deliveries.workers.run()) for deliveries in core.deliveries.values()]
    try:
        await _turn(core, channel, Command("start"), clock, explain=False)
        async for line in lines:
            if line.strip():
                await _turn(core, channel, channel.content(line.strip()), clock, explain=explain)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _turn(core: Core, channel: TerminalChannel, content: Content, clock: SystemClock, *, explain: bool) -> None:
    """One turn, until what it says has been printed."""
    async with core.live.subscribe() as events:
        inbound = Inbound(new_id(), ADDRESS, Sender("you", "You"), clock.now(), content)
        await core.intake.accept(inbound)
        async for event in events:
            if isinstance(event, Committed):
                if explain:
                    _explain(channel, event)
                break
    with suppress(TimeoutError):
        async with asyncio.timeout(10):
            for deliveries in core.deliveries.values():
                await deliveries.workers.idle()


def _explain(channel: TerminalChannel, event: Committed) -> None:
    for message in event.messages:
        understood = message.understanding
        if understood is not None:
            ranking = ", ".join(f"{r.name} {r.confidence:.2f}" for r in understood.ranking[:3])
            channel.write(
                f"   {understood.language.code} {understood.language.confidence:.2f} · {ranking}"
                f"{'' if understood.in_scope else ' · out of scope'}"
            )
