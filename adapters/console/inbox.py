"""The agents' inbox under `/api/v1/inbox`: lists by view, unread marks, search."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from aiohttp import web
from pydantic import Field

from adapters.console import render, views
from adapters.console.paging import CURSOR, FILTERS, MAX_PAGE, filters, read_cursor, write_cursor
from adapters.console.queries import integer
from adapters.console.route import Parameter, Route, whole
from adapters.console.views import Body
from adapters.console.views import View as Given
from adapters.http import InvalidField, NotFound, answer, read_json
from bot.conversation import User
from bot.errors import InvalidInput
from bot.inbox_values import Sort, View, Wanted
from bot.ports import Clock
from bot.worklist import Found, Item, Worklist

E = TypeVar("E", bound=StrEnum)

LONGEST_QUESTION = 500


class InboxItem(views.Summary):
    """A conversation in one's list: `read` is the `seq` one has read, `unread` counts the customer's entries since."""

    read: int
    unread: int
    tags: list[str]


class InboxPage(Given):
    """A page of the inbox: `next` is the `cursor` of the next one, `counts` how many there are in each view."""

    items: list[InboxItem]
    next: str | None
    counts: dict[str, int]
    now: datetime


class Counts(Given):
    """How many conversations there are in each view."""

    counts: dict[str, int]


class SnippetView(Given):
    """A piece of a text and what was found in it: pairs of offsets in code points, end exclusive."""

    text: str
    marks: list[tuple[int, int]]


class FoundView(Given):
    """What a search found: the latest entry `seq` of a conversation that has it, or the customer's name if null."""

    item: InboxItem
    seq: int | None
    snippet: SnippetView
    entries: int


class FoundPageView(Given):
    """What a search found, the latest change first; `next` is the `cursor` of the next page."""

    items: list[FoundView]
    next: str | None


class ReadBody(Body):
    """The entry up to which the conversation is read; `back` may also take the mark back."""

    seq: int = Field(ge=0, le=2**31 - 1)
    back: bool = False


class ReadView(Given):
    """The entry up to which the conversation is read now."""

    seq: int


def _choice(name: str, kind: type[StrEnum]) -> Parameter:
    """One of some words."""
    return Parameter(name, {"type": "string", "enum": ["", *kind]})


ROUTES: tuple[Route, ...] = (
    Route(
        "GET", "/api/v1/inbox", "inbox", "Conversations of a view, sorted and filtered", "viewer",
        gives=InboxPage,
        query=(_choice("view", View), _choice("sort", Sort), *FILTERS, CURSOR, whole("limit", 1, MAX_PAGE)),
    ),
    Route(
        "GET", "/api/v1/inbox/counts", "inbox_counts", "How many conversations there are in each view", "viewer",
        gives=Counts, query=FILTERS,
    ),
    Route(
        "GET", "/api/v1/search", "search", "Full-text search over conversations and customers' names", "viewer",
        gives=FoundPageView,
        query=(
            Parameter("q", {"type": "string", "maxLength": LONGEST_QUESTION}, "Words to look for"),
            *FILTERS, CURSOR, whole("limit", 1, MAX_PAGE),
        ),
    ),
    Route(
        "POST", "/api/v1/conversations/{id}/read", "mark_read", "Mark a conversation as read up to an entry", "viewer",
        takes=ReadBody, gives=ReadView,
    ),
)  # fmt: skip


class InboxRoutes:
    """The routes' handlers."""

    def __init__(self, worklist: Worklist, clock: Clock) -> None:
        self._worklist = worklist
        self._clock = clock

    async def inbox(self, request: web.Request, user: User) -> web.Response:
        """A page of a view."""
        # Before it is read: what has changed since is told over the socket.
        now = self._clock.now()
        sort = _one_of(Sort, request, "sort", Sort.WAITING)
        wanted = Wanted(
            view=_one_of(View, request, "view", View.ALL),
            user=user.id,
            narrowed=filters(request, user.id),
            sort=sort,
            after=read_cursor(request, sort),
            limit=integer(request.query, "limit", 50, 1, MAX_PAGE),
        )
        page = await self._worklist.page(wanted)
        return answer(
            InboxPage(
                items=[item_view(item) for item in page.items],
                next=write_cursor(page.next),
                counts={view.value: n for view, n in page.counts.items()},
                now=now,
            )
        )

    async def inbox_counts(self, request: web.Request, user: User) -> web.Response:
        """How many there are in each view."""
        counts = await self._worklist.counts(user, filters(request, user.id))
        return answer(Counts(counts={view.value: n for view, n in counts.items()}))

    async def search(self, request: web.Request, user: User) -> web.Response:
        """What a search finds."""
        question = request.query.get("q", "")
        if len(question) > LONGEST_QUESTION:
            raise InvalidField("q", f"{len(question)} characters are over the limit of {LONGEST_QUESTION}")
        page = await self._worklist.search(
            user,
            question,
            filters(request, user.id),
            read_cursor(request, Sort.LATEST),
            integer(request.query, "limit", 20, 1, MAX_PAGE),
        )
        return answer(FoundPageView(items=_found(page.items), next=write_cursor(page.next)))

    async def mark_read(self, request: web.Request, user: User) -> web.Response:
        """Mark what is read."""
        body = await read_json(request, ReadBody)
        try:
            mark = await self._worklist.mark_read(user, request.match_info["id"], body.seq, back=body.back)
        except InvalidInput as error:
            if str(error).startswith("seq:"):
                raise
            raise NotFound(str(error)) from None
        return answer(ReadView(seq=mark))


def item_view(item: Item) -> InboxItem:
    """A conversation in a user's list."""
    summary = render.summary(item.summary)
    return InboxItem(
        conversation=summary.conversation,
        last=summary.last,
        handoff=summary.handoff,
        read=item.read,
        unread=item.unread,
        tags=list(item.tags),
    )


def _found(items: Sequence[Found]) -> list[FoundView]:
    return [
        FoundView(
            item=item_view(found.item),
            seq=found.seq,
            snippet=SnippetView(text=found.snippet.text, marks=list(found.snippet.marks)),
            entries=found.entries,
        )
        for found in items
    ]


def _one_of(kind: type[E], request: web.Request, name: str, default: E) -> E:
    given = request.query.get(name)
    if not given:
        return default
    try:
        return kind(given)
    except ValueError:
        raise InvalidField(name, f"{given!r} is none of {', '.join(kind)}") from None
