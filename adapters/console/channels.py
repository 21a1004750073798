"""The channels under `/api/v1/channels`: how each is set up, how it goes, and a test message. For admins."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Literal

from aiohttp import web
from pydantic import Field

from adapters.console import render, views
from adapters.console.guard import caller_of
from adapters.console.route import Route
from adapters.console.views import Body, View
from adapters.http import NotFound, answer, read_json
from bot.conversation import User
from bot.errors import Conflict
from bot.ports import Store
from bot.probes import LONGEST
from bot.setting_sources import SettingInfo
from bot.setup import ChannelState, Setup


class SettingView(View):
    """A setting: its name in `babeldesk.toml`, its variable in the environment, and where what counts comes from.

    The value of a secret is never told; `given` says whether there is one.
    """

    name: str
    variable: str
    value: str | None
    source: Literal["environment", "file", "code", "default"]
    secret: bool
    given: bool


class ChannelView(View):
    """A channel; `receives` is how messages come in, `url` where its platform or a program calls us.

    `problem` is what is wrong with it, `since` when; `waiting` and `dead` count messages that have not gone out.
    """

    name: str
    configured: bool
    receives: Literal["polling", "webhook", "socket_mode", "events", "http"] | None
    path: str | None
    settings: list[SettingView]
    problem: str | None
    since: datetime | None
    last_in: datetime | None
    last_out: datetime | None
    waiting: int
    dead: int


class Channels(View):
    """All channels that there could be. `public_url` is where the world reaches this server, if it was told."""

    items: list[ChannelView]
    public_url: str | None


class TestBody(Body):
    """A test message: its text, and to which address; without one, into the last conversation that one has there."""

    text: str = Field(min_length=1, max_length=LONGEST)
    address: str | None = Field(default=None, max_length=500)


class TestView(View):
    """A test message that is on its way, and in whose conversation, if there is one at the address."""

    message: str
    address: str
    conversation: str | None


class OutcomeView(View):
    """What became of a test message."""

    delivery: views.DeliveryView


ROUTES: tuple[Route, ...] = (
    Route("GET", "/api/v1/channels", "channels", "How channels are set up, and how they go", "admin", gives=Channels),
    Route(
        "POST", "/api/v1/channels/{name}/test", "send_test", "Send a test message", "admin",
        takes=TestBody, gives=TestView, status=202,
    ),
    Route(
        "GET", "/api/v1/channels/tests/{message}", "outcome_of_test", "What became of a test message", "admin",
        gives=OutcomeView,
    ),
)  # fmt: skip


class ChannelRoutes:
    """The routes' handlers."""

    def __init__(self, store: Store, setup: Setup) -> None:
        self._store = store
        self._setup = setup

    async def channels(self, _: web.Request, __: User) -> web.Response:
        """Every channel."""
        items = [await self._view(state) for state in self._setup.channels()]
        return answer(Channels(items=items, public_url=self._setup.public_url))

    async def send_test(self, request: web.Request, user: User) -> web.Response:
        """Send a test message."""
        body = await read_json(request, TestBody)
        name = request.match_info["name"]
        state = next((one for one in self._setup.channels() if one.name == name), None)
        if state is None:
            raise NotFound(f"there is no channel {name!r}")
        if not state.configured:
            raise Conflict(f"{name} is not configured: set {state.settings[0].variable} and start the server anew")
        sent = await self._setup.probes.send(name, body.address, body.text, user, caller_of(request).actor)
        view = TestView(message=sent.message, address=sent.address.conversation, conversation=sent.conversation)
        return answer(view, status=HTTPStatus.ACCEPTED)

    async def outcome_of_test(self, request: web.Request, _: User) -> web.Response:
        """What became of one."""
        message = request.match_info["message"]
        delivery = await self._setup.probes.outcome(message)
        if delivery is None:
            raise NotFound(f"there is no message {message!r} in the outbox")
        return answer(OutcomeView(delivery=render.delivery(delivery)))

    async def _view(self, state: ChannelState) -> ChannelView:
        async with self._store.unit(write=False) as unit:
            traffic = await unit.outbox.traffic(state.name)
            last_in = await unit.inbox.latest(state.name)
        return ChannelView(
            name=state.name,
            configured=state.configured,
            receives=state.receives,
            path=state.path,
            settings=[setting_view(one) for one in state.settings],
            problem=state.problem,
            since=state.since,
            last_in=last_in,
            last_out=traffic.sent_at,
            waiting=traffic.waiting,
            dead=traffic.dead,
        )


def setting_view(one: SettingInfo) -> SettingView:
    """A setting, without a secret's value."""
    return SettingView(
        name=one.name,
        variable=one.variable,
        value=None if one.secret else one.value,
        source=one.source,
        secret=one.secret,
        given=one.given,
    )
