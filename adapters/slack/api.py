"""Slack's Web API: one client, its errors in Babeldesk's terms, files up and down. The only I/O towards Slack."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, Final, Self
from urllib.parse import urlsplit

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
)
from slack_sdk.http_retry.request import HttpRequest
from slack_sdk.http_retry.response import HttpResponse
from slack_sdk.http_retry.state import RetryState
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.errors import BabeldeskError, ChannelUnavailable, DeliveryRefused
from bot.messages import Attachment
from bot.ports import Blobs

API: Final = "https://slack.com/api/"

LONGEST_WAIT: Final = 2
"""Seconds of a Retry-After that are waited out in place; a longer one goes back to the outbox, which can do others."""

OWNERS_AFFAIR: Final = frozenset(
    {"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "missing_scope"}
)
"""Errors that the owner can mend: messages wait for it."""

PASSING: Final = frozenset(
    {"ratelimited", "internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org"}
)


class SlackRefused(DeliveryRefused):
    """Slack will never take it; `reason` is its name of the error."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"Slack refuses: {reason}")
        self.reason = reason


class _ShortRateLimit(AsyncRateLimitErrorRetryHandler):
    """Waits out a short Retry-After, once."""

    async def _can_retry_async(
        self,
        *,
        state: RetryState,
        request: HttpRequest,
        response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> bool:
        limited = await super()._can_retry_async(state=state, request=request, response=response, error=error)
        return limited and response is not None and _retry_after(response.headers) <= LONGEST_WAIT


class SlackApi:
    """Calls Slack. `client` tries once more when a connection fails; `client_once` never, for it may have been taken.

    `trouble` is told of errors that the owner can mend.
    """

    def __init__(self, *, token: str, base_url: str | None, max_download: int, trouble: Callable[[str], None]) -> None:
        self.token = token
        self._base = (base_url or API).rstrip("/") + "/"
        self._max_download = max_download
        self._trouble = trouble

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30))
        self.client = self._client(AsyncConnectionErrorRetryHandler(max_retry_count=1))
        self.client_once = self._client()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    def _client(self, *handlers: AsyncConnectionErrorRetryHandler) -> AsyncWebClient:
        return AsyncWebClient(
            token=self.token,
            base_url=self._base,
            session=self._session,
            retry_handlers=[*handlers, _ShortRateLimit(max_retry_count=1)],
        )

    async def call(self, calling: Awaitable[AsyncSlackResponse]) -> AsyncSlackResponse:
        """The answer to a call.

        Raises:
            ChannelUnavailable: not now.
            SlackRefused: never.
        """
        try:
            return await calling
        except SlackApiError as error:
            raise self._translated(error) from None
        except (SlackClientError, aiohttp.ClientError, TimeoutError) as error:
            raise ChannelUnavailable(f"Slack cannot be reached: {type(error).__name__}") from None

    async def upload(self, channel: str, thread: str | None, attachment: Attachment, blobs: Blobs) -> None:
        """Put a file of ours into a channel or a thread. Raises as `call` does."""
        if attachment.blob is None:
            raise DeliveryRefused(f"{attachment.name} was not uploaded")
        content = b"".join([chunk async for chunk in blobs.read(attachment.blob)])
        await self.call(
            self.client.files_upload_v2(channel=channel, thread_ts=thread, filename=attachment.name, content=content)
        )

    async def fetch(self, attachment: Attachment) -> AsyncIterator[bytes]:
        """The bytes of a file that somebody sent. See `Channel.fetch`."""
        if attachment.size is not None and attachment.size > self._max_download:
            raise DeliveryRefused(f"{attachment.size} bytes are over the limit of {self._max_download}")
        url = await self._download_url(attachment.source or "")
        if not self._is_slacks(url):
            # The request carries our token: it goes to nobody else.
            raise DeliveryRefused(f"{attachment.name} does not lie with Slack")
        headers = {"Authorization": f"Bearer {self.token}"}
        try:
            async with self._session.get(url, headers=headers, allow_redirects=False) as response:
                if response.status != 200:  # noqa: PLR2004 - anything else is no file
                    raise ChannelUnavailable(f"Slack gives HTTP {response.status} for the file")
                async for chunk in response.content.iter_chunked(64 * 1024):
                    yield chunk
        except (aiohttp.ClientError, TimeoutError) as error:
            raise ChannelUnavailable(f"the file cannot be fetched: {type(error).__name__}") from None

    async def _download_url(self, source: str) -> str:
        if not source.startswith("file:"):
            return source
        info = await self.call(self.client.files_info(file=source.removeprefix("file:")))
        file: Mapping[str, Any] = info.get("file") or {}
        return str(file.get("url_private_download") or file.get("url_private") or "")

    def _is_slacks(self, url: str) -> bool:
        wanted, base = urlsplit(url), urlsplit(self._base)
        if wanted.netloc == base.netloc and wanted.scheme == base.scheme:
            return True
        return wanted.scheme == "https" and (wanted.hostname or "").endswith((".slack.com", ".slack-files.com"))

    def _translated(self, error: SlackApiError) -> BabeldeskError:
        response = error.response
        reason = reason_of(error)
        if response.status_code == 429 or reason == "ratelimited":  # noqa: PLR2004 - too many requests
            return ChannelUnavailable("Slack asks for patience", retry_after=_retry_after(response.headers))
        if response.status_code >= 500 or reason in PASSING:  # noqa: PLR2004 - their fault
            return ChannelUnavailable(f"Slack cannot take it: {reason}")
        if reason in OWNERS_AFFAIR:
            self._trouble(f"Slack refuses: {reason}")
            return ChannelUnavailable(f"Slack refuses: {reason}", retry_after=60)
        return SlackRefused(reason)


def reason_of(error: SlackApiError) -> str:
    """The error's name, or the status of an answer that is no JSON."""
    data = error.response.data
    name = data.get("error") if isinstance(data, dict) else None
    return str(name or f"HTTP {error.response.status_code}")


def _retry_after(headers: Mapping[str, Any]) -> float:
    for name, value in headers.items():
        if name.casefold() == "retry-after":
            first = value[0] if isinstance(value, list) else value
            try:
                return float(first)
            except (TypeError, ValueError):
                break
    return 1.0
