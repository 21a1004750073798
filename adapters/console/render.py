"""What the core gives as the console's JSON: each function makes one of `adapters.console.views`."""

from __future__ import annotations

from adapters.console.views import (
    Account,
    AttachmentView,
    ButtonView,
    ClockView,
    Confident,
    Conversation,
    DeadLetter,
    DeliveryView,
    EntityView,
    Failure,
    Flow,
    Handoff,
    LanguageView,
    Message,
    Named,
    OfferView,
    Opened,
    Person,
    SentimentView,
    Sla,
    SnoozeView,
    Summary,
    UnderstandingView,
)
from bot import conversation as core
from bot import handoff as desk
from bot import messages
from bot.ports import FailedTurn, OutboxItem
from bot.sla import HandoffClocks, SlaClock
from bot.teams import Team
from bot.understanding import Understanding as Understood


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
