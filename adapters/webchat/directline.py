"""Direct Line 3.0 over HTTP and WebSocket, after the Bot Framework's reference.

https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-direct-line-3-0-api-reference
"""

from __future__ import annotations

import base64
import binascii
import hmac
import math
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlencode

from aiohttp import BodyPartReader, web

from adapters.http import Handler, InvalidField, error_response, file_name, media_type, parse_json, read_body, send_file
from adapters.throttle import Throttle
from adapters.webchat.activities import CHANNEL, Activity, From, parse_activity, parse_opening, render_message
from adapters.webchat.history import History
from adapters.webchat.stream import Streams
from adapters.webchat.tokens import (
    LIFETIME,
    Token,
    TokenExpiredError,
    TokenInvalidError,
    Tokens,
    new_conversation,
)
from bot.clock import new_id
from bot.errors import InvalidInput
from bot.messages import Address, Attachment, Message
from bot.ports import Blobs, Clock, Intake, Live

ROOT = "/v3/directline"
TOKENS_PER_MINUTE = 60
"""New conversations that one address may begin in a minute; an office behind one address is many customers."""


class DirectLineError(Exception):
    """An error in Direct Line's own terms."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


class DirectLine:
    """The protocol's routes."""

    def __init__(
        self,
        *,
        tokens: Tokens,
        history: History,
        live: Live,
        blobs: Blobs,
        clock: Clock,
        secret: str | None,
        max_upload: int,
    ) -> None:
        self._tokens = tokens
        self._history = history
        self.streams = Streams(live=live, read=history.after, render=self.render)
        self._blobs = blobs
        self._clock = clock
        self._secret = secret
        self._max_upload = max_upload
        self._new_tokens = Throttle(limit=TOKENS_PER_MINUTE, window=60)

    def mount(self, app: web.Application, intake: Intake) -> None:
        """Add the routes."""
        self._intake = intake
        add = app.router.add_route
        conversation = f"{ROOT}/conversations/{{id}}"
        add("POST", f"{ROOT}/tokens/generate", self._guarded(self._generate))
        add("POST", f"{ROOT}/tokens/refresh", self._guarded(self._refresh))
        add("POST", f"{ROOT}/conversations", self._guarded(self._start))
        add("GET", conversation, self._guarded(self._reconnect))
        add("GET", f"{conversation}/activities", self._guarded(self._activities))
        add("POST", f"{conversation}/activities", self._guarded(self._post))
        add("POST", f"{conversation}/upload", self._guarded(self._upload))
        add("GET", f"{conversation}/stream", self._guarded(self._stream))
        add("GET", f"{conversation}/files/{{blob}}", self._guarded(self._file))

    # --- tokens and conversations -------------------------------------------------------------------------------------

    async def _generate(self, request: web.Request) -> web.StreamResponse:
        """A token for a new conversation; with a secret configured, only its bearer gets one."""
        if self._secret is not None and not self._has_secret(request):
            raise DirectLineError(401, "Unauthorized", "the Direct Line secret is missing or wrong")
        if self._secret is None:
            self._throttle(request)
        token = await self._wanted_token(request)
        resume = self._tokens.sign_resume(token, self._clock.now())
        return web.json_response({**self._grant(token), "resume": resume})

    async def _refresh(self, request: web.Request) -> web.StreamResponse:
        return web.json_response(self._grant(self._bearer(request)))

    async def _start(self, request: web.Request) -> web.StreamResponse:
        """Open the token's conversation, or a new one for the bearer of the secret."""
        if self._has_secret(request):
            token = await self._wanted_token(request)
        else:
            token = self._bearer(request)
        if token.locale is None:
            token = replace(token, locale=_accepted_language(request))
        opened = await self._intake.accept(parse_opening(token, self._clock.now()))
        return web.json_response(self._connected(request, token, None), status=201 if opened else 200)

    async def _reconnect(self, request: web.Request) -> web.StreamResponse:
        """A new stream address from a watermark on."""
        token = self._of_conversation(request)
        watermark = request.query.get("watermark")
        _watermark(watermark)
        return web.json_response(self._connected(request, token, watermark))

    def _grant(self, token: Token) -> dict[str, Any]:
        signed = self._tokens.sign(token, self._clock.now())
        seconds = int(LIFETIME.total_seconds())
        return {"conversationId": token.conversation, "token": signed, "expires_in": seconds, "userId": token.user}

    def _connected(self, request: web.Request, token: Token, watermark: str | None) -> dict[str, Any]:
        granted = self._grant(token)
        scheme = "wss" if request.headers.get("X-Forwarded-Proto", request.scheme) == "https" else "ws"
        query = {"watermark": watermark} if watermark else {}
        query["t"] = granted["token"]
        path = f"{ROOT}/conversations/{quote(token.conversation)}/stream?{urlencode(query)}"
        return {**granted, "streamUrl": f"{scheme}://{request.host}{path}"}

    # --- activities ---------------------------------------------------------------------------------------------------

    async def _activities(self, request: web.Request) -> web.StreamResponse:
        token = self._of_conversation(request)
        after = _watermark(request.query.get("watermark"))
        messages = await self._history.after(token.conversation, after)
        shown = [self.render(token.conversation, m, token.user) for m in messages if not m.internal]
        watermark = messages[-1].seq if messages else after
        return web.json_response({"activities": shown, "watermark": str(watermark)})

    async def _post(self, request: web.Request) -> web.StreamResponse:
        token = self._of_conversation(request)
        activity = parse_json(await read_body(request), Activity)
        return await self._take(token, activity, await self._inline(activity))

    async def _take(self, token: Token, activity: Activity, attachments: tuple[Attachment, ...]) -> web.StreamResponse:
        fresh = new_id()
        if activity.type == "typing":
            await self._intake.typing(Address(CHANNEL, token.conversation))
        inbound = parse_activity(activity, token, fresh, self._clock.now(), attachments)
        if inbound is None:
            return web.json_response({"id": f"{token.conversation}|{fresh}"})
        await self._intake.accept(inbound)
        return web.json_response({"id": inbound.id})

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        token = self._of_conversation(request)
        return await self.streams.serve(request, token.conversation, _watermark(request.query.get("watermark")))

    def render(self, conversation: str, message: Message, user: str = "") -> dict[str, Any]:
        """An entry of the history as the conversation's client reads it."""

        def file_url(attachment: Attachment) -> str:
            blob = attachment.blob or ""
            signature = self._tokens.sign_file(conversation, blob, attachment.name, attachment.content_type)
            query = urlencode({"name": attachment.name, "type": attachment.content_type, "sig": signature})
            return f"{ROOT}/conversations/{quote(conversation)}/files/{blob}?{query}"

        return render_message(message, conversation, user or "user", file_url)

    # --- files --------------------------------------------------------------------------------------------------------

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        """Files with an optional activity, as multipart; or a single file as the body."""
        token = self._of_conversation(request)
        activity = Activity(type="message")
        files: list[Attachment] = []
        if not request.content_type.startswith("multipart/"):
            name = request.headers.get("Content-Disposition", "").partition("filename=")[2].strip('" ') or "file"
            files.append(await self._stored(name, request.content_type, request.content.iter_chunked(64 * 1024)))
            return await self._take(token, activity, tuple(files))
        reader = await request.multipart()
        async for part in reader:
            if not isinstance(part, BodyPartReader):
                raise InvalidField("", "multipart within multipart is not accepted")
            kind = media_type(part)
            if kind == "application/vnd.microsoft.activity" or part.name == "activity":
                activity = parse_json(bytes(await part.read(decode=True)), Activity)
            elif len(files) >= 10:  # noqa: PLR2004 - as many as the console takes
                raise InvalidField("", "more than 10 files")
            else:
                files.append(await self._stored(file_name(part), kind, _chunks(part)))
        if not files and not activity.text:
            raise InvalidField("", "there is neither a file nor a text")
        return await self._take(token, activity, tuple(files))

    async def _inline(self, activity: Activity) -> tuple[Attachment, ...]:
        """Files that came within the activity as `data:` addresses."""
        stored = []
        for index, attachment in enumerate(activity.attachments):
            url = attachment.content_url or ""
            if not url.startswith("data:"):
                continue
            head, _, body = url[5:].partition(",")
            try:
                content = base64.b64decode(body, validate=True) if head.endswith(";base64") else body.encode()
            except binascii.Error:
                raise InvalidField(f"attachments.{index}.contentUrl", "is no base64") from None
            kind = attachment.content_type or head.split(";")[0]
            stored.append(await self._stored(attachment.name or "file", kind, _once(content)))
        return tuple(stored)

    async def _stored(self, name: str, kind: str, chunks: AsyncIterator[bytes]) -> Attachment:
        try:
            blob, size = await self._blobs.put(name, chunks, self._max_upload)
        except InvalidInput as error:
            raise DirectLineError(413, "MessageSizeTooBig", str(error)) from None
        return Attachment(name=name[:200], content_type=kind[:200], size=size, blob=blob)

    async def _file(self, request: web.Request) -> web.StreamResponse:
        """A file of the conversation; its address is signed, so that a page can show it without a header."""
        conversation, blob = request.match_info["id"], request.match_info["blob"]
        name, kind = request.query.get("name", ""), request.query.get("type", "")
        wanted = self._tokens.sign_file(conversation, blob, name, kind)
        if not hmac.compare_digest(request.query.get("sig", "").encode(), wanted.encode()):
            raise DirectLineError(403, "Forbidden", "the address of the file is not valid")
        try:
            return await send_file(request, self._blobs.read(blob), name, kind)
        except InvalidInput as error:
            raise DirectLineError(404, "NotFound", str(error)) from None

    # --- who asks -----------------------------------------------------------------------------------------------------

    def _has_secret(self, request: web.Request) -> bool:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
        return self._secret is not None and hmac.compare_digest(given.encode(), self._secret.encode())

    def _throttle(self, request: web.Request) -> None:
        address = request.remote or ""
        if (wait := self._new_tokens.wait(address)) > 0:
            raise web.HTTPTooManyRequests(headers={"Retry-After": str(math.ceil(wait))})
        self._new_tokens.count(address)

    async def _wanted_token(self, request: web.Request) -> Token:
        """A token for a new conversation, for the user that the body names; or for the one that is resumed."""
        body = await read_body(request)
        wanted = From()
        locale = _accepted_language(request)
        if body.strip():
            asked = parse_json(body, _TokenRequest)
            if asked.resume is not None:
                return self._resumed(asked.resume)
            wanted = asked.user or wanted
            locale = asked.locale or locale
        return Token(new_conversation(), wanted.id or f"dl_{new_id()}", wanted.name, locale)

    def _resumed(self, text: str) -> Token:
        try:
            return self._tokens.read_resume(text, self._clock.now())
        except (TokenExpiredError, TokenInvalidError):
            raise DirectLineError(403, "TokenExpired", "the conversation cannot be resumed any more") from None

    def _bearer(self, request: web.Request) -> Token:
        text = request.headers.get("Authorization", "").removeprefix("Bearer ").strip() or request.query.get("t", "")
        try:
            return self._tokens.read(text, self._clock.now())
        except TokenExpiredError as error:
            raise DirectLineError(403, "TokenExpired", str(error)) from None
        except TokenInvalidError:
            raise DirectLineError(401, "Unauthorized", "the token is missing or not valid") from None

    def _of_conversation(self, request: web.Request) -> Token:
        token = self._bearer(request)
        if request.match_info["id"] != token.conversation:
            raise DirectLineError(403, "Forbidden", "the token opens another conversation")
        return token

    def _guarded(self, route: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> Handler:
        """Errors in Direct Line's own words."""

        async def handle(request: web.Request) -> web.StreamResponse:
            try:
                return await route(request)
            except DirectLineError as error:
                return error_response(error.status, error.code, error.message)
            except InvalidInput as error:
                return error_response(400, "BadArgument", str(error))
            except web.HTTPRequestEntityTooLarge:
                return error_response(413, "MessageSizeTooBig", "the body is too large")

        return handle


class _TokenRequest(Activity):
    """The body of a request for a token; `resume` is an addition of ours."""

    type: str = ""
    user: From | None = None
    resume: str | None = None


def _watermark(text: str | None) -> int:
    """The position that a watermark stands for; `-` and nothing are the beginning."""
    if text is None or text in {"", "-", "null", "undefined"}:
        return 0
    if not text.isascii() or not text.isdigit() or len(text) > 15:  # noqa: PLR2004 - well within 2**53
        raise InvalidField("watermark", f"{text[:50]!r} is none of ours")
    return int(text)


def _accepted_language(request: web.Request) -> str | None:
    """The browser's first language."""
    first = request.headers.get("Accept-Language", "").split(",")[0].split(";")[0].strip()
    return first if first and first != "*" and len(first) <= 35 else None  # noqa: PLR2004 - BCP 47's longest


async def _chunks(part: BodyPartReader) -> AsyncIterator[bytes]:
    while chunk := await part.read_chunk(64 * 1024):
        yield chunk


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content
