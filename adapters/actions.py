"""Flows' actions, carried out by the owner's own system over HTTP."""

from __future__ import annotations

import hashlib
from typing import Self

import aiohttp
import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.ports import UNAVAILABLE, ActionCall, ActionResult

log = structlog.get_logger(__name__)

TIMEOUT = 10.0
"""Seconds for one try."""

TRIES = 2
"""Tries of one call: only a connection that failed is tried again, with the same idempotency key."""

MAX_ANSWER = 100_000
"""Bytes of an answer that are read."""


class _Answer(BaseModel):
    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)

    outcome: str = Field(min_length=1, max_length=100)
    values: dict[str, str] = {}


class HttpActions:
    """Sends each action to one URL; what cannot be carried out comes back as `unavailable`, and a human takes over.

    The request is `{"action", "slots", "conversation", "language"}` with an `Idempotency-Key`; the answer is
    `{"outcome", "values"}`, the outcome being one that the flow declares.
    """

    def __init__(self, *, url: str | None, token: str | None) -> None:
        self._url = url
        self._token = token
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        if self._url is not None:
            headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT), headers=headers)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session is not None:
            await self._session.close()

    async def run(self, call: ActionCall) -> ActionResult:
        """Carry out an action. See `Actions.run`."""
        if self._url is None or self._session is None:
            return ActionResult(UNAVAILABLE)
        body = {
            "action": call.name,
            "slots": dict(call.slots),
            "conversation": call.conversation,
            "language": call.language,
        }
        key = hashlib.sha256(call.key.encode()).hexdigest()
        reason = ""
        for _ in range(TRIES):
            try:
                return await self._post(self._session, self._url, body, key)
            except aiohttp.ClientConnectionError as error:
                reason = f"no connection: {error}"
            except (aiohttp.ClientError, TimeoutError, ValueError) as error:
                reason = str(error) or type(error).__name__
                break
        log.warning("action failed", action=call.name, error=reason)
        return ActionResult(UNAVAILABLE)

    @staticmethod
    async def _post(session: aiohttp.ClientSession, url: str, body: object, key: str) -> ActionResult:
        async with session.post(url, json=body, headers={"Idempotency-Key": key}, allow_redirects=False) as response:
            if not response.ok or response.status >= 300:  # noqa: PLR2004 - a redirect is no answer
                raise ValueError(f"HTTP {response.status}")
            raw = await response.content.read(MAX_ANSWER + 1)
            if len(raw) > MAX_ANSWER:
                raise ValueError(f"the answer is over {MAX_ANSWER} bytes")
        try:
            answer = _Answer.model_validate_json(raw)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"]) or "the answer"
            raise ValueError(f"{where}: {first['msg']}") from None
        return ActionResult(answer.outcome, answer.values)
