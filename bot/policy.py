"""Decides: a conversation and an event in, the new conversation and what to do out.

Pure: no clock, no randomness, no I/O. What customers do is in `bot.policy_customer`, what agents do is here, and what
moves a conversation between agents is in `bot.policy_routing`. The transitions between owners:

    BOT ──asks, is unsure twice, sensitive──► QUEUE ──claimed──► AGENT ──given back──► BOT
     ▲                                         │ cancelled                 │ closed
     └─────────────────────────────────────────┘◄───── writes again ── CLOSED
"""

from __future__ import annotations

from datetime import datetime

from bot import flows, survey
from bot.adapting import within
from bot.conversation import Conversation, Mood, Owner
from bot.decision import (
    ActionFinished,
    Answered,
    AnswerHandoff,
    Claimed,
    ClaimHandoff,
    ClosedByAgent,
    Decision,
    EndHandoff,
    Event,
    GivenBack,
    Heard,
    Noted,
    Say,
    Tested,
    TurnFailed,
)
from bot.draft import Draft
from bot.errors import Conflict
from bot.messages import Author
from bot.pack import Pack
from bot.policy_customer import heard, turn_failed
from bot.policy_routing import leave_queue, route


def decide(pack: Pack, conversation: Conversation, event: Event, at: datetime) -> Decision:
    """What an event does to a conversation.

    Raises:
        Conflict: an agent's event that the conversation's owner does not allow; the message says who has it.
    """
    draft = Draft(pack, within(pack, conversation), at)
    match event:
        case Heard():
            heard(draft, event)
        case ActionFinished():
            flows.finished(draft, event)
        case TurnFailed():
            turn_failed(draft, event)
        case Claimed():
            _claimed(draft, event)
        case Answered():
            _must_have(draft, event.agent)
            draft.do(
                Say(
                    event.text,
                    "agent",
                    author=Author.AGENT,
                    author_name=event.name,
                    language=conversation.language,
                    attachments=event.attachments,
                )
            )
            draft.do(AnswerHandoff())
            draft.change(unanswered_since=None, snoozed=None)
        case Noted():
            # Any colleague may, whoever has the conversation, and it changes nothing between bot, agent and customer.
            draft.do(
                Say(
                    event.text,
                    "note",
                    author=Author.AGENT,
                    author_name=event.name,
                    language=conversation.language,
                    internal=True,
                    mentions=event.mentions,
                )
            )
        case Tested():
            language = conversation.language
            draft.do(Say(event.text, f"test by {event.name}", author=Author.SYSTEM, language=language))
        case GivenBack():
            had = _may_end(draft, event)
            draft.change(owner=Owner.BOT, agent=None, agent_name=None, mood=Mood())
            leave_queue(draft)
            draft.do(EndHandoff("given_back"))
            draft.say_system("agent_left", "given back", agent=had)
            flows.resume(draft)
        case ClosedByAgent():
            had = _may_end(draft, event)
            draft.change(
                owner=Owner.CLOSED,
                agent=None,
                agent_name=None,
                flows=(),
                clarifying=(),
                rephrased=False,
                mood=Mood(),
            )
            leave_queue(draft)
            draft.do(EndHandoff("closed"))
            draft.say_system("closed", "closed by agent")
            if draft.pack.ask_rating:
                survey.ask(draft, conversation.agent or event.agent, had)
        case _:
            route(draft, event)
    return draft.decision()


# --- agents -----------------------------------------------------------------------------------------------------------


def _claimed(draft: Draft, event: Claimed) -> None:
    conversation = draft.conversation
    if conversation.owner is Owner.AGENT:
        if conversation.agent == event.agent:
            return
        raise Conflict(f"the conversation is already with {conversation.agent_name}")
    if conversation.owner is Owner.CLOSED:
        raise Conflict("the conversation is closed")
    draft.change(owner=Owner.AGENT, agent=event.agent, agent_name=event.name, offer=None, snoozed=None)
    draft.do(ClaimHandoff(event.agent, event.name))
    draft.say_system("agent_joined", "claimed", agent=event.name)


def _must_have(draft: Draft, agent: str) -> None:
    conversation = draft.conversation
    if conversation.owner is not Owner.AGENT:
        raise Conflict(f"the conversation is not with an agent: its owner is {conversation.owner}")
    if conversation.agent != agent:
        raise Conflict(f"the conversation is with {conversation.agent_name}")


def _may_end(draft: Draft, event: GivenBack | ClosedByAgent) -> str:
    """The name of the agent who has the conversation; a supervisor may take it off another, and it is noted who did."""
    conversation = draft.conversation
    if conversation.owner is not Owner.AGENT or conversation.agent == event.agent or not event.supervises:
        _must_have(draft, event.agent)
        return event.name
    does = "given back" if isinstance(event, GivenBack) else "closed"
    had = conversation.agent_name or event.name
    draft.note(f"{does} by {event.name}, from {had}")
    return had
