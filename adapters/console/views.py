"""The console's JSON: what routes take and give. `openapi` describes it from these models."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from bot import conversation as core
from bot import handoff as desk
from bot import messages
from bot.ports import FailedTurn, OutboxItem
from bot.sla import HandoffClocks, SlaClock
from bot.teams import Team
from bot.understanding import Understanding as Understood

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


# --- from the core ----------------------------------------------------------------------------------------------------


def account(user: core.User) -> Account:
    """A user, without the password's hash."""
    return Account(
        id=user.id,
        name=user.name,
        display_name=user.display_name,
        role=user.role.value,
        disabled_at=user.disabled_at,
    )


def conversation(value: core.Conversation, customer: core.Customer | None) -> Conversation:
    """A conversation."""
    flow = value.flow
    return Conversation(
        id=value.id,
        channel=value.address.channel,
        address=value.address.conversation,
        owner=value.owner.value,
        agent=Person(id=value.agent, name=value.agent_name) if value.agent else None,
        language=value.language,
        customer=Person(id=customer.id if customer else value.customer, name=customer.name if customer else None),
        handoff=value.handoff,
        flow=Flow(name=flow.flow, slots=dict(flow.slots), asking=flow.asking) if flow else None,
        intent=value.intent,
        sentiment=value.sentiment,
        waiting_since=value.waiting_since,
        urgent=value.urgent,
        offer=OfferView(agent=Person(id=value.offer.agent, name=value.offer.name), until=value.offer.until)
        if value.offer
        else None,
        snoozed=SnoozeView(by=value.snoozed.by, until=value.snoozed.until) if value.snoozed else None,
        unanswered_since=value.unanswered_since,
        created_at=value.created_at,
        updated_at=value.updated_at,
        seq=value.seq,
    )


def understanding(value: Understood) -> UnderstandingView:
    """What the model made of a message."""
    ranking = [Confident(name=r.name, confidence=r.confidence) for r in value.ranking]
    felt = value.sentiment
    return UnderstandingView(
        language=LanguageView(code=value.language.code, confidence=value.language.confidence),
        intent=ranking[0] if ranking else None,
        ranking=ranking[:5],
        entities=[EntityView(entity=e.entity, value=e.value, start=e.start, end=e.end) for e in value.entities],
        in_scope=value.in_scope,
        sentiment=SentimentView(label=felt.label, score=felt.score, anger=felt.anger, urgency=felt.urgency)
        if felt
        else None,
    )


def delivery(value: messages.Delivery) -> DeliveryView:
    """How a delivery stands."""
    return DeliveryView(state=value.state.value, attempts=value.attempts, error=value.error)


def message(value: messages.Message) -> Message:
    """An entry of the history."""
    return Message(
        id=value.id,
        seq=value.seq,
        author=value.author.value,
        author_name=value.author_name,
        at=value.at,
        text=value.text,
        language=value.language,
        buttons=[ButtonView(label=b.label, value=b.value) for b in value.buttons],
        attachments=[
            AttachmentView(name=a.name, content_type=a.content_type, size=a.size, blob=a.blob, error=a.error)
            for a in value.attachments
        ],
        internal=value.internal,
        decision=value.decision,
        mentions=list(value.mentions),
        edited_at=value.edited_at,
        delivery=delivery(value.delivery) if value.delivery else None,
        understanding=understanding(value.understanding) if value.understanding else None,
    )


def _clock(value: SlaClock | None) -> ClockView | None:
    return None if value is None else ClockView(state=value.state.value, warn_at=value.warn_at, due_at=value.due_at)


def handoff(value: core.Handoff, team: Team | None, clocks: HandoffClocks) -> Handoff:
    """A request for a human, with its team and its clocks."""
    return Handoff(
        id=value.id,
        reason=str(value.reason),
        state=value.state.value,
        opened_at=value.opened_at,
        language=value.language,
        intent=value.intent,
        slots=dict(value.slots),
        urgent=value.urgent,
        agent=Person(id=value.agent, name=value.agent_name) if value.agent else None,
        claimed_at=value.claimed_at,
        answered_at=value.answered_at,
        team=Named(id=team.id, name=team.name) if team else None,
        sla=Sla(first_answer=_clock(clocks.first_answer), resolution=_clock(clocks.resolution)),
    )


def summary(value: desk.Summary) -> Summary:
    """A conversation in a list."""
    return Summary(
        conversation=conversation(value.conversation, value.customer),
        last=message(value.last) if value.last else None,
        handoff=handoff(value.handoff, value.team, value.clocks) if value.handoff else None,
    )


def opened(value: desk.Opened) -> Opened:
    """A conversation with its history."""
    customer = Person(id=value.customer.id, name=value.customer.name) if value.customer else None
    return Opened(
        conversation=conversation(value.conversation, value.customer),
        customer=customer,
        messages=[message(m) for m in value.messages],
        handoff=handoff(value.handoff, value.team, value.clocks) if value.handoff else None,
    )


def dead_letter(item: OutboxItem) -> DeadLetter:
    """A message that was given up."""
    return DeadLetter(
        message=message(item.outbound.message),
        conversation=item.outbound.message.conversation,
        address=item.outbound.address.conversation,
        channel=item.outbound.address.channel,
        error=item.error,
        attempts=item.attempts,
    )


def failure(failed: FailedTurn) -> Failure:
    """An event whose turn was given up."""
    address = failed.inbound.address
    return Failure(seq=failed.seq, channel=address.channel, event=failed.inbound.id, error=failed.error, at=failed.at)
