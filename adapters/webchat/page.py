"""`/chat`: a page with the widget, and the widget itself for other pages."""

from __future__ import annotations

import html
from pathlib import Path

from aiohttp import web

from bot.locales import RIGHT_TO_LEFT, locale_of

_ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect width='32' height='32' "
    "rx='8' fill='%233b5bdb'/%3E%3Cpath d='M8 9h16v11H15l-5 4v-4H8z' fill='white'/%3E%3C/svg%3E"
)

STATIC = Path(__file__).parent / "static"

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "connect-src 'self' ws: wss:; base-uri 'none'; form-action 'none'; frame-ancestors *"
)

_PAGE = """<!doctype html>
<html lang="{lang}" dir="{direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, interactive-widget=resizes-content">
<meta name="color-scheme" content="light dark">
<title>Chat</title>
<link rel="icon" href="{icon}">
<style>
html, body {{ height: 100%; margin: 0; }}
body {{ background: Canvas; }}
babeldesk-chat {{ display: block; height: 100dvh; }}
</style>
<script src="/chat/widget.js" defer></script>
</head>
<body>
<babeldesk-chat mode="page" lang="{lang}"></babeldesk-chat>
<noscript>This chat needs JavaScript.</noscript>
</body>
</html>
"""


def mount_page(app: web.Application, static: Path = STATIC) -> None:
    """Add `/chat` and `/chat/widget.js`."""
    widget = static / "widget.js"

    async def page(request: web.Request) -> web.StreamResponse:
        if not widget.is_file():
            return web.Response(status=503, text="The chat widget is not built; `make web` builds it.\n")
        lang = _language(request)
        direction = "rtl" if lang.split("-", 1)[0] in RIGHT_TO_LEFT else "ltr"
        text = _PAGE.format(lang=html.escape(lang, quote=True), direction=direction, icon=_ICON)
        headers = {"Content-Security-Policy": _POLICY, "Cache-Control": "no-cache"}
        return web.Response(text=text, content_type="text/html", headers=headers)

    async def script(_: web.Request) -> web.StreamResponse:
        if not widget.is_file():
            raise web.HTTPNotFound
        # Shops embed it by this one address; a short life lets them have a new version within the hour.
        return web.FileResponse(widget, headers={"Cache-Control": "public, max-age=3600"})

    app.router.add_get("/chat", page)
    app.router.add_get("/chat/", page)
    app.router.add_get("/chat/widget.js", script)


def _language(request: web.Request) -> str:
    """The language that the address asks for, else the browser's first, if CLDR knows it."""
    accepted = request.headers.get("Accept-Language", "").split(",")[0].split(";")[0].strip()
    for wanted in (request.query.get("lang", ""), accepted):
        if wanted and len(wanted) <= 35 and locale_of(wanted) is not None:  # noqa: PLR2004 - BCP 47's longest
            return wanted
    return "en"
