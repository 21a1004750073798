"""When people are at the desk, under `/api/v1/hours`: for all to see, and for admins to change in the pack."""

from __future__ import annotations

from datetime import datetime

from aiohttp import web
from pydantic import Field

from adapters.console.route import Route
from adapters.console.teaching import author, if_match, tagged, told
from adapters.console.views import Body, View
from adapters.http import read_json
from bot.audit import JsonValue, difference
from bot.conversation import User
from bot.hours_edit import closes_at, hours_of, put_hours, recorded
from bot.locales import is_open, next_opening
from bot.pack import Pack
from bot.ports import Clock
from bot.revisions import etag
from bot.workspace import Workspace

Days = dict[str, list[str]]


class HoursView(View):
    """The desk's time zone and, by weekday, the spans from opening to closing, such as `09:00-18:00`.

    Both are null if somebody is always there. `open` says whether somebody is there at `now`; then `closes_at` is when
    they leave, and else `opens_at` when they are back; null for never.
    """

    timezone: str | None
    days: Days | None
    open: bool
    closes_at: datetime | None
    opens_at: datetime | None
    now: datetime


class HoursBody(Body):
    """The working hours; a day that is left out is closed. A null `timezone`: somebody is always there."""

    timezone: str | None = Field(max_length=100)
    days: Days = Field(default={}, max_length=7)


ROUTES: tuple[Route, ...] = (
    Route("GET", "/api/v1/hours", "hours", "When people are at the desk", "viewer", gives=HoursView),
    Route(
        "PUT", "/api/v1/hours", "put_hours", "Change the working hours, as a revision of the pack", "admin",
        takes=HoursBody, gives=HoursView, matches=True,
    ),
)  # fmt: skip


class HoursRoutes:
    """The routes' handlers."""

    def __init__(self, workspace: Workspace, clock: Clock) -> None:
        self._workspace = workspace
        self._clock = clock

    async def hours(self, _: web.Request, __: User) -> web.Response:
        """The hours, with their tag."""
        return self._view(self._workspace.pack)

    @told
    async def put_hours(self, request: web.Request, _: User) -> web.Response:
        """Change them."""
        tag = if_match(request)
        body = await read_json(request, HoursBody)
        changed = await self._workspace.change(
            lambda now: put_hours(now, body.timezone, body.days, tag),
            author(request),
            "changes the working hours",
            record=_record,
        )
        return self._view(changed.pack)

    def _view(self, pack: Pack) -> web.Response:
        hours, now = hours_of(pack), self._clock.now()
        there = is_open(pack.working_hours, now)
        opens = None if there or pack.working_hours is None else next_opening(pack.working_hours, now)
        view = HoursView(
            timezone=None if hours is None else hours["timezone"],
            days=None if hours is None else hours["days"],
            open=there,
            closes_at=closes_at(pack.working_hours, now) if there else None,
            opens_at=opens,
            now=now,
        )
        return tagged(view, etag(hours))


def _record(before: Pack, after: Pack) -> tuple[str, dict[str, JsonValue], dict[str, JsonValue]]:
    return "pack.hours", *difference(recorded(before), recorded(after))
