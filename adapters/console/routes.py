"""The table of the console's routes, put together from its areas."""

from __future__ import annotations

from adapters.console import bench, intents, models, studio, training, views
from adapters.console.route import Route

CORE: tuple[Route, ...] = (
    Route("POST", "/api/v1/session", "sign_in", "Sign in", "anyone", views.SignInBody, views.Session),
    Route("GET", "/api/v1/session", "me", "Who is signed in", gives=views.Session),
    Route("DELETE", "/api/v1/session", "sign_out", "Sign out", "anyone", status=204),
    Route(
        "POST", "/api/v1/session/password", "change_password", "Change one's own password",
        takes=views.PasswordBody, status=204,
    ),
    Route("GET", "/api/v1/queue", "queue", "Open requests for a human, urgent ones first", gives=views.Queue),
    Route(
        "GET", "/api/v1/conversations", "conversations", "Conversations, latest change first",
        gives=views.Page, query=("owner", "agent", "before", "limit"),
    ),
    Route(
        "GET", "/api/v1/conversations/{id}", "conversation", "A conversation with its history",
        gives=views.Opened, query=("after",),
    ),
    Route("POST", "/api/v1/conversations/{id}/claim", "claim", "Take a conversation", gives=views.Changed),
    Route(
        "POST", "/api/v1/conversations/{id}/reply", "reply", "Write to the customer",
        takes=views.ReplyBody, gives=views.Changed,
    ),
    Route("POST", "/api/v1/conversations/{id}/return", "give_back", "Hand back to the bot", gives=views.Changed),
    Route("POST", "/api/v1/conversations/{id}/close", "close", "End a conversation", gives=views.Changed),
    Route("POST", "/api/v1/conversations/{id}/typing", "typing", "Show that the agent is typing", status=204),
    Route("POST", "/api/v1/files", "upload", "Store a file (multipart/form-data)", gives=views.Stored),
    Route("GET", "/api/v1/files/{blob}", "download", "Read a file", query=("name", "type")),
    Route("GET", "/api/v1/dead-letters", "dead_letters", "Messages that were given up", gives=views.DeadLetters),
    Route("POST", "/api/v1/dead-letters/{message}/retry", "retry", "Try to deliver again", status=204),
    Route("GET", "/api/v1/failures", "failures", "Events whose turn was given up", gives=views.Failures),
    Route("GET", "/api/v1/status", "components", "The problem of every component", gives=views.Status),
    Route("GET", "/api/v1/users", "users", "All users", "admin", gives=views.Accounts),
    Route(
        "POST", "/api/v1/users", "add_user", "Add a user", "admin",
        takes=views.NewUserBody, gives=views.Session, status=201,
    ),
    Route(
        "PATCH", "/api/v1/users/{id}", "change_user", "Change a user", "admin",
        takes=views.UserChangeBody, gives=views.Session,
    ),
    Route("GET", "/api/v1/stream", "stream", "WebSocket: what happens, live", status=101),
)  # fmt: skip

TEACHING: tuple[Route, ...] = (*studio.ROUTES, *intents.ROUTES, *training.ROUTES, *bench.ROUTES)

ROUTES: tuple[Route, ...] = (*CORE, *models.ROUTES, *TEACHING)
