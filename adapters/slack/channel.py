"""Slack as a channel: the Events API over signed HTTP, Socket Mode, or both."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, NoReturn, Self

import aiohttp
import structlog
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.signature import SignatureVerifier

from adapters.http import error_response
from adapters.progress import SentParts
from adapters.slack.api import OWNERS_AFFAIR, SlackApi, reason_of
from adapters.slack.bolt import build_app, is_challenge, readable, signed
from adapters.slack.desk import SlackDesk
from adapters.slack.desk_texts import NO_COMMANDS
from adapters.slack.parse import CHANNEL, Me, Place, channel_of, parse_action, parse_command, parse_event
from adapters.slack.people import People
from adapters.slack.render import Post, render_posts
from bot.errors import ChannelUnavailable, InvalidInput
from bot.messages import Address, Attachment, Inbound, Outbound, Receipt
from bot.ports import Blobs, Intake, Store
from bot.workers import pause

log = structlog.get_logger(__name__)

EVENTS = "/webhooks/slack/events"


class SlackChannel:
    """The channel `slack`. With a `desk_channel` it is also where agents work: `desk` is that side of it."""

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
        desk_channel: str | None = None,
    ) -> None:
        self._app_token = app_token
        self._verifier = SignatureVerifier(signing_secret) if signing_secret else None
        self._signing_secret = signing_secret
        self._store = store
        self._blobs = blobs
        self._me: Me | None = None
        self._intake: Intake | None = None
        self._problem: str | None = "has not reached Slack yet"
        self._sent = SentParts()
        self._api = SlackApi(token=bot_token, base_url=base_url, max_download=max_download, trouble=self._trouble)
        self.desk = None if desk_channel is None else SlackDesk(self._api, desk_channel, blobs)

    @property
    def problem(self) -> str | None:
        """What keeps messages from coming in, if anything."""
        return self._problem

    async def __aenter__(self) -> Self:
        await self._api.__aenter__()
        self._people = People(self._api.client)
        self._bolt = build_app(
            self._api,
            signing_secret=self._signing_secret,
            known=self._known,
            on_event=self._on_event,
            on_action=self._on_action,
            on_command=self._on_command,
        )
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._api.__aexit__(*error)

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
                reason = reason_of(error)
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
            me = await self._api.client.auth_test()
            self._me = Me(str(me["team_id"]), str(me["user_id"]), str(me.get("bot_id") or ""))
        self._problem = None

    async def _stay_connected(self) -> NoReturn:
        """Keep the Socket Mode connection, if there is one; the SDK reconnects, we tell when it cannot."""
        if self._app_token is None:
            await asyncio.Event().wait()
        handler = AsyncSocketModeHandler(self._bolt, self._app_token, web_client=self._api.client)
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
        if self._verifier is None or not signed(self._verifier, body, headers):
            log.warning("webhook call without a valid signature", remote=request.remote)
            return error_response(401, "unauthorised", "the signature is missing, wrong or too old")
        if not readable(body, request.content_type):
            raise InvalidInput("the body is neither JSON nor a form")
        if self._me is None and not is_challenge(body):
            raise ChannelUnavailable("Slack has not told who we are", retry_after=2)
        response = await self._bolt.async_dispatch(await to_bolt_request(request))
        return await to_aiohttp_response(response)

    async def _on_event(self, body: dict[str, Any]) -> None:
        if self.desk is not None and channel_of(body) == self.desk.channel:
            await self.desk.heard(body, self._known(), self._people)
            return
        candidate = parse_event(body, self._known())
        if candidate is None:
            return
        if not candidate.addressed and not await self._is_ours(candidate.inbound.address):
            return
        await self._accept(candidate.inbound)

    async def _on_action(self, ack: Any, body: dict[str, Any]) -> None:
        if self.desk is not None and channel_of(body) == self.desk.channel:
            await self.desk.pressed(body, self._people)
            await ack()
            return
        inbound = parse_action(body, datetime.now(UTC))
        if inbound is not None:
            await self._accept(inbound)
        await ack()

    async def _on_command(self, ack: Any, body: dict[str, Any]) -> None:
        if self.desk is not None and channel_of(body) == self.desk.channel:
            await ack(NO_COMMANDS)
            return
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
            if isinstance(step, Post):
                reference = await self._post(place, step)
            else:
                await self._api.upload(place.channel, place.thread, step, self._blobs)
            self._sent.one_more(message.id)
        self._sent.done(message.id)
        return Receipt(reference)

    async def _post(self, place: Place, post: Post) -> str:
        posting = self._api.client.chat_postMessage(
            channel=place.channel,
            thread_ts=place.thread,
            text=post.text,
            blocks=post.blocks,
            unfurl_links=False,
            unfurl_media=False,
        )
        return str((await self._api.call(posting)).get("ts"))

    async def typing(self, address: Address) -> None:
        """Slack has no sign for a bot that is typing."""

    def fetch(self, attachment: Attachment) -> AsyncIterator[bytes]:
        """The bytes of a file that a customer sent. See `Channel.fetch`."""
        return self._api.fetch(attachment)
