"""What passes between people and the bot: `Inbound` from a channel, `Message` in the history, `Outbound` to a channel.

Frozen values without any platform's types. Channels parse their payloads into `Inbound` and render `Outbound` into
their API's calls; everything between speaks only this.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from bot.understanding import Understanding

MAX_TEXT = 8_000
"""Code points of one customer message that are read; a longer one is refused with a message that says so."""

MAX_BUTTON_VALUE = 64
"""Bytes of a button's value: the smallest limit among the platforms (Telegram's `callback_data`)."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a conversation takes place: a channel, and that channel's own id of the conversation."""

    channel: str
    conversation: str

    @property
    def key(self) -> str:
        """One string for the address; events with the same key are handled in order."""
        return f"{self.channel}:{self.conversation}"


@dataclass(frozen=True, slots=True)
class Sender:
    """Who wrote, by the platform's own id; `locale` is the platform's hint, BCP 47.

    `vouched` is false of a name that only the customer's own client gives: it counts where no other is known.
    """

    id: str
    name: str | None = None
    locale: str | None = None
    vouched: bool = True


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file: `source` is the channel's reference to fetch it by, `blob` the key of our stored copy.

    `error` says why there is no copy. `size` is in bytes.
    """

    name: str
    content_type: str
    size: int | None = None
    source: str | None = None
    blob: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Button:
    """A quick reply: what it says, and the value that comes back as `Pressed` (at most `MAX_BUTTON_VALUE` bytes)."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Text:
    """Something that a customer wrote, with or without attachments."""

    text: str
    kind: Literal["text"] = "text"


@dataclass(frozen=True, slots=True)
class Command:
    """`/name argument`, or its counterpart on a platform; `start` also stands for a newly opened conversation."""

    name: str
    argument: str = ""
    kind: Literal["command"] = "command"


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button was pressed; `label` is what it said, where the platform tells."""

    value: str
    label: str = ""
    kind: Literal["pressed"] = "pressed"


@dataclass(frozen=True, slots=True)
class Edited:
    """The customer changed an earlier message, named by the platform's reference."""

    reference: str
    text: str
    kind: Literal["edited"] = "edited"


@dataclass(frozen=True, slots=True)
class Unsupported:
    """Something that no bot can read here (a sticker, a poll, a text over the limit); `what` names it.

    `reason` is `kind` or `too_long`.
    """

    what: str
    reason: Literal["kind", "too_long"] = "kind"
    kind: Literal["unsupported"] = "unsupported"


Content = Text | Command | Pressed | Edited | Unsupported


@dataclass(frozen=True, slots=True)
class Inbound:
    """One event from a channel. `id` is the platform's own, unique in its channel: a repeat has the same id.

    `at` is aware UTC. `reference` is the platform's id of the message that the event is about.
    """

    id: str
    address: Address
    sender: Sender
    at: datetime
    content: Content
    attachments: tuple[Attachment, ...] = ()
    reference: str | None = None


class Author(StrEnum):
    """Who speaks in a conversation."""

    CUSTOMER = "customer"
    BOT = "bot"
    AGENT = "agent"
    SYSTEM = "system"


class DeliveryState(StrEnum):
    """What became of a message on its way to the platform."""

    PENDING = "pending"
    SENT = "sent"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Delivery:
    """How the delivery of a message stands; `error` is the last failure."""

    state: DeliveryState
    attempts: int = 0
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One entry of a conversation's history; `seq` counts them from 1 without gaps.

    An `internal` entry is for agents only and is never sent. `in_reply_to` is the `Inbound.id` that it answers.
    `reference` is the platform's id. `decision` says why the bot did what it did. `delivery` is filled in when read.
    """

    id: str
    conversation: str
    seq: int
    author: Author
    at: datetime
    text: str
    language: str = ""
    author_name: str | None = None
    buttons: tuple[Button, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    in_reply_to: str | None = None
    reference: str | None = None
    internal: bool = False
    understanding: Understanding | None = None
    decision: str | None = None
    edited_at: datetime | None = None
    mentions: tuple[str, ...] = ()
    """Users whom an agent's note calls."""
    delivery: Delivery | None = None


@dataclass(frozen=True, slots=True)
class Outbound:
    """A message on its way to a customer; `reply_to` is the platform's id of the customer message it answers.

    `message.id` identifies the delivery on every retry.
    """

    address: Address
    message: Message
    reply_to: str | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """The platform took a message; `reference` is its id there, if it has one."""

    reference: str | None = None
