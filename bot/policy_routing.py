"""The part of the policy that moves conversations between agents, teams and the queue. Pure, like all of it."""

from __future__ import annotations

from typing import assert_never

from bot.conversation import Conversation, Offer, Owner, Snooze
from bot.decision import ClaimHandoff, ReassignHandoff, RequeueHandoff
from bot.draft import Draft
from bot.errors import Conflict
from bot.routing_events import (
    Assigned,
    Offered,
    OfferLapsed,
    PlaceChanged,
    PutOff,
    Released,
    RoutingEvent,
    Transferred,
    Woken,
)


def route(draft: Draft, event: RoutingEvent) -> None:
    """What a routing event does.

    Raises:
        Conflict: the conversation's owner does not allow it; the message says why.
    """
    conversation = draft.conversation
    match event:
        case Offered():
            _offered(draft, event)
        case OfferLapsed():
            if conversation.offer is None or conversation.offer.agent != event.agent:
                raise Conflict("the conversation is not offered to this agent any more")
            draft.change(offer=None)
        case PlaceChanged():
            _told_place(draft, event.place)
        case Assigned():
            _assigned(draft, event)
        case Transferred():
            _may_move(conversation, event.by, force=event.force)
            _requeue(draft, f"{event.by_name} transferred it to the team {event.name}", event.team)
        case Released():
            if conversation.owner is not Owner.AGENT or conversation.agent != event.agent:
                raise Conflict("the conversation is not with this agent any more")
            _requeue(draft, f"{conversation.agent_name} went offline before answering: back to the queue")
        case PutOff():
            _put_off(draft, event)
        case Woken():
            if conversation.snoozed is None:
                raise Conflict("the conversation is not snoozed")
            draft.change(snoozed=None)
            by = "its time has come" if event.by_name is None else f"{event.by_name} brought it back"
            draft.note(f"no longer snoozed: {by}")
        case _:
            assert_never(event)


def waits(draft: Draft) -> None:
    """The customer wrote: a snoozed conversation comes back, and a person's answer is waited for from now on."""
    conversation = draft.conversation
    if conversation.owner not in {Owner.QUEUE, Owner.AGENT}:
        return
    if conversation.snoozed is not None:
        draft.change(snoozed=None)
        draft.note("no longer snoozed: the customer wrote")
    if conversation.unanswered_since is None:
        draft.change(unanswered_since=draft.at)


def leave_queue(draft: Draft) -> None:
    """No human is needed any more: nothing is offered, put off or waited for."""
    draft.change(offer=None, snoozed=None, unanswered_since=None, told_place=None, told_place_at=None)


def _offered(draft: Draft, event: Offered) -> None:
    conversation = draft.conversation
    if conversation.owner is not Owner.QUEUE or conversation.snoozed is not None:
        raise Conflict(f"the conversation does not wait for an agent: its owner is {conversation.owner}")
    if conversation.offer is not None:
        raise Conflict(f"the conversation is offered to {conversation.offer.name} already")
    draft.change(offer=Offer(event.agent, event.name, event.until))


def _told_place(draft: Draft, place: int) -> None:
    conversation = draft.conversation
    if conversation.owner is not Owner.QUEUE or conversation.snoozed is not None:
        raise Conflict("the conversation is not in the queue")
    draft.change(told_place=place, told_place_at=draft.at)
    draft.say_system("queue_place", f"place {place} in the queue", place=str(place))


def _assigned(draft: Draft, event: Assigned) -> None:
    conversation = draft.conversation
    if conversation.owner is Owner.AGENT and conversation.agent == event.agent:
        return
    _may_move(conversation, event.by, force=event.force)
    if conversation.owner is Owner.AGENT:
        draft.do(ReassignHandoff(event.agent, event.name))
    else:
        draft.do(ClaimHandoff(event.agent, event.name))
    draft.change(owner=Owner.AGENT, agent=event.agent, agent_name=event.name, offer=None, snoozed=None)
    draft.note(f"{event.by_name} assigned it to {event.name}")
    draft.say_system("agent_joined", "assigned", agent=event.name)


def _requeue(draft: Draft, note: str, team: str | None = None) -> None:
    """Put a conversation back into the queue, where it keeps the time that it has waited."""
    # Who waited already was told that somebody comes; who had an agent must be told that it will be another.
    had_agent = draft.conversation.owner is Owner.AGENT
    draft.change(owner=Owner.QUEUE, agent=None, agent_name=None, offer=None, snoozed=None)
    draft.change(told_waiting=False, told_place=None, told_place_at=None)
    draft.do(RequeueHandoff(team))
    draft.note(note)
    if had_agent:
        draft.say_who_comes("back in the queue")


def _put_off(draft: Draft, event: PutOff) -> None:
    _may_move(draft.conversation, event.by, force=event.force)
    if event.until is not None and event.until <= draft.at:
        raise Conflict(f"until: {event.until.isoformat()} is over already")
    draft.change(snoozed=Snooze(event.by, event.until), offer=None)
    until = "the customer writes" if event.until is None else f"{event.until:%Y-%m-%d %H:%M} UTC"
    draft.note(f"{event.by_name} snoozed it until {until}")


def _may_move(conversation: Conversation, by: str, *, force: bool) -> None:
    """Whether it waits for a human or is with one, and is not somebody else's.

    Raises:
        Conflict: it is not so.
    """
    if conversation.owner not in {Owner.QUEUE, Owner.AGENT}:
        raise Conflict(f"no human has or is to have the conversation: its owner is {conversation.owner}")
    if conversation.owner is Owner.AGENT and conversation.agent != by and not force:
        raise Conflict(f"the conversation is with {conversation.agent_name}")
