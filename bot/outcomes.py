"""What became of each thing that a customer said: a turn's outcome, stored beside the history to be counted. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from bot.conversation import Conversation, Owner
from bot.decision import Action, OpenHandoff, Say
from bot.messages import Message
from bot.understanding import OUT_OF_SCOPE, RankedIntent


class Outcome(StrEnum):
    """How a turn ended, as the customer saw it."""

    ANSWERED = "answered"
    """The bot replied, or a flow came to its end."""
    ASKED = "asked"
    """A flow's question stands open."""
    CLARIFIED = "clarified"
    """The bot was not sure and asked "did you mean"."""
    REPHRASED = "rephrased"
    """The bot did not understand: it asked to say it in other words, or could not read the answer to a question."""
    HANDED_OVER = "handed_over"
    """A human was called."""
    WAITING = "waiting"
    """Said while a human had been called and had not come yet."""
    WITH_AGENT = "with_agent"
    """Said to a human; the bot was silent."""
    OTHER = "other"
    """Nothing was asked: the chat was opened, the language chosen, a file or something unreadable sent, a score
    given."""


FAILED = (Outcome.CLARIFIED, Outcome.REPHRASED, Outcome.HANDED_OVER)
"""Outcomes in which the bot did not answer by itself."""

TO_BOT = (Outcome.ANSWERED, Outcome.ASKED, *FAILED)
"""Outcomes of what was said to the bot, and asked it for something."""

TROUBLE = (*FAILED, Outcome.WAITING)
"""Outcomes that are a sign of trouble, whatever came afterwards."""

SMALL_TALK = ("greeting", "goodbye", "thanks")
"""Intents that ask for nothing."""

THANKS = "thanks"
"""The intent by which a customer says that it helped."""

_OTHER = (
    *("opened", "language ", "asks for the language", "no replies in ", "cannot read: ", "file", "empty message"),
    *("rated ", "commented"),
)
"""How the reasons (`Say.why`) of replies begin that answer no question."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A customer's entry (`seq` in its conversation) and what became of it.

    `intent` is the likeliest one, `out_of_scope` for what is none of the bot's business, None where there were no
    words; `confidence` is its probability, 0 to 1. `reason` is the handoff's, if there was one. `in_flow` says that the
    words were taken as the answer to a flow's question, so that their intent means little. `negative` is the sentiment.
    `quiet` counts the seconds since anybody said anything in this conversation, None for the first.
    """

    conversation: str
    seq: int
    message: str
    channel: str
    at: datetime
    language: str
    outcome: Outcome
    intent: str | None = None
    confidence: float | None = None
    reason: str | None = None
    in_flow: bool = False
    negative: bool = False
    quiet: float | None = None


class TurnLog(Protocol):
    """What became of everything that customers said."""

    async def put(self, turn: Turn) -> None:
        """Store a turn, in the place of the one with this `seq` if there is one."""
        ...

    async def get(self, conversation: str, seq: int) -> Turn | None:
        """The turn of an entry."""
        ...


def turn_of(
    heard: Message,
    before: Conversation | None,
    after: Conversation,
    actions: Sequence[Action],
    spoken_at: datetime | None,
) -> Turn:
    """The turn of a customer's entry; `spoken_at` is the time of the last entry before it that all could see."""
    understanding = heard.understanding
    intent = understanding.intent if understanding else None
    in_scope = understanding is None or understanding.in_scope
    felt = understanding.sentiment if understanding else None
    return Turn(
        conversation=after.id,
        seq=heard.seq,
        message=heard.id,
        channel=after.address.channel,
        at=heard.at,
        language=heard.language or after.language,
        outcome=_outcome(after, actions),
        intent=None if intent is None else (intent.name if in_scope else OUT_OF_SCOPE),
        confidence=intent.confidence if intent else None,
        reason=next((str(a.reason) for a in actions if isinstance(a, OpenHandoff)), None),
        in_flow=_in_flow(before, after, actions, intent),
        negative=felt is not None and felt.label == "negative",
        quiet=None if spoken_at is None else (heard.at - spoken_at).total_seconds(),
    )


def _outcome(after: Conversation, actions: Sequence[Action]) -> Outcome:  # noqa: PLR0911 - a table
    if any(isinstance(action, OpenHandoff) for action in actions):
        return Outcome.HANDED_OVER
    reasons = [action.why for action in actions if isinstance(action, Say) and not action.internal]
    if any(why.startswith("clarify: ") for why in reasons):
        return Outcome.CLARIFIED
    if any(why.startswith("not sure: ") or (why.startswith("flow ") and why.endswith(" not read")) for why in reasons):
        return Outcome.REPHRASED
    if after.owner is Owner.AGENT:
        return Outcome.WITH_AGENT
    if after.owner is Owner.QUEUE:
        return Outcome.WAITING
    if reasons and after.flow is not None and after.flow.asking is not None:
        return Outcome.ASKED
    return Outcome.OTHER if all(why.startswith(_OTHER) for why in reasons) else Outcome.ANSWERED


def _in_flow(
    before: Conversation | None, after: Conversation, actions: Sequence[Action], intent: RankedIntent | None
) -> bool:
    """Whether the words answered a question, rather than interrupting it with another intent."""
    if before is None or before.owner is not Owner.BOT or before.flow is None or before.flow.asking is None:
        return False
    if intent is None or len(after.flows) > len(before.flows):
        return intent is None
    return not any(isinstance(a, Say) and a.why.startswith(f"{intent.name} ") for a in actions)
