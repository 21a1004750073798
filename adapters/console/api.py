"""`/api/v1`: what agents and admins do, over HTTP."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from http import HTTPStatus

from aiohttp import BodyPartReader, web

from adapters.console import views
from adapters.console.auth import LIFETIME, Gate, make_user, matches, set_password
from adapters.console.guard import COOKIE, check_origin
from adapters.http import (
    InvalidField,
    NotFound,
    answer,
    error_response,
    file_name,
    media_type,
    read_json,
    send_file,
)
from adapters.ops import Status
from bot.conversation import Owner, Role, User
from bot.errors import Conflict, InvalidInput
from bot.handoff import Desk
from bot.messages import Attachment
from bot.ports import Blobs, Clock, Committed, ConversationFilter, Store

RetryDelivery = Callable[[str], Awaitable[bool]]

MAX_PAGE = 200


class Api:
    """The routes' handlers."""

    def __init__(
        self,
        *,
        store: Store,
        desk: Desk,
        blobs: Blobs,
        clock: Clock,
        gate: Gate,
        retry_delivery: RetryDelivery,
        status: Status,
        signed_out: Callable[[str], Awaitable[None]],
        max_upload: int,
        secure_cookies: bool,
    ) -> None:
        self._store = store
        self._desk = desk
        self._blobs = blobs
        self._clock = clock
        self._gate = gate
        self._retry_delivery = retry_delivery
        self._status = status
        self._signed_out = signed_out
        self._max_upload = max_upload
        self._secure = secure_cookies

    # --- signing in -----------------------------------------------------------------------------------------------

    async def sign_in(self, request: web.Request) -> web.Response:
        check_origin(request)
        body = await read_json(request, views.SignInBody)
        address = request.remote or ""
        if (wait := self._gate.wait(body.name, address)) > 0:
            response = error_response(429, "too_many_tries", "too many wrong passwords; try again later")
            response.headers["Retry-After"] = str(math.ceil(wait))
            return response
        user, token = await self._gate.sign_in(body.name, body.password, address)
        # Whoever was signed in on this browser before no longer is.
        if (old := request.cookies.get(COOKIE)) is not None:
            await self._gate.sign_out(old)
        response = answer(views.Session(user=views.account(user)))
        response.set_cookie(
            COOKIE,
            token,
            max_age=int(LIFETIME.total_seconds()),
            httponly=True,
            samesite="Strict",
            secure=self._secure or request.secure,
            path="/",
        )
        return response

    async def me(self, _: web.Request, user: User) -> web.Response:
        return answer(views.Session(user=views.account(user)))

    async def sign_out(self, request: web.Request) -> web.Response:
        check_origin(request)
        if (token := request.cookies.get(COOKIE)) is not None:
            user = await self._gate.user_of(token)
            await self._gate.sign_out(token)
            if user is not None:
                await self._signed_out(user.id)
        response = web.Response(status=HTTPStatus.NO_CONTENT)
        response.del_cookie(COOKIE, path="/")
        return response

    async def change_password(self, request: web.Request, user: User) -> web.Response:
        body = await read_json(request, views.PasswordBody)
        if not await matches(body.old, user.password_hash):
            raise InvalidField("old", "is not the present password")
        await set_password(self._store, user, body.new)
        await self._signed_out(user.id)
        return web.Response(status=HTTPStatus.NO_CONTENT)

    # --- conversations --------------------------------------------------------------------------------------------

    async def queue(self, _: web.Request, __: User) -> web.Response:
        # Before it is read: what has changed since is told over the socket.
        now = self._clock.now()
        items = [views.summary(s) for s in await self._desk.queue()]
        return answer(views.Queue(items=items, now=now))

    async def conversations(self, request: web.Request, user: User) -> web.Response:
        query = request.query
        limit = _integer(query.get("limit", "50"), "limit", 1, MAX_PAGE)
        agent = query.get("agent")
        wanted = ConversationFilter(
            owners=_owners(query.get("owner")),
            agent=user.id if agent == "me" else agent,
            before=_moment(query.get("before")),
            limit=limit,
        )
        found = await self._desk.list(wanted)
        more = found[-1].conversation.updated_at if len(found) == limit else None
        return answer(views.Page(items=[views.summary(s) for s in found], next=more))

    async def conversation(self, request: web.Request, _: User) -> web.Response:
        after = _integer(request.query.get("after", "0"), "after", 0, 2**53)
        try:
            found = await self._desk.open(request.match_info["id"], after)
        except InvalidInput as error:
            raise NotFound(str(error)) from None
        return answer(views.opened(found))

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
        return answer(views.Changed(conversation=views.conversation(committed.conversation, customer)))

    # --- files ----------------------------------------------------------------------------------------------------

    async def upload(self, request: web.Request, _: User) -> web.Response:
        if not request.content_type.startswith("multipart/"):
            raise InvalidField("", "the body is not multipart/form-data")
        reader = await request.multipart()
        part = await reader.next()
        if not isinstance(part, BodyPartReader) or not part.filename:
            raise InvalidField("", "there is no file in the form")
        name, kind = file_name(part), media_type(part)

        async def chunks() -> AsyncIterator[bytes]:
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
        return answer(views.DeadLetters(items=[views.dead_letter(item) for item in items]))

    async def retry(self, request: web.Request, _: User) -> web.Response:
        identity = request.match_info["message"]
        if not await self._retry_delivery(identity):
            raise NotFound(f"there is no undelivered message {identity!r}")
        return web.Response(status=HTTPStatus.NO_CONTENT)

    async def failures(self, _: web.Request, __: User) -> web.Response:
        async with self._store.unit(write=False) as unit:
            failures = await unit.inbox.failures(MAX_PAGE)
        return answer(views.Failures(items=[views.failure(f) for f in failures]))

    async def components(self, _: web.Request, __: User) -> web.Response:
        return answer(views.Status(components=dict(await self._status())))

    # --- users ----------------------------------------------------------------------------------------------------

    async def users(self, _: web.Request, __: User) -> web.Response:
        async with self._store.unit(write=False) as unit:
            users = await unit.users.list()
        return answer(views.Accounts(items=[views.account(user) for user in users]))

    async def add_user(self, request: web.Request, _: User) -> web.Response:
        body = await read_json(request, views.NewUserBody)
        made = await make_user(
            self._store,
            self._clock,
            name=body.name,
            display_name=body.display_name,
            role=Role(body.role),
            password=body.password,
        )
        return answer(views.Session(user=views.account(made)), status=HTTPStatus.CREATED)

    async def change_user(self, request: web.Request, _: User) -> web.Response:
        body = await read_json(request, views.UserChangeBody)
        async with self._store.unit() as unit:
            user = await unit.users.get(request.match_info["id"])
            if user is None:
                raise NotFound(f"there is no user {request.match_info['id']!r}")
            admins = [u.id for u in await unit.users.list() if u.role is Role.ADMIN]
            if body.role == "agent" and admins == [user.id]:
                raise Conflict("the last admin cannot become an agent")
            changed = User(
                id=user.id,
                name=user.name,
                display_name=body.display_name or user.display_name,
                role=Role(body.role) if body.role else user.role,
                password_hash=user.password_hash,
                created_at=user.created_at,
            )
            await unit.users.save(changed)
        if body.password is not None:
            changed = await set_password(self._store, changed, body.password)
            await self._signed_out(changed.id)
        return answer(views.Session(user=views.account(changed)))


def _integer(text: str, name: str, lowest: int, highest: int) -> int:
    try:
        number = int(text)
    except ValueError:
        raise InvalidField(name, f"{text!r} is no whole number") from None
    if not lowest <= number <= highest:
        raise InvalidField(name, f"{number} is not between {lowest} and {highest}")
    return number


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        raise InvalidField("before", f"{text!r} is no ISO 8601 time") from None
    if moment.tzinfo is None:
        raise InvalidField("before", f"{text!r} has no time zone")
    return moment


def _owners(text: str | None) -> tuple[Owner, ...] | None:
    if not text:
        return None
    try:
        return tuple(Owner(part) for part in text.split(","))
    except ValueError as error:
        raise InvalidField("owner", str(error)) from None
