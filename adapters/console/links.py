"""One's Slack account under `/api/v1/me/slack`: whoever has it acts as the user whom it is linked to."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus

from aiohttp import web
from pydantic import Field

from adapters.console.guard import caller_of
from adapters.console.route import Parameter, Route
from adapters.console.views import Body, View
from adapters.http import InvalidField, NotFound, answer, read_json
from bot.conversation import User
from bot.desk_links import code_hash, link, unlink
from bot.desk_values import Account
from bot.ports import Clock, Store

SLACK = "slack"
LONGEST_CODE = 200


class SlackAccountView(View):
    """An account in Slack: `id` is Slack's of the team and the user, `name` what they are called there."""

    id: str
    name: str | None


class SlackLinkView(View):
    """The account that is linked to one."""

    account: SlackAccountView
    linked_at: datetime


class OwnSlackView(View):
    """One's own account, if one is linked, and the one that a `code` would link.

    `desk` says whether agents work in Slack here; `asked` is null without a code, or with one that is used or expired.
    """

    desk: bool
    link: SlackLinkView | None
    asked: SlackAccountView | None


class LinkBody(Body):
    """The code that Slack has told."""

    code: str = Field(min_length=1, max_length=LONGEST_CODE)


ROUTES: tuple[Route, ...] = (
    Route(
        "GET", "/api/v1/me/slack", "own_slack", "One's own Slack account", "viewer", gives=OwnSlackView, browser=True,
        query=(Parameter("code", {"type": "string", "maxLength": LONGEST_CODE}, "What Slack has told"),),
    ),
    Route(
        "POST", "/api/v1/me/slack", "link_slack", "Link a Slack account to oneself", "viewer", LinkBody, SlackLinkView,
        browser=True,
    ),
    Route(
        "DELETE", "/api/v1/me/slack", "unlink_slack", "Unlink one's Slack account", "viewer", status=204, browser=True,
    ),
)  # fmt: skip


class LinkRoutes:
    """The routes' handlers."""

    def __init__(self, store: Store, clock: Clock, *, desk: bool) -> None:
        self._store = store
        self._clock = clock
        self._desk = desk

    async def own_slack(self, request: web.Request, user: User) -> web.Response:
        """One's own, and what a code stands for."""
        code = request.query.get("code", "")
        if len(code) > LONGEST_CODE:
            raise InvalidField("code", f"{len(code)} characters are over the limit of {LONGEST_CODE}")
        async with self._store.unit(write=False) as unit:
            mine = await unit.desk_links.of_user(SLACK, user.id)
            found = None if not code else await unit.desk_links.code(code_hash(code), self._clock.now())
        linked = None if mine is None else SlackLinkView(account=_view(mine.account), linked_at=mine.linked_at)
        asked = None if found is None else _view(found.account)
        response = answer(OwnSlackView(desk=self._desk, link=linked, asked=asked))
        response.headers["Cache-Control"] = "no-store"
        return response

    async def link_slack(self, request: web.Request, user: User) -> web.Response:
        """Use a code up."""
        body = await read_json(request, LinkBody)
        async with self._store.unit() as unit:
            made = await link(unit, body.code, user, caller_of(request).actor, self._clock.now())
        if made is None:
            raise NotFound("the link was used already or has expired; write or press in Slack again to get another")
        return answer(SlackLinkView(account=_view(made.account), linked_at=made.linked_at))

    async def unlink_slack(self, request: web.Request, user: User) -> web.Response:
        """Undo it."""
        async with self._store.unit() as unit:
            if not await unlink(unit, SLACK, user, caller_of(request).actor, self._clock.now()):
                raise NotFound("no Slack account is linked to you")
        return web.Response(status=HTTPStatus.NO_CONTENT)


def _view(account: Account) -> SlackAccountView:
    return SlackAccountView(id=account.id, name=account.name)
