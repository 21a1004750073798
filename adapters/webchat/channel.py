"""The web chat as a channel: clients read the history, so a message is delivered once it is committed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Self

from aiohttp import web

from adapters.webchat.activities import CHANNEL
from adapters.webchat.directline import ROOT, DirectLine
from adapters.webchat.history import History
from adapters.webchat.page import mount_page
from adapters.webchat.tokens import Tokens
from bot.errors import DeliveryRefused
from bot.messages import Address, Attachment, Author, Outbound, Receipt
from bot.ports import Blobs, Clock, Intake, Live, Store


class WebChatChannel:
    """Direct Line, the widget's page, and the channel behind them."""

    name = CHANNEL

    def __init__(
        self,
        *,
        store: Store,
        live: Live,
        blobs: Blobs,
        clock: Clock,
        secret_key: str,
        direct_line_secret: str | None,
        allowed_origins: Sequence[str],
        max_upload: int,
    ) -> None:
        history = History(store, CHANNEL)
        self._blobs = blobs
        self._origins = frozenset(allowed_origins)
        self._directline = DirectLine(
            tokens=Tokens(secret_key),
            history=history,
            live=live,
            blobs=blobs,
            clock=clock,
            secret=direct_line_secret,
            max_upload=max_upload,
        )
        self._streams = self._directline.streams

    @property
    def problem(self) -> str | None:
        """There is no platform that could fail."""
        return None

    async def __aenter__(self) -> Self:
        await self._streams.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._streams.stop()

    def mount(self, app: web.Application, intake: Intake) -> None:
        """Add Direct Line's routes, `/chat`, and what browsers on other sites need to be told."""
        self._directline.mount(app, intake)
        mount_page(app)
        app.router.add_route("OPTIONS", ROOT + "/{path:.*}", _preflight)
        app.on_response_prepare.append(self._allow_origin)

        async def close_sockets(_: web.Application) -> None:
            await self._streams.close_all()

        # Open sockets would hold up the server's shutdown; their clients resume by watermark.
        app.on_shutdown.append(close_sockets)

    async def run(self, intake: Intake) -> None:  # noqa: ARG002 - what comes in comes by HTTP
        """Nothing to poll."""
        await asyncio.Event().wait()

    async def send(self, outbound: Outbound) -> Receipt:
        """The message is in the history already; open sockets are told to look, others read it when they come."""
        self._streams.wake(outbound.address.conversation)
        return Receipt(outbound.message.id)

    async def typing(self, address: Address) -> None:
        """Show that an answer is being prepared."""
        self._streams.show_typing(address.conversation, Author.BOT)

    async def fetch(self, attachment: Attachment) -> AsyncIterator[bytes]:
        """Files are stored as they come; there is nowhere to fetch them from."""
        if attachment.blob is None:
            raise DeliveryRefused(f"{attachment.name} was not uploaded")
        async for chunk in self._blobs.read(attachment.blob):
            yield chunk

    async def _allow_origin(self, request: web.Request, response: web.StreamResponse) -> None:
        """Shops embed the widget on their own sites: other origins may call Direct Line, which uses no cookies."""
        if not request.path.startswith((ROOT, "/chat/widget.js")):
            return
        origin = request.headers.get("Origin")
        if "*" in self._origins:
            response.headers["Access-Control-Allow-Origin"] = "*"
        elif origin in self._origins:
            response.headers["Access-Control-Allow-Origin"] = str(origin)
            response.headers["Vary"] = "Origin"


async def _preflight(_: web.Request) -> web.Response:
    return web.Response(
        status=204,
        headers={
            "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
            "Access-Control-Allow-Headers": "Authorization, Content-Type, X-Ms-Bot-Agent, X-Requested-With",
            "Access-Control-Max-Age": "86400",
        },
    )
