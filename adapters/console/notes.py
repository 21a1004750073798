"""What colleagues tell each other about conversations: notes, whom they call, and tags."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from aiohttp import web
from pydantic import Field

from adapters.console import render, views
from adapters.console.paging import MAX_PAGE
from adapters.console.queries import integer
from adapters.console.route import Route, whole
from adapters.console.views import Body, View
from adapters.http import NotFound, answer, read_json
from bot.conversation import User
from bot.handoff import Desk
from bot.ports import Store, UnitOfWork
from bot.ports_inbox import Mention


class NoteBody(Body):
    """A note; `@name` in it calls a user."""

    text: str


class NoteView(View):
    """The note as it stands in the history."""

    message: views.Message


class MentionView(View):
    """A note that calls one, and its text; `by` is the name of whoever wrote it."""

    conversation: str
    channel: str | None
    customer: views.Person | None
    text: str
    seq: int
    at: datetime
    by: str
    seen: bool


class MentionsView(View):
    """Notes that call one, what one has not seen before the rest, the latest first; `unseen` counts all of those."""

    items: list[MentionView]
    unseen: int


class SeenBody(Body):
    """The conversation whose mentions one has seen, or null for all."""

    conversation: str | None = Field(default=None, max_length=200)


class TagsBody(Body):
    """Tags to put on and to take off."""

    add: list[str] = Field(default=[], max_length=50)
    remove: list[str] = Field(default=[], max_length=50)


class TagsView(View):
    """The tags on a conversation."""

    tags: list[str]


class TagView(View):
    """A tag that is in use, and on how many conversations."""

    tag: str
    conversations: int


class KnownTags(View):
    """All tags that are in use, the commonest first."""

    items: list[TagView]


ROUTES: tuple[Route, ...] = (
    Route(
        "POST", "/api/v1/conversations/{id}/notes", "add_note", "Leave a note that the customer never sees", "agent",
        takes=NoteBody, gives=NoteView, status=201,
    ),
    Route(
        "POST", "/api/v1/conversations/{id}/tags", "change_tags",
        "Put tags on a conversation, take others off", "agent",
        takes=TagsBody, gives=TagsView,
    ),
    Route(
        "GET", "/api/v1/conversations/{id}/tags", "conversation_tags",
        "The tags on a conversation", "viewer", gives=TagsView,
    ),
    Route("GET", "/api/v1/tags", "tags", "All tags in use", "viewer", gives=KnownTags),
    Route(
        "GET", "/api/v1/mentions", "mentions", "Notes that call one", "viewer",
        gives=MentionsView, query=(whole("limit", 1, MAX_PAGE),),
    ),
    Route(
        "POST", "/api/v1/mentions/seen", "mentions_seen", "One has seen the notes that call one", "viewer",
        takes=SeenBody, status=204,
    ),
)  # fmt: skip


class NoteRoutes:
    """The routes' handlers."""

    def __init__(self, store: Store, desk: Desk) -> None:
        self._store = store
        self._desk = desk

    async def add_note(self, request: web.Request, user: User) -> web.Response:
        """Leave a note."""
        body = await read_json(request, NoteBody)
        committed = await self._desk.note(await self._known(request), user, body.text)
        return answer(NoteView(message=render.message(committed.messages[-1])), status=201)

    async def change_tags(self, request: web.Request, _: User) -> web.Response:
        """Put tags on and take others off."""
        body = await read_json(request, TagsBody)
        tags = await self._desk.tag(await self._known(request), add=body.add, remove=body.remove)
        return answer(TagsView(tags=list(tags)))

    async def conversation_tags(self, request: web.Request, _: User) -> web.Response:
        """The tags on a conversation."""
        identity = await self._known(request)
        async with self._store.unit(write=False) as unit:
            tags = (await unit.tags.of([identity])).get(identity, ())
        return answer(TagsView(tags=list(tags)))

    async def tags(self, _: web.Request, __: User) -> web.Response:
        """All tags in use."""
        async with self._store.unit(write=False) as unit:
            known = await unit.tags.known()
        return answer(KnownTags(items=[TagView(tag=tag, conversations=n) for tag, n in known]))

    async def mentions(self, request: web.Request, user: User) -> web.Response:
        """Notes that call one."""
        limit = integer(request.query, "limit", 50, 1, MAX_PAGE)
        async with self._store.unit(write=False) as unit:
            items = await mention_views(unit, await unit.mentions.of(user.id, limit))
            unseen = await unit.mentions.unseen(user.id)
        return answer(MentionsView(items=items, unseen=unseen))

    async def mentions_seen(self, request: web.Request, user: User) -> web.Response:
        """One has seen them."""
        body = await read_json(request, SeenBody)
        await self._desk.mentions_seen(user, body.conversation)
        return web.Response(status=204)

    async def _known(self, request: web.Request) -> str:
        identity: str = request.match_info["id"]
        async with self._store.unit(write=False) as unit:
            if await unit.conversations.get(identity) is None:
                raise NotFound(f"there is no conversation {identity!r}")
        return identity


async def mention_views(unit: UnitOfWork, mentions: Sequence[Mention]) -> list[MentionView]:
    """Notes that call a user, with what they say and about whom."""
    entries = await unit.messages.entries([(mention.conversation, mention.seq) for mention in mentions])
    about = {place: await unit.conversations.get(place) for place in {mention.conversation for mention in mentions}}
    customers = await unit.customers.many(list({c.customer for c in about.values() if c is not None}))

    def view(mention: Mention) -> MentionView:
        entry, conversation = entries.get((mention.conversation, mention.seq)), about[mention.conversation]
        customer = customers.get(conversation.customer) if conversation is not None else None
        return MentionView(
            conversation=mention.conversation,
            channel=None if conversation is None else conversation.address.channel,
            customer=None if customer is None else views.Person(id=customer.id, name=customer.name),
            text="" if entry is None else entry.text,
            seq=mention.seq,
            at=mention.at,
            by=mention.by,
            seen=mention.seen,
        )

    return [view(mention) for mention in mentions]
