"""The audit log under `/api/v1/audit`: who changed what, for supervisors to read."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from aiohttp import web
from pydantic import JsonValue

from adapters.console.queries import integer, moment
from adapters.console.route import Parameter, Route, whole
from adapters.console.route import moment as moment_parameter
from adapters.console.views import View
from adapters.csv_export import send_csv
from adapters.etags import tagged
from adapters.http import InvalidField
from bot.audit import Audited, AuditFilter
from bot.conversation import User
from bot.ports import Store

MAX_PAGE = 200
MAX_CURSOR = 2**53
CSV_PAGE = 1000


class ActorView(View):
    """Who did it; without an id no user but a command or the server. `token` names the token that spoke for them."""

    id: str | None
    name: str
    token: str | None


class AuditView(View):
    """A change; `before` and `after` hold only what changed."""

    seq: int
    at: datetime
    actor: ActorView
    action: str
    target: str
    before: dict[str, JsonValue] | None
    after: dict[str, JsonValue] | None


class AuditPage(View):
    """Changes, the latest first; `next` is the `before` of the next page."""

    items: list[AuditView]
    next: int | None


ROUTES: tuple[Route, ...] = (
    Route(
        "GET", "/api/v1/audit", "audit", "What admins and supervisors changed, the latest first", "supervisor",
        gives=AuditPage, tagged=True, media=("text/csv",),
        query=(
            Parameter("actor", does="A user's id"),
            Parameter("action", does="An action, as `user.change`, or an area, as `user`"),
            moment_parameter("since", "The first moment"),
            moment_parameter("until", "The first moment after"),
            whole("before", 1, MAX_CURSOR, "The page before the entry with this number"),
            whole("limit", 1, MAX_PAGE),
            Parameter("format", {"enum": ["json", "csv"]}, "`csv` gives all that fits as a file"),
        ),
    ),
)  # fmt: skip

_COLUMNS = ("seq", "at", "actor", "actor_name", "token", "action", "target", "before", "after")


class AuditRoutes:
    """The routes' handlers."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def audit(self, request: web.Request, _: User) -> web.StreamResponse:
        """A page of entries, or all as CSV."""
        query = request.query
        shape = query.get("format", "json")
        if shape not in {"json", "csv"}:
            raise InvalidField("format", f"{shape[:50]!r} is neither json nor csv")
        before = integer(query, "before", 0, 1, MAX_CURSOR)
        wanted = AuditFilter(
            actor=query.get("actor"),
            action=query.get("action"),
            since=moment(query, "since"),
            until=moment(query, "until"),
            before=before or None,
            limit=integer(query, "limit", 50, 1, MAX_PAGE),
        )
        if shape == "csv":
            return await send_csv(request, "audit.csv", _COLUMNS, self._rows(wanted))
        found = await self._page(wanted)
        more = found[-1].seq if len(found) == wanted.limit else None
        return tagged(request, AuditPage(items=[_view(one) for one in found], next=more))

    async def _page(self, wanted: AuditFilter) -> Sequence[Audited]:
        async with self._store.unit(write=False) as unit:
            return await unit.audit.list(wanted)

    async def _rows(self, wanted: AuditFilter) -> AsyncIterator[Sequence[str]]:
        # Page by page: whoever downloads slowly holds no transaction open.
        wanted = replace(wanted, limit=CSV_PAGE)
        while found := await self._page(wanted):
            for one in found:
                yield _row(one)
            wanted = replace(wanted, before=found[-1].seq)


def _view(audited: Audited) -> AuditView:
    entry = audited.entry
    return AuditView(
        seq=audited.seq,
        at=entry.at,
        actor=ActorView(id=entry.actor.id, name=entry.actor.name, token=entry.actor.token),
        action=entry.action,
        target=entry.target,
        before=None if entry.before is None else dict(entry.before),
        after=None if entry.after is None else dict(entry.after),
    )


def _row(audited: Audited) -> list[str]:
    entry = audited.entry
    return [
        str(audited.seq),
        entry.at.isoformat(),
        entry.actor.id or "",
        entry.actor.name,
        entry.actor.token or "",
        entry.action,
        entry.target,
        _json(entry.before),
        _json(entry.after),
    ]


def _json(value: Mapping[str, JsonValue] | None) -> str:
    return "" if value is None else json.dumps(value, ensure_ascii=False)
