"""What helps an agent to answer in a conversation: canned replies filled in, suggestions, the transcript."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from aiohttp import web

from adapters.console import render, views
from adapters.console.canned import usable
from adapters.console.route import Parameter, Route
from adapters.console.views import View
from adapters.http import InvalidField, NotFound, answer
from bot.canned import known_values, render_canned, suggestions
from bot.conversation import Conversation, Customer, Handoff, User
from bot.messages import Message
from bot.pack import Pack
from bot.ports import Store, UnitOfWork
from bot.transcript import render_transcript

RECENT = 200
"""Entries among which the customer's last message is looked for."""

PAGE = 500


class RenderedView(View):
    """A canned reply in the conversation's language; `missing` variables are to be filled in by hand."""

    text: str
    language: str
    missing: list[str]


class SuggestionView(View):
    """What the bot would answer to an intent."""

    intent: str
    confidence: float
    text: str
    language: str


class SuggestionsView(View):
    """The likeliest answers to the customer's last message, best first."""

    items: list[SuggestionView]


class TranscriptView(View):
    """A whole conversation."""

    conversation: views.Conversation
    messages: list[views.Message]


class RatingView(View):
    """What a customer said after an agent closed the conversation; nothing yet if `answered_at` is null."""

    agent_name: str
    asked_at: datetime
    score: int | None
    comment: str | None
    answered_at: datetime | None


class RatingsView(View):
    """A conversation's ratings, the latest first."""

    items: list[RatingView]


ROUTES: tuple[Route, ...] = (
    Route(
        "GET", "/api/v1/conversations/{id}/canned/{reply}", "render_canned", "A canned reply, filled in", "viewer",
        gives=RenderedView,
    ),
    Route(
        "GET", "/api/v1/conversations/{id}/suggestions", "suggestions",
        "The likeliest answers, in the customer's language", "viewer",
        gives=SuggestionsView,
    ),
    Route(
        "GET", "/api/v1/conversations/{id}/transcript", "transcript",
        "The whole conversation as a file (text or JSON)", "viewer",
        gives=TranscriptView, media=("text/plain",),
        query=(
            Parameter("format", {"type": "string", "enum": ["text", "json"]}),
            Parameter("notes", does="`1`: with what customers never see"),
        ),
    ),
    Route(
        "GET", "/api/v1/conversations/{id}/ratings", "ratings",
        "How the customer says it was", "viewer", gives=RatingsView,
    ),
)  # fmt: skip


class AnswerRoutes:
    """The routes' handlers."""

    def __init__(self, store: Store, pack: Callable[[], Pack]) -> None:
        self._store = store
        self._pack = pack

    async def render_canned(self, request: web.Request, user: User) -> web.Response:
        """A canned reply, filled in."""
        async with self._store.unit(write=False) as unit:
            conversation, customer, handoff = await _found(unit, request)
            reply = usable(await unit.canned.get(request.match_info["reply"]), user)
        values = known_values(self._pack(), conversation, customer, handoff, user.display_name)
        rendered = render_canned(reply, self._pack(), conversation, values)
        return answer(RenderedView(text=rendered.text, language=rendered.language, missing=list(rendered.missing)))

    async def suggestions(self, request: web.Request, user: User) -> web.Response:
        """The likeliest answers."""
        async with self._store.unit(write=False) as unit:
            conversation, customer, handoff = await _found(unit, request)
            recent = await unit.messages.after(conversation.id, max(0, conversation.seq - RECENT), RECENT)
        values = known_values(self._pack(), conversation, customer, handoff, user.display_name)
        found = suggestions(self._pack(), conversation, recent, values)
        items = [
            SuggestionView(intent=s.intent, confidence=s.confidence, text=s.text, language=s.language) for s in found
        ]
        return answer(SuggestionsView(items=items))

    async def transcript(self, request: web.Request, _: User) -> web.Response:
        """The whole conversation as a file; notes are in it only if asked for."""
        kind = request.query.get("format", "text")
        if kind not in {"text", "json"}:
            raise InvalidField("format", f"{kind!r} is neither text nor json")
        notes = request.query.get("notes") == "1"
        async with self._store.unit(write=False) as unit:
            conversation, customer, _handoff = await _found(unit, request)
            entries = [m for m in await _history(unit, conversation.id) if notes or not m.internal]
        if kind == "json":
            given = TranscriptView(
                conversation=render.conversation(conversation, customer), messages=[render.message(m) for m in entries]
            )
            response = answer(given)
        else:
            response = web.Response(text=render_transcript(self._pack(), conversation, customer, entries))
        name = f"conversation-{conversation.id}.{'json' if kind == 'json' else 'txt'}"
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return response

    async def ratings(self, request: web.Request, _: User) -> web.Response:
        """How the customer says it was."""
        async with self._store.unit(write=False) as unit:
            conversation, *_rest = await _found(unit, request)
            found = await unit.ratings.of(conversation.id)
        items = [
            RatingView(
                agent_name=r.agent_name,
                asked_at=r.asked_at,
                score=r.score,
                comment=r.comment,
                answered_at=r.answered_at,
            )
            for r in found
        ]
        return answer(RatingsView(items=items))


async def _found(unit: UnitOfWork, request: web.Request) -> tuple[Conversation, Customer | None, Handoff | None]:
    identity = request.match_info["id"]
    conversation = await unit.conversations.get(identity)
    if conversation is None:
        raise NotFound(f"there is no conversation {identity!r}")
    handoff = await unit.handoffs.get(conversation.handoff) if conversation.handoff else None
    return conversation, await unit.customers.get(conversation.customer), handoff


async def _history(unit: UnitOfWork, conversation: str) -> Sequence[Message]:
    entries: list[Message] = []
    while page := await unit.messages.after(conversation, entries[-1].seq if entries else 0, PAGE):
        entries += page
    return entries
