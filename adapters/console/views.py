"""The console's JSON: what routes take and give. `openapi` describes it from these models."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

RoleName = Literal["viewer", "agent", "supervisor", "admin"]
"""`bot.conversation.Role` by its names."""


class View(BaseModel):
    """What a route gives."""

    model_config = ConfigDict(frozen=True)


class Body(BaseModel):
    """What a route takes; unknown fields are refused, so that a typo is told."""

    model_config = ConfigDict(extra="forbid", frozen=True)


# --- given ------------------------------------------------------------------------------------------------------------


class Person(View):
    """An agent or a customer, by name."""

    id: str
    name: str | None


class Named(View):
    """Something with a name."""

    id: str
    name: str


class Account(View):
    """A user of the console."""

    id: str
    name: str
    display_name: str
    role: RoleName
    disabled_at: datetime | None


class OfferView(View):
    """A waiting conversation is offered to an agent, who has it by claiming it before `until`."""

    agent: Person
    until: datetime


class SnoozeView(View):
    """A conversation is put off by a user (an id), until a time, or until the customer writes."""

    by: str
    until: datetime | None


class Flow(View):
    """A flow under way: what is filled, and which slot is being asked for."""

    name: str
    slots: dict[str, str]
    asking: str | None


class Conversation(View):
    """A conversation's state.

    `intent` and `sentiment` are those of the customer's last message that was read; `waiting_since` is there while the
    customer waits for a person to answer.
    """

    id: str
    channel: str
    address: str
    owner: Literal["bot", "queue", "agent", "closed"]
    agent: Person | None
    language: str
    customer: Person | None
    handoff: str | None
    flow: Flow | None
    intent: str | None
    sentiment: str | None
    waiting_since: datetime | None
    urgent: bool
    offer: OfferView | None
    snoozed: SnoozeView | None
    unanswered_since: datetime | None
    created_at: datetime
    updated_at: datetime
    seq: int


class ButtonView(View):
    """A quick reply."""

    label: str
    value: str


class AttachmentView(View):
    """A file; `size` in bytes, `error` says why there is no copy of it."""

    name: str
    content_type: str
    size: int | None
    blob: str | None
    error: str | None


class DeliveryView(View):
    """How the delivery of a message stands."""

    state: Literal["pending", "sent", "dead"]
    attempts: int
    error: str | None


class Confident(View):
    """A name or code with a probability, 0 to 1."""

    name: str
    confidence: float


class LanguageView(View):
    """A BCP 47 code with a probability, 0 to 1."""

    code: str
    confidence: float


class EntityView(View):
    """A piece of the text that means something; offsets in code points."""

    entity: str
    value: str
    start: int
    end: int


class SentimentView(View):
    """Negative, neutral or positive; `score` from -1 to 1, `anger` and `urgency` from 0 to 1."""

    label: str
    score: float
    anger: float
    urgency: float


class UnderstandingView(View):
    """What the model made of a message."""

    language: LanguageView
    intent: Confident | None
    ranking: list[Confident]
    entities: list[EntityView]
    in_scope: bool
    sentiment: SentimentView | None


class Message(View):
    """One entry of the history; an `internal` one was not sent."""

    id: str
    seq: int
    author: Literal["customer", "bot", "agent", "system"]
    author_name: str | None
    at: datetime
    text: str
    language: str
    buttons: list[ButtonView]
    attachments: list[AttachmentView]
    internal: bool
    decision: str | None
    mentions: list[str]
    edited_at: datetime | None
    delivery: DeliveryView | None
    understanding: UnderstandingView | None


class ClockView(View):
    """A clock of a handoff: from `warn_at` it warns, at `due_at` it has run out."""

    state: Literal["due", "warning", "breached", "met"]
    warn_at: datetime
    due_at: datetime


class Sla(View):
    """A handoff's clocks; null where there is no target."""

    first_answer: ClockView | None
    resolution: ClockView | None


class Handoff(View):
    """A request for a human."""

    id: str
    reason: str
    state: Literal["waiting", "claimed", "done"]
    opened_at: datetime
    language: str
    intent: str | None
    slots: dict[str, str]
    urgent: bool
    agent: Person | None
    claimed_at: datetime | None
    answered_at: datetime | None
    team: Named | None
    sla: Sla


class Summary(View):
    """A conversation in a list."""

    conversation: Conversation
    last: Message | None
    handoff: Handoff | None


class Queue(View):
    """All open requests for a human: urgent ones first, then the longest waiting."""

    items: list[Summary]
    now: datetime


class Page(View):
    """Conversations, latest change first; `next` is the `before` of the next page."""

    items: list[Summary]
    next: datetime | None


class Opened(View):
    """A conversation with its history."""

    conversation: Conversation
    customer: Person | None
    messages: list[Message]
    handoff: Handoff | None


class Changed(View):
    """A conversation after something was done to it."""

    conversation: Conversation


class Stored(View):
    """A file that was stored and may be attached to a reply."""

    blob: str
    name: str
    content_type: str
    size: int


class DeadLetter(View):
    """A message that was given up."""

    message: Message
    conversation: str
    address: str
    channel: str
    error: str | None
    attempts: int


class DeadLetters(View):
    """Messages that were given up, latest first."""

    items: list[DeadLetter]


class Failure(View):
    """A customer's event whose turn was given up."""

    seq: int
    channel: str
    event: str
    error: str
    at: datetime


class Failures(View):
    """Events whose turn was given up, latest first."""

    items: list[Failure]


class Status(View):
    """The problem of every component, null for one that is fine."""

    components: dict[str, str | None]


# --- taken ------------------------------------------------------------------------------------------------------------


class FileBody(Body):
    """A stored file."""

    blob: str = Field(max_length=200)
    name: str = Field(max_length=500)
    content_type: str = Field(max_length=200)
    size: int | None = None


class ReplyBody(Body):
    """What the agent writes."""

    text: str = ""
    attachments: list[FileBody] = Field(default=[], max_length=10)
