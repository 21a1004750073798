"""What stands between Slack's requests and our handlers: the Bolt app, and what is checked before it is asked."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

import structlog
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.response import BoltResponse
from slack_sdk.signature import SignatureVerifier

from adapters.slack.api import SlackApi
from adapters.slack.parse import Me
from bot.errors import Retryable

log = structlog.get_logger(__name__)

OnEvent = Callable[[dict[str, Any]], Awaitable[None]]
OnAsked = Callable[[Any, dict[str, Any]], Awaitable[None]]
"""Takes Bolt's `ack` and a body."""


def build_app(
    api: SlackApi,
    *,
    signing_secret: str | None,
    known: Callable[[], Me],
    on_event: OnEvent,
    on_action: OnAsked,
    on_command: OnAsked,
) -> AsyncApp:
    """Bolt, told to answer only after our listener: what is acknowledged is stored. `known` says who we are."""

    async def authorize() -> AuthorizeResult:
        me = known()
        return AuthorizeResult(
            enterprise_id=None,
            team_id=me.team,
            bot_user_id=me.user,
            bot_id=me.bot,
            bot_token=api.token,
        )

    # Bolt goes by the names of a listener's parameters.
    async def heard(body: dict[str, Any]) -> None:
        await on_event(body)

    async def pressed(ack: Any, body: dict[str, Any]) -> None:
        await on_action(ack, body)

    async def commanded(ack: Any, body: dict[str, Any]) -> None:
        await on_command(ack, body)

    app = AsyncApp(
        client=api.client,
        signing_secret=signing_secret or "",
        request_verification_enabled=signing_secret is not None,
        authorize=authorize,
        process_before_response=True,
        logger=logging.getLogger("slack_bolt.app"),
    )
    anything = re.compile(".*", re.DOTALL)
    app.event(anything)(heard)
    app.action(anything)(pressed)
    app.command(anything)(commanded)

    @app.error
    async def failed(error: Exception) -> BoltResponse:
        """Not acknowledged, so that Slack brings it again; what cannot be read would fail again, and is not."""
        again = isinstance(error, Retryable)
        log.warning("event not taken", error=str(error) or type(error).__name__, again=again, exc_info=not again)
        return BoltResponse(status=503 if again else 500, body="")

    return app


def signed(verifier: SignatureVerifier, body: bytes, headers: Mapping[str, str]) -> bool:
    """Whether a request comes from Slack, and is not an old one."""
    try:
        return verifier.is_valid_request(body, dict(headers))
    except (ValueError, UnicodeDecodeError):  # a time stamp that is no number, a body that is no text
        return False


def readable(body: bytes, content_type: str) -> bool:
    """Whether a body is JSON or a form of Slack's."""
    try:
        if content_type == "application/x-www-form-urlencoded":
            form = parse_qs(body.decode(), strict_parsing=True)
            return "command" in form or isinstance(json.loads(form["payload"][0]), dict)
        return isinstance(json.loads(body), dict)
    except (ValueError, KeyError, RecursionError):
        return False


def is_challenge(body: bytes) -> bool:
    """Whether Slack only asks whether this is the right address."""
    try:
        return bool(json.loads(body).get("type") == "url_verification")
    except (ValueError, AttributeError):
        return False
