"""Routes for those who run the server: is it alive, is it ready, what does it count."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from bot.metrics import Metrics

Status = Callable[[], Awaitable[Mapping[str, str | None]]]
"""The problem of every component, None for one that is fine."""

REQUIRED = frozenset({"database"})
"""Without it no message can be taken. A channel with a problem leaves the others ready, and for a model with one the
last good one serves."""


def mount_ops(app: web.Application, *, status: Status, metrics: Metrics) -> None:
    """Add `/healthz`, `/readyz` and `/metrics`."""

    async def healthz(_: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def readyz(_: web.Request) -> web.Response:
        problems = await status()
        ready = all(problems.get(name) is None for name in REQUIRED)
        body = {"ready": ready, "components": {name: problem or "ok" for name, problem in problems.items()}}
        return web.json_response(body, status=200 if ready else 503)

    async def scrape(_: web.Request) -> web.Response:
        return web.Response(body=metrics.render(), headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})

    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)
    app.router.add_get("/metrics", scrape)
