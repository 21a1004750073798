"""Canned replies under `/api/v1/canned`: one's own and the shared ones, which supervisors write."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from aiohttp import web
from pydantic import Field

from adapters.console.guard import caller_of
from adapters.console.route import Route
from adapters.console.views import Body, View
from adapters.http import Forbidden, InvalidField, NotFound, answer, read_json
from bot.audit import AuditEntry, JsonValue, difference
from bot.canned import variables
from bot.clock import new_id
from bot.conversation import Role, User
from bot.errors import Conflict
from bot.inbox import clean_text
from bot.locales import locale_of
from bot.messages import MAX_TEXT
from bot.pack import Pack
from bot.ports import Clock, Store, UnitOfWork
from bot.ports_inbox import CannedReply

SHORTCUT = r"^[\w-]{1,50}$"


class CannedView(View):
    """A canned reply; `version` is to be given back with a change."""

    id: str
    shortcut: str
    texts: dict[str, str]
    shared: bool
    version: int


class CannedList(View):
    """One's own canned replies and the shared ones, by shortcut; `languages` are those that the bot answers in.

    `variables` are what texts may name in braces.
    """

    items: list[CannedView]
    languages: list[str]
    variables: list[str]


class NewCannedBody(Body):
    """A canned reply to be made: a text for each language, by BCP 47 code."""

    shortcut: str = Field(pattern=SHORTCUT)
    texts: dict[str, str] = Field(min_length=1, max_length=200)
    shared: bool = False


class CannedChangeBody(Body):
    """What to change of a canned reply, and the version that was seen."""

    version: int
    shortcut: str | None = Field(default=None, pattern=SHORTCUT)
    texts: dict[str, str] | None = Field(default=None, min_length=1, max_length=200)


ROUTES: tuple[Route, ...] = (
    Route("GET", "/api/v1/canned", "canned", "Canned replies that one may use", "viewer", gives=CannedList),
    Route(
        "POST", "/api/v1/canned", "add_canned", "Make a canned reply", "agent",
        takes=NewCannedBody, gives=CannedView, status=201,
    ),
    Route(
        "PATCH", "/api/v1/canned/{id}", "change_canned", "Change a canned reply", "agent",
        takes=CannedChangeBody, gives=CannedView,
    ),
    Route("DELETE", "/api/v1/canned/{id}", "remove_canned", "Remove a canned reply", "agent", status=204),
)  # fmt: skip


class CannedRoutes:
    """The routes' handlers. Changes of shared replies are in the audit log; one's own are one's own business."""

    def __init__(self, store: Store, pack: Callable[[], Pack], clock: Clock) -> None:
        self._store = store
        self._pack = pack
        self._clock = clock

    async def canned(self, _: web.Request, user: User) -> web.Response:
        """Those that one may use."""
        async with self._store.unit(write=False) as unit:
            found = await unit.canned.of(user.id)
        pack, items = self._pack(), [_view(reply) for reply in found]
        return answer(CannedList(items=items, languages=list(pack.languages), variables=variables(pack)))

    async def add_canned(self, request: web.Request, user: User) -> web.Response:
        """Make one."""
        body = await read_json(request, NewCannedBody)
        owner = None if body.shared else user.id
        reply = CannedReply(new_id(), body.shortcut, _texts(body.texts), owner)
        _may_write(reply, user)
        async with self._store.unit() as unit:
            await unit.canned.add(reply)
            await self._note(unit, request, "canned.add", None, reply)
        return answer(_view(reply), status=201)

    async def change_canned(self, request: web.Request, user: User) -> web.Response:
        """Change one."""
        body = await read_json(request, CannedChangeBody)
        async with self._store.unit() as unit:
            reply = usable(await unit.canned.get(request.match_info["id"]), user)
            _may_write(reply, user)
            if reply.version != body.version:
                raise Conflict(f"the reply {reply.shortcut!r} was changed in the meantime")
            changed = replace(
                reply,
                shortcut=body.shortcut or reply.shortcut,
                texts=reply.texts if body.texts is None else _texts(body.texts),
                version=reply.version + 1,
            )
            await unit.canned.save(changed)
            await self._note(unit, request, "canned.change", reply, changed)
        return answer(_view(changed))

    async def remove_canned(self, request: web.Request, user: User) -> web.Response:
        """Remove one."""
        async with self._store.unit() as unit:
            reply = usable(await unit.canned.get(request.match_info["id"]), user)
            _may_write(reply, user)
            await unit.canned.remove(reply.id)
            await self._note(unit, request, "canned.remove", reply, None)
        return web.Response(status=204)

    async def _note(
        self, unit: UnitOfWork, request: web.Request, action: str, was: CannedReply | None, now: CannedReply | None
    ) -> None:
        reply = now or was
        if reply is None or reply.owner is not None:
            return
        before = None if was is None else _recorded(was)
        after = None if now is None else _recorded(now)
        if before is not None and after is not None:
            before, after = difference(before, after)
            if not after:
                return
        actor = caller_of(request).actor
        await unit.audit.add(AuditEntry(self._clock.now(), actor, action, reply.shortcut, before, after))


def usable(reply: CannedReply | None, user: User) -> CannedReply:
    """A reply that this user may use.

    Raises:
        NotFound: there is none such, or it is somebody else's own.
    """
    if reply is None or reply.owner not in {None, user.id}:
        raise NotFound("there is no such canned reply")
    return reply


def _may_write(reply: CannedReply, user: User) -> None:
    if reply.owner is None and not user.role.includes(Role.SUPERVISOR):
        raise Forbidden("shared replies are for supervisors to write")


def _texts(given: dict[str, str]) -> dict[str, str]:
    texts = {}
    for code, text in given.items():
        cleaned = clean_text(text)
        if locale_of(code) is None:
            raise InvalidField(f"texts.{code}", "is no language's code (BCP 47)")
        if not cleaned or len(cleaned) > MAX_TEXT:
            raise InvalidField(f"texts.{code}", f"is empty or over the limit of {MAX_TEXT} characters")
        texts[code] = cleaned
    return texts


def _recorded(reply: CannedReply) -> dict[str, JsonValue]:
    return {"shortcut": reply.shortcut, **{f"texts.{code}": text for code, text in reply.texts.items()}}


def _view(reply: CannedReply) -> CannedView:
    return CannedView(
        id=reply.id,
        shortcut=reply.shortcut,
        texts=dict(reply.texts),
        shared=reply.owner is None,
        version=reply.version,
    )
