"""Champion and challenger on the same message: what each made of it, and how often they agree.

Pure values. The champion is the version that answers; the challenger only looks on, see `bot.shadow`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.understanding import Understanding


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a version made of a message: its likeliest intent, the probability of that, 0 to 1, and the scope."""

    version: str
    intent: str | None
    confidence: float
    in_scope: bool

    @property
    def acted_on(self) -> str | None:
        """The intent that the bot would act on; None for a message that is none of its business."""
        return self.intent if self.in_scope else None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both verdicts on one message. Where the challenger failed it has none, and `error` says why."""

    message: str
    conversation: str
    at: datetime
    language: str
    champion: Verdict
    challenger: str
    """The challenger's version."""
    verdict: Verdict | None = None
    """The challenger's."""
    error: str | None = None

    @property
    def agrees(self) -> bool:
        """Whether the bot would do the same with either."""
        return self.verdict is not None and self.verdict.acted_on == self.champion.acted_on


@dataclass(frozen=True, slots=True)
class Tally:
    """Messages that both judged, and how many of them alike."""

    judged: int = 0
    agreed: int = 0

    @property
    def share(self) -> float | None:
        """The share of agreement, 0 to 1; None before the first message."""
        return self.agreed / self.judged if self.judged else None


@dataclass(frozen=True, slots=True)
class Agreement:
    """How a challenger stands beside a champion: in all and by language; `failed` counts what it failed on."""

    total: Tally = Tally()
    failed: int = 0
    by_language: Mapping[str, Tally] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A comparison that does not agree, or failed, with what the customer wrote."""

    comparison: Comparison
    text: str


def verdict(version: str, understanding: Understanding) -> Verdict:
    """What an understanding comes to."""
    intent = understanding.intent
    return Verdict(
        version,
        intent.name if intent else None,
        intent.confidence if intent else 0.0,
        understanding.in_scope,
    )
