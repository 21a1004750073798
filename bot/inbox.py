"""① Takes what channels receive: cleaned, stored once, and only then acknowledged."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import assert_never

from bot.errors import Overloaded
from bot.messages import MAX_TEXT, Address, Author, Command, Content, Edited, Inbound, Pressed, Text, Unsupported
from bot.metrics import Metrics
from bot.ports import Clock, Live, Store, Typing

_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_INVISIBLE = re.compile("[\u200b\u2060\ufeff\u00ad]+")


def clean_text(text: str) -> str:
    """Drop control characters and zero-width spaces; put U+FFFD for halves of surrogate pairs.

    Joiners (U+200C, U+200D) and marks of direction stay: Persian, Hindi and emoji need them.
    """
    return _INVISIBLE.sub("", _UNWRITABLE.sub("", _SURROGATES.sub("\ufffd", text))).strip()


def clean_content(content: Content) -> Content:
    """The content with clean texts; a text over `MAX_TEXT` becomes `Unsupported`, nothing is cut silently."""
    match content:
        case Text(text=text):
            cleaned = clean_text(text)
            return Text(cleaned) if len(cleaned) <= MAX_TEXT else _too_long(cleaned)
        case Edited(reference=reference, text=text):
            cleaned = clean_text(text)
            return Edited(reference, cleaned) if len(cleaned) <= MAX_TEXT else _too_long(cleaned)
        case Command(name=name, argument=argument):
            return Command(clean_text(name).casefold()[:64], clean_text(argument)[:MAX_TEXT])
        case Pressed(value=value, label=label):
            return Pressed(clean_text(value)[:256], clean_text(label)[:256])
        case Unsupported():
            return content
        case _:
            assert_never(content)


def _too_long(text: str) -> Unsupported:
    return Unsupported(f"a text of {len(text)} characters", "too_long")


class StoringIntake:
    """The `Intake` of all channels: stores an event, then wakes the dispatcher."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        live: Live,
        metrics: Metrics,
        max_waiting: int = 10_000,
    ) -> None:
        self._store = store
        self._clock = clock
        self._live = live
        self._metrics = metrics
        self._wake: Callable[[str], None] = lambda _: None
        self._max_waiting = max_waiting
        self._waiting = 0

    def on_stored(self, wake: Callable[[str], None]) -> None:
        """Have `wake` called with the address's key for every new event."""
        self._wake = wake

    async def start(self) -> None:
        """Count what an earlier run left waiting."""
        async with self._store.unit(write=False) as unit:
            self._count(await unit.inbox.count())

    @property
    def waiting(self) -> int:
        """Events that are stored and have not had their turn."""
        return self._waiting

    def finished(self) -> None:
        """An event has had its turn."""
        self._count(-1)

    async def accept(self, inbound: Inbound) -> bool:
        """Store an event; True if it is new. See `Intake.accept`."""
        if self._waiting >= self._max_waiting:
            raise Overloaded(f"{self._waiting} messages are waiting", retry_after=5)
        inbound = replace(inbound, content=clean_content(inbound.content))
        async with self._store.unit() as unit:
            new = await unit.inbox.add(inbound, self._clock.now())
        if new:
            self._count(1)
            self._wake(inbound.address.key)
        channel = inbound.address.channel
        (self._metrics.received if new else self._metrics.repeated).labels(channel).inc()
        return new

    async def typing(self, address: Address) -> None:
        """The customer is typing."""
        self._live.publish(Typing(address, Author.CUSTOMER))

    def _count(self, change: int) -> None:
        self._waiting = max(0, self._waiting + change)
        self._metrics.waiting.set(self._waiting)
