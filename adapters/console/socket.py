"""`/api/v1/stream`: tells open consoles what has just happened."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import structlog
from aiohttp import WSCloseCode, WSMsgType, web

from adapters.console import views
from adapters.console.auth import Gate
from adapters.console.guard import Guard, check_origin
from bot.handoff import Summary
from bot.messages import Author
from bot.ports import (
    Clock,
    Committed,
    Delivered,
    Lagged,
    Live,
    LiveEvent,
    PackChanged,
    Store,
    TrainingChanged,
    Typing,
)

log = structlog.get_logger(__name__)

HEARTBEAT = 20.0
CAPACITY = 500
"""Events that a browser may be behind; beyond, it is told to read the present state again."""

SIGNED_OUT = 4401
"""The close code of a socket whose user has signed out."""


class Stream:
    """Fans out what happens to every open console; one subscription serves them all."""

    def __init__(self, *, store: Store, live: Live, clock: Clock, gate: Gate) -> None:
        self._store = store
        self._live = live
        self._clock = clock
        self._guard = Guard(gate)
        self._queues: dict[asyncio.Queue[Mapping[str, Any]], str] = {}
        self._sockets: dict[web.WebSocketResponse, str] = {}
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to listen."""
        self._task = asyncio.create_task(self._fan_out(), name="console stream")

    async def stop(self) -> None:
        """Listen no more."""
        await self.close_all()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def close_all(self) -> None:
        """Close every socket."""
        for socket in list(self._sockets):
            await socket.close(code=WSCloseCode.GOING_AWAY, message=b"the server stops")

    async def signed_out(self, user: str) -> None:
        """Close a user's sockets."""
        for socket in [s for s, owner in self._sockets.items() if owner == user]:
            await socket.close(code=SIGNED_OUT, message=b"signed out")

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        """The route."""
        check_origin(request, socket=True)
        user = await self._guard.user(request)
        socket = web.WebSocketResponse(heartbeat=HEARTBEAT, max_msg_size=4096)
        await socket.prepare(request)
        queue: asyncio.Queue[Mapping[str, Any]] = asyncio.Queue()
        self._queues[queue] = user.id
        self._sockets[socket] = user.id
        sender = asyncio.create_task(self._send(socket, queue))
        try:
            async for message in socket:
                # Nothing is expected of the browser; reading notices that it has gone.
                if message.type is WSMsgType.ERROR:
                    break
        finally:
            del self._queues[queue], self._sockets[socket]
            sender.cancel()
            await asyncio.gather(sender, return_exceptions=True)
        return socket

    async def _send(self, socket: web.WebSocketResponse, queue: asyncio.Queue[Mapping[str, Any]]) -> None:
        await socket.send_json({"type": "hello", "now": self._clock.now().isoformat()})
        while True:
            await socket.send_json(await queue.get())

    async def _fan_out(self) -> None:
        async with self._live.subscribe() as events:
            async for event in events:
                if not self._queues:
                    continue
                try:
                    told = await self._told(event)
                except Exception as error:  # a console that misses an event reads the state again
                    log.warning("event not shown", error=str(error) or type(error).__name__)
                    told = {"type": "reload"}
                if told is not None:
                    self._tell(told)

    def _tell(self, told: Mapping[str, Any]) -> None:
        for queue in self._queues:
            if queue.qsize() >= CAPACITY:
                while not queue.empty():
                    queue.get_nowait()
                queue.put_nowait({"type": "reload"})
            queue.put_nowait(told)

    async def _told(self, event: LiveEvent) -> Mapping[str, Any] | None:  # noqa: PLR0911 - a table of events
        match event:
            case Committed():
                return await self._changed(event)
            case Typing(address=address, author=Author.CUSTOMER):
                async with self._store.unit(write=False) as unit:
                    conversation = await unit.conversations.at(address)
                if conversation is None:
                    return None
                return {"type": "typing", "conversation": conversation.id, "author": "customer"}
            case Delivered():
                delivery = views.delivery(event.delivery).model_dump(mode="json")
                told = {"conversation": event.conversation, "message": event.message, "delivery": delivery}
                return {"type": "delivered", **told}
            case PackChanged():
                return {"type": "pack", **asdict(event)}
            case TrainingChanged():
                return {"type": "training", **asdict(event)}
            case Lagged():
                return {"type": "reload"}
            case _:
                return None

    async def _changed(self, event: Committed) -> Mapping[str, Any]:
        conversation = event.conversation
        async with self._store.unit(write=False) as unit:
            customer = await unit.customers.get(conversation.customer)
            latest = (await unit.messages.latest([conversation.id])).get(conversation.id)
            handoff = event.handoff
            if conversation.handoff is None:
                handoff = None
            elif handoff is None or handoff.id != conversation.handoff:
                handoff = await unit.handoffs.get(conversation.handoff)
        summary = views.summary(Summary(conversation, customer, latest, handoff))
        return {
            "type": "changed",
            "summary": summary.model_dump(mode="json"),
            "messages": [views.message(m).model_dump(mode="json") for m in event.messages],
        }
