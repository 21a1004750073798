"""The test bench: what the bot would make of a text in a new conversation. Nothing is stored, nobody is called."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bot.adapting import known_to
from bot.conversation import Conversation
from bot.decision import Heard, OpenHandoff, RunAction, Say
from bot.inbox import clean_text
from bot.messages import Address, Text
from bot.pack import Pack, Thresholds
from bot.policy import decide
from bot.ports import Understander
from bot.understanding import Understanding


class Does(StrEnum):
    """The kind of a decision."""

    ANSWERS = "answers"
    STARTS_FLOW = "starts_flow"
    CLARIFIES = "clarifies"
    REPHRASES = "rephrases"
    HANDS_OVER = "hands_over"
    SETS_LANGUAGE = "sets_language"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Tried:
    """A text, what was understood, and what was decided of it. `why` is the policy's reason, in its own words."""

    understanding: Understanding
    does: Does
    why: str
    says: tuple[Say, ...]
    language: str
    handoff_reason: str | None
    flow: str | None
    action: str | None
    sure: bool
    thresholds: Thresholds


async def try_out(
    pack: Pack, understander: Understander, text: str, at: datetime, *, language: str | None = None
) -> Tried:
    """Understand a text and decide on it, in a conversation that is empty; `language` was chosen by hand.

    Raises:
        Overloaded, TimedOut: the model has no time now.
    """
    conversation = Conversation("", Address("bench", ""), "", at, at, pinned=language)
    hints = replace(conversation.hints(pack.default_language), at=pack.local(at))
    cleaned = clean_text(text)
    understood = known_to(pack, await understander.understand(cleaned, hints))
    decision = decide(pack, conversation, Heard(Text(cleaned), understood), at)
    after = decision.conversation
    says = tuple(action for action in decision.actions if isinstance(action, Say))
    handoff = next((action for action in decision.actions if isinstance(action, OpenHandoff)), None)
    run = next((action for action in decision.actions if isinstance(action, RunAction)), None)
    flow = after.flow.flow if after.flow is not None else None
    if handoff is not None:
        does = Does.HANDS_OVER
    elif flow is not None:
        does = Does.STARTS_FLOW
    elif after.clarifying:
        does = Does.CLARIFIES
    elif after.rephrased:
        does = Does.REPHRASES
    elif after.pinned != language:
        does = Does.SETS_LANGUAGE
    else:
        does = Does.ANSWERS if says else Does.NOTHING
    return Tried(
        understanding=understood,
        does=does,
        why=says[-1].why if says else "",
        says=says,
        language=after.language,
        handoff_reason=None if handoff is None else handoff.reason.value,
        flow=flow,
        action=None if run is None else run.action,
        sure=understood.intent is not None and pack.thresholds.sure(understood.intent),
        thresholds=pack.thresholds,
    )
