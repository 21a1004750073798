"""A channel in Slack as the agents' desk: threads out, what agents do in them in. See `bot.ports_desk.AgentDesk`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Awaitable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from slack_sdk.web.async_slack_response import AsyncSlackResponse

from adapters.slack.api import SlackApi, SlackRefused
from adapters.slack.desk_parse import parse_desk_event, parse_desk_press
from adapters.slack.desk_render import render_card, render_shown
from adapters.slack.desk_texts import reply_text
from adapters.slack.parse import Me
from adapters.slack.people import People
from adapters.slack.render import Post, fallback, rich_text
from bot.desk_values import Account, DeskCard, DeskEvent, DeskReply, Shown
from bot.errors import ChannelUnavailable
from bot.messages import Attachment, Sender
from bot.ports import Blobs
from bot.ports_desk import DeskIntake, ThreadGone

GONE: Final = frozenset({"message_not_found", "thread_not_found"})
EVENT: Final = "babeldesk_desk"
"""Slack's name for what we tell with a message unseen."""

PAGE: Final = 200
MOST_PAGES: Final = 25
"""Pages of a thread or of the channel that are searched for a message whose posting broke off."""

SKEW: Final = timedelta(minutes=5)
"""How far Slack's clock and ours may differ."""


class SlackDesk:
    """One channel, over the app that customers write to."""

    def __init__(self, api: SlackApi, channel: str, blobs: Blobs) -> None:
        self.channel = channel
        self._api = api
        self._blobs = blobs
        self._intake: DeskIntake | None = None

    def attach(self, intake: DeskIntake) -> None:
        """Have what is done in threads handed in there."""
        self._intake = intake

    # --- in -----------------------------------------------------------------------------------------------------------

    async def heard(self, body: Mapping[str, Any], me: Me, people: People) -> None:
        """A message in the channel."""
        await self._accept(parse_desk_event(body, me), people)

    async def pressed(self, body: Mapping[str, Any], people: People) -> None:
        """A button in the channel."""
        event = parse_desk_press(body, datetime.now(UTC))
        await self._accept(() if event is None else (event,), people)

    async def _accept(self, events: tuple[DeskEvent, ...], people: People) -> None:
        if not events:
            return
        if self._intake is None:
            raise ChannelUnavailable("the desk is not running yet")
        account = events[0].account
        known = await people.complete(Sender(_user(account), account.name))
        named = replace(account, name=known.name)
        await self._intake.accept([replace(event, account=named) for event in events])

    def fetch(self, attachment: Attachment) -> AsyncIterator[bytes]:
        """The bytes of a file."""
        return self._api.fetch(attachment)

    async def tell(self, thread: str, account: Account, reply: DeskReply) -> None:
        """Say something that only this account sees."""
        text = reply_text(reply)
        await self._call(
            self._api.client.chat_postEphemeral(
                channel=self.channel,
                user=_user(account),
                thread_ts=thread,
                text=fallback(text),
                blocks=[rich_text(text)],
            )
        )

    # --- out ----------------------------------------------------------------------------------------------------------

    def digest(self, card: DeskCard) -> str:
        """Tells two first messages apart."""
        post = render_card(card)
        return hashlib.sha256(json.dumps([post.text, post.blocks]).encode()).hexdigest()

    def parts(self, shown: Shown) -> int:
        """How many messages and files an entry is posted as."""
        return len(render_shown(shown))

    async def find(self, root: str | None, key: str, since: datetime) -> str | None:
        """The message with this key, if it is there."""
        oldest = None if root is not None else f"{(since - SKEW).timestamp():.6f}"
        cursor: str | None = None
        for _ in range(MOST_PAGES):
            page = await self._call(self._page(root, oldest, cursor))
            for message in page.get("messages") or ():
                if _key_of(message) == key:
                    return str(message["ts"])
            cursor = (page.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                break
        return None

    def _page(self, root: str | None, oldest: str | None, cursor: str | None) -> Awaitable[AsyncSlackResponse]:
        client = self._api.client
        if root is None:
            return client.conversations_history(
                channel=self.channel, oldest=oldest, cursor=cursor, limit=PAGE, include_all_metadata=True
            )
        return client.conversations_replies(
            channel=self.channel, ts=root, cursor=cursor, limit=PAGE, include_all_metadata=True
        )

    async def open(self, card: DeskCard, key: str) -> str:
        """Begin a thread."""
        return await self._post(render_card(card), key, None)

    async def update(self, root: str, card: DeskCard) -> None:
        """Show the present state."""
        post = render_card(card)
        await self._call(
            self._api.client.chat_update(channel=self.channel, ts=root, text=post.text, blocks=post.blocks)
        )

    async def post(self, root: str, shown: Shown, part: int, key: str) -> None:
        """Post one part of an entry."""
        step = render_shown(shown)[part]
        if isinstance(step, Post):
            await self._post(step, key, root)
        else:
            await self._api.upload(self.channel, root, step, self._blobs)

    async def _post(self, post: Post, key: str, root: str | None) -> str:
        response = await self._call(
            self._api.client_once.chat_postMessage(
                channel=self.channel,
                thread_ts=root,
                text=post.text,
                blocks=post.blocks,
                metadata={"event_type": EVENT, "event_payload": {"key": key}},
                unfurl_links=False,
                unfurl_media=False,
            )
        )
        return str(response.get("ts"))

    async def _call(self, calling: Awaitable[AsyncSlackResponse]) -> AsyncSlackResponse:
        try:
            return await self._api.call(calling)
        except SlackRefused as error:
            if error.reason in GONE:
                raise ThreadGone(str(error)) from None
            raise


def _user(account: Account) -> str:
    """Slack's id of somebody, without their team's."""
    return account.id.rpartition(":")[2]


def _key_of(message: Mapping[str, Any]) -> str | None:
    """What we told with a message unseen."""
    metadata = message.get("metadata")
    if not isinstance(metadata, Mapping) or metadata.get("event_type") != EVENT:
        return None
    payload = metadata.get("event_payload")
    return payload.get("key") if isinstance(payload, Mapping) else None
