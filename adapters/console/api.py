"""`/api/v1`: what agents and admins do, over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from http import HTTPStatus

from aiohttp import BodyPartReader, web

from adapters.console import render, views
from adapters.console.guard import caller_of
from adapters.console.queries import integer, moment
from adapters.http import (
    InvalidField,
    NotFound,
    answer,
    file_name,
    media_type,
    read_json,
    readable_form,
    send_file,
)
from adapters.ops import Status
from bot.audit import Actor
from bot.conversation import Owner, User
from bot.errors import InvalidInput
from bot.handoff import Desk
from bot.messages import Attachment
from bot.ports import Blobs, Clock, Committed, ConversationFilter, Store

RetryDelivery = Callable[[str, Actor], Awaitable[bool]]
"""Tries a dead letter again and notes who wanted it; False if there is none such."""

MAX_PAGE = 200
MAX_SEQ = 2**31 - 1


class Api:
    """The routes' handlers."""

    def __init__(
        self,
        *,
        store: Store,
        desk: Desk,
        blobs: Blobs,
        clock: Clock,
        retry_delivery: RetryDelivery,
        status: Status,
        max_upload: int,
    ) -> None:
        self._store = store
        self._desk = desk
        self._blobs = blobs
        self._clock = clock
        self._retry_delivery = retry_delivery
        self._status = status
        self._max_upload = max_upload

    # --- conversations --------------------------------------------------------------------------------------------

    async def queue(self, _: web.Request, __: User) -> web.Response:
        # Before it is read: what has changed since is told over the socket.
        now = self._clock.now()
        items = [render.summary(s) for s in await self._desk.queue()]
        return answer(views.Queue(items=items, now=now))

    async def conversations(self, request: web.Request, user: User) -> web.Response:
        query = request.query
        limit = integer(query, "limit", 50, 1, MAX_PAGE)
        agent = query.get("agent")
        wanted = ConversationFilter(
            owners=_owners(query.get("owner")),
            agent=user.id if agent == "me" else agent,
            before=moment(query, "before"),
            limit=limit,
        )
        found = await self._desk.list(wanted)
        more = found[-1].conversation.updated_at if len(found) == limit else None
        return answer(views.Page(items=[render.summary(s) for s in found], next=more))

    async def conversation(self, request: web.Request, _: User) -> web.Response:
        after = integer(request.query, "after", 0, 0, MAX_SEQ)
        try:
            found = await self._desk.open(request.match_info["id"], after)
        except InvalidInput as error:
            raise NotFound(str(error)) from None
        return answer(render.opened(found))

    async def claim(self, request: web.Request, user: User) -> web.Response:
        return await self._changed(await self._desk.claim(await self._known(request), user))

    async def reply(self, request: web.Request, user: User) -> web.Response:
        body = await read_json(request, views.ReplyBody)
        files = tuple(Attachment(f.name, f.content_type, f.size, blob=f.blob) for f in body.attachments)
        return await self._changed(await self._desk.answer(await self._known(request), user, body.text, files))

    async def give_back(self, request: web.Request, user: User) -> web.Response:
        return await self._changed(await self._desk.give_back(await self._known(request), user))

    async def close(self, request: web.Request, user: User) -> web.Response:
        return await self._changed(await self._desk.close(await self._known(request), user))

    async def typing(self, request: web.Request, user: User) -> web.Response:
        identity = await self._known(request)
        await self._desk.typing(identity, user)
        return web.Response(status=HTTPStatus.NO_CONTENT)

    async def _known(self, request: web.Request) -> str:
        identity: str = request.match_info["id"]
        async with self._store.unit(write=False) as unit:
            if await unit.conversations.get(identity) is None:
                raise NotFound(f"there is no conversation {identity!r}")
        return identity

    async def _changed(self, committed: Committed) -> web.Response:
        async with self._store.unit(write=False) as unit:
            customer = await unit.customers.get(committed.conversation.customer)
        return answer(views.Changed(conversation=render.conversation(committed.conversation, customer)))

    # --- files ----------------------------------------------------------------------------------------------------

    async def upload(self, request: web.Request, _: User) -> web.Response:
        if not request.content_type.startswith("multipart/"):
            raise InvalidField("", "the body is not multipart/form-data")
        with readable_form():
            part = await (await request.multipart()).next()
        if not isinstance(part, BodyPartReader) or not part.filename:
            raise InvalidField("", "there is no file in the form")
        name, kind = file_name(part), media_type(part)

        async def chunks() -> AsyncIterator[bytes]:
            with readable_form():
                while chunk := await part.read_chunk(64 * 1024):
                    yield chunk

        blob, size = await self._blobs.put(name, chunks(), self._max_upload)
        return answer(views.Stored(blob=blob, name=name, content_type=kind, size=size))

    async def download(self, request: web.Request, _: User) -> web.StreamResponse:
        name = request.query.get("name") or "file"
        kind = request.query.get("type", "")
        try:
            return await send_file(request, self._blobs.read(request.match_info["blob"]), name, kind)
        except InvalidInput as error:
            raise NotFound(str(error)) from None

    # --- what went wrong ------------------------------------------------------------------------------------------

    async def dead_letters(self, _: web.Request, __: User) -> web.Response:
        async with self._store.unit(write=False) as unit:
            items = await unit.outbox.dead_letters()
        return answer(views.DeadLetters(items=[render.dead_letter(item) for item in items]))

    async def retry(self, request: web.Request, _: User) -> web.Response:
        identity = request.match_info["message"]
        if not await self._retry_delivery(identity, caller_of(request).actor):
            raise NotFound(f"there is no undelivered message {identity!r}")
        return web.Response(status=HTTPStatus.NO_CONTENT)

    async def failures(self, _: web.Request, __: User) -> web.Response:
        async with self._store.unit(write=False) as unit:
            failures = await unit.inbox.failures(MAX_PAGE)
        return answer(views.Failures(items=[render.failure(f) for f in failures]))

    async def components(self, _: web.Request, __: User) -> web.Response:
        return answer(views.Status(components=dict(await self._status())))


def _owners(text: str | None) -> tuple[Owner, ...] | None:
    if not text:
        return None
    try:
        return tuple(Owner(part) for part in text.split(","))
    except ValueError as error:
        raise InvalidField("owner", str(error)) from None
