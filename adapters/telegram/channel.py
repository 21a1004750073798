"""Telegram as a channel: by long polling, or by webhook where the server has a public address."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn, Self

import httpx
import structlog
from aiohttp import web
from telegram import Bot, BotCommand, LinkPreviewOptions, ReplyParameters, Update
from telegram.constants import ChatAction, ParseMode
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)
from telegram.request import HTTPXRequest

from adapters.http import error_response
from adapters.progress import SentParts
from adapters.telegram.commands import COMMANDS
from adapters.telegram.parse import Me, parse_update
from adapters.telegram.render import render_parts
from adapters.telegram.target import CHANNEL, Target
from bot.errors import BabeldeskError, ChannelUnavailable, DeliveryRefused, InvalidInput, Retryable
from bot.messages import Address, Attachment, Outbound, Receipt
from bot.ports import Blobs, Intake
from bot.workers import pause

log = structlog.get_logger(__name__)

API = "https://api.telegram.org"
WEBHOOK = "/webhooks/telegram"
ALLOWED = ["message", "edited_message", "callback_query"]
POLL_SECONDS = 30
TYPING_SECONDS = 4.0
"""Telegram shows an action for five seconds."""

LARGEST_DOWNLOAD = 20_000_000
"""Bytes of a file that the Bot API gives out."""


class TelegramChannel:
    """The channel `telegram`."""

    name = CHANNEL

    def __init__(
        self,
        *,
        token: str,
        base_url: str | None,
        public_url: str | None,
        secret: str,
        blobs: Blobs,
        max_download: int,
    ) -> None:
        self._token = token
        self._base = (base_url or API).rstrip("/")
        self._webhook = f"{public_url.rstrip('/')}{WEBHOOK}" if public_url else None
        self._webhook_secret = hmac.new(secret.encode(), b"telegram webhook", hashlib.sha256).hexdigest()
        self._blobs = blobs
        self._max_download = min(max_download, LARGEST_DOWNLOAD)
        self._me: Me | None = None
        self._problem: str | None = "has not reached Telegram yet"
        self._sent = SentParts()
        self._moved: dict[int, int] = {}
        self._typed: OrderedDict[str, float] = OrderedDict()
        self._background: set[asyncio.Task[None]] = set()

    @property
    def problem(self) -> str | None:
        """What keeps messages from coming in, if anything."""
        return self._problem

    async def __aenter__(self) -> Self:
        self._bot = Bot(
            self._token,
            base_url=f"{self._base}/bot",
            base_file_url=f"{self._base}/file/bot",
            request=HTTPXRequest(connection_pool_size=64, pool_timeout=10, media_write_timeout=60),
            get_updates_request=HTTPXRequest(connection_pool_size=2, read_timeout=POLL_SECONDS + 10),
        )
        self._http = httpx.AsyncClient(timeout=30)
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._background:
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)
        await self._http.aclose()
        for request in (self._bot.request, self._bot._request[0]):  # noqa: SLF001 - shutdown() would want initialize()
            await request.shutdown()

    # --- in -----------------------------------------------------------------------------------------------------------

    def mount(self, app: web.Application, intake: Intake) -> None:
        """Add the webhook's route, if that is how updates come."""
        if self._webhook is None:
            return

        async def webhook(request: web.Request) -> web.Response:
            return await self._receive(request, intake)

        app.router.add_post(WEBHOOK, webhook)

    async def run(self, intake: Intake) -> None:
        """Receive until cancelled, with growing pauses while Telegram cannot be reached."""
        failures = 0
        while True:
            try:
                await self._introduce()
                failures = 0
                if self._webhook is None:
                    await self._poll(intake)
                else:
                    await self._stay_hooked(self._webhook)
            except InvalidToken:
                self._trouble("Telegram refuses the token; TELEGRAM_BOT_TOKEN must be the one from BotFather")
                await asyncio.sleep(60)
            except Conflict:
                self._trouble("another process polls with this token, or a webhook is set for it")
                await asyncio.sleep(pause(4))
            except RetryAfter as error:
                await asyncio.sleep(_seconds(error))
            except TelegramError as error:
                failures += 1
                self._trouble(f"Telegram cannot be reached: {error.message}")
                await asyncio.sleep(pause(failures))

    async def _introduce(self) -> None:
        """Learn who we are, and have the commands shown."""
        if self._me is not None:
            return
        me = await self._bot.get_me()
        self._me = Me(me.id, me.username or "")
        try:
            for code, texts in COMMANDS.items():
                commands = [BotCommand(name, text) for name, text in texts.items()]
                await self._bot.set_my_commands(commands, language_code=code or None)
        except TelegramError as error:
            log.warning("commands not shown", error=error.message)

    async def _poll(self, intake: Intake) -> NoReturn:
        """Ask for updates; the offset moves on only past what is stored."""
        await self._bot.delete_webhook(drop_pending_updates=False)
        offset: int | None = None
        while True:
            updates = await self._bot.get_updates(offset=offset, timeout=POLL_SECONDS, allowed_updates=ALLOWED)
            self._problem = None
            for update in updates:
                await self._stored(update, intake)
                offset = update.update_id + 1

    async def _stored(self, update: Update, intake: Intake) -> None:
        """Hand an update in, however long it takes: the ones behind it keep their order by waiting."""
        failures = 0
        while True:
            try:
                await self._accept(update, intake)
            except Retryable as error:
                failures += 1
                self._trouble(f"messages cannot be stored: {error}")
                await asyncio.sleep(max(error.retry_after or 0, pause(failures, first=0.2, longest=5)))
            except Exception:  # one update that cannot be read must not stop all that follow
                log.exception("update skipped", update=update.update_id)
                return
            else:
                self._problem = None
                return

    async def _accept(self, update: Update, intake: Intake) -> None:
        if self._me is None:
            raise ChannelUnavailable("Telegram has not told who we are")
        inbound = parse_update(update, self._me, datetime.now(UTC))
        if inbound is not None:
            await intake.accept(inbound)
        if update.callback_query is not None:
            self._in_background(self._bot.answer_callback_query(update.callback_query.id))

    async def _stay_hooked(self, url: str) -> NoReturn:
        """Keep the webhook set: whoever polls with our token takes it away."""
        while True:
            await self._bot.set_webhook(
                url, secret_token=self._webhook_secret, allowed_updates=ALLOWED, max_connections=40
            )
            self._problem = None
            while True:
                await asyncio.sleep(300)
                info = await self._bot.get_webhook_info()
                if info.url != url:
                    log.warning("webhook was taken away", now="none" if not info.url else "another")
                    break

    async def _receive(self, request: web.Request, intake: Intake) -> web.Response:
        given = request.headers.get("X-Telegram-Bot-Api-Secret-Token", "")
        if not hmac.compare_digest(given.encode(), self._webhook_secret.encode()):
            log.warning("webhook call without our secret", remote=request.remote)
            return error_response(403, "forbidden", "the secret token is missing or wrong")
        try:
            data = json.loads(await request.read())
            update = Update.de_json(data, None) if isinstance(data, dict) else None
        except (ValueError, KeyError, TypeError, RecursionError):
            update = None
        if update is None or not isinstance(update.update_id, int):
            log.warning("webhook call that is no update")
            raise InvalidInput("the body is no Telegram update")
        try:
            await self._accept(update, intake)
        except BabeldeskError:
            raise  # Telegram repeats what is not acknowledged
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise InvalidInput(f"the update cannot be read: {error}") from error
        return web.Response()

    def _trouble(self, problem: str) -> None:
        if self._problem != problem:
            log.error("channel in trouble", channel=self.name, problem=problem)
        self._problem = problem

    # --- out ----------------------------------------------------------------------------------------------------------

    async def send(self, outbound: Outbound) -> Receipt:
        """Deliver one message, as one or more of Telegram's. See `Channel.send`."""
        message = outbound.message
        target = Target.parse(outbound.address)
        sends = [self._send_text(target, part, outbound.reply_to) for part in render_parts(outbound)]
        sends += [self._send_file(target, attachment) for attachment in message.attachments]
        already = self._sent.count(message.id)
        reference: str | None = None
        try:
            for index, send in enumerate(sends):
                if index < already:
                    send.close()
                    continue
                reference = await self._translated(send, target)
                self._sent.one_more(message.id)
        finally:
            for send in sends:
                send.close()
        self._sent.done(message.id)
        return Receipt(reference)

    async def _send_text(self, target: Target, part: Any, reply_to: str | None) -> str:
        sent = await self._bot.send_message(
            self._moved.get(target.chat, target.chat),
            part.html,
            parse_mode=ParseMode.HTML,
            reply_markup=part.keyboard,
            message_thread_id=target.thread,
            # In a group it must be seen who is answered; in private it would only be noise.
            reply_parameters=_reply(reply_to) if target.member is not None else None,
            link_preview_options=LinkPreviewOptions(is_disabled=True),
        )
        return str(sent.message_id)

    async def _send_file(self, target: Target, attachment: Attachment) -> str:
        if attachment.blob is None:
            raise DeliveryRefused(f"{attachment.name} was not uploaded")
        content = b"".join([chunk async for chunk in self._blobs.read(attachment.blob)])
        chat = self._moved.get(target.chat, target.chat)
        if attachment.content_type in {"image/jpeg", "image/png", "image/webp"}:
            sent = await self._bot.send_photo(chat, content, filename=attachment.name, message_thread_id=target.thread)
        else:
            sent = await self._bot.send_document(
                chat, content, filename=attachment.name, message_thread_id=target.thread
            )
        return str(sent.message_id)

    async def _translated(self, call: Coroutine[Any, Any, str], target: Target) -> str:
        """Await a call; its errors become ours."""
        try:
            return await call
        except RetryAfter as error:
            raise ChannelUnavailable("Telegram asks for patience", retry_after=_seconds(error)) from None
        except ChatMigrated as error:
            # The group became a supergroup; the retry goes to its new id.
            self._moved[target.chat] = error.new_chat_id
            raise ChannelUnavailable("the group has moved", retry_after=0) from None
        except (Forbidden, BadRequest) as error:
            raise DeliveryRefused(error.message) from None
        except InvalidToken:
            raise ChannelUnavailable("Telegram refuses the token", retry_after=60) from None
        except NetworkError as error:
            raise ChannelUnavailable(f"Telegram cannot be reached: {error.message}") from None
        except TelegramError as error:
            raise ChannelUnavailable(error.message) from None

    async def typing(self, address: Address) -> None:
        """Show that an answer is being prepared; never waits for Telegram."""
        now = time.monotonic()
        if now - self._typed.get(address.key, -TYPING_SECONDS) < TYPING_SECONDS:
            return
        self._typed[address.key] = now
        self._typed.move_to_end(address.key)
        if len(self._typed) > 1_000:  # noqa: PLR2004 - bounds the memory
            self._typed.popitem(last=False)
        target = Target.parse(address)
        chat = self._moved.get(target.chat, target.chat)
        self._in_background(self._bot.send_chat_action(chat, ChatAction.TYPING, message_thread_id=target.thread))

    async def fetch(self, attachment: Attachment) -> AsyncIterator[bytes]:
        """The bytes of a file that a customer sent. See `Channel.fetch`."""
        if attachment.source is None:
            raise DeliveryRefused(f"{attachment.name} has no source")
        if attachment.size is not None and attachment.size > self._max_download:
            raise DeliveryRefused(f"{attachment.size} bytes are over the limit of {self._max_download}")
        try:
            file = await self._bot.get_file(attachment.source)
            async with self._http.stream("GET", file.file_path or "") as response:
                if response.is_error:
                    raise ChannelUnavailable(f"Telegram gives HTTP {response.status_code} for the file")
                async for chunk in response.aiter_bytes():
                    yield chunk
        except RetryAfter as error:
            raise ChannelUnavailable("Telegram asks for patience", retry_after=_seconds(error)) from None
        except BadRequest as error:
            raise DeliveryRefused(error.message) from None
        except TelegramError as error:
            raise ChannelUnavailable(error.message) from None
        except httpx.HTTPError as error:
            # Its text could show the file's address, which holds the token.
            raise ChannelUnavailable(f"the file cannot be fetched: {type(error).__name__}") from None

    def _in_background(self, call: Coroutine[Any, Any, Any]) -> None:
        async def quietly() -> None:
            try:
                await call
            except TelegramError as error:
                log.info("courtesy not delivered", error=error.message)

        task = asyncio.create_task(quietly())
        self._background.add(task)
        task.add_done_callback(self._background.discard)


def _seconds(error: RetryAfter) -> float:
    after: Any = error.retry_after  # a timedelta one day
    return after.total_seconds() if isinstance(after, timedelta) else float(after)


def _reply(reference: str | None) -> ReplyParameters | None:
    if reference is None or not reference.isdigit():
        return None
    return ReplyParameters(int(reference), allow_sending_without_reply=True)
