"""A desk on another platform: handoffs as threads, what agents do there, whose account is whose. Pure values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from bot.messages import Attachment, Message

# --- out --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DeskThread:
    """A handoff's thread in a channel of another platform, and how much of what happens it has been told.

    `root` is the platform's id of the thread's first message, None before it is there, and `digest` tells what that
    shows. Entries up to `since` were said before it was opened; `posted` is the last one that the thread has whole, and
    `parts` counts the messages that it has of the next. `edits_at` is the latest edit that it was told. `unsure` says
    that the last try broke off: what was to be posted may be there or not. A `done` thread is told nothing any more.
    """

    handoff: str
    conversation: str
    channel: str
    opened_at: datetime
    since: int
    posted: int
    parts: int = 0
    edits_at: datetime | None = None
    root: str | None = None
    digest: str | None = None
    unsure: bool = False
    failures: int = 0
    problem: str | None = None
    due_at: datetime | None = None
    done: bool = False


class Press(StrEnum):
    """What the buttons under a thread's first message do."""

    CLAIM = "claim"
    CLOSE = "close"
    BOT = "bot"
    """Give back to the bot."""


class Standing(StrEnum):
    """Where a handoff stands, as its thread shows it."""

    WAITING = "waiting"
    OFFERED = "offered"
    TAKEN = "taken"
    SNOOZED = "snoozed"
    GIVEN_BACK = "given_back"
    CLOSED = "closed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class DeskCard:
    """What a thread's first message shows. `recent` was said before it was opened; `url` leads to the console.

    `agent` is whose the conversation is, or to whom it is offered; `until` is when a snooze is over.
    """

    handoff: str
    standing: Standing
    agent: str | None
    until: datetime | None
    customer: str | None
    channel: str
    language: str
    reason: str
    intent: str | None
    urgent: bool
    team: str | None
    slots: tuple[tuple[str, str], ...]
    recent: tuple[Message, ...]
    url: str | None
    presses: tuple[Press, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry as it is posted; `edited` if only its new text is to be told, `refused` is why it cannot be shown."""

    entry: Message
    edited: bool = False
    refused: str | None = None


# --- in ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody on the platform: `id` is unique in it, `name` what they are called there."""

    platform: str
    id: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Wrote:
    """For the customer, or, if `private`, for colleagues."""

    text: str
    private: bool = False
    kind: Literal["wrote"] = "wrote"


@dataclass(frozen=True, slots=True)
class Pushed:
    """A button."""

    press: Press
    kind: Literal["pushed"] = "pushed"


@dataclass(frozen=True, slots=True)
class Rewrote:
    """They changed what they had written before."""

    kind: Literal["rewrote"] = "rewrote"


@dataclass(frozen=True, slots=True)
class DeskEvent:
    """Something that was done in a thread. `id` is the platform's: a repeat has the same; `thread` is the root's."""

    id: str
    channel: str
    thread: str
    account: Account
    at: datetime
    content: Wrote | Pushed | Rewrote
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event that is stored and waits to be acted on."""

    seq: int
    event: DeskEvent
    attempts: int = 0


class ReplyKind(StrEnum):
    """Why nothing was done."""

    LINK = "link"
    """It is not known who they are; `detail` is where to say so."""
    DISABLED = "disabled"
    ROLE = "role"
    """They may not answer customers."""
    WITH_OTHER = "with_other"
    """`detail` is who has the conversation."""
    UNCLAIMED = "unclaimed"
    OVER = "over"
    EDITED = "edited"
    REFUSED = "refused"
    """`detail` is what is wrong with it."""
    FAILED = "failed"
    """It was tried again and again; `detail` is the last error."""


@dataclass(frozen=True, slots=True)
class DeskReply:
    """What somebody who did something is told, and nobody else sees."""

    kind: ReplyKind
    detail: str = ""


@dataclass(frozen=True, slots=True)
class OwedReply:
    """A reply that has not been told yet."""

    seq: int
    event: DeskEvent
    reply: DeskReply
    attempts: int
    due_at: datetime


# --- who is who -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DeskLink:
    """A platform's account is a user of the console."""

    account: Account
    user: str
    linked_at: datetime


@dataclass(frozen=True, slots=True)
class LinkCode:
    """Whoever knows the code has the account; only the code's SHA-256 is stored."""

    code_hash: str
    account: Account
    expires_at: datetime
