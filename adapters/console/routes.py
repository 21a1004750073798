"""The table of the console's routes, put together from its areas."""

from __future__ import annotations

from adapters.console import (
    accounts,
    answers,
    audit,
    bench,
    canned,
    channels,
    customers,
    figures,
    hours,
    inbox,
    intents,
    lessons,
    links,
    measuring,
    models,
    notes,
    preview,
    review,
    routing,
    sessions,
    settings,
    studio,
    thresholds,
    tokens,
    training,
    views,
)
from adapters.console.api import MAX_PAGE, MAX_SEQ
from adapters.console.route import Parameter, Route, moment, whole
from bot.conversation import Owner

_OWNERS = "|".join(Owner)
_SOME_OWNERS = f"^(({_OWNERS})(,({_OWNERS}))*)?$"

CORE: tuple[Route, ...] = (
    Route("GET", "/api/v1/queue", "queue", "Open requests for a human, urgent ones first", "viewer", gives=views.Queue),
    Route(
        "GET", "/api/v1/conversations", "conversations", "Conversations, latest change first", "viewer",
        gives=views.Page,
        query=(
            Parameter("owner", {"type": "string", "pattern": _SOME_OWNERS}, "Owners, with commas"),
            Parameter("agent", does="A user's id, or `me`"),
            moment("before", "The page before this time: the `next` of the page after"),
            whole("limit", 1, MAX_PAGE),
        ),
    ),
    Route(
        "GET", "/api/v1/conversations/{id}", "conversation", "A conversation with its history", "viewer",
        gives=views.Opened, query=(whole("after", 0, MAX_SEQ, "Only what came after the entry with this number"),),
    ),
    Route("POST", "/api/v1/conversations/{id}/claim", "claim", "Take a conversation", "agent", gives=views.Changed),
    Route(
        "POST", "/api/v1/conversations/{id}/reply", "reply", "Write to the customer", "agent",
        takes=views.ReplyBody, gives=views.Changed,
    ),
    Route(
        "POST", "/api/v1/conversations/{id}/return", "give_back",
        "Hand back to the bot what one has, or as a supervisor what anybody has", "agent", gives=views.Changed,
    ),
    Route(
        "POST", "/api/v1/conversations/{id}/close", "close",
        "End a conversation that one has, or as a supervisor one that anybody has", "agent", gives=views.Changed,
    ),
    Route(
        "POST", "/api/v1/conversations/{id}/typing", "typing", "Show that the agent is typing", "agent", status=204,
    ),
    Route("POST", "/api/v1/files", "upload", "Store a file", "agent", gives=views.Stored, form=True),
    Route(
        "GET", "/api/v1/files/{blob}", "download", "Read a file", "viewer", query=("name", "type"), media=("*/*",),
    ),
    Route(
        "GET", "/api/v1/dead-letters", "dead_letters", "Messages that were given up", "viewer", gives=views.DeadLetters,
    ),
    Route(
        "POST", "/api/v1/dead-letters/{message}/retry", "retry", "Try to deliver again", "supervisor", status=204,
    ),
    Route("GET", "/api/v1/failures", "failures", "Events whose turn was given up", "viewer", gives=views.Failures),
    Route("GET", "/api/v1/status", "components", "The problem of every component", "viewer", gives=views.Status),
    Route("GET", "/api/v1/stream", "stream", "WebSocket: what happens, live", "viewer", status=101),
)  # fmt: skip

TEACHING: tuple[Route, ...] = (
    *studio.ROUTES,
    *intents.ROUTES,
    *lessons.ROUTES,
    *training.ROUTES,
    *bench.ROUTES,
    *measuring.ROUTES,
    *thresholds.ROUTES,
)
"""What admins teach the bot with."""

ROUTES: tuple[Route, ...] = (
    *sessions.ROUTES,
    *CORE,
    *inbox.ROUTES,
    *notes.ROUTES,
    *answers.ROUTES,
    *customers.ROUTES,
    *canned.ROUTES,
    *accounts.ROUTES,
    *tokens.ROUTES,
    *links.ROUTES,
    *audit.ROUTES,
    *models.ROUTES,
    *routing.ROUTES,
    *figures.ROUTES,
    *review.ROUTES,
    *preview.ROUTES,
    *channels.ROUTES,
    *settings.ROUTES,
    *hours.ROUTES,
    *TEACHING,
)
