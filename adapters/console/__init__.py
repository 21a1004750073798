"""The console's server side: an HTTP and WebSocket API for agents and admins, and the built pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Self

from aiohttp import web

from adapters.console import bench, intents, studio, training
from adapters.console import models as model_routes
from adapters.console.api import Api, RetryDelivery
from adapters.console.auth import Gate, ensure_admin, make_user, set_password
from adapters.console.bench import BenchRoutes
from adapters.console.guard import Guard
from adapters.console.intents import IntentRoutes
from adapters.console.models import ModelRoutes
from adapters.console.openapi import describe
from adapters.console.page import mount_pages
from adapters.console.route import Route
from adapters.console.routes import CORE, ROUTES
from adapters.console.socket import Stream
from adapters.console.studio import StudioRoutes
from adapters.console.training import TrainingRoutes
from adapters.http import Handler
from adapters.ops import Status
from bot.handoff import Desk
from bot.model_versions import Models
from bot.ports import Blobs, Clock, Live, Store
from bot.studio import Studio

__all__ = ["Console", "ensure_admin", "make_user", "set_password"]


class Console:
    """Everything under `/console` and `/api/v1`; an async context that owns the open sockets.

    `dropped` counts the messages that a challenger had no time for.
    """

    def __init__(
        self,
        *,
        store: Store,
        desk: Desk,
        live: Live,
        blobs: Blobs,
        clock: Clock,
        deliveries: RetryDelivery,
        status: Status,
        max_upload: int,
        secure_cookies: bool,
        models: Models | None = None,
        dropped: Callable[[], int] = lambda: 0,
        teaching: Studio | None = None,
    ) -> None:
        gate = Gate(store, clock)
        self._stream = Stream(store=store, live=live, clock=clock, gate=gate)
        self._guard = Guard(gate)
        api = Api(
            store=store,
            desk=desk,
            blobs=blobs,
            clock=clock,
            gate=gate,
            retry_delivery=deliveries,
            status=status,
            signed_out=self._stream.signed_out,
            max_upload=max_upload,
            secure_cookies=secure_cookies,
        )
        self._areas: Sequence[tuple[Sequence[Route], object]] = (
            (CORE, api),
            (model_routes.ROUTES, ModelRoutes(store, models, dropped)),
            *(() if teaching is None else _teaching(teaching, models, max_upload)),
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
        match route.access:
            case "anyone":
                open_to_all: Handler = handler
                return open_to_all
            case "user":
                return self._guard.signed_in(handler)
            case "admin":
                return self._guard.admin(handler)

    async def __aenter__(self) -> Self:
        await self._stream.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stream.stop()


def _teaching(taught: Studio, models: Models | None, max_upload: int) -> Sequence[tuple[Sequence[Route], object]]:
    """The areas in which admins teach the bot."""
    return (
        (studio.ROUTES, StudioRoutes(taught.workspace, max_upload)),
        (intents.ROUTES, IntentRoutes(taught.workspace, models, taught.trainer, taught.neighbours)),
        (training.ROUTES, TrainingRoutes(taught.training)),
        (bench.ROUTES, BenchRoutes(taught)),
    )
