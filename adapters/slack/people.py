"""What Slack knows of the people who write: name and language, remembered for an hour."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from dataclasses import replace

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.messages import Sender

log = structlog.get_logger(__name__)

REMEMBERED = 5_000
LIFETIME = 3_600.0
PATIENCE = 0.5
"""Seconds: an event must be acknowledged within three, and a locale is only a hint."""


class People:
    """Looks senders up; never holds a message up for long."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client
        self._known: OrderedDict[str, tuple[float, Sender]] = OrderedDict()

    async def complete(self, sender: Sender) -> Sender:
        """The sender with name and locale, as far as Slack tells in time."""
        found = self._known.get(sender.id)
        if found is not None and time.monotonic() - found[0] < LIFETIME:
            return found[1]
        try:
            async with asyncio.timeout(PATIENCE):
                response = await self._client.users_info(user=sender.id, include_locale=True)
        except (SlackApiError, SlackClientError, aiohttp.ClientError, TimeoutError) as error:
            log.info("user not looked up", error=type(error).__name__)
            return sender
        user = response.get("user") or {}
        profile = user.get("profile") or {}
        name = profile.get("display_name") or profile.get("real_name") or user.get("name") or sender.name
        complete = replace(sender, name=name, locale=user.get("locale"))
        self._known[sender.id] = (time.monotonic(), complete)
        self._known.move_to_end(sender.id)
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return complete
