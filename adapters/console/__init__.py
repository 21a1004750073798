"""The console's server side: an HTTP and WebSocket API for agents and admins, and the built pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, tzinfo
from typing import Self

from aiohttp import web

from adapters.console import (
    accounts,
    audit,
    bench,
    channels,
    hours,
    intents,
    lessons,
    measuring,
    preview,
    sessions,
    settings,
    studio,
    thresholds,
    tokens,
    training,
)
from adapters.console import answers as answer_routes
from adapters.console import canned as canned_routes
from adapters.console import customers as customer_routes
from adapters.console import figures as figures_routes
from adapters.console import inbox as inbox_routes
from adapters.console import links as link_routes
from adapters.console import models as model_routes
from adapters.console import notes as note_routes
from adapters.console import review as review_routes
from adapters.console import routing as routing_routes
from adapters.console.accounts import AccountRoutes
from adapters.console.answers import AnswerRoutes
from adapters.console.api import Api, RetryDelivery
from adapters.console.audit import AuditRoutes
from adapters.console.auth import ensure_admin, make_user, set_password
from adapters.console.bench import BenchRoutes
from adapters.console.canned import CannedRoutes
from adapters.console.channels import ChannelRoutes
from adapters.console.customers import CustomerRoutes
from adapters.console.figures import FiguresRoutes
from adapters.console.gate import Gate
from adapters.console.guard import Guard
from adapters.console.hours import HoursRoutes
from adapters.console.inbox import InboxRoutes
from adapters.console.intents import IntentRoutes
from adapters.console.lessons import LessonRoutes
from adapters.console.links import LinkRoutes
from adapters.console.measuring import MeasuringRoutes
from adapters.console.models import ModelRoutes
from adapters.console.notes import NoteRoutes
from adapters.console.openapi import describe
from adapters.console.page import mount_pages
from adapters.console.preview import PreviewRoutes
from adapters.console.review import ReviewRoutes
from adapters.console.route import Route
from adapters.console.routes import CORE, ROUTES
from adapters.console.routing import RoutingRoutes
from adapters.console.sessions import SessionRoutes
from adapters.console.settings import SettingsRoutes
from adapters.console.socket import Stream
from adapters.console.studio import StudioRoutes
from adapters.console.thresholds import ThresholdRoutes
from adapters.console.tokens import TokenRoutes
from adapters.console.training import TrainingRoutes
from adapters.http import Handler
from adapters.ops import Status
from bot.handoff import Desk
from bot.model_versions import Models
from bot.pack import Pack
from bot.ports import Blobs, Clock, Live, Store
from bot.presence import Presences
from bot.preview import Render
from bot.review import Similar
from bot.roster import Roster
from bot.setup import Setup
from bot.studio import Studio
from bot.worklist import Worklist

__all__ = ["Console", "ensure_admin", "make_user", "set_password"]


class Console:
    """Everything under `/console` and `/api/v1`; an async context that owns the open sockets.

    `pack` and `zone`, the owner's time zone, are asked at every request, for they may be changed meanwhile; `dropped`
    counts the messages that a challenger had no time for, `similar` groups messages for the review, and `renders` show
    how a text looks on each channel. `slack_desk`: agents may work in Slack, too.
    """

    def __init__(
        self,
        *,
        store: Store,
        desk: Desk,
        pack: Callable[[], Pack],
        presences: Presences,
        roster: Roster,
        live: Live,
        blobs: Blobs,
        clock: Clock,
        deliveries: RetryDelivery,
        status: Status,
        max_upload: int,
        secure_cookies: bool,
        models: Models | None = None,
        dropped: Callable[[], int] = lambda: 0,
        zone: Callable[[], tzinfo] = lambda: UTC,
        similar: Similar | None = None,
        teaching: Studio | None = None,
        slack_desk: bool = False,
        renders: Mapping[str, Render] | None = None,
        setup: Setup | None = None,
    ) -> None:
        gate = Gate(store, clock)
        self._stream = Stream(store=store, desk=desk, presences=presences, live=live, clock=clock, gate=gate)
        self._guard = Guard(gate, presences.active)
        api = Api(
            store=store,
            desk=desk,
            blobs=blobs,
            clock=clock,
            retry_delivery=deliveries,
            status=status,
            max_upload=max_upload,
        )
        signed_out = self._stream.signed_out
        worklist = Worklist(store, live, desk)
        self._areas: Sequence[tuple[Sequence[Route], object]] = (
            (sessions.ROUTES, SessionRoutes(store, clock, gate, signed_out, secure_cookies=secure_cookies)),
            (CORE, api),
            (accounts.ROUTES, AccountRoutes(store, clock, signed_out)),
            (tokens.ROUTES, TokenRoutes(store, clock)),
            (link_routes.ROUTES, LinkRoutes(store, clock, desk=slack_desk)),
            (audit.ROUTES, AuditRoutes(store)),
            (
                model_routes.ROUTES,
                ModelRoutes(store, clock, models, dropped, None if teaching is None else teaching.evaluations),
            ),
            (routing_routes.ROUTES, RoutingRoutes(store, desk, roster, presences)),
            (figures_routes.ROUTES, FiguresRoutes(store, clock, zone)),
            (review_routes.ROUTES, ReviewRoutes(store, clock, lambda: pack().intents, similar)),
            (inbox_routes.ROUTES, InboxRoutes(worklist, clock)),
            (note_routes.ROUTES, NoteRoutes(store, desk)),
            (canned_routes.ROUTES, CannedRoutes(store, pack, clock)),
            (answer_routes.ROUTES, AnswerRoutes(store, pack)),
            (customer_routes.ROUTES, CustomerRoutes(store, worklist, clock)),
            (preview.ROUTES, PreviewRoutes(renders or {}, pack, clock)),
            *(() if setup is None else _setup(setup, store)),
            *(() if teaching is None else _teaching(teaching, store, models, max_upload, clock)),
        )

    def mount(self, app: web.Application) -> None:
        """Add the routes of every area, each behind its guard, and the pages."""
        for routes, area in self._areas:
            for route in routes:
                app.router.add_route(route.method, route.path, self._handler(route, area))
        document = describe(ROUTES)

        async def openapi(_: web.Request) -> web.Response:
            return web.json_response(document)

        app.router.add_get("/openapi.json", openapi)
        mount_pages(app)

        async def close_sockets(_: web.Application) -> None:
            await self._stream.close_all()

        # Open sockets would hold up the server's shutdown.
        app.on_shutdown.append(close_sockets)

    def _handler(self, route: Route, area: object) -> Handler:
        if route.handler == "stream":
            return self._stream.handle  # checks by itself: a socket has other rules
        handler = getattr(area, route.handler)
        if route.access == "anyone":
            open_to_all: Handler = handler
            return open_to_all
        return self._guard.before(route, handler)

    async def __aenter__(self) -> Self:
        await self._stream.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stream.stop()


def _setup(setup: Setup, store: Store) -> Sequence[tuple[Sequence[Route], object]]:
    """The areas in which admins see how the desk is set up."""
    return ((channels.ROUTES, ChannelRoutes(store, setup)), (settings.ROUTES, SettingsRoutes(setup)))


def _teaching(
    taught: Studio, store: Store, models: Models | None, max_upload: int, clock: Clock
) -> Sequence[tuple[Sequence[Route], object]]:
    """The areas in which admins teach the bot."""
    return (
        (studio.ROUTES, StudioRoutes(taught.workspace, max_upload)),
        (intents.ROUTES, IntentRoutes(taught.workspace, models, taught.trainer, taught.neighbours)),
        (lessons.ROUTES, LessonRoutes(taught.workspace, store)),
        (training.ROUTES, TrainingRoutes(taught, store)),
        (bench.ROUTES, BenchRoutes(taught)),
        (measuring.ROUTES, MeasuringRoutes(taught, models, store)),
        (thresholds.ROUTES, ThresholdRoutes(taught.workspace)),
        (hours.ROUTES, HoursRoutes(taught.workspace, clock)),
    )
