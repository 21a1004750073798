"""How this desk is set up, for its admins to see: settings, channels and their troubles, and what to try them with."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from bot.ports import Clock
from bot.probes import Probes
from bot.setting_sources import SettingInfo, described
from bot.settings import Settings

LOOKED = 5.0
"""Seconds between two looks at the channels; a trouble began at most so long before it is told to."""

Receives = Literal["polling", "webhook", "socket_mode", "events", "http"]
"""How messages come in: asked for, brought by the platform, over Slack's Socket Mode or its events, or by clients."""

SETTINGS: Mapping[str, tuple[str, ...]] = {
    "telegram": ("telegram_bot_token", "telegram_api_base_url", "public_url"),
    "slack": ("slack_bot_token", "slack_app_token", "slack_signing_secret", "slack_api_base_url", "public_url"),
    "webchat": ("direct_line_secret", "allowed_origins", "public_url"),
    "rest": ("rest_token", "public_url"),
}
"""What each channel is set up with. The first of a platform is what turns it on."""

_PATHS = {"telegram": "/webhooks/telegram", "slack": "/webhooks/slack/events", "rest": "/webhooks/rest/webhook"}


@dataclass(frozen=True, slots=True)
class ChannelState:
    """A channel: whether it is `configured`, and what is wrong with it `since` when, if anything is.

    `path` is where its platform, or a program, calls us; None where nobody does.
    """

    name: str
    configured: bool
    receives: Receives | None
    path: str | None
    settings: tuple[SettingInfo, ...]
    problem: str | None = None
    since: datetime | None = None


class Troubles:
    """Since when each channel has had the problem that it has."""

    def __init__(self, clock: Clock, problems: Callable[[], Mapping[str, str | None]]) -> None:
        self._clock = clock
        self._problems = problems
        self._since: dict[str, tuple[str, datetime]] = {}

    def look(self) -> Mapping[str, tuple[str, datetime]]:
        """The present problems, by channel, and when each was first seen."""
        now = self._clock.now()
        before = self._since
        self._since = {}
        for name, problem in self._problems().items():
            if problem is not None:
                # One trouble that is told in other words is still the same time without the channel.
                since = before[name][1] if name in before else now
                self._since[name] = (problem, since)
        return self._since

    async def watch(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            self.look()
            await asyncio.sleep(LOOKED)


class WithTroubles(Protocol):
    """A channel that may have a problem."""

    @property
    def problem(self) -> str | None:
        """What is wrong with it, in a sentence; None if nothing is."""
        ...


@dataclass(frozen=True, slots=True)
class Setup:
    """What admins see of the settings and the channels. `public_url` is where the world reaches the server."""

    settings: Sequence[SettingInfo]
    channels: Callable[[], Sequence[ChannelState]]
    probes: Probes
    watch: Callable[[], Coroutine[Any, Any, None]]
    """Keeps an eye on the channels, until cancelled."""
    public_url: str | None = None


def set_up(settings: Settings, channels: Mapping[str, WithTroubles], probes: Probes, clock: Clock) -> Setup:
    """How a server with these settings and running channels is set up."""
    known = described(settings)
    troubles = Troubles(clock, lambda: {name: channel.problem for name, channel in channels.items()})
    return Setup(
        known, lambda: channel_states(settings, known, channels, troubles), probes, troubles.watch, settings.public_url
    )


def channel_states(
    settings: Settings, known: Sequence[SettingInfo], running: Mapping[str, object], troubles: Troubles
) -> list[ChannelState]:
    """Every channel that there could be, those that are `running` being configured."""
    by_name = {one.name: one for one in known}
    problems = troubles.look()
    states = []
    for name, own in SETTINGS.items():
        configured = name in running
        receives = _receives(name, settings) if configured else None
        problem, since = problems.get(name, (None, None))
        path = _PATHS.get(name) if receives not in {"polling", "socket_mode"} else None
        states.append(
            ChannelState(name, configured, receives, path, tuple(by_name[one] for one in own), problem, since)
        )
    return states


def _receives(name: str, settings: Settings) -> Receives:
    if name == "telegram":
        return "polling" if settings.public_url is None else "webhook"
    if name == "slack":
        return "events" if settings.slack_app_token is None else "socket_mode"
    return "http"
