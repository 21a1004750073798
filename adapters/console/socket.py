"""`/api/v1/stream`: tells open consoles what has just happened."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from typing import Any

import structlog
from aiohttp import WSCloseCode, WSMsgType, web

from adapters.console import render
from adapters.console.gate import Caller, Gate
from adapters.console.guard import Guard
from adapters.console.notes import mention_views
from bot.errors import BabeldeskError
from bot.handoff import Desk
from bot.messages import Author
from bot.ports import (
    Clock,
    Committed,
    Delivered,
    Lagged,
    Live,
    LiveEvent,
    Mentioned,
    MentionsSeen,
    PackChanged,
    PresenceChanged,
    ReadUpTo,
    Store,
    Tagged,
    TrainingChanged,
    Typing,
)
from bot.presence import Presences

log = structlog.get_logger(__name__)

HEARTBEAT = 20.0
CAPACITY = 500
"""Events that a browser may be behind; beyond, it is told to read the present state again."""

CHECKED = 30.0
"""Seconds."""

SIGNED_OUT = 4401
"""The close code of a socket whose user has signed out."""


class Stream:
    """Fans out what happens to every open console; one subscription serves them all.

    Every `checked` seconds it looks who of them may no longer listen: signed out in another process, or expired.
    """

    def __init__(
        self,
        *,
        store: Store,
        desk: Desk,
        presences: Presences,
        live: Live,
        clock: Clock,
        gate: Gate,
        checked: float = CHECKED,
    ) -> None:
        self._store = store
        self._desk = desk
        self._presences = presences
        self._live = live
        self._clock = clock
        self._gate = gate
        self._guard = Guard(gate, presences.active)
        self._checked = checked
        self._queues: dict[asyncio.Queue[Mapping[str, Any]], str] = {}
        self._sockets: dict[web.WebSocketResponse, Caller] = {}
        self._tasks: tuple[asyncio.Task[None], ...] = ()

    async def start(self) -> None:
        """Begin to listen."""
        self._tasks = (
            asyncio.create_task(self._fan_out(), name="console stream"),
            asyncio.create_task(self._look_after(), name="console sockets"),
            asyncio.create_task(self._keep_present(), name="console presence"),
        )

    async def stop(self) -> None:
        """Listen no more."""
        await self.close_all()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def close_all(self) -> None:
        """Close every socket."""
        for socket in list(self._sockets):
            await socket.close(code=WSCloseCode.GOING_AWAY, message=b"the server stops")

    async def signed_out(self, user: str, browser: str | None = None) -> None:
        """Close the sockets of all of a user's browsers, or of the one with this hash of its cookie's token.

        Who has no other browser open is there no more. What a script's token opened is left open: `look_after` closes
        it when the token is good no more.
        """
        others = False
        for socket, caller in list(self._sockets.items()):
            signed_in = caller.sign_in
            if caller.user.id != user or signed_in is None:
                continue
            if browser in {None, signed_in.token_hash}:
                await socket.close(code=SIGNED_OUT, message=b"signed out")
            else:
                others = True
        if not others:
            await self._presences.left(user)

    async def look_after(self) -> None:
        """Close the sockets of those who may no longer listen."""
        for socket, caller in list(self._sockets.items()):
            if not await self._gate.still(caller):
                await socket.close(code=SIGNED_OUT, message=b"signed out")

    async def _look_after(self) -> None:
        while True:
            await asyncio.sleep(self._checked)
            try:
                await self.look_after()
            except Exception as error:  # the database cannot be asked now; it is asked again
                log.warning("sockets not checked", error=str(error) or type(error).__name__)

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        """The route."""
        caller = await self._guard.caller(request, socket=True)
        if caller.sign_in is not None:  # a script is nobody who could answer
            await self._presences.opened(caller.user.id)
        socket = web.WebSocketResponse(heartbeat=HEARTBEAT, max_msg_size=4096)
        await socket.prepare(request)
        queue: asyncio.Queue[Mapping[str, Any]] = asyncio.Queue()
        self._queues[queue] = caller.user.id
        self._sockets[socket] = caller
        sender = asyncio.create_task(self._send(socket, queue))
        try:
            async for message in socket:
                # Reading notices that the browser has gone.
                if message.type is WSMsgType.ERROR:
                    break
                # Whatever it says, it says because somebody is there who reads or types.
                if caller.sign_in is not None:
                    with suppress(BabeldeskError):
                        await self._presences.active(caller.user.id, connected=True)
        finally:
            del self._queues[queue], self._sockets[socket]
            sender.cancel()
            await asyncio.gather(sender, return_exceptions=True)
        return socket

    async def _send(self, socket: web.WebSocketResponse, queue: asyncio.Queue[Mapping[str, Any]]) -> None:
        await socket.send_json({"type": "hello", "now": self._clock.now().isoformat()})
        while True:
            await socket.send_json(await queue.get())

    async def _keep_present(self) -> None:
        """Let it be known whose consoles are open."""
        while True:
            await asyncio.sleep(self._presences.every.total_seconds())
            for user in {caller.user.id for caller in self._sockets.values() if caller.sign_in is not None}:
                try:
                    await self._presences.connected(user)
                except BabeldeskError as error:
                    log.warning("presence not stored", error=str(error))

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
                    self._tell(told, _only_for(event))

    def _tell(self, told: Mapping[str, Any], user: str | None) -> None:
        """Tell every browser, or only those of one user."""
        for queue, owner in self._queues.items():
            if user not in {None, owner}:
                continue
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
                delivery = render.delivery(event.delivery).model_dump(mode="json")
                sent = {"conversation": event.conversation, "message": event.message, "delivery": delivery}
                return {"type": "delivered", **sent}
            case ReadUpTo(conversation=identity, seq=seq):
                return {"type": "read", "conversation": identity, "seq": seq}
            case Tagged(conversation=identity, tags=tags):
                return {"type": "tagged", "conversation": identity, "tags": list(tags)}
            case Mentioned() | MentionsSeen():
                return await self._called(event)
            case PresenceChanged():
                told = {"agent": event.agent, "state": event.state.value, "since": event.since.isoformat()}
                return {"type": "presence", **told}
            case PackChanged():
                return {"type": "pack", **asdict(event)}
            case TrainingChanged():
                return {"type": "training", **asdict(event)}
            case Lagged():
                return {"type": "reload"}
            case _:
                return None

    async def _called(self, event: Mentioned | MentionsSeen) -> Mapping[str, Any]:
        if isinstance(event, MentionsSeen):
            return {"type": "mentions_seen", "conversation": event.conversation}
        async with self._store.unit(write=False) as unit:
            (view,) = await mention_views(unit, [event.mention])
        return {"type": "mentioned", "mention": view.model_dump(mode="json")}

    async def _changed(self, event: Committed) -> Mapping[str, Any]:
        summary = render.summary(await self._desk.summary(event.conversation, event.handoff))
        return {
            "type": "changed",
            "summary": summary.model_dump(mode="json"),
            "messages": [render.message(m).model_dump(mode="json") for m in event.messages],
        }


def _only_for(event: LiveEvent) -> str | None:
    """The user whose browsers alone are told of it; None for all."""
    match event:
        case ReadUpTo(user=user) | MentionsSeen(user=user):
            return user
        case Mentioned(mention=mention):
            return mention.user
        case _:
            return None
