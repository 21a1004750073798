"""Rasa's REST channel: a message in, the answers out, in one request."""

from __future__ import annotations

import asyncio
import hmac
import json
import math
from collections import OrderedDict
from collections.abc import AsyncIterator
from typing import Any, Self

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from adapters.http import read_json
from adapters.throttle import Throttle
from adapters.webchat.history import History
from bot.clock import new_id
from bot.errors import DeliveryRefused, Unauthorised
from bot.messages import (
    Address,
    Attachment,
    Author,
    Content,
    Inbound,
    Message,
    Outbound,
    Pressed,
    Receipt,
    Sender,
    Text,
)
from bot.ports import Clock, Committed, Intake, Live, Store

CHANNEL = "rest"
PATIENCE = 30.0
"""Seconds that a request waits for its turn; what is there by then is given."""

PER_MINUTE = 600
"""Requests that one address may make in a minute."""

REMEMBERED = 10_000
"""Senders whose position is remembered; for others it is found in the history."""


class _Body(BaseModel):
    model_config = ConfigDict(extra="ignore")

    sender: str = Field(default="default", min_length=1, max_length=200)
    message: str
    metadata: dict[str, Any] | None = None


class RestChannel:
    """The channel `rest`: its customers are other programs."""

    name = CHANNEL

    def __init__(self, *, store: Store, live: Live, clock: Clock, token: str | None) -> None:
        self._history = History(store, CHANNEL)
        self._live = live
        self._clock = clock
        self._token = token
        self._throttle = Throttle(limit=PER_MINUTE, window=60)
        self._given: OrderedDict[str, int] = OrderedDict()
        self._waiting: dict[str, asyncio.Event] = {}
        self._task: asyncio.Task[None] | None = None

    @property
    def problem(self) -> str | None:
        """There is no platform that could fail."""
        return None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._listen(), name="rest replies")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def mount(self, app: web.Application, intake: Intake) -> None:
        """Add the route."""

        async def webhook(request: web.Request) -> web.StreamResponse:
            return await self._webhook(request, intake)

        app.router.add_post("/webhooks/rest/webhook", webhook)

    async def run(self, intake: Intake) -> None:  # noqa: ARG002 - what comes in comes by HTTP
        """Nothing to poll."""
        await asyncio.Event().wait()

    async def send(self, outbound: Outbound) -> Receipt:
        """The message is in the history; the sender's next request takes it along."""
        return Receipt(outbound.message.id)

    async def typing(self, address: Address) -> None:
        """Programs do not watch."""

    def fetch(self, attachment: Attachment) -> AsyncIterator[bytes]:
        """There are no files on this channel."""
        raise DeliveryRefused(f"{attachment.name} was not uploaded")

    async def _webhook(self, request: web.Request, intake: Intake) -> web.StreamResponse:
        self._check(request)
        body = await read_json(request, _Body)
        before = await self._position(body.sender)
        locale = (body.metadata or {}).get("locale")
        inbound = Inbound(
            id=new_id(),
            address=Address(CHANNEL, body.sender),
            sender=Sender(body.sender, locale=locale if isinstance(locale, str) else None),
            at=self._clock.now(),
            content=_content(body.message),
        )
        answered = self._waiting[inbound.id] = asyncio.Event()
        try:
            await intake.accept(inbound)
            async with asyncio.timeout(PATIENCE):
                await answered.wait()
        except TimeoutError:
            pass
        finally:
            del self._waiting[inbound.id]
        messages = await self._history.after(body.sender, before)
        if messages:
            self._remember(body.sender, messages[-1].seq)
        said = [m for m in messages if m.author is not Author.CUSTOMER and not m.internal]
        answers = [_render(body.sender, message) for message in said]
        if request.query.get("stream") in {"true", "1"}:
            lines = "".join(json.dumps(answer, ensure_ascii=False) + "\n" for answer in answers)
            return web.Response(text=lines, content_type="application/json")
        return web.json_response(answers)

    def _check(self, request: web.Request) -> None:
        if self._token is not None:
            given = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
            if not hmac.compare_digest(given.encode(), self._token.encode()):
                raise Unauthorised("the bearer token is missing or wrong")
        address = request.remote or ""
        if self._token is None and (wait := self._throttle.wait(address)) > 0:
            raise web.HTTPTooManyRequests(headers={"Retry-After": str(math.ceil(wait))})
        self._throttle.count(address)

    async def _position(self, sender: str) -> int:
        """The last entry that this sender was given; after a restart, its last own message stands for that."""
        if sender in self._given:
            return self._given[sender]
        own = [m.seq for m in await self._history.after(sender, 0) if m.author is Author.CUSTOMER]
        return own[-1] if own else 0

    def _remember(self, sender: str, seq: int) -> None:
        self._given[sender] = seq
        self._given.move_to_end(sender)
        if len(self._given) > REMEMBERED:
            self._given.popitem(last=False)

    async def _listen(self) -> None:
        async with self._live.subscribe() as events:
            async for event in events:
                if isinstance(event, Committed) and event.conversation.address.channel == CHANNEL:
                    for message in event.messages:
                        if (waiter := self._waiting.get(message.in_reply_to or "")) is not None:
                            waiter.set()


def _content(message: str) -> Content:
    """A message that is a button's payload, as Rasa's clients send it back."""
    payload = message.removeprefix("/")
    known = payload in {"human", "none", "yes", "no"} or payload.startswith(("intent:", "lang:", "slot:"))
    return Pressed(payload, payload) if message.startswith("/") and known else Text(message)


def _render(sender: str, message: Message) -> dict[str, Any]:
    answer: dict[str, Any] = {"recipient_id": sender, "text": message.text}
    if message.buttons:
        answer["buttons"] = [{"title": b.label, "payload": f"/{b.value}"} for b in message.buttons]
    return answer
