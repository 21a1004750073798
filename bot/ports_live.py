"""What agents and open web chats see live, and the Protocol of who tells them. Part of `bot.ports`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.conversation import Conversation, Handoff
from bot.messages import (
    Address,
    Author,
    Delivery,
    Message,
)
from bot.ports_inbox import Mention
from bot.teams import Presence


@dataclass(frozen=True, slots=True)
class Committed:
    """A conversation changed; `messages` are its new or amended entries, `handoff` its latest request for a human."""

    conversation: Conversation
    messages: tuple[Message, ...] = ()
    handoff: Handoff | None = None


@dataclass(frozen=True, slots=True)
class Typing:
    """Somebody is typing in the conversation at this address."""

    address: Address
    author: Author


@dataclass(frozen=True, slots=True)
class Delivered:
    """The delivery of a message changed."""

    address: Address
    conversation: str
    message: str
    delivery: Delivery


@dataclass(frozen=True, slots=True)
class Lagged:
    """The subscriber was too slow and missed events: it should read the present state again."""


@dataclass(frozen=True, slots=True)
class ReadUpTo:
    """A user has read a conversation up to the entry `seq`; their other browsers show it too."""

    user: str
    conversation: str
    seq: int


@dataclass(frozen=True, slots=True)
class Tagged:
    """The words on a conversation changed."""

    conversation: str
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mentioned:
    """A note calls a user."""

    mention: Mention


@dataclass(frozen=True, slots=True)
class MentionsSeen:
    """A user has seen the notes that call them, in a conversation or in all; their other browsers show it too."""

    user: str
    conversation: str | None


@dataclass(frozen=True, slots=True)
class PresenceChanged:
    """An agent is online, away or offline from `since` on."""

    agent: str
    state: Presence
    since: datetime


@dataclass(frozen=True, slots=True)
class PackChanged:
    """Another revision of the pack is served from now on."""

    revision: int
    author: str
    message: str


@dataclass(frozen=True, slots=True)
class TrainingChanged:
    """The training in the background went on; `state` is the one of `bot.training`."""

    state: str
    revision: int | None = None
    step: str | None = None
    done: int = 0
    total: int = 0
    version: str | None = None
    reason: str | None = None
    number: int | None = None


LiveEvent = (
    Committed
    | Typing
    | Delivered
    | ReadUpTo
    | Tagged
    | Mentioned
    | MentionsSeen
    | PresenceChanged
    | PackChanged
    | TrainingChanged
    | Lagged
)


class Live(Protocol):
    """Tells everybody who watches what has just happened; never the source of truth."""

    def publish(self, event: LiveEvent) -> None:
        """Hand an event to all subscribers without waiting for them."""
        ...

    def subscribe(self) -> AbstractAsyncContextManager[AsyncIterator[LiveEvent]]:
        """Events from now on; a subscriber that does not keep up gets `Lagged`."""
        ...
