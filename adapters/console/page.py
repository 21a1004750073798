"""`/console`: the built pages."""

from __future__ import annotations

from pathlib import Path

from aiohttp import web

STATIC = Path(__file__).parent / "static"

_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)
"""Mantine sets its theme in inline styles; scripts come from our own files only."""


def mount_pages(app: web.Application, static: Path = STATIC) -> None:
    """Serve the pages: hashed assets for good, `index.html` anew each time and for every path of the application."""

    async def asset(request: web.Request) -> web.StreamResponse:
        file = (static / "assets" / request.match_info["name"]).resolve()
        if file.parent != (static / "assets").resolve() or not file.is_file():
            raise web.HTTPNotFound
        return web.FileResponse(file, headers={"Cache-Control": "public, max-age=31536000, immutable"})

    async def page(_: web.Request) -> web.StreamResponse:
        index = static / "index.html"
        if not index.is_file():
            return web.Response(status=503, text="The console's pages are not built; `make web` builds them.\n")
        headers = {
            "Cache-Control": "no-cache",
            "Content-Security-Policy": _POLICY,
            "X-Frame-Options": "DENY",
            "Content-Type": "text/html; charset=utf-8",
        }
        return web.Response(body=index.read_bytes(), headers=headers)

    async def to_console(_: web.Request) -> web.StreamResponse:
        raise web.HTTPPermanentRedirect("/console/")

    app.router.add_get("/console/assets/{name}", asset)
    app.router.add_get("/console", to_console)
    app.router.add_get("/console/{path:.*}", page)
