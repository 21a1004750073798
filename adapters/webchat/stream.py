"""Open web chats: each socket is told what is new in its conversation, from the history and in order."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import structlog
from aiohttp import WSCloseCode, WSMsgType, web

from adapters.webchat.activities import CHANNEL, render_typing
from bot.errors import BabeldeskError
from bot.messages import Author, Message
from bot.ports import Committed, Lagged, Live, LiveEvent, Typing

log = structlog.get_logger(__name__)

HEARTBEAT = 30.0
MOST_PER_CONVERSATION = 20
"""Open sockets (tabs) of one conversation; the oldest is closed beyond that."""

KEPT = 50
"""Entries that are kept for a socket; one that is further behind reads the history again."""

Read = Callable[[str, int], Awaitable[Sequence[Message]]]
"""Entries of a conversation after a position."""
Render = Callable[[str, Message], dict[str, Any]]


class Socket:
    """One open socket and how far it has been told."""

    def __init__(self, socket: web.WebSocketResponse, conversation: str, sent: int) -> None:
        self.socket = socket
        self.conversation = conversation
        self.sent = sent
        self.news: list[Message] = []
        self.behind = True
        self.typing: dict[str, Any] | None = None
        self.changed = asyncio.Event()
        self.changed.set()

    def tell(self, messages: Sequence[Message]) -> None:
        """New entries; too many, and the socket reads them from the history instead."""
        if len(self.news) + len(messages) > KEPT:
            self.news.clear()
            self.behind = True
        elif not self.behind:
            self.news += messages
        self.changed.set()

    def reread(self) -> None:
        """Something may have been missed."""
        self.news.clear()
        self.behind = True
        self.changed.set()


class Streams:
    """All open sockets of the web chat, behind one subscription to what happens."""

    def __init__(self, *, live: Live, read: Read, render: Render) -> None:
        self._live = live
        self._read = read
        self._render = render
        self._sockets: dict[str, list[Socket]] = defaultdict(list)
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to listen."""
        self._task = asyncio.create_task(self._fan_out(), name="webchat streams")

    async def stop(self) -> None:
        """Listen no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def close_all(self) -> None:
        """Close every socket; clients come back with their watermark."""
        open_now = [s for sockets in self._sockets.values() for s in sockets]
        await asyncio.gather(*(s.socket.close(code=WSCloseCode.GOING_AWAY) for s in open_now), return_exceptions=True)

    async def serve(self, request: web.Request, conversation: str, watermark: int) -> web.WebSocketResponse:
        """Serve one socket until either side closes it."""
        response = web.WebSocketResponse(heartbeat=HEARTBEAT, max_msg_size=64 * 1024, compress=False)
        await response.prepare(request)
        socket = Socket(response, conversation, watermark)
        others = self._sockets[conversation]
        others.append(socket)
        if len(others) > MOST_PER_CONVERSATION:
            await others[0].socket.close(code=WSCloseCode.TRY_AGAIN_LATER, message=b"too many open chats")
        sender = asyncio.create_task(self._send(socket))
        try:
            async for message in response:
                # Clients send empty messages to keep the connection; activities come by POST.
                if message.type is WSMsgType.ERROR:
                    break
        finally:
            others.remove(socket)
            if not others:
                self._sockets.pop(conversation, None)
            sender.cancel()
            await asyncio.gather(sender, return_exceptions=True)
        return response

    def show_typing(self, conversation: str, author: Author) -> None:
        """Tell a conversation's sockets that somebody on our side is typing."""
        for socket in self._sockets.get(conversation, ()):
            socket.typing = render_typing(author)
            socket.changed.set()

    def wake(self, conversation: str) -> None:
        """Have a conversation's sockets look at the history."""
        for socket in self._sockets.get(conversation, ()):
            socket.changed.set()

    async def _send(self, socket: Socket) -> None:
        while not socket.socket.closed:
            await socket.changed.wait()
            socket.changed.clear()
            try:
                await self._catch_up(socket)
            except (ConnectionError, RuntimeError):
                return  # the client has gone; it resumes by its watermark
            except BabeldeskError as error:
                log.warning("history cannot be read", error=str(error))
                socket.reread()
                await asyncio.sleep(1)

    async def _catch_up(self, socket: Socket) -> None:
        if socket.typing is not None:
            typing, socket.typing = socket.typing, None
            await socket.socket.send_str(json.dumps({"activities": [typing]}, ensure_ascii=False))
        while socket.behind or socket.news:
            messages = [message for message in socket.news if message.seq > socket.sent]
            told = not socket.behind and bool(messages) and messages[0].seq == socket.sent + 1
            socket.news = []
            if not told:
                socket.behind = False
                read = await self._read(socket.conversation, socket.sent)
                messages = [message for message in read if message.seq > socket.sent]
            if not messages:
                continue
            shown = [self._render(socket.conversation, m) for m in messages if not m.internal]
            last = messages[-1].seq
            if shown:
                body = {"activities": shown, "watermark": str(last)}
                await socket.socket.send_str(json.dumps(body, ensure_ascii=False))
            socket.sent = last

    async def _fan_out(self) -> None:
        async with self._live.subscribe() as events:
            async for event in events:
                self._told(event)

    def _told(self, event: LiveEvent) -> None:
        match event:
            case Committed(conversation=conversation, messages=messages) if conversation.address.channel == CHANNEL:
                for socket in self._sockets.get(conversation.address.conversation, ()):
                    socket.tell(messages)
            case Typing(address=address, author=Author.AGENT) if address.channel == CHANNEL:
                self.show_typing(address.conversation, Author.AGENT)
            case Lagged():
                for sockets in self._sockets.values():
                    for socket in sockets:
                        socket.reread()
            case _:
                return
