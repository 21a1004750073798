"""The channels of the composition root: which the settings ask for, and how they are kept going."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Protocol

import structlog
from aiohttp import web

from adapters.slack import SlackChannel
from adapters.slack import preview as slack_preview
from adapters.telegram import TelegramChannel
from adapters.telegram import preview as telegram_preview
from adapters.webchat import RestChannel, WebChatChannel
from adapters.webchat import preview as webchat_preview
from bot.core import Core
from bot.errors import ConfigurationError
from bot.ports import Channel, Intake
from bot.ports_desk import AgentDesk
from bot.preview import Render
from bot.settings import Settings
from bot.workers import pause

log = structlog.get_logger(__name__)

PREVIEWS: Mapping[str, Render] = {
    "webchat": webchat_preview.preview,
    "telegram": telegram_preview.preview,
    "slack": slack_preview.preview,
}
"""How a text looks on each channel, in the order in which they are shown."""


class Endpoint(Channel, Protocol):
    """A channel as the composition root sees it: with routes, a life and its troubles."""

    @property
    def problem(self) -> str | None:
        """What is wrong with it, in a sentence; None if nothing is."""
        ...

    def mount(self, app: web.Application, intake: Intake) -> None:
        """Add its HTTP routes."""
        ...

    async def __aenter__(self) -> object: ...
    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool | None: ...


def build_channels(settings: Settings, **shared: Any) -> dict[str, Endpoint]:
    """The channels that the settings ask for: the web chat always, others when they have their token."""
    store, live, blobs, clock = (shared[name] for name in ("store", "live", "blobs", "clock"))
    secret = settings.secret()
    channels: list[Endpoint] = [
        WebChatChannel(
            store=store,
            live=live,
            blobs=blobs,
            clock=clock,
            secret_key=secret,
            direct_line_secret=reveal(settings.direct_line_secret),
            allowed_origins=settings.allowed_origins,
            max_upload=settings.max_upload,
        ),
        RestChannel(store=store, live=live, clock=clock, token=reveal(settings.rest_token)),
    ]
    if settings.telegram_bot_token is not None:
        channels.append(
            TelegramChannel(
                token=settings.telegram_bot_token.get_secret_value(),
                base_url=settings.telegram_api_base_url,
                public_url=settings.public_url,
                secret=secret,
                blobs=blobs,
                max_download=settings.max_upload,
            )
        )
    if settings.slack_bot_token is not None:
        if settings.slack_signing_secret is None and settings.slack_app_token is None:
            raise ConfigurationError(
                "SLACK_BOT_TOKEN needs SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (HTTP) beside it"
            )
        channels.append(
            SlackChannel(
                bot_token=settings.slack_bot_token.get_secret_value(),
                signing_secret=reveal(settings.slack_signing_secret),
                app_token=reveal(settings.slack_app_token),
                base_url=settings.slack_api_base_url,
                store=store,
                blobs=blobs,
                max_download=settings.max_upload,
                desk_channel=settings.slack_desk_channel,
            )
        )
    return {channel.name: channel for channel in channels}


def agent_desk_of(channels: Mapping[str, Endpoint]) -> AgentDesk | None:
    """Where agents work beside the console, if anywhere."""
    slack = channels.get(SlackChannel.name)
    return slack.desk if isinstance(slack, SlackChannel) else None


async def supervised(channel: Endpoint, intake: Intake) -> None:
    """A channel looks after its own connection; should it fail all the same, the others go on and it starts again."""
    failures = 0
    while True:
        try:
            return await channel.run(intake)
        except Exception as error:  # whatever it was, one channel must not take the others down
            failures += 1
            delay = pause(failures)
            log.exception("channel failed", channel=channel.name, error=str(error), retry_in=round(delay, 1))
            await asyncio.sleep(delay)


def channel_problems(channels: Mapping[str, Endpoint], core: Core) -> dict[str, str | None]:
    """What is wrong with each channel, and with the desk in one of them."""
    problems = {name: channel.problem for name, channel in channels.items()}
    return problems if core.mirror is None else {**problems, "slack desk": core.mirror.problem}


def reveal(secret: Any) -> str | None:
    """A secret's value, if there is one."""
    return None if secret is None else secret.get_secret_value()
