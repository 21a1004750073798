"""Slack as a channel: the Events API over signed HTTP, Socket Mode, or both."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, NoReturn, Self
from urllib.parse import parse_qs, urlsplit

import aiohttp
import structlog
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
)
from slack_sdk.http_retry.request import HttpRequest
from slack_sdk.http_retry.response import HttpResponse
from slack_sdk.http_retry.state import RetryState
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient

from adapters.http import error_response
from adapters.progress import SentParts
from adapters.slack.parse import CHANNEL, Me, Place, parse_action, parse_command, parse_event
from adapters.slack.people import People
from adapters.slack.render import Post, render_posts
from bot.errors import BabeldeskError, ChannelUnavailable, DeliveryRefused, InvalidInput, Retryable
from bot.messages import Address, Attachment, Inbound, Outbound, Receipt
from bot.ports import Blobs, Intake, Store
from bot.workers import pause

log = structlog.get_logger(__name__)

API = "https://slack.com/api/"
EVENTS = "/webhooks/slack/events"

LONGEST_WAIT = 2
"""Seconds of a Retry-After that are waited out in place; a longer one goes back to the outbox, which can do others."""

OWNERS_AFFAIR = frozenset(
    {"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "missing_scope"}
)
"""Errors that the owner can mend: messages wait for it."""

PASSING = frozenset(
    {"ratelimited", "internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org"}
)


class _ShortRateLimit(AsyncRateLimitErrorRetryHandler):
    """Waits out a short Retry-After, once."""

    async def _can_retry_async(
        self,
        *,
        state: RetryState,
        request: HttpRequest,
        response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> bool:
        limited = await super()._can_retry_async(state=state, request=request, response=response, error=error)
        return limited and response is not None and _retry_after(response.headers) <= LONGEST_WAIT


class SlackChannel:
    """The channel `slack`."""

    name = CHANNEL

    def __init__(
        self,
        *,
        bot_token: str,
        signing_secret: str | None,
        app_token: str | None,
        base_url: str | None,
        store: Store,
        blobs: Blobs,
        max_download: int,
    ) -> None:
        self._bot_token = bot_token
        self._app_token = app_token
        self._base = (base_url or API).rstrip("/") + "/"
        self._verifier = SignatureVerifier(signing_secret) if signing_secret else None
        self._signing_secret = signing_secret
        self._store = store
        self._blobs = blobs
        self._max_download = max_download
        self._me: Me | None = None
        self._intake: Intake | None = None
        self._problem: str | None = "has not reached Slack yet"
        self._sent = SentParts()

    @property
    def problem(self) -> str | None:
        """What keeps messages from coming in, if anything."""
        return self._problem

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30))
        self._client = AsyncWebClient(
            token=self._bot_token,
            base_url=self._base,
            session=self._session,
            retry_handlers=[AsyncConnectionErrorRetryHandler(max_retry_count=1), _ShortRateLimit(max_retry_count=1)],
        )
        self._people = People(self._client)
        self._bolt = self._build_app()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    def _build_app(self) -> AsyncApp:
        """Bolt, told to answer only after our listener: what is acknowledged is stored."""

        async def authorize() -> AuthorizeResult:
            me = self._known()
            return AuthorizeResult(
                enterprise_id=None,
                team_id=me.team,
                bot_user_id=me.user,
                bot_id=me.bot,
                bot_token=self._bot_token,
            )

        logger = logging.getLogger("slack_bolt.app")
        app = AsyncApp(
            client=self._client,
            signing_secret=self._signing_secret or "",
            request_verification_enabled=self._signing_secret is not None,
            authorize=authorize,
            process_before_response=True,
            logger=logger,
        )
        anything = re.compile(".*", re.DOTALL)
        app.event(anything)(self._on_event)
        app.action(anything)(self._on_action)
        app.command(anything)(self._on_command)

        @app.error
        async def failed(error: Exception) -> BoltResponse:
            """Not acknowledged, so that Slack brings it again; what cannot be read would fail again, and is not."""
            again = isinstance(error, Retryable)
            log.warning("event not taken", error=str(error) or type(error).__name__, again=again, exc_info=not again)
            return BoltResponse(status=503 if again else 500, body="")

        return app

    # --- in -----------------------------------------------------------------------------------------------------------

    def mount(self, app: web.Application, intake: Intake) -> None:
        """Add the route of the Events API, if there is a signing secret for it."""
        self._intake = intake
        if self._verifier is not None:
            app.router.add_post(EVENTS, self._receive)

    async def run(self, intake: Intake) -> None:
        """Receive until cancelled."""
        self._intake = intake
        failures = 0
        while True:
            try:
                await self._introduce()
                failures = 0
                await self._stay_connected()
            except SlackApiError as error:
                reason = _reason(error)
                waits = 60.0 if reason in OWNERS_AFFAIR else pause(failures + 1)
                self._trouble(f"Slack refuses: {reason}")
                failures += 1
                await asyncio.sleep(waits)
            except (SlackClientError, aiohttp.ClientError, TimeoutError, OSError) as error:
                failures += 1
                self._trouble(f"Slack cannot be reached: {type(error).__name__}")
                await asyncio.sleep(pause(failures))

    async def _introduce(self) -> None:
        """Learn who we are."""
        if self._me is None:
            me = await self._client.auth_test()
            self._me = Me(str(me["team_id"]), str(me["user_id"]), str(me.get("bot_id") or ""))
        self._problem = None

    async def _stay_connected(self) -> NoReturn:
        """Keep the Socket Mode connection, if there is one; the SDK reconnects, we tell when it cannot."""
        if self._app_token is None:
            await asyncio.Event().wait()
        handler = AsyncSocketModeHandler(self._bolt, self._app_token, web_client=self._client)
        try:
            await handler.connect_async()  # type: ignore[no-untyped-call]  # the SDK's
            while True:
                await asyncio.sleep(5)
                connected = await handler.client.is_connected()
                if connected:
                    self._problem = None
                else:
                    self._trouble("the Socket Mode connection is down")
        finally:
            await handler.close_async()  # type: ignore[no-untyped-call]  # the SDK's

    async def _receive(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        headers = {name.casefold(): value for name, value in request.headers.items()}
        if self._verifier is None or not self._signed(self._verifier, body, headers):
            log.warning("webhook call without a valid signature", remote=request.remote)
            return error_response(401, "unauthorised", "the signature is missing, wrong or too old")
        if not _readable(body, request.content_type):
            raise InvalidInput("the body is neither JSON nor a form")
        if self._me is None and not _is_challenge(body):
            raise ChannelUnavailable("Slack has not told who we are", retry_after=2)
        response = await self._bolt.async_dispatch(await to_bolt_request(request))
        return await to_aiohttp_response(response)

    @staticmethod
    def _signed(verifier: SignatureVerifier, body: bytes, headers: Mapping[str, str]) -> bool:
        try:
            return verifier.is_valid_request(body, dict(headers))
        except (ValueError, UnicodeDecodeError):  # a time stamp that is no number, a body that is no text
            return False

    async def _on_event(self, body: dict[str, Any]) -> None:
        candidate = parse_event(body, self._known())
        if candidate is None:
            return
        if not candidate.addressed and not await self._is_ours(candidate.inbound.address):
            return
        await self._accept(candidate.inbound)

    async def _on_action(self, ack: Any, body: dict[str, Any]) -> None:
        inbound = parse_action(body, datetime.now(UTC))
        if inbound is not None:
            await self._accept(inbound)
        await ack()

    async def _on_command(self, ack: Any, body: dict[str, Any]) -> None:
        inbound = parse_command(body, datetime.now(UTC))
        if inbound is not None:
            await self._accept(inbound)
        await ack()

    async def _accept(self, inbound: Inbound) -> None:
        if self._intake is None:
            raise ChannelUnavailable("the channel is not running yet")
        await self._intake.accept(replace(inbound, sender=await self._people.complete(inbound.sender)))

    async def _is_ours(self, address: Address) -> bool:
        """In a thread that the bot was called into, nobody needs to mention it again."""
        async with self._store.unit(write=False) as unit:
            return await unit.conversations.at(address) is not None

    def _known(self) -> Me:
        if self._me is None:
            raise ChannelUnavailable("Slack has not told who we are")
        return self._me

    def _trouble(self, problem: str) -> None:
        if self._problem != problem:
            log.error("channel in trouble", channel=self.name, problem=problem)
        self._problem = problem

    # --- out ----------------------------------------------------------------------------------------------------------

    async def send(self, outbound: Outbound) -> Receipt:
        """Deliver one message, as one or more of Slack's. See `Channel.send`."""
        message = outbound.message
        place = Place.parse(outbound.address)
        steps: list[Post | Attachment] = [*render_posts(outbound), *message.attachments]
        already = self._sent.count(message.id)
        reference: str | None = None
        for step in steps[already:]:
            try:
                if isinstance(step, Post):
                    reference = await self._post(place, step)
                else:
                    await self._send_file(place, step)
            except SlackApiError as error:
                raise self._translated(error) from None
            except (SlackClientError, aiohttp.ClientError, TimeoutError) as error:
                raise ChannelUnavailable(f"Slack cannot be reached: {type(error).__name__}") from None
            self._sent.one_more(message.id)
        self._sent.done(message.id)
        return Receipt(reference)

    async def _post(self, place: Place, post: Post) -> str:
        response = await self._client.chat_postMessage(
            channel=place.channel,
            thread_ts=place.thread,
            text=post.text,
            blocks=post.blocks,
            unfurl_links=False,
            unfurl_media=False,
        )
        return str(response.get("ts"))

    async def _send_file(self, place: Place, attachment: Attachment) -> None:
        if attachment.blob is None:
            raise DeliveryRefused(f"{attachment.name} was not uploaded")
        content = b"".join([chunk async for chunk in self._blobs.read(attachment.blob)])
        await self._client.files_upload_v2(
            channel=place.channel, thread_ts=place.thread, filename=attachment.name, content=content
        )

    def _translated(self, error: SlackApiError) -> BabeldeskError:
        response = error.response
        reason = _reason(error)
        if response.status_code == 429 or reason == "ratelimited":  # noqa: PLR2004 - too many requests
            return ChannelUnavailable("Slack asks for patience", retry_after=_retry_after(response.headers))
        if response.status_code >= 500 or reason in PASSING:  # noqa: PLR2004 - their fault
            return ChannelUnavailable(f"Slack cannot take it: {reason}")
        if reason in OWNERS_AFFAIR:
            self._trouble(f"Slack refuses: {reason}")
            return ChannelUnavailable(f"Slack refuses: {reason}", retry_after=60)
        return DeliveryRefused(f"Slack refuses: {reason}")

    async def typing(self, address: Address) -> None:
        """Slack has no sign for a bot that is typing."""

    async def fetch(self, attachment: Attachment) -> AsyncIterator[bytes]:
        """The bytes of a file that a customer sent. See `Channel.fetch`."""
        if attachment.size is not None and attachment.size > self._max_download:
            raise DeliveryRefused(f"{attachment.size} bytes are over the limit of {self._max_download}")
        url = await self._download_url(attachment.source or "")
        if not self._is_slacks(url):
            # The request carries our token: it goes to nobody else.
            raise DeliveryRefused(f"{attachment.name} does not lie with Slack")
        headers = {"Authorization": f"Bearer {self._bot_token}"}
        try:
            async with self._session.get(url, headers=headers, allow_redirects=False) as response:
                if response.status != 200:  # noqa: PLR2004 - anything else is no file
                    raise ChannelUnavailable(f"Slack gives HTTP {response.status} for the file")
                async for chunk in response.content.iter_chunked(64 * 1024):
                    yield chunk
        except (aiohttp.ClientError, TimeoutError) as error:
            raise ChannelUnavailable(f"the file cannot be fetched: {type(error).__name__}") from None

    async def _download_url(self, source: str) -> str:
        if not source.startswith("file:"):
            return source
        try:
            info = await self._client.files_info(file=source.removeprefix("file:"))
        except SlackApiError as error:
            raise self._translated(error) from None
        except (SlackClientError, aiohttp.ClientError, TimeoutError) as error:
            raise ChannelUnavailable(f"Slack cannot be reached: {type(error).__name__}") from None
        file: Mapping[str, Any] = info.get("file") or {}
        return str(file.get("url_private_download") or file.get("url_private") or "")

    def _is_slacks(self, url: str) -> bool:
        wanted, base = urlsplit(url), urlsplit(self._base)
        if wanted.netloc == base.netloc and wanted.scheme == base.scheme:
            return True
        return wanted.scheme == "https" and (wanted.hostname or "").endswith((".slack.com", ".slack-files.com"))


def _reason(error: SlackApiError) -> str:
    """The error's name, or the status of an answer that is no JSON."""
    data = error.response.data
    name = data.get("error") if isinstance(data, dict) else None
    return str(name or f"HTTP {error.response.status_code}")


def _retry_after(headers: Mapping[str, Any]) -> float:
    for name, value in headers.items():
        if name.casefold() == "retry-after":
            first = value[0] if isinstance(value, list) else value
            try:
                return float(first)
            except (TypeError, ValueError):
                break
    return 1.0


def _readable(body: bytes, content_type: str) -> bool:
    try:
        if content_type == "application/x-www-form-urlencoded":
            form = parse_qs(body.decode(), strict_parsing=True)
            return "command" in form or isinstance(json.loads(form["payload"][0]), dict)
        return isinstance(json.loads(body), dict)
    except (ValueError, KeyError, RecursionError):
        return False


def _is_challenge(body: bytes) -> bool:
    try:
        return bool(json.loads(body).get("type") == "url_verification")
    except (ValueError, AttributeError):
        return False
