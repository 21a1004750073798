"""What can happen to a conversation, and what can be decided: the vocabulary of `bot.policy`. Pure values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bot.conversation import Conversation
from bot.messages import Attachment, Author, Button, Content
from bot.routing_events import RoutingEvent
from bot.understanding import Understanding

# --- events -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Heard:
    """The customer did something; `understanding` is there for words, None for anything else."""

    content: Content
    understanding: Understanding | None = None
    files: int = 0


@dataclass(frozen=True, slots=True)
class ActionFinished:
    """A flow's action came back."""

    flow: str
    outcome: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TurnFailed:
    """The turn of a customer's message was given up."""

    error: str


@dataclass(frozen=True, slots=True)
class Claimed:
    """An agent takes the conversation."""

    agent: str
    name: str


@dataclass(frozen=True, slots=True)
class Answered:
    """An agent writes to the customer."""

    agent: str
    name: str
    text: str
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class GivenBack:
    """An agent hands the conversation back to the bot; one who `supervises` may do so with what another agent has."""

    agent: str
    name: str
    supervises: bool = False


@dataclass(frozen=True, slots=True)
class ClosedByAgent:
    """An agent ends the conversation; one who `supervises` may do so with what another agent has."""

    agent: str
    name: str
    supervises: bool = False


@dataclass(frozen=True, slots=True)
class Noted:
    """An agent leaves a note for colleagues; `mentions` are the users whom it calls."""

    agent: str
    name: str
    text: str
    mentions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tested:
    """An admin tries whether messages arrive; it changes nothing else."""

    agent: str
    name: str
    text: str


AgentEvent = Claimed | Answered | GivenBack | ClosedByAgent | Noted | Tested | RoutingEvent
Event = Heard | ActionFinished | TurnFailed | AgentEvent

# --- decisions --------------------------------------------------------------------------------------------------------


class Reason(StrEnum):
    """Why a human is called."""

    REQUESTED = "requested"
    SENSITIVE = "sensitive"
    LOW_CONFIDENCE = "low_confidence"
    FLOW_STUCK = "flow_stuck"
    FLOW = "flow"
    UPSET = "upset"
    """The customer is angry, or unhappy again and again."""
    ERROR = "error"
    TAKEN = "taken"
    """An agent took it from the bot unasked."""


@dataclass(frozen=True, slots=True)
class Say:
    """An entry for the history; unless `internal`, it goes to the customer. `why` is kept with it."""

    text: str
    why: str
    buttons: tuple[Button, ...] = ()
    author: Author = Author.BOT
    author_name: str | None = None
    language: str = ""
    attachments: tuple[Attachment, ...] = ()
    internal: bool = False
    mentions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OpenHandoff:
    """Put the conversation into the queue for humans."""

    reason: Reason
    intent: str | None = None
    slots: Mapping[str, str] = field(default_factory=dict)
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class ClaimHandoff:
    """An agent has it."""

    agent: str
    name: str


@dataclass(frozen=True, slots=True)
class AnswerHandoff:
    """An agent wrote to the customer; only the first time counts."""


@dataclass(frozen=True, slots=True)
class ReassignHandoff:
    """Another agent has it."""

    agent: str
    name: str


@dataclass(frozen=True, slots=True)
class RequeueHandoff:
    """It waits again, with another team if one is named."""

    team: str | None = None


@dataclass(frozen=True, slots=True)
class EndHandoff:
    """It is over: `given_back`, `closed` or `cancelled`."""

    outcome: str


@dataclass(frozen=True, slots=True)
class RunAction:
    """Call the owner's system; its answer comes back as `ActionFinished`."""

    flow: str
    action: str
    slots: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class AskRating:
    """The customer is asked how it was with this agent."""

    agent: str
    name: str


@dataclass(frozen=True, slots=True)
class Rate:
    """The customer says how it was: a score from 1 to 5, or something to it; None changes nothing."""

    score: int | None = None
    comment: str | None = None


HandoffAction = OpenHandoff | ClaimHandoff | AnswerHandoff | ReassignHandoff | RequeueHandoff | EndHandoff
Action = Say | HandoffAction | RunAction | AskRating | Rate


@dataclass(frozen=True, slots=True)
class Decision:
    """The conversation as it is now, and what to do, in order."""

    conversation: Conversation
    actions: tuple[Action, ...] = ()
