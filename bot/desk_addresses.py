"""Where the console shows what somebody is sent to from another platform. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class Addresses:
    """Pages of the console, under the address by which the world reaches the server, if that is known."""

    public_url: str | None = None

    def conversation(self, conversation: str) -> str | None:
        """A conversation's page; None if nobody knows where the server is reached."""
        return None if self.public_url is None else f"{self._base}/console/c/{quote(conversation, safe='')}"

    def link(self, code: str) -> str:
        """The page where an account is linked. Where the server is reached is then for people to know."""
        return f"{self._base}/console/link/slack?code={quote(code, safe='')}"

    @property
    def _base(self) -> str:
        return (self.public_url or "").rstrip("/")
