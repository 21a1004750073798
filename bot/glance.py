"""What a list of conversations shows at a glance, kept up with every change. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.conversation import Conversation, Owner
from bot.decision import Action, EndHandoff, OpenHandoff
from bot.messages import Author, Message
from bot.understanding import OUT_OF_SCOPE, Understanding


def glanced(
    conversation: Conversation, entries: Sequence[Message], actions: Sequence[Action], at: datetime
) -> Conversation:
    """The conversation with its last intent, its last sentiment, and since when the customer waits for a person.

    `entries` are the new entries of its history, `actions` what was decided at `at`.
    """
    understood = [e.understanding for e in entries if e.author is Author.CUSTOMER and e.understanding is not None]
    if understood:
        conversation = _understood(conversation, understood[-1])
    return replace(
        conversation,
        waiting_since=_waiting_since(conversation, entries, at),
        urgent=_urgent(conversation, actions),
    )


def _understood(conversation: Conversation, understanding: Understanding) -> Conversation:
    intent = conversation.intent
    if understanding.intent is not None:
        intent = understanding.intent.name if understanding.in_scope else OUT_OF_SCOPE
    felt = understanding.sentiment
    return replace(conversation, intent=intent, sentiment=felt.label if felt else conversation.sentiment)


def _waiting_since(conversation: Conversation, entries: Sequence[Message], at: datetime) -> datetime | None:
    match conversation.owner:
        case Owner.QUEUE:
            return conversation.waiting_since or at
        case Owner.AGENT:
            # An answer ends the waiting, a claim does not: the customer has still heard nothing.
            since = conversation.waiting_since
            for entry in entries:
                if entry.internal:
                    continue
                if entry.author is Author.AGENT:
                    since = None
                elif entry.author is Author.CUSTOMER:
                    since = since or at
            return since
        case _:
            return None


def _urgent(conversation: Conversation, actions: Sequence[Action]) -> bool:
    urgent = conversation.urgent
    for action in actions:
        match action:
            case OpenHandoff():
                urgent = action.urgent
            case EndHandoff():
                urgent = False
            case _:
                pass
    return urgent
