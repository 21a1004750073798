"""What the model makes of one message: language, intent, entities, sentiment.

The core reads these; `nlu` makes them. Nothing here knows a conversation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

OUT_OF_SCOPE = "out_of_scope"
"""The label of messages that are none of the bot's business."""


@dataclass(frozen=True, slots=True)
class Hints:
    """What is known of a message before it is read: the writer's language, and when it was written.

    `spoken` counts the messages of this conversation by language code; `locale` is the platform's BCP 47 hint;
    `pinned` is a language that the customer chose by hand, which no message overrules; `default` is the pack's. `at` is
    when it was sent, aware and by the clocks of the desk: "tomorrow" is the day after. Without it, it stays relative.
    """

    spoken: Mapping[str, float] = field(default_factory=dict)
    locale: str | None = None
    pinned: str | None = None
    default: str = "en"
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LanguageGuess:
    """A BCP 47 code (two letters where they exist, `zh-Hans`/`zh-Hant`) and the probability given to it, 0 to 1."""

    code: str
    confidence: float


@dataclass(frozen=True, slots=True)
class RankedIntent:
    """An intent and its calibrated probability, 0 to 1.

    `risk` is the share of answers that would be wrong if every message were answered that is at least this sure, as
    the model measured it in training; None if it did not.
    """

    name: str
    confidence: float
    risk: float | None = None


@dataclass(frozen=True, slots=True)
class Entity:
    """A piece of the text that means something: offsets in code points, `end` exclusive."""

    entity: str
    start: int
    end: int
    value: str
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Sentiment:
    """What the writer feels: `label` is `negative`, `neutral` or `positive`; all figures are calibrated.

    `score` is the chance of positive minus that of negative, -1 to 1; `anger` and `urgency` are chances, 0 to 1.
    """

    label: str
    score: float
    anger: float = 0.0
    urgency: float = 0.0


@dataclass(frozen=True, slots=True)
class Understanding:
    """Everything the model says about one message; `ranking` holds the likeliest intents, best first."""

    text: str
    language: LanguageGuess
    ranking: tuple[RankedIntent, ...] = ()
    entities: tuple[Entity, ...] = ()
    in_scope: bool = True
    sentiment: Sentiment | None = None
    requested_language: str | None = None
    """A language that the message asks for ("English please"), if it does little else."""
    model: str | None = None
    """The version of the pack's model that says so, where it is one of several."""
    intents: tuple[RankedIntent, ...] = ()
    """What the message asks for, in its order: more than one only where each is sure by itself, none if it is out of
    scope."""

    @property
    def intent(self) -> RankedIntent | None:
        """The likeliest intent, or None for a message that has none (empty, model unavailable)."""
        return self.ranking[0] if self.ranking else None
